"""Made-up mails before they leave: recipients, replies on their way, warnings."""

from datetime import timedelta
from types import SimpleNamespace

from answerable.desk.begun import Field
from answerable.desk.drafts import Pending, Restored
from answerable.desk.quoting import Slip, Warned
from answerable.desk.recipients import Recipient
from answerable.lib.html import from_markdown, safe
from answerable.lib.uploads import CAPS
from answerable.mail.wording import Place, Value, fill, problems
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
SENDING: dict[str, object] = {
    "drafts": [],
    "restored": None,
    "begun_reply": Field("reply"),
    "begun_note": Field("note"),
    "caps": CAPS.words,
    "warning": None,
    "composer_too": False,
}
BACK = Field("reply", TEXT)
BEGUN = {
    "begun_reply": Field(
        "reply",
        TEXT,
        "m1",
        "ops@norrland.example",
        at=NOW,
        files=((1, "pool.log", 48213), (2, f"{LONG_WORD}.png", 1_820_000)),
    ),
    "begun_note": Field("note", "@Priya Nair the pool again: `db-3`.", "m2", at=NOW, files=((3, "trace.har", 91_000),)),
}


MAIL_TEXT = "{{greeting}}\n\nwe have your request and it is number {{number}}:\n\n**{{subject}}**\n\n{{promise}}\n\n{{link}}\n\n--\n{{vendor}} support\n"
PLACES = {
    "greeting": Place("“Hello Elin Berg,”, or “Hello,” where no name is known"),
    "number": Place("the number of the request", required=True),
    "subject": Place("the subject of the request"),
    "promise": Place("by when a person will answer, in a sentence; empty where nothing is promised"),
    "link": Place("the page of the request, for who gets this mail", "link", required=True),
    "vendor": Place("the vendor's name"),
}


def wordings() -> dict[str, object]:
    """The list of texts."""
    about = "To the requester, once for each new request that came by mail or from somebody signed in."
    changed = SimpleNamespace(pk=7, text="x", by_label="Ada Lind", at=NOW - timedelta(hours=30))
    rows = [
        ("ack", "We have your request", about, changed, False),
        ("reply", "An answer", "Around each public reply", None, True),
        ("copied", "You are CC'd", "To somebody who takes part in a request from now on.", None, False),
    ]
    return {"view_title": "What our mails say", "rail": RAIL, "rows": rows, "is_owned": False, "line": None}


def wording(text: str = MAIL_TEXT) -> dict[str, object]:
    """One of them, with a look at it or with what is wrong."""
    values = {
        "greeting": Value("Hello Elin,"),
        "number": Value("20418"),
        "subject": Value(f"Warehouse sync stopped {LONG_WORD}"),
        "promise": Value("A person will answer by 24 November 2026, 03:43 (CET)."),
        "link": Value(f"https://support.acme.example/r/{LONG_WORD}"),
        "vendor": Value("Acme Data"),
    }
    wrong = [(one.line, str(one)) for one in problems(text, PLACES)]
    shown = None if wrong else fill(text, PLACES, values)
    versions = [
        SimpleNamespace(pk=9, text=text, by_label="Ada Lind", at=NOW - timedelta(hours=3)),
        SimpleNamespace(pk=8, text="", by_label="Ada Lind", at=NOW - timedelta(hours=4)),
        SimpleNamespace(pk=7, text=text, by_label="Ada Lind", at=NOW - timedelta(hours=30)),
    ]
    return {
        "view_title": "We have your request", "rail": RAIL, "key": "ack", "text": text, "seen": 9, "places": list(PLACES.items()),
        "about": "To the requester, once for each new request.", "is_owned": False, "line": None, "is_built_in": False, "versions": versions,
        "built_in": MAIL_TEXT, "refused": "Somebody has changed this text meanwhile." if wrong else "", "number": 20418,
        "problems": wrong, "missing": "", "shown": shown, "main": safe(shown.main) if shown else "",
        "foot": safe(shown.foot) if shown else "",
    }  # fmt: skip


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
