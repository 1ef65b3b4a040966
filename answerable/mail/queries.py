"""What the mail room looks up: our addresses, known Message-IDs, raw mail and how it ended."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet

from answerable.lib.fresh import Fresh
from answerable.lib.rows import cursor
from answerable.mail.addresses import is_no_reply as no_reply
from answerable.mail.models import BlockedSender, Checker, Inbox, ListAddress, Mailbox, MessageRef, RawMail, Wording

# Message-IDs longer than this are kept as their digest: an index entry has a size limit, a hostile header has none.
LONGEST_ID = 500


@dataclass(frozen=True)
class Addresses:
    """Every address of ours: inboxes with their aliases, and the reply domain of tokens."""

    inboxes: tuple[Inbox, ...]
    reply_domain: str

    def inbox(self, address: str) -> Inbox | None:
        """The inbox with this address, one of its aliases or a plus-form of them."""
        plain = _without_plus(address)
        return next((box for box in self.inboxes if plain == box.address or plain in box.aliases), None)

    def is_own(self, address: str) -> bool:
        """Ours in any form, tokens included (mail contract, "own address")."""
        local, _, domain = address.lower().rpartition("@")
        if domain == self.reply_domain and local.partition("+")[0] in {"reply", "ack", "ladder", "probe"}:
            return True
        return self.inbox(address) is not None


def _without_plus(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _addresses() -> Addresses:
    rows = tuple(Inbox.objects.filter(retired_at__isnull=True).order_by("id"))
    return Addresses(inboxes=rows, reply_domain=rows[0].reply_domain if rows else "localhost")


addresses: Fresh[Addresses] = Fresh(_addresses)


def token_keys() -> list[bytes]:
    """The keys of reply tokens, newest first; older ones still verify (E-32)."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hashlib.blake2b(b"mail token", key=hashlib.sha256(str(key).encode()).digest()).digest() for key in secrets]


def instance_id() -> str:
    """What marks our own mail (X-Answerable-Instance), so that we know it when it comes back (E-44)."""
    return hashlib.sha256(b"instance" + settings.SECRET_KEY.encode()).hexdigest()[:24]


def key_of(message_id: str) -> str:
    """The form in which a Message-ID is stored and looked up: domain without case, bounded length (E-30)."""
    left, at, domain = message_id.strip().strip("<>").rpartition("@")
    key = f"{left}{at}{domain.lower()}"
    return key if len(key) <= LONGEST_ID else "sha256:" + hashlib.sha256(key.encode()).hexdigest()


class Rates(NamedTuple):
    """What a sender has brought since an hour, counted a little beyond the limits of E-95."""

    new: int
    messages: int
    of_a_domain: int


@dataclass(frozen=True)
class Known:
    """What an arriving message meets: `refs` by key (E-30), an earlier one with its content (E-80), and whether another
    one came with its Message-ID before (E-81), and whether its sender is blocked."""

    refs: dict[str, list[MessageRef]]
    same: RawMail | None
    reused: bool
    blocked: bool
    rates: Rates


_KNOWN = """
SELECT
  EXISTS (SELECT FROM mail_messageref WHERE message_id = ANY($1)),
  (SELECT id FROM mail_rawmail
   WHERE fingerprint = $2 AND fingerprint <> '' AND state = 'done' AND outcome <> 'duplicate'
     AND received_at >= $3 AND id <> $4
   ORDER BY id LIMIT 1),
  EXISTS (SELECT FROM mail_rawmail WHERE message_id = $5 AND message_id <> '' AND id <> $4),
  EXISTS (SELECT FROM mail_blockedsender WHERE address = $6),
  (SELECT count(*) FROM (
     SELECT FROM mail_rawmail WHERE sender = $6 AND received_at > $8 AND outcome = 'new' LIMIT 1000) AS n),
  (SELECT count(*) FROM (SELECT FROM mail_rawmail WHERE sender = $6 AND received_at > $8 LIMIT 1000) AS m),
  (SELECT count(*) FROM (
     SELECT FROM mail_rawmail WHERE split_part(sender, '@', 2) = $7 AND received_at > $8 LIMIT 1000) AS d)
"""
_HOUR = timedelta(hours=1)


def known(raw: RawMail, message_ids: Iterable[str], since: datetime) -> Known:
    """Looked up by hand in one query, with what `raw` says of itself: for most mail there is nothing to find.

    An earlier message with the same content counts from `since` on, if it was handled.
    """
    keys = list({raw.message_id, *(key_of(message_id) for message_id in message_ids)} - {""})
    with cursor() as asked:
        asked.execute(
            _KNOWN,
            [
                keys,
                raw.fingerprint,
                since,
                raw.pk,
                raw.message_id,
                raw.sender,
                raw.sender.rpartition("@")[2],
                raw.received_at - _HOUR,
            ],
        )
        has_refs, same, reused, blocked, *counted = asked.fetchone() or (False, None, False, False, 0, 0, 0)
    return Known(
        refs=_refs(keys) if has_refs else {},
        same=RawMail.objects.defer("body").get(pk=same) if same else None,
        reused=reused,
        blocked=blocked,
        rates=Rates(*counted),
    )


def _refs(keys: Sequence[str]) -> dict[str, list[MessageRef]]:
    found: dict[str, list[MessageRef]] = {}
    for row in MessageRef.objects.filter(message_id__in=keys):
        found.setdefault(row.message_id, []).append(row)
    return found


def kept_off(found: Collection[str]) -> set[str]:
    """Of these addresses, those that bring nobody onto a request: blocked ones, and lists that we have seen."""
    blocked = BlockedSender.objects.filter(address__in=found).values_list("address", flat=True)
    lists = ListAddress.objects.filter(address__in=found).values_list("address", flat=True)
    return set(blocked.union(lists))


def thread_of(ticket_id: int) -> list[MessageRef]:
    """The Message-IDs of a ticket's public entries, oldest first, for In-Reply-To and References."""
    rows = MessageRef.objects.filter(ticket_id=ticket_id)
    return list(rows.order_by("at", "id"))


def raw_mail(pk: int) -> RawMail | None:
    """One message with its body."""
    return RawMail.objects.filter(pk=pk).first()


def waiting(older_than: datetime) -> Iterable[int]:
    """Raw mail that nobody has handled since `older_than`: its worker died (E-5)."""
    rows = RawMail.objects.filter(state="received", received_at__lt=older_than)
    return rows.order_by("id").values_list("id", flat=True)


def mailboxes() -> QuerySet[Mailbox]:
    """The IMAP mailboxes to collect."""
    return Mailbox.objects.filter(retired_at__isnull=True).order_by("id")


def checkers() -> dict[str, list[Checker]]:
    """By inbox address: who says that they checked senders, whoever said so last first (E-86)."""
    found: dict[str, list[Checker]] = {}
    for row in Checker.objects.order_by("-last_at", "id"):
        found.setdefault(row.inbox, []).append(row)
    return found


def stored_whole(mailbox: Mailbox) -> list[int]:
    """The numbers of messages that are yet to be marked or moved. What we could not take whole stays where it is."""
    rows = RawMail.objects.filter(
        mailbox=mailbox,
        uid_validity=mailbox.uid_validity,
        uid__gte=mailbox.after_uid or 0,
        uid__lt=mailbox.next_uid,
        size__gt=0,
    )
    return [row.uid for row in rows.exclude(reason="oversize").order_by("uid").only("uid") if row.uid is not None]


def imported(fingerprint: str) -> tuple[int, bool] | None:
    """The message with this content that is here already, and whether it was handled."""
    rows = RawMail.objects.filter(fingerprint=fingerprint).order_by("id").values_list("pk", "state")
    found = rows.first()
    return (found[0], found[1] != "received") if found else None


def repeats(raw: RawMail) -> bool:
    """Whether what comes from there may have come any time before: its mailbox was numbered anew (E-80)."""
    if raw.mailbox_id is None:
        return False
    return Mailbox.objects.filter(pk=raw.mailbox_id, numbered_anew_at__isnull=False).exists()


def is_no_reply(address: str) -> bool:
    """Whether an address says that nobody reads it, so that who writes to it is warned (E-48)."""
    return no_reply(address)


def latest_wordings() -> dict[tuple[str, str], Wording]:
    """What holds for each (kind of mail, language) that was ever changed."""
    rows = Wording.objects.order_by("key", "language", "-pk").distinct("key", "language")
    return {(row.key, row.language): row for row in rows}


# Every mail that is written asks, so they are read once in a few seconds.
wordings: Fresh[dict[tuple[str, str], Wording]] = Fresh(latest_wordings)


def wording_history(key: str, language: str, limit: int) -> list[Wording]:
    """The versions of one text, latest first."""
    return list(Wording.objects.filter(key=key, language=language).order_by("-pk")[:limit])


def wording_version(key: str, language: str, pk: int) -> Wording | None:
    """One of them."""
    return Wording.objects.filter(key=key, language=language, pk=pk).first()
