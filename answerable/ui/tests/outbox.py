"""The outbox for the gallery: (template, context) by name."""

from datetime import datetime, timedelta
from types import SimpleNamespace

from answerable.ui.tests.people import ELIN, LONG_ADDRESS, LONG_WORD, NOW, RAIL

MINUTE = timedelta(minutes=1)
REFUSED = "550 5.1.1 <ops@norrland.example>: Recipient address rejected: User unknown in virtual mailbox table"


def mail(pk: int, fate: str, address: str, why: str = "", next_try_at: datetime | None = None) -> SimpleNamespace:
    return SimpleNamespace(
        pk=pk, subject="Re: Warehouse sync stopped for all tenants [#20418]", address=address, kind="reply",
        last_error=why, next_try_at=next_try_at, created_at=NOW - pk * MINUTE, sent_at=None, person=ELIN, ticket_id=1,
        text="We see it: the connection pool of eu-north lost its primary.", headers={"reply_to": "reply+x@acme.example"},
        fate=fate,
    )  # fmt: skip


ROWS = [
    mail(1, "waiting", "elin@norrland.example"),
    mail(2, "deferred", "a.lund@norrland.example", "451 4.7.1 Greylisted, try again later", NOW + 4 * MINUTE),
    mail(3, "accepted", LONG_ADDRESS),
    mail(4, "bounced", "ops@norrland.example", REFUSED),
    mail(5, "failed", "long@norrland.example", LONG_WORD),
    mail(6, "suppressed", "holm@norrland.example", "its reader may no longer see this"),
    mail(7, "delayed", "m.roche@roche.example"),
]
TOLD = [
    SimpleNamespace(action="delayed", at=NOW - 5 * MINUTE, text="451 4.4.1 connection timed out"),
    SimpleNamespace(action="failed", at=NOW - MINUTE, text=REFUSED),
]


def outbox(rows: list[SimpleNamespace], show: str) -> dict[str, object]:
    titles = {"": "All", "waiting": "Waiting", "failed": "Not delivered"}
    return {
        "view_title": "Mail sent",
        "rail": RAIL,
        "rows": [(row, row.fate) for row in rows],
        "tabs": [(title, "/outbox", key == show) for key, title in titles.items()],
        "show": show,
        "first_url": "",
        "next_url": "/next" if rows else "",
    }


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """By name."""
    one = {"view_title": ROWS[3].subject, "rail": RAIL, "row": ROWS[3], "fate": "bounced", "told": TOLD}
    return {
        "outbox": ("desk/outbox.html", outbox(ROWS, "")),
        "outbox-waiting": ("desk/outbox.html", outbox([], "waiting")),
        "outbox-failed": ("desk/outbox.html", outbox([], "failed")),
        "outbox-empty": ("desk/outbox.html", outbox([], "")),
        "outbox-message": ("desk/outbox_message.html", {**one, "may_again": True, "numbers": {1: 20418}}),
    }
