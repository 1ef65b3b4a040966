"""Keep mail before anything reads it, remember Message-IDs, and hand mail out."""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import psycopg
from django.db import transaction
from psycopg.types.json import Jsonb

from answerable.lib.fresh import forget_all
from answerable.lib.jobs import JobOf
from answerable.lib.rows import columns, cursor, read, statement, update
from answerable.mail.charsets import storable
from answerable.mail.models import BlockedSender, Inbox, ListAddress, Mailbox, MessageRef, RawMail
from answerable.mail.queries import key_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrival:
    """How a message reached us. `mailbox`, `uid_validity` and `uid` are IMAP's identity of it (E-83)."""

    inbox: str
    source: str
    received_at: datetime
    envelope_from: str = ""
    envelope_to: tuple[str, ...] = ()
    mailbox: Mailbox | None = None
    uid_validity: int | None = None
    uid: int | None = None
    # Who handed it to our own intake, and as whom they greeted.
    client: str | None = None
    helo: str = ""
    # Of a message that was read before it is stored.
    fingerprint: str = ""


_INSERT = """
    INSERT INTO mail_rawmail (
        inbox, source, envelope_from, envelope_to, received_at, mailbox_id, uid_validity, uid, client, helo,
        size, sha256, body, state, outcome, reason, trace, handled_at,
        attempts, fingerprint, message_id, sender, subject, flags, verdict
    ) VALUES (
        %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
        %s, %s, %b, %s, %s, %s, %s, %s,
        0, %s, '', '', '', '[]', ''
    ) RETURNING id
"""


Ending = tuple[str, str, str, str, datetime | None]
_RECEIVED: Ending = ("received", "", "", "", None)


def store(raw: bytes, arrival: Arrival, on_stored: Callable[[int], object]) -> int:
    """Commit the message as it came, with whatever `on_stored(raw_id)` defers, and nothing else (E-3).

    Only after this returns may the sender be told that we have it.
    """
    if isinstance(on_stored, JobOf):
        return _insert(raw, arrival, _RECEIVED, on_stored)  # row and job are one statement, and one transaction so
    with transaction.atomic():
        raw_id = _insert(raw, arrival, _RECEIVED)
        on_stored(raw_id)
    return raw_id


def store_collected(raw: bytes, arrival: Arrival, on_stored: Callable[[int], object]) -> None:
    """`store`, with the mailbox's cursor moved past the message in the same transaction."""
    with transaction.atomic():
        move_cursor(arrival)
        store(raw, arrival, on_stored)


def set_aside(raw: bytes, arrival: Arrival, reason: str, trace: str) -> None:
    """Keep what could be had of a collected message for a person to look at: its server could not give us all of it."""
    with transaction.atomic():
        move_cursor(arrival)
        _insert(raw, arrival, ("quarantined", "quarantine", reason, trace, arrival.received_at))


def _insert(raw: bytes, arrival: Arrival, ending: Ending, job: JobOf | None = None) -> int:
    """By hand: binding the body as bytes on the server takes half of the processor time of an insert by the ORM, and
    no copies of a large message written out in hexadecimal digits."""
    values = (
        storable(arrival.inbox)[:254],
        arrival.source,
        # By SMTP or a pipe anything may come: what cannot be stored must not keep the message out.
        storable(arrival.envelope_from)[:512],
        Jsonb([storable(address)[:512] for address in arrival.envelope_to]),
        arrival.received_at,
        arrival.mailbox.pk if arrival.mailbox else None,
        arrival.uid_validity,
        arrival.uid,
        arrival.client,
        arrival.helo[:255],
        len(raw),
        hashlib.sha256(raw).hexdigest(),
        raw,
        *ending,
        arrival.fingerprint,
        *(job.values if job else ()),
    )
    text = f"WITH stored AS ({_INSERT}) {job.sql}" if job else _INSERT
    with cursor(psycopg.Cursor) as asked:
        asked.execute(text, values)
        row = asked.fetchone()
    assert row is not None
    return int(row[0])


class CursorMoved(Exception):
    """Another worker reads this mailbox and is further on."""


def move_cursor(arrival: Arrival) -> None:
    """Go on after this message next time. Raises CursorMoved if somebody else has done so already."""
    assert arrival.mailbox is not None
    assert arrival.uid is not None
    here = Mailbox.objects.filter(pk=arrival.mailbox.pk, uid_validity=arrival.uid_validity, next_uid__lte=arrival.uid)
    if not here.update(next_uid=arrival.uid + 1):
        raise CursorMoved


def start_mailbox(mailbox: Mailbox, uid_validity: int, next_uid: int, now: datetime) -> None:
    """Read this mailbox from `next_uid` on, under a numbering that we had not seen."""
    if mailbox.uid_validity is None:
        mailbox.started_at = now
    else:
        mailbox.numbered_anew_at = now
    mailbox.uid_validity, mailbox.next_uid, mailbox.after_uid = uid_validity, next_uid, next_uid
    mailbox.save(update_fields=["uid_validity", "next_uid", "after_uid", "started_at", "numbered_anew_at"])


def note_collection(mailbox: Mailbox, now: datetime, error: str, next_try_at: datetime | None = None) -> None:
    """Write down how looking into a mailbox ended; `error` empty: well. The log hears of it when that changes."""
    if bool(error) != bool(mailbox.last_error):
        logger.log(logging.WARNING if error else logging.INFO, "IMAP mailbox %s: %s", mailbox.name, error or "is well")
    mailbox.last_error, mailbox.next_try_at = error, next_try_at
    mailbox.failing_since = (mailbox.failing_since or now) if error else None
    if not error:
        mailbox.last_success_at = now
    mailbox.save(update_fields=["last_error", "next_try_at", "failing_since", "last_success_at"])


def note_settled(mailbox: Mailbox) -> None:
    """Everything that is stored of this mailbox was marked or moved as it wants."""
    mailbox.after_uid = mailbox.next_uid
    here = Mailbox.objects.filter(pk=mailbox.pk, uid_validity=mailbox.uid_validity)
    here.update(after_uid=mailbox.next_uid)


# So many servers of an inbox are remembered: anybody can write the name of another one into a message.
MOST_CHECKERS = 20
_NOTE_SECONDS = 3600.0
_noted: dict[tuple[str, str], float] = {}
_CHECKER = """
INSERT INTO mail_checker (inbox, authserv_id, first_at, last_at)
SELECT $1::varchar, $2::varchar, $3, $3 WHERE (
  SELECT count(*) FROM mail_checker WHERE inbox = $1::varchar AND authserv_id <> $2::varchar) < $4
ON CONFLICT (inbox, authserv_id) DO UPDATE SET last_at = excluded.last_at
WHERE mail_checker.last_at < excluded.last_at
"""


def note_checker(inbox: str, authserv_id: str, now: datetime) -> None:
    """Remember that this server says it checks the inbox's mail: once an hour, not with each message."""
    key, moment = (inbox, authserv_id), time.monotonic()
    if moment - _noted.get(key, -_NOTE_SECONDS) < _NOTE_SECONDS:
        return
    if len(_noted) > 50 * MOST_CHECKERS:
        _noted.clear()
    _noted[key] = moment
    with cursor() as asked:
        asked.execute(_CHECKER, [inbox, authserv_id, now, MOST_CHECKERS])


_LOCK = statement(
    "SELECT {columns} FROM mail_rawmail raw WHERE raw.id = $1 AND raw.state = 'received' FOR UPDATE SKIP LOCKED",
    columns=columns(RawMail, "raw"),
)


def lock_raw(raw_id: int) -> RawMail | None:
    """The raw mail, locked; None when it is done already or another worker has it."""
    with cursor() as asked:
        asked.execute(_LOCK, [raw_id])
        row = asked.fetchone()
    return read(RawMail, row) if row else None


_LOCK_OF = statement(
    "SELECT {columns} FROM job LEFT JOIN LATERAL (SELECT * FROM mail_rawmail m WHERE m.id = job.raw_id"
    " AND m.state = 'received' FOR UPDATE SKIP LOCKED) raw ON true",
    columns=columns(RawMail, "raw"),
)


def lock_raw_of(job: str, *values: str) -> RawMail | None:
    """`lock_raw` of the message that the query `job` (`WITH job AS (…)`, with $1 and so on) takes as `raw_id`; where
    that one is done, of the next. None once it takes nothing more.
    """
    with cursor() as asked:
        while True:
            asked.execute(job + _LOCK_OF, list(values))
            row = asked.fetchone()
            if row is None or row[0] is not None:
                return read(RawMail, row) if row else None


def finish(row: RawMail, outcome: str, now: datetime, reason: str = "") -> None:
    """Write down the one outcome."""
    row.state = "quarantined" if outcome == "quarantine" else "done"
    row.outcome, row.reason, row.handled_at = outcome, reason, now
    update(
        row,
        "state",
        "outcome",
        "reason",
        "handled_at",
        "fingerprint",
        "message_id",
        "sender",
        "subject",
        "flags",
        "verdict",
        "verdict_source",
        "ticket_id",
        "entry_id",
        "duplicate_of_id",
        "put_away_at",
    )


def believe(inbox: str, authserv_id: str, *, wanted: bool) -> bool:
    """Whether this server's word on a sender counts in that inbox, beside those that the policy names. False: it did
    so already.
    """
    row = Inbox.objects.select_for_update().get(address=inbox, retired_at__isnull=True)
    if (authserv_id in row.confirmed_authserv) == wanted:
        return False
    others = [one for one in row.confirmed_authserv if one != authserv_id]
    row.confirmed_authserv = [*others, authserv_id] if wanted else others
    row.save(update_fields=["confirmed_authserv"])
    forget_all()
    return True


def lock_content(fingerprint: str) -> None:
    """Until the transaction ends, nobody else handles a message with this content (E-80 under two workers)."""
    with cursor() as asked:
        asked.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [fingerprint])


def give_up(raw_id: int, most_tries: int, now: datetime) -> bool:
    """Count a lost try; after too many, set the message aside instead of trying for ever. True when that happened."""
    row = RawMail.objects.filter(pk=raw_id, state="received").only("attempts").first()
    if row is None:
        return True
    RawMail.objects.filter(pk=raw_id).update(attempts=row.attempts + 1)
    if row.attempts + 1 <= most_tries:
        return False
    quarantine(raw_id, "error", now, "its worker died or the database failed each time it was tried")
    return True


def quarantine(raw_id: int, reason: str, now: datetime, trace: str = "") -> None:
    """Set a message aside for a person to look at (E-7). Nothing is ever sent back for it."""
    RawMail.objects.filter(pk=raw_id, state="received").update(
        state="quarantined", outcome="quarantine", reason=reason, handled_at=now, trace=trace[-20_000:]
    )


def remember(
    message_id: str, *, ours: bool, ticket_id: int, at: datetime, entry_id: int | None, person_id: int | None
) -> MessageRef:
    """A row of the Message-ID map, not yet saved: callers store several at once."""
    written = message_id.strip().strip("<>")
    return MessageRef(
        message_id=key_of(message_id),
        written=written if len(written) <= 900 else "",
        ours=ours,
        ticket_id=ticket_id,
        entry_id=entry_id,
        person_id=person_id,
        at=at,
    )


def forget_refs(entry_id: int) -> None:
    """The id of a received message no longer leads to the ticket of this entry, which left it."""
    MessageRef.objects.filter(entry_id=entry_id, ours=False).delete()


def hand_over_refs(before: int, after: int) -> None:
    """What answers our mails about a ticket that nothing is left of goes to the other one."""
    MessageRef.objects.filter(ticket_id=before, ours=True).update(ticket_id=after)


def block(address: str, by: str, now: datetime) -> bool:
    """From now on mail of this address waits in quarantine (E-10). False: it did already."""
    return BlockedSender.objects.get_or_create(address=address.lower(), defaults={"by": by[:254], "at": now})[1]


def unblock(address: str) -> bool:
    """Its mail is handled again. False: it was not blocked."""
    return bool(BlockedSender.objects.filter(address=address.lower()).delete()[0])


def note_lists(found: Iterable[str], now: datetime) -> None:
    """Remember the addresses that a message called lists."""
    rows = [ListAddress(address=address, seen_at=now) for address in found if len(address) <= 254]
    ListAddress.objects.bulk_create(rows, ignore_conflicts=True)


@dataclass(frozen=True)
class InboxSpec:
    """An inbox as the policy names it; all addresses in lower case."""

    key: str
    address: str
    aliases: tuple[str, ...] = ()
    team: str = ""
    severity: str = ""
    acknowledge: bool = True
    trusted_authserv: tuple[str, ...] = ()
    known_contacts_only: bool = False
    acknowledge_generated: bool = False
    generated_counts: bool = False
    acknowledge_forwards: bool = False
    trusted_relays: tuple[str, ...] = ()
    members_find: bool = False
    verify_senders: bool = False


def apply_inboxes(specs: Iterable[InboxSpec], reply_domain: str, now: datetime) -> None:
    """The policy's inboxes: made, changed, brought back, or retired where it no longer names them."""
    # All first, so that an address may move from one inbox to another on the way.
    Inbox.objects.filter(retired_at__isnull=True).update(retired_at=now)
    for spec in specs:
        values = asdict(spec) | {
            "aliases": list(spec.aliases),
            "trusted_authserv": list(spec.trusted_authserv),
            "trusted_relays": list(spec.trusted_relays),
            "retired_at": None,
            "reply_domain": reply_domain.lower(),
        }
        Inbox.objects.update_or_create(key=values.pop("key"), defaults=values)
    forget_all()


@dataclass(frozen=True)
class MailboxSpec:
    """An IMAP folder as the policy names it; `inbox` is the address that its mail came to."""

    name: str
    inbox: str
    host: str
    user: str
    port: int = 993
    tls: str = "ssl"
    folder: str = "INBOX"
    after: str = "leave"
    auth: str = "password"
    password_variable: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret_variable: str = ""
    refresh_token_variable: str = ""
    scope: str = ""


@transaction.atomic
def apply_mailboxes(specs: Iterable[MailboxSpec], now: datetime) -> None:
    """The policy's mailboxes: made, changed, brought back, or retired where it no longer names them."""
    wanted = {spec.name: asdict(spec) for spec in specs}
    Mailbox.objects.filter(retired_at__isnull=True).exclude(name__in=wanted).update(retired_at=now)
    for name, values in wanted.items():
        row = Mailbox.objects.select_for_update().filter(name=name).first() or Mailbox(name=name)
        if (row.user, row.folder) != (values["user"], values["folder"]) or row.retired_at is not None:
            # Another folder, or one that went on without us: as at first contact, what is in it stays outside.
            row.uid_validity = row.next_uid = row.numbered_anew_at = None
        if row.after == "leave":
            row.after_uid = row.next_uid
        for field, value in values.items():
            setattr(row, field, value)
        row.retired_at, row.last_error, row.failing_since, row.next_try_at = None, "", None, None
        row.save()
