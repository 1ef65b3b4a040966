"""Made-up mails before they leave: recipients, replies on their way, warnings."""

from datetime import timedelta
from types import SimpleNamespace

from answerable.desk.drafts import Pending, Restored
from answerable.desk.quoting import Slip, Warned
from answerable.desk.recipients import Recipient
from answerable.lib.html import from_markdown, safe
from answerable.ui.tests.people import LONG_ADDRESS, LONG_WORD, NOW, RAIL

RECIPIENTS = [
    Recipient("Elin Berg", "elin@norrland.example"),
    Recipient("A. Lund", "a.lund@norrland.example", ("new",)),
    Recipient("Ops", "no-reply@outside.example", ("new", "outside", "no_reply")),
]
MANY = [*RECIPIENTS, Recipient("", LONG_ADDRESS, ("undeliverable",))] + [
    Recipient(f"Colleague {n}", f"c{n}@norrland.example") for n in range(9)
]
TEXT = (
    "The pool is up again since 02:40.\n\nSame signature as the incident of 3 October, so we check the health probe "
    "before the switch from now on."
)
WARNED = Warned(
    (
        Slip("note", "Tomas Klein", "Same signature as the incident of 3 October"),
        Slip("held", "elin.private@post.example", "the board has moved the report to 06:30"),
        Slip("address", "elin.private@post.example", "elin.private@post.example"),
    ),
    "0" * 32,
)


HTML = safe(from_markdown(TEXT))
FILES = ("pool.log", f"{LONG_WORD}.png")
ON_ITS_WAY = [
    Pending(31, "Priya Nair", NOW, None, 0, "This request is closed for good.", HTML, (), False, True),
    Pending(32, "Tomas Klein", NOW, NOW + timedelta(seconds=5), 5, "", HTML, FILES, True, False),
]
RESTORED = Restored(33, TEXT, "pending", "", ((1, "pool.log", 48213), (2, "graph.png", 1_820_000)))
FAILED = Restored(34, TEXT, "solved", "Its author may not work on this request any more.", ())
SENDING: dict[str, object] = {"drafts": [], "restored": None, "warning": None, "composer_too": False}


def unsent(*, empty: bool = False) -> dict[str, object]:
    """The list of what somebody did not send."""
    rows = [
        SimpleNamespace(
            id=pk, ticket_id=pk, at=NOW - timedelta(hours=pk), text=TEXT, failure=why, files=[(1, "pool.log", 48213)]
        )
        for pk, why in [(1, ""), (2, "Its author may not work on this request any more.")]
    ]
    titles = {1: (20418, "Warehouse sync stopped for all tenants")}
    return {"view_title": "Replies not sent", "rail": RAIL, "rows": [] if empty else rows, "titles": titles}
