"""What administrators decide on mail that the rules set aside (E-7): each is one transaction that locks the message.

Quarantine answers nobody. Who releases a message answers for it: then its sender gets the ordinary acknowledgement.
"""

import logging
import traceback
from collections.abc import Callable
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.casework.decided import as_new, as_reply
from answerable.casework.reception import handle_as
from answerable.casework.sender_actions import block_sender
from answerable.lib.errors import Refused
from answerable.mail import room_actions as room
from answerable.mail.models import RawMail
from answerable.people.access import administers
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import access

logger = logging.getLogger(__name__)


def release(person: Person, raw_id: int, now: datetime, *, requester: str = "", acknowledge: bool = True) -> RawMail:
    """Make a request of it, of its sender or of whom `requester` names; its promises count from now."""

    def handle(raw: RawMail) -> None:
        _require_waiting(raw)
        # What failed by our mistake counts from its arrival: the customer has waited since then.
        from_now = raw.reason != "error"
        handle_as(raw, as_new(person, now, requester=requester, quiet=not acknowledge, from_now=from_now), now)

    return _decided(person, raw_id, now, "mail_released", handle)


def attach(person: Person, raw_id: int, number: int, now: datetime, *, join: bool = False) -> RawMail:
    """Put it on a ticket: public if its sender may post there, else held. `join`: public, and they are CC'd."""

    def handle(raw: RawMail) -> None:
        _require_waiting(raw)
        ticket, standing = access.find(person, number, now)
        access.require(access.may_work(standing))
        handle_as(raw, as_reply(person, ticket, join=join, from_now=raw.reason != "error"), now)

    return _decided(person, raw_id, now, "mail_attached", handle)


def retry(person: Person, raw_id: int, now: datetime) -> RawMail:
    """Handle it anew by the rules, as if it had just come. It may end where it was."""

    def handle(raw: RawMail) -> None:
        if raw.state != "received":  # one that waits for its turn may have it now
            _require_waiting(raw)
        handle_as(raw, None, now)

    return _decided(person, raw_id, now, "mail_retried", handle)


def make_ticket(person: Person, raw_id: int, now: datetime) -> RawMail:
    """A request from what a machine said (E-47): it is acknowledged to nobody, and starts no clock."""

    def handle(raw: RawMail) -> None:
        if raw.outcome != "auto":
            raise _settled()
        _require_bytes(raw)
        handle_as(raw, as_new(person, now, quiet=True, from_now=True), now)

    return _decided(person, raw_id, now, "mail_made_ticket", handle)


def discard(person: Person, raw_id: int, now: datetime) -> RawMail:
    """Nothing is to come of it. It can be restored until its term is over."""

    def handle(raw: RawMail) -> None:
        _require_waiting(raw)
        room.put_away(raw, now)

    return _decided(person, raw_id, now, "mail_discarded", handle)


def discard_as_spam(person: Person, raw_id: int, now: datetime) -> RawMail:
    """Discard it, and block its sender: what they write from now on waits in quarantine."""

    def handle(raw: RawMail) -> None:
        _require_waiting(raw)
        room.put_away(raw, now)
        block_sender(person, raw.sender, now)

    return _decided(person, raw_id, now, "mail_spam", handle)


def restore(person: Person, raw_id: int, now: datetime) -> RawMail:
    """Put it back into quarantine."""

    def handle(raw: RawMail) -> None:
        if raw.state != "quarantined" or raw.put_away_at is None:
            raise _settled()
        _require_bytes(raw)
        room.put_away(raw, None)

    return _decided(person, raw_id, now, "mail_restored", handle)


def _decided(person: Person, raw_id: int, now: datetime, verb: str, handle: Callable[[RawMail], None]) -> RawMail:
    """Lock, act, and write down who decided. A message that still cannot be handled stays where it is, with why."""
    _require_admin(person)
    try:
        with transaction.atomic():
            raw = _locked(raw_id)
            was = raw.reason
            handle(raw)
            record(actor_of(person), verb, ("mail", raw_id), now, was=was, outcome=raw.outcome, ticket=raw.ticket_id)
    except (Refused, OperationalError, InterfaceError, OSError):
        raise
    except Exception as error:
        logger.exception("mail %s could not be handled when %s tried again", raw_id, person.pk)
        room.note_failure(raw_id, now, traceback.format_exc())
        raise Refused(
            "fails", _("It cannot be handled: the program fails on it. It stays in quarantine, with what went wrong.")
        ) from error
    return raw


def _locked(raw_id: int) -> RawMail:
    raw = room.lock_any(raw_id)
    if raw is None:
        raise Refused("not_found", _("There is no such message."))
    return raw


def _require_admin(person: Person) -> None:
    access.require(administers(person), _("Only administrators decide on mail in quarantine."))


def _require_waiting(raw: RawMail) -> None:
    if raw.state != "quarantined" or raw.put_away_at is not None:
        raise _settled()
    _require_bytes(raw)


def _require_bytes(raw: RawMail) -> None:
    if raw.purged_at is not None:
        raise Refused("purged", _("The message was let go of when its term was over; only this record is left."))


def _settled() -> Refused:
    return Refused("conflict", _("Somebody has decided on this message meanwhile. Look at it again."))
