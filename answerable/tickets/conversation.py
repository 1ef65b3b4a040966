"""The public conversation, as every customer's page shows it: replies and public events in one line of time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from answerable.tickets.entry_queries import Entry, replies
from answerable.tickets.entry_shown import Invitation, Row, files, invitation, said
from answerable.tickets.models import Ticket
from answerable.tickets.queries import history


@dataclass(frozen=True)
class Item:
    """One entry as the templates show it; events have `text` and `event` (their kind), replies `html`."""

    kind: str
    id: int
    at: datetime
    author: str = ""
    author_kind: str = ""
    organization: str = ""
    channel: str = ""
    html: str = ""
    text: str = ""
    event: str = ""
    signature_html: str = ""
    sheet_url: str = ""
    quoted_html: str = ""
    quoted_url: str = ""
    attachments: tuple[Row, ...] = ()
    pictures: tuple[Row, ...] = ()
    signatures: tuple[Row, ...] = ()
    infected: tuple[tuple[str, str], ...] = ()
    invitation: Invitation | None = None


Address = Callable[[int], str]


def conversation(ticket: Ticket, *, insider: bool, file_url: Address, sheet_url: Address) -> list[Item]:
    """Oldest first; an event after the entry that caused it. `insider`: takes part, and so knows who waits to.

    `file_url`, `sheet_url`: where its files and laid-out mails are, by their ids.
    """
    items = [_reply(entry, file_url, sheet_url) for entry in replies(ticket)]
    items += [
        Item(kind="event", id=said.id, at=said.at, text=said.text, event=said.kind)
        for said in history(ticket, staff=False, insider=insider)
    ]
    return sorted(items, key=lambda item: (item.at, item.kind == "event", item.id))


def determined(items: list[Item]) -> str:
    """Who determined the severity last, and why; "" while nobody has."""
    return next((item.text for item in reversed(items) if item.event == "severity"), "")


def seen(items: list[Item]) -> Item | None:
    """That somebody has seen a P0, as it was said last; None where nobody has."""
    return next((item for item in reversed(items) if item.event == "alert_acked"), None)


def _reply(entry: Entry, file_url: Address, sheet_url: Address) -> Item:
    return Item(
        kind="reply",
        id=entry.id,
        at=entry.at,
        author=f"{entry.author} <{entry.address}>" if entry.address else entry.author,
        author_kind="staff" if entry.from_staff else "customer",
        channel=entry.channel,
        **vars(said(entry, file_url, sheet_url)),
        invitation=invitation(entry.origin),
        **vars(files(entry.files, file_url)),
    )
