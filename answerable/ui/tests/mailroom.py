"""The mail room, for the gallery: sixty messages with all that may be in them, and one of each kind of page."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from answerable.desk import mail_words as words
from answerable.desk.message_page import Preview, headline
from answerable.mail.models import Probe, RawMail
from answerable.mail.room_queries import Door, Health
from answerable.ui.tests.people import LONG_ADDRESS, LONG_WORD, NOW, RAIL

Page = tuple[str, dict[str, object]]

SUPPORT = "support@acme.example"
RAIL_OF_ADMINS = [
    *RAIL,
    ("Mail", [("Received", "/m", "7", True, ""), ("Sent", "/s", None, False, "")]),
]
SUBJECTS = [
    "Warehouse sync stopped for all tenants",
    "A subject of a thousand characters " * 28,
    "",
    "تعذّر تسجيل الدخول منذ الصباح",
    "\u202etxt.exe\u202c החשבונית שלי 🧾🔥👩\u200d👩\u200d👧\u200d👦",
    f"One word: {LONG_WORD}",
    "転送: 請求書が届きません",
]
ENDS = [
    ("done", "new", ""),
    ("quarantined", "quarantine", "sender_blocked"),
    ("done", "reply", ""),
    ("done", "held", "non_participant,auth_fail"),
    ("received", "", ""),
    ("done", "auto", "vacation"),
    ("done", "bounce", "unmatched"),
    ("done", "duplicate", ""),
    ("quarantined", "quarantine", "error"),
    ("done", "event", "mdn"),
    ("done", "probe", ""),
]


def row(pk: int, end: tuple[str, str, str], **more: Any) -> RawMail:
    state, outcome, reason = end
    values: dict[str, Any] = {
        "state": state,
        "outcome": outcome,
        "reason": reason,
        "subject": SUBJECTS[pk % len(SUBJECTS)],
        "sender": LONG_ADDRESS if pk % 9 == 5 else f"sender{pk}@norrland.example",
        "inbox": SUPPORT,
        "source": "smtp",
        "size": 48_211,
        "received_at": NOW - timedelta(minutes=pk * 7),
        "ticket_id": 5 if outcome in {"new", "reply", "held", "event"} else None,
        "entry_id": 12,
        "verdict": "none",
    }
    return RawMail(pk=pk, **(values | more))


def probe(*, arrived: bool) -> Probe:
    at = NOW - timedelta(minutes=4)
    error = "" if arrived else "127.0.0.1:2525: [Errno 111] Connection refused"
    return Probe(
        sent_at=at, arrived_at=at if arrived else None, failed_at=None if arrived else NOW, error=error, token="x"
    )


WELL = Health(
    [
        Door("SMTP", "", NOW - timedelta(minutes=1), None, "", 214, None),
        Door("support", "support@acme.example · imap.acme.example", NOW - timedelta(seconds=20), None, "", 12, None),
    ],
    None,
    probe(arrived=True),
)
ILL = Health(
    [
        Door("SMTP", "", NOW - timedelta(minutes=14), None, "", 3, NOW - timedelta(minutes=14)),
        Door("support", "support@acme.example · imap.acme.example", NOW - timedelta(hours=5), NOW - timedelta(hours=4),
            f"imap.acme.example refuses the log-in of {LONG_ADDRESS}: b'[AUTHENTICATIONFAILED] Authentication failed.'",
            0, None),
        Door("old", "old@acme.example · imap.acme.example", None, None, "", 0, None),
    ],
    NOW - timedelta(minutes=14),
    probe(arrived=False),
)  # fmt: skip
TABS = ["all", "quarantine", "waiting", "held", "auto", "unmatched", "discarded"]
COUNTS = ["", "7", "0", "2", "1000+", "3", "12"]
NAMES = ["All", "Quarantine", "Waiting", "Held", "Automatic", "Unmatched bounces", "Discarded"]


def room(tab: str, rows: list[RawMail], **more: object) -> dict[str, object]:
    tabs = [(name, "/m", count, key == tab) for key, name, count in zip(TABS, NAMES, COUNTS, strict=True)]
    shown = {
        "view_title": "Mail received",
        "rail": RAIL_OF_ADMINS,
        "rows": [(one, words.outcome(one)) for one in rows],
        "numbers": {5: 20418},
        "tabs": tabs,
        "tab": tab,
        "q": "",
        "too_short": False,
        "health": WELL,
        "stuck": False,
        "first_url": "",
        "next_url": "/next" if rows else "",
    }
    return shown | more


HEAD = (
    "Received: from mx.norrland.example\r\nFrom: =?utf-8?q?Elin_Berg?= <elin@norrland.example>\r\nSubject: " + "x" * 300
)
TEXT = "Nothing has loaded since 02:10.\n\n<script>alert(1)</script> is text here.\n\n" + LONG_WORD


def message(one: RawMail, **more: object) -> dict[str, object]:
    preview = Preview(
        "Elin Berg", f"{SUPPORT}, {LONG_ADDRESS}", "", TEXT, [("report.pdf", 91_833), ("\u202egpj.exe", 12)], True
    )
    shown: dict[str, object] = {
        "view_title": headline(one),
        "rail": RAIL_OF_ADMINS,
        "row": one,
        "outcome": words.outcome(one),
        "flags": words.flags(one),
        "verdict": words.verdict(one, None),
        "source": words.source(one),
        "decisions": [],
        "numbers": {5: 20418},
        "preview": preview,
        "head": HEAD,
        "raw_text": HEAD + "\r\n\r\n" + TEXT,
        "is_cut": True,
        "is_blocked": one.pk == 3,
        "needs_requester": not one.sender,
    }
    return shown | more


def decided(*verbs: str) -> list[words.Done]:
    records = [
        SimpleNamespace(
            verb=verb, actor_label="Ada Lind", data={"ticket": 5, "before": 6}, at=NOW - timedelta(minutes=3)
        )
        for verb in verbs
    ]
    return words.decisions(records, {5: 20418, 6: 20377})  # type: ignore[arg-type]  # as much of a record as is read


def pages() -> dict[str, Page]:
    """What there is to see, by name."""
    every = [row(pk, ENDS[pk % len(ENDS)]) for pk in range(1, 61)]
    blocked = [
        row(pk, ENDS[1] if pk % 3 else ENDS[8], sender="" if pk % 4 == 0 else f"s{pk}@x.example") for pk in range(1, 61)
    ]
    trace = (
        'Traceback (most recent call last):\n  File "answerable/casework/reception.py", line 60, in receive_next\n' * 12
    )
    flags = ["charset_fallback", "name_spoof", "message_id_reused"]
    put_away = {"put_away_at": NOW - timedelta(minutes=3)}
    gone = row(14, ENDS[1], purged_at=NOW, **put_away)
    listed, one = "desk/mail.html", "desk/message.html"
    return {
        "mail": (listed, room("all", every)),
        "mail-ill": (listed, room("all", every[:3], health=ILL, stuck=True)),
        "mail-quarantine": (listed, room("quarantine", blocked)),
        "mail-automatic": (listed, room("auto", [row(pk, ENDS[5]) for pk in range(1, 13)])),
        "mail-none": (listed, room("all", [], health=Health(WELL.doors[:1], None, None))),
        **{f"mail-none-{tab}": (listed, room(tab, [])) for tab in TABS[1:]},
        "mail-search": (listed, room("", every[:2], q="sender", health=None, first_url="/first")),
        "mail-search-short": (listed, room("", [], q="s", too_short=True, health=None)),
        "mail-search-none": (listed, room("", [], q=LONG_WORD, health=None)),
        "message": (
            one,
            message(row(7, ENDS[2], flags=flags, verdict="pass"), decisions=decided("mail_moved", "mail_released")),
        ),
        "message-quarantine": (one, message(row(1, ENDS[1]))),
        "message-error": (one, message(row(5, ENDS[8], trace=trace), decisions=decided("mail_retried"))),
        "message-nobody": (one, message(row(4, ("quarantined", "quarantine", "no_sender"), sender=""), preview=None)),
        "message-discarded": (one, message(row(3, ENDS[1], **put_away), decisions=decided("mail_discarded"))),
        "message-purged": (one, message(gone, preview=None, head="", raw_text="", is_cut=False)),
        "message-held": (one, message(row(8, ENDS[3]))),
        "message-automatic": (one, message(row(9, ENDS[5]))),
        "message-waiting": (one, message(row(10, ENDS[4], verdict=""))),
        "message-duplicate": (one, message(row(11, ENDS[7], duplicate_of_id=7))),
    }
