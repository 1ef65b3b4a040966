"""Made-up pages of removing something for good, a conversation from which something was, and what was said of our help."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

from django.utils.safestring import mark_safe

from answerable.casework.redact_actions import Found
from answerable.reports.satisfaction import Opinion, Word
from answerable.tickets.rating import Said
from answerable.ui.tests import people
from answerable.ui.tests.made_up_figures import ReportForm
from answerable.ui.tests.people import NOW, Entry

MARK = "[removed by staff, 2026-11-24 03:02 UTC]"
SAID = Entry(4, "reply", "Elin Berg", 29, author_kind="customer", organization=people.NORRLAND, html=mark_safe(
    "<p>You can look yourselves: user <code>loader</code>, password <code>Tr0ub4dor-9917</code>. It is the same as "
    "for the board's reports.</p>"), attachments=((1, "loader.env", 213, "/f"),))  # fmt: skip
GONE = replace(SAID, html=mark_safe(f"<p>You can look yourselves: user <code>loader</code>, password <code>{MARK}</code>.</p>"), attachments=())  # fmt: skip
ENTRIES = [
    *people.ENTRIES[:3],
    GONE,
    people.ENTRIES[4],
    Entry(10, "event", "", 4, text="Priya Nair removed a text for good, from 7 places: a password of the customer"),
]
PUBLIC = [
    *people.ENTRIES[:1],
    GONE,
    people.ENTRIES[4],
    Entry(10, "event", "", 4, text="Something that ought not to stand here was removed by staff"),
]
HERE = Found(
    5, 20418, "Warehouse sync stopped", {"reply": 2, "note": 1, "sent_mail": 3, "received_mail": 1, "file": 1}, ("loader.env",)
)  # fmt: skip
ELSEWHERE = Found(6, 20431, "Re: Warehouse sync stopped", {"reply": 1, "received_mail": 1}, ())
RECORDS = [SimpleNamespace(by=SimpleNamespace(label="Priya Nair"), reason="a key", at=NOW - timedelta(days=3))]


def _page(**more: object) -> dict[str, object]:
    return {
        "view_title": "Remove something from #20418",
        "rail": people.RAIL,
        "ticket": people.TICKET,
        "entry": SAID,
        "text": "",
        "wrong": "",
        "here": None,
        "elsewhere": [],
        "records": [],
        "beyond": 0,
        "elsewhere_used": {1: [20377, 20301]},
        **more,
    }


def pages() -> dict[str, dict[str, object]]:
    """By name."""
    secret = "Tr0ub4dor-9917"
    return {
        "redact": _page(),
        "redact-found": _page(text=secret, here=HERE, elsewhere=[ELSEWHERE], beyond=2, records=RECORDS),
        "redact-nowhere": _page(text="swordfish", here=replace(HERE, places={}), entry=None),
        "redact-wrong": _page(text="abc", wrong="Give at least 4 characters: fewer stand in every other word."),
    }


SAID_OF_US = Said("Elin Berg", "bad", "Two days for one line, and nobody told us why.", NOW, NOW - timedelta(hours=2))


def rate(**more: object) -> dict[str, object]:
    """The page that the mail's links open."""
    asked = {"number": 20418, "said": "", "comment": "", "chosen": "bad", "done": False, "may_change": True}
    return asked | {"other": "good"} | more


def satisfaction(*, empty: bool = False) -> dict[str, object]:
    """The report."""
    rows = [("Nov 2026", Opinion(31, 17, 2)), ("Oct 2026", Opinion(28, 12, 0)), ("Sep 2026", Opinion(6, 2, 1))]
    return {
        "view_title": "How our help was",
        "rail": people.RAIL,
        "form": ReportForm(),
        "by_word": "Month",
        "whole": Opinion() if empty else Opinion(65, 31, 3),
        "rows": [] if empty else rows,
        "left_out": 0,
        "words": [
            Word(20418, "Warehouse sync stopped", "Elin Berg", "bad", SAID_OF_US.comment, NOW - timedelta(hours=2)),
            Word(20377, "Export of May", "A. Lund", "good", "Quick and to the point.", NOW - timedelta(days=3)),
            Word(20301, "", "J. Mbeki", "bad", "", NOW - timedelta(days=9)),
        ],
        "csv_url": "/csv",
    }
