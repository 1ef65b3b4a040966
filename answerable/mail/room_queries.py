"""What the mail room's screen shows: its tabs with their counts, what a search finds, and how the mailboxes are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from answerable.lib import sql
from answerable.mail.models import BlockedSender, Mailbox, Probe, RawMail
from answerable.mail.queries import key_of

# A count stops here: beyond it the exact figure helps nobody and costs a scan.
COUNT_CAP = 1000
# A search looks at so many messages for each field, and a page for nothing shorter than this.
MOSTFOUND, LEAST_WORDS = 1000, 3
# What came in the last hour is counted among so many of the latest messages.
MOST_RECENT = 10_000
_HOUR = timedelta(hours=1)

# Each is the condition of an index of its own, but for "all".
SHELVES = {
    "all": "true",
    "quarantine": "state = 'quarantined' AND put_away_at IS NULL",
    "waiting": "state = 'received'",
    "auto": "outcome = 'auto' AND purged_at IS NULL",
    "unmatched": "outcome = 'bounce' AND reason = 'unmatched'",
    "held": "outcome = 'held' AND put_away_at IS NULL",
    "discarded": "put_away_at IS NOT NULL AND state = 'quarantined'",
}
_WHICH = {
    "all": Q(),
    "quarantine": Q(state="quarantined", put_away_at__isnull=True),
    "waiting": Q(state="received"),
    "auto": Q(outcome="auto", purged_at__isnull=True),
    "unmatched": Q(outcome="bounce", reason="unmatched"),
    "held": Q(outcome="held", put_away_at__isnull=True),
    "discarded": Q(put_away_at__isnull=False, state="quarantined"),
}


_COUNT = "(SELECT count(*) FROM (SELECT FROM mail_rawmail WHERE {} LIMIT %(cap)s) AS found)"


def shelf(name: str, before: int | None) -> QuerySet[RawMail]:
    """The messages of a tab, latest first, without their bodies; `before`: older than that id."""
    rows = RawMail.objects.defer("body", "trace").filter(_WHICH[name]).order_by("-id")
    return rows if before is None else rows.filter(pk__lt=before)


def counts() -> dict[str, int]:
    """How many messages each tab but "all" has, counted up to COUNT_CAP; all in one statement."""
    names = [name for name in SHELVES if name != "all"]
    each = ", ".join(_COUNT.format(SHELVES[name]) for name in names)
    return dict(zip(names, sql.rows(f"SELECT {each}", {"cap": COUNT_CAP})[0], strict=True))


def in_quarantine() -> int:
    """How many messages wait in quarantine, counted up to COUNT_CAP: asked by each page of an administrator."""
    return int(sql.rows("SELECT " + _COUNT.format(SHELVES["quarantine"]), {"cap": COUNT_CAP})[0][0])


FOUND = """
(SELECT id FROM mail_rawmail WHERE sender LIKE %(address)s LIMIT %(most)s)
UNION (SELECT id FROM mail_rawmail WHERE lower(left(subject, 100)) COLLATE "C" LIKE %(words)s LIMIT %(most)s)
UNION (SELECT id FROM mail_rawmail WHERE message_id LIKE %(key)s AND message_id <> '' LIMIT %(most)s)
"""


def search(text: str, before: int | None) -> QuerySet[RawMail]:
    """Messages whose sender, subject or Message-ID begins so, latest first; of each, MOSTFOUND are looked at."""
    words = text.strip()
    values = {
        "address": _beginning(words.lower()),
        "words": _beginning(words.lower()[:100]),
        "key": _beginning(key_of(words) if "@" in words else words.strip("<>")),
        "most": MOSTFOUND,
    }
    ids = [pk for (pk,) in sql.rows(FOUND, values)]
    return shelf("all", before).filter(pk__in=ids)


def _beginning(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped.replace(chr(0), '')}%"


class Door(NamedTuple):
    """One way in, and how it is. `messages` of the last hour; `oldest_at`: of those that nobody has handled yet.

    `last_at`: when it last worked. `failing_since` with `error`: it does not.
    """

    name: str
    where: str
    last_at: datetime | None
    failing_since: datetime | None
    error: str
    messages: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class Health:
    """All ways in, the oldest message that nobody has handled, and the last probe that is over (None: no probes)."""

    doors: Sequence[Door]
    oldest_at: datetime | None
    probe: Probe | None


_RECENT = """
SELECT r.mailbox_id, r.source = 'smtp', count(*) FILTER (WHERE r.received_at > %(since)s), max(r.received_at)
FROM (SELECT mailbox_id, source, received_at FROM mail_rawmail ORDER BY id DESC LIMIT %(most)s) AS r
GROUP BY 1, 2
"""
_WAITING = """
SELECT w.mailbox_id, w.source = 'smtp', min(w.received_at)
FROM (
  SELECT mailbox_id, source, received_at FROM mail_rawmail WHERE state = 'received'
  ORDER BY received_at, id LIMIT %(most)s
) AS w GROUP BY 1, 2
"""


def health(now: datetime) -> Health:
    """How each way in is; costs the same however much mail there ever was."""
    values = {"since": now - _HOUR, "most": MOST_RECENT}
    recent = {(box, by_smtp): (count, last) for box, by_smtp, count, last in sql.rows(_RECENT, values)}
    waiting = {(box, by_smtp): oldest for box, by_smtp, oldest in sql.rows(_WAITING, values)}
    count, last = recent.get((None, True), (0, None))
    doors = [Door("SMTP", "", last, None, "", count, waiting.get((None, True)))]
    for box in Mailbox.objects.order_by("name"):
        count, _last = recent.get((box.pk, False), (0, None))
        error = box.last_error if box.failing_since else ""
        where = f"{box.user} · {box.host}"
        doors.append(
            Door(box.name, where, box.last_success_at, box.failing_since, error, count, waiting.get((box.pk, False)))
        )
    return Health(doors, min(waiting.values(), default=None), last_probe())


def last_probe() -> Probe | None:
    """The latest probe that has arrived or failed."""
    rows = Probe.objects.filter(Q(arrived_at__isnull=False) | Q(failed_at__isnull=False))
    return rows.order_by("-sent_at").first()


def is_blocked(address: str) -> bool:
    """Whether all mail of this address waits in quarantine."""
    return bool(address) and BlockedSender.objects.filter(address=address).exists()


def oldest_waiting() -> datetime | None:
    """When the oldest message came that nobody has handled."""
    rows = RawMail.objects.filter(state="received").order_by("received_at", "id")
    return rows.values_list("received_at", flat=True).first()


def quarantined_since(since: datetime, reason: str = "") -> bool:
    """Whether a message went to quarantine after `since` and is there still; looks at the latest MOSTFOUND."""
    rows = shelf("quarantine", None).values_list("handled_at", "reason")[:MOSTFOUND]
    return any(at is not None and at > since and reason in {"", why} for at, why in rows)


def failing(before: datetime) -> QuerySet[Mailbox]:
    """The mailboxes into which every look has failed since `before` or longer."""
    return Mailbox.objects.filter(failing_since__lt=before).order_by("id")


def probe_of(token: str, since: datetime) -> Probe | None:
    """The probe with this token, if it was sent after `since` and has not arrived yet."""
    return Probe.objects.filter(token=token, arrived_at__isnull=True, sent_at__gt=since).first()


def late_probes(before: datetime) -> list[int]:
    """Probes sent before that moment which have neither arrived nor been given up."""
    rows = Probe.objects.filter(arrived_at__isnull=True, failed_at__isnull=True, sent_at__lt=before)
    return list(rows.order_by("sent_at").values_list("pk", flat=True)[:100])


def probe_ticket(since: datetime) -> int | None:
    """The id of the request that probes after `since` went to."""
    rows = Probe.objects.filter(sent_at__gte=since, ticket_id__isnull=False).order_by("-sent_at")
    return rows.values_list("ticket_id", flat=True).first()
