"""Paging by itself: every second a look at what is due, and a job for each page."""

from procrastinate.contrib.django import app

from answerable.casework import paging_actions as paging
from answerable.casework.ladder_actions import open_level
from answerable.lib import clock
from answerable.lib.jobs import defer


# Who may have to wait ten seconds for a channel stands behind what takes none: looking, and pages by mail.
@app.task(queue="pages", priority=paging.PRIORITY - 1)
def send_page(page_id: int) -> None:
    """Hand one page to its channel."""
    paging.send_page(page_id, clock.now())


def _later(ids: list[int]) -> None:
    defer(send_page, *({"page_id": pk} for pk in ids))


@app.periodic(cron="* * * * * *")
@app.task(queue="pages", queueing_lock="page_due", priority=paging.PRIORITY + 1)
def page_due(timestamp: int) -> None:
    """Page who is next, hand over what is due, and say whose pages nobody answered."""
    now = clock.now()
    paging.page_due(now)
    while paging.hand_over(_later, now):
        pass
    paging.act_on_exhausted(open_level, now)


@app.periodic(cron="* * * * * */2")
@app.task(queue="pages", queueing_lock="test_channels")
def test_channels(timestamp: int) -> None:
    """Try a channel that somebody wants tried."""
    paging.send_tests(clock.now())
