"""Made-up people and requests, in the shapes that the views hand to templates."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from django.utils.safestring import mark_safe

from answerable.desk.marks import Mark
from answerable.desk.notices import Item
from answerable.desk.receipts import Receipts, receipts
from answerable.lib.worktime import Calendar
from answerable.notify.queries import Sent
from answerable.sla.evaluate import Event, Terms
from answerable.sla.explain import Told, explain
from answerable.sla.queries import Progress
from answerable.sla.vocabulary import Held, Reading
from answerable.tickets.entry_shown import Invitation

NOW = datetime(2026, 11, 24, 2, 42, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """As tickets.queries.Row. `due`, `whole` and `old` are minutes; `due` None: no promise runs."""

    number: int
    subject: str
    preview: str
    severity: str
    organization: str
    requester: str
    assignee: str
    due: int | None
    whole: int
    old: int
    status: str = "open"
    provisional: bool = False
    waits: str = "us"
    promise_metric: str = "first_response"

    @property
    def next_due_at(self) -> datetime | None:
        return None if self.due is None else NOW + timedelta(minutes=self.due)

    @property
    def promise_start_at(self) -> datetime | None:
        return None if self.due is None else NOW + timedelta(minutes=self.due - self.whole)

    @property
    def updated_at(self) -> datetime:
        return NOW - timedelta(minutes=self.old)


@dataclass(frozen=True)
class Entry:
    """As an entry of a conversation, so many minutes old."""

    id: int
    kind: str
    author: str
    minutes: int
    html: str = ""
    text: str = ""
    author_kind: str = "staff"
    organization: str = ""
    channel: str = "mail"
    signature_html: str = ""
    sheet_url: str = ""
    quoted_html: str = ""
    quoted_url: str = ""
    pictures: tuple[tuple[int, str, int, str], ...] = ()
    signatures: tuple[tuple[int, str, int, str], ...] = ()
    infected: tuple[tuple[str, str], ...] = ()
    invitation: Invitation | None = None
    verdict: Mark | None = None
    forwarded_by: str = ""
    told: tuple[str, ...] = ()
    raw_id: int | None = None
    attachments: tuple[tuple[int, str, int, str], ...] = ()
    receipts: Receipts = field(default_factory=Receipts)
    file_names: tuple[str, ...] = ()
    reason: str = ""
    settled: str = ""

    @property
    def at(self) -> datetime:
        return NOW - timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Promise:
    """As sla.queries.Promise, due in so many minutes; `target` and `elapsed` in seconds."""

    metric: str
    state: str
    due: int = 0
    target: int = 1800
    elapsed: int = 0

    @property
    def due_at(self) -> datetime:
        return NOW + timedelta(minutes=self.due)

    @property
    def start(self) -> datetime:
        return self.due_at - timedelta(seconds=self.target)


def person(name: str, email: str, *, staff: bool, pk: int = 1) -> SimpleNamespace:
    role = "agent" if staff else "customer"
    return SimpleNamespace(pk=pk, id=pk, label=name, email=email, is_staff=staff, is_authenticated=True, role=role)


TOMAS = person("Tomas Klein", "tomas@acme.example", staff=True)
ELIN = person("Elin Berg", "elin@norrland.example", staff=False, pk=7)
NOBODY = SimpleNamespace(is_authenticated=False, is_staff=False)
VENDOR = SimpleNamespace(name="Acme Data", product="Acme Data", support_address="support@acme.example")

NORRLAND, KIVU, ROCHE = "Norrland Energi", "Kivu Bank", "Atelier Roche"
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_ADDRESS = "someone.with.a.long.address@subsidiary.of.a.customer.example"

# fmt: off
ROWS = [
    Row(20418, "Warehouse sync stopped for all tenants", "Nothing has loaded since 02:10, the nightly report is empty",
        "P0", NORRLAND, "Elin Berg", "Tomas Klein", -12, 30, 2, provisional=True),
    Row(20417, "SSO log-in loops after certificate change",
        "We rotated the IdP certificate as announced and now every log-in ends at the same page again",
        "P1", KIVU, "J. Mbeki", "Priya Nair", 18, 120, 6),
    Row(20415, "Lineage graph empty for Snowflake share", "Since the upgrade on Friday the downstream graph",
        "P1", ROCHE, "M. Roche", "Tomas Klein", 41, 120, 14),
    Row(20414, "Export of glossary fails with 413", "A CSV with 40,000 terms is refused, 10,000 works",
        "P2", "Havel & Sons", "P. Novák", "", 125, 480, 31, status="new"),
    Row(20411, "API token expires after one day", "The token page says 30 days but the client gets 401",
        "P2", NORRLAND, "Elin Berg", "Ana Lund", 220, 480, 60),
    Row(20409, "How do I tag assets in bulk?", "Is there a way to tag every table in a schema at once",
        "P3", "Pacific Freight", "R. Tane", "", 372, 1440, 130, status="new"),
    Row(20402, "Playbook ran twice on 1 November", "Thanks, we have sent the run id, waiting for your logs",
        "P2", KIVU, "A. Otieno", "Tomas Klein", None, 0, 190, status="pending", waits="customer"),
    Row(20398, "Invoice address change: our legal entity was renamed as of October, and accounting needs a new one",
        "Our legal entity was renamed as of October", "P3", ROCHE, "M. Roche", "Ana Lund", 570, 1440, 300),
    Row(20377, f"A long word: {LONG_WORD}", "", "P3", "", LONG_ADDRESS, "", None, 0, 2900, status="hold", waits=""),
]

SENT = [
    Sent(1, "elin@norrland.example", "Elin Berg", "reply", "accepted", "", None, NOW - timedelta(minutes=11)),
    Sent(2, "a.lund@norrland.example", "A. Lund", "reply", "deferred", "451 4.7.1 Greylisted, try again later",
        NOW + timedelta(minutes=4), NOW - timedelta(minutes=11)),
    Sent(3, LONG_ADDRESS, LONG_ADDRESS, "reply", "delayed", "", None, NOW - timedelta(minutes=11)),
    Sent(4, "ops@norrland.example", "ops@norrland.example", "reply", "bounced",
        "5.1.1 smtp; 550 5.1.1 <ops@norrland.example>: Recipient address rejected: User unknown in virtual mailbox table",
        None, NOW - timedelta(minutes=11)),
]
ENTRIES = [
    Entry(1, "event", "", 29, text="Opened by e-mail"),
    Entry(2, "event", "", 29, text="Paged Priya Nair"),
    Entry(3, "event", "", 26, text="Priya Nair acknowledged"),
    Entry(4, "reply", "Elin Berg", 29, author_kind="customer", organization=NORRLAND, html=mark_safe(
        "<p>Nothing has loaded since 02:10. The board report goes out at 07:00 and is empty. Last line of the log:</p>"
        "<pre><code>ERROR loader.pool: 0 of 12 connections alive, giving up after 300 s</code></pre>"),
        attachments=((1, "loader.log", 48213, "/f"), (2, f"a long name {LONG_WORD}.png", 1_820_000, "/f"))),
    Entry(5, "reply", "Priya Nair", 11, channel="desk", html=mark_safe(
        "<p>We see it: the connection pool of eu-north lost its primary at 02:09. Failing over now. "
        "Next update before 03:30.</p>"),
        quoted_html=mark_safe("<blockquote><p>Nothing has loaded since 02:10.</p></blockquote>"),
        receipts=receipts(SENT)),
    Entry(6, "note", "Tomas Klein", 9, channel="desk", html=mark_safe(
        "<p>Same signature as the incident of 3 October. @Priya check the health probe before the switch.</p>")),
    Entry(7, "held", "elin.private@post.example", 7, author_kind="customer", reason="unknown_sender",
        file_names=("board.pdf",), html=mark_safe(
        "<p>Writing from my own address: the board has moved the report to 06:30.</p>")),
    Entry(8, "held", "elin.private@post.example", 6, author_kind="customer", settled="dismissed",
        html=mark_safe("<p>The same once more.</p>")),
    Entry(9, "event", "", 5, text="Priya Nair determined the severity P0: production down for every tenant"),
]

ANSWERS = [
    ("Version", "4.2.1"),
    ("What is it about?", "Loading"),
    ("How do we see it too?", "Open the warehouse.\nStart the sync.\nWait five minutes."),
    ("You may look at our data to find the cause", "yes"),
    ("Since when?", "2026-11-24"),
    ("A field that has gone from the policy", LONG_WORD),
]

PROMISES = [
    Promise("first_response", "kept", target=1800, elapsed=1080),
    Promise("periodic_update", "running", due=-12, target=3600),
    Promise("resolution", "running", due=161, target=14400),
]
OTHER_PROMISES = [
    Promise("first_response", "broken", target=1800, elapsed=3000),
    Promise("next_response", "cancelled", target=3600, elapsed=60),
    Promise("resolution", "paused", target=14400, elapsed=7200),
]

NOTICES = [
    Item(9, False, NOW - timedelta(minutes=2), 20418, "Warehouse sync stopped for all tenants", "breach",
        "first_response", NOW - timedelta(minutes=12), kinds={"breach": 1, "reply": 8, "note": 1}),
    Item(21, False, NOW - timedelta(minutes=3), 20411, "Report export is empty", "mention", who="Priya Nair",
        said="Priya Nair mentioned you", kinds={"mention": 1}),
    Item(20, False, NOW - timedelta(minutes=4), 20410, "Licence key refused", "reply", who="Elin Berg",
        said="Elin Berg wrote", kinds={"reply": 3}),
    Item(19, False, NOW - timedelta(minutes=5), 20409, "Nightly load is slow", "assigned", who="Priya Nair",
        said="Priya Nair assigned it to you", kinds={"assigned": 1}),
    Item(18, False, NOW - timedelta(minutes=6), 20408, "Nightly load is slow", "note", who="Priya Nair",
        said="A note by Priya Nair", kinds={"note": 1}),
    Item(22, False, NOW - timedelta(minutes=7), kind="bulk_done", place="/desk/x", what="40 requests moved to SRE",
        said="A change of many requests has finished"),
    Item(8, False, NOW - timedelta(minutes=9), 20417, "SSO log-in loops after certificate change", "warning",
        "next_response", NOW + timedelta(minutes=18)),
    Item(7, False, NOW - timedelta(hours=2)),
    Item(23, True, NOW - timedelta(days=4), kind="unsent"),
    Item(2, False, NOW - timedelta(days=4), 20402, "Playbook ran twice", "unsent",
        said="Your reply could not be sent: This request is closed."),
    Item(6, False, NOW - timedelta(hours=3), 20377, f"A long word: {LONG_WORD}", "breach", "resolution",
        NOW - timedelta(hours=4), 3720),
    Item(12, False, NOW - timedelta(minutes=1), kind="mail_quarantine", place="/mail", said="Mail waits in quarantine"),
    Item(13, False, NOW - timedelta(minutes=1), kind="mail_mailbox", place="/mail", said=f"The mailbox {LONG_WORD} cannot be read"),
    Item(14, False, NOW - timedelta(minutes=1), kind="mail_waiting", place="/mail", said="Mail is not handled", since=NOW - timedelta(minutes=14)),
    Item(15, True, NOW - timedelta(hours=1), kind="probe_failed", place="/mail", said="A probe did not arrive: mail may not get through"),
    Item(16, True, NOW - timedelta(hours=1), kind="probe_back", place="/mail", said="Probes arrive again"),
    Item(17, True, NOW - timedelta(hours=1), kind="mail_rate_limited", place="/mail", said="One sender writes more than they should"),
    Item(5, True, NOW - timedelta(days=1), 20402, "", "breach", "periodic_update", NOW - timedelta(days=1), 720),
    Item(4, True, NOW - timedelta(days=3)),
    Item(3, True, NOW - timedelta(days=3), 20418, "Warehouse sync stopped for all tenants", "undelivered",
        said="Not delivered to ops@norrland.example: 550 5.1.1 User unknown in virtual mailbox table"),
]

APPLIED = SimpleNamespace(
    version=3, applied_at=NOW - timedelta(hours=3), applied_by="answerable apply", sha256="9f2c" * 16,
    changes=['~ severity P1 first_response 3 h → 2 h', '+ team cloud "Cloud support"', "- plan gold"],
)
CALENDARS = [
    SimpleNamespace(key="office", number=n, spec={"tz": "Europe/Berlin"}, effective_from=NOW - timedelta(days=9 - n))
    for n in (2, 1)
]
WALKS = [
    Progress("calendar", "office", "answerable apply", NOW, NOW, None, 318, 120, 7),
    Progress("policy", "", "Ada Lind", NOW - timedelta(hours=3), NOW, NOW, 290, 290, 1),
    Progress("audit", "", "nightly", NOW - timedelta(days=1), NOW, NOW, 301, 301, 0),
]

TICKET = SimpleNamespace(
    id=5, number=20418, subject="Warehouse sync stopped for all tenants", status="open", severity="P0",
    severity_determined_at=NOW, stated_severity="P0", impact="No board report at 07:00", hold_reason="", channel="mail",
    tags=["loader", "eu-north"], snoozed_until=None, sensitive=False, unverified=False, created_at=NOW - timedelta(minutes=29),
    requester=ELIN, organization=None, team=SimpleNamespace(id=2, name="Cloud support"), assignee=TOMAS,
)
NEWCOMER = SimpleNamespace(**{
    **vars(TICKET), "subject": "", "severity": "P2", "severity_determined_at": None, "stated_severity": "",
    "impact": "", "status": "hold", "hold_reason": "Waits for the release of Friday", "team": None, "assignee": None,
    "tags": [], "sensitive": True, "unverified": True,
})

SEVERITIES = [
    ("P0", "Critical", "Production is down for everyone, no way around", 1800, "24×7, on-call engineer paged"),
    ("P1", "High", "An important part fails, or is very slow", 7200, "24×7"),
    ("P2", "Normal", "Something fails and there is a way around", 28800, "24×7"),
    ("P3", "Low", "A question, a wish, a small flaw", 86400, "24×7"),
]
RAIL = [
    ("Mine", [
        ("Promises at risk", "/v", "4", True, "risk"), ("My open", "/v", "11", False, "mine"),
        ("Board of the quarterly review with Norrland Energi", "/v", "3", False, "12"),
    ]),
    ("Cloud support", [
        ("Unassigned", "/v", "7", False, "team-1-unassigned"), ("Waiting for customer", "/v", "23", False, "team-1-waiting"),
        ("Escalated", "/v", "2", False, "team-1-escalated"),
    ]),
    ("Everything", [
        ("All open", "/v", "318", False, "all"), ("Recently solved", "/v", None, False, ""),
        ("Billing team", "/v", "mend", False, ""),
    ]),
]  # fmt: skip
RUNGS = [
    ("Step 0", "My representative", "Priya Nair confirmed the impact, 02:44", "done"),
    ("Level 1", "Technical Support Engineer", "Tomas Klein, acknowledged 02:58", "present"),
    ("Level 2", "Director, Support", "if not settled by 03:28", ""),
    ("Level 3", "Head of Customer Experience", "", ""),
]


def told() -> list[Told]:
    """Promises explained: one kept, one broken, one paused over a night and with a changed target, one ahead."""
    office = {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendar = Calendar.read({"tz": "Europe/Stockholm", "weekly": office})
    start = NOW - timedelta(days=2)
    events = [
        Event("customer_message", start),
        Event("agent_reply", start + timedelta(minutes=20)),
        Event("targets", start + timedelta(hours=1), targets={"resolution": 8 * 3600}),
        Event("pause", start + timedelta(hours=2), why="waiting_on_customer"),
        Event("customer_message", start + timedelta(hours=20)),
        Event("agent_reply", NOW - timedelta(hours=3)),
        Event("pause", NOW - timedelta(hours=2), why="the vendor of the storage mends it on Friday"),
        Event("resume", NOW - timedelta(hours=1)),
    ]
    terms = Terms({"first_response": 1800, "next_response": 3600, "periodic_update": None, "resolution": 86400}, calendar)
    return explain(Reading(tuple(events), terms, (Held(start, 3, "office", 2),)), NOW)
