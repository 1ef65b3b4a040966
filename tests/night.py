"""A clock that stands still until a story moves it, on which the jobs of that second run; with servers to send to."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import Message

import pytest

from answerable.casework.jobs import sweep_ladders
from answerable.casework.paging_jobs import page_due
from answerable.lib import clock
from tests.running import Sink, text_of


class Night:
    """`at` moves the clock, in minutes after `start`. What fell due in between was done by nobody."""

    def __init__(self, start: datetime, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]) -> None:
        self.start, self.monkeypatch, self.run_jobs = start, monkeypatch, run_jobs

    def at(self, minutes: float) -> datetime:
        """Now it is then, and what workers do in a second is done."""
        now = self.start + timedelta(minutes=minutes)
        self.monkeypatch.setattr(clock, "now", lambda: now)
        self.monkeypatch.setattr(clock, "exact", lambda: now)
        sweep_ladders.func(0)
        page_due.func(0)
        self.run_jobs()
        return now


def pages(taken: Sink, address: str) -> list[Message]:
    """Mails that page whoever has this address, the first one first."""
    return [one for one in taken.to(address) if str(one["Reply-To"]).startswith("ack+")]


def link_of(page: Message) -> str:
    """The path of the page with one button."""
    word = next(word for word in text_of(page).split() if "/desk/page/" in word)
    return word.removeprefix("http://portal.vendor.test")
