"""What deferred tasks do: send mail from the outbox, asking access once more; write the links that were asked for."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from answerable.casework.account_letters import link_letter
from answerable.casework.automatic import is_stopped
from answerable.casework.letters import finished
from answerable.casework.notice_letters import still_works
from answerable.escalation import page_actions as pages
from answerable.live.actions import publish
from answerable.notify import actions as notify
from answerable.notify.models import Delivery
from answerable.people import actions as people
from answerable.people.organization_queries import holds
from answerable.people.queries import by_email
from answerable.people.standing_queries import is_standing
from answerable.tickets import access, files, redaction


class Delivered(NamedTuple):
    """What became of one mail. `wait`: the seconds to its next try, None when it is settled."""

    id: int
    kind: str
    wait: int | None


def deliver(delivery_id: int, now: datetime) -> int | None:
    """Send one mail if its person may still see the ticket. Returns the seconds to the next try, None when settled."""
    found = deliver_next(lambda: delivery_id, now)
    return found.wait if found else None


def deliver_next(take: Callable[[], int | None], now: datetime) -> Delivered | None:
    """`deliver` the mail that `take` names, in the same transaction. None: there was nothing to take."""
    with transaction.atomic(savepoint=False):
        delivery_id = take()
        if delivery_id is None:
            return None
        delivery = notify.lock(delivery_id)
        wait = _deliver(delivery, now) if delivery.state in {"queued", "deferred"} else None
        return Delivered(delivery.pk, delivery.kind, wait)


def _deliver(delivery: Delivery, now: datetime) -> int | None:
    wait = _send(delivery, now)
    if delivery.kind == pages.KIND:
        pages.note_mail(delivery, now)
    if delivery.ticket_id is not None and delivery.kind == "reply":
        publish(f"ticket:{delivery.ticket_id}:staff", "mail", id=delivery.ticket_id)
    return wait


def _send(delivery: Delivery, now: datetime) -> int | None:
    if not _may_have(delivery, now):
        notify.suppress(delivery, "its reader may no longer see this")
        notify.mail_again(delivery.headers.get("notices", []), now)
        return None
    if delivery.kind == pages.KIND and not pages.is_wanted(delivery):
        notify.suppress(delivery, "nobody needs it any more")
        return None
    if is_stopped(delivery.person, delivery.kind):
        notify.suppress(delivery, "automatic mail to this address has stopped")
        return None
    return notify.send(delivery, lambda: finished(delivery), now)


def _may_have(delivery: Delivery, now: datetime) -> bool:
    if not delivery.person.is_active:
        return False
    grant_id = delivery.headers.get("grant")
    if grant_id is not None and not holds(grant_id, now):
        return False
    standing_id = delivery.headers.get("standing")
    if standing_id is not None and not is_standing(standing_id, now):
        return False
    if not still_works(delivery, now):
        return False
    if delivery.ticket_id is None:
        return True
    return access.visible_to(delivery.person, now).filter(pk=delivery.ticket_id).exists()


def write_link(asked_id: int, now: datetime) -> Delivery | None:
    """A link to choose a password, for the address that asked for one; who signs up is a contact from now on.

    None where there is nobody to get it.
    """
    asked = people.take_link(asked_id)
    if asked is None:
        return None
    person = people.contact(asked.address, "", now) if asked.signs_up else by_email(asked.address)
    if person is None or person.email != asked.address or not person.is_active:
        return None
    return notify.post([link_letter(person, now)])[0]


def forget_files(redaction_id: int, now: datetime) -> None:
    """The bytes of removed files, unless the same were kept anew since; their digests with them."""
    with transaction.atomic():
        for digest in redaction.digests_of(redaction_id):
            files.forget(digest)
        redaction.files_are_gone(redaction_id, now)
