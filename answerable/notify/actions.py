"""Mails (`post`: outbox rows; `send`, after the commit) and notices in the product (`tell`), with what caused them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from answerable.lib.errors import Undeliverable
from answerable.live.actions import Event, publish_many
from answerable.mail.smtp_out import hand_over
from answerable.notify.models import Delivery, Notice
from answerable.people.models import Person

# E-93: after the first try, 1 min, 5 min, 30 min, 2 h and 6 h later; then it has failed.
RETRY_SECONDS = (60, 300, 1800, 7200, 21600)


def post(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Queue the mails; their ids are known afterwards."""
    return Delivery.objects.bulk_create(deliveries)


def tell(notices: Iterable[Notice]) -> None:
    """Tell staff in the product, each of them once for each `key`; their pages hear of it at the commit."""
    rows = list(notices)
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    _publish({row.person_id for row in rows})


def mark_read(person: Person, ids: Sequence[int] | None, now: datetime, *, until: int | None = None) -> None:
    """These notices of the person, or all of them; `until`: none that came after that one."""
    unread = Notice.objects.filter(person=person, read_at__isnull=True)
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    if until is not None:
        unread = unread.filter(pk__lte=until)
    if unread.update(read_at=now):
        _publish({person.pk})


def _publish(people: Iterable[int]) -> None:
    publish_many(Event(f"person:{pk}:staff", "notices") for pk in sorted(people))


def lock(delivery_id: int) -> Delivery:
    """The outbox row, locked: two workers never send it at once."""
    return Delivery.objects.select_for_update().get(pk=delivery_id)


def _emptied(delivery: Delivery) -> list[str]:
    """What is in a mail with a personal link opens the account: nothing of it stays once it needs to go nowhere."""
    if delivery.kind != "account":
        return []
    delivery.text = delivery.html = ""
    return ["text", "html"]


def suppress(delivery: Delivery, reason: str) -> None:
    """Not to be sent any more: its person may no longer see what it says."""
    delivery.state = "suppressed"
    delivery.last_error = reason
    delivery.save(update_fields=["state", "last_error", *_emptied(delivery)])


def withdraw(ticket_id: int, entry_id: int, reason: str) -> int:
    """Mails of this entry that have not left are not sent any more. Returns how many."""
    waiting = Delivery.objects.filter(ticket_id=ticket_id, entry_id=entry_id, state__in=["queued", "deferred"])
    return waiting.update(state="suppressed", last_error=reason)


def send(delivery: Delivery, raw: bytes, now: datetime) -> int | None:
    """Hand the mail to the relay (or the outbox folder). Returns the seconds until the next try, None when settled."""
    delivery.attempts += 1
    try:
        hand_over(raw, delivery.envelope_from, delivery.address, delivery.message_id)
    except Undeliverable as error:
        delivery.last_error = error.reason
        wait = (
            None if error.permanent or delivery.attempts > len(RETRY_SECONDS) else RETRY_SECONDS[delivery.attempts - 1]
        )
        delivery.state = "failed" if wait is None else "deferred"
        over = _emptied(delivery) if wait is None else []
        delivery.save(update_fields=["state", "attempts", "last_error", *over])
        return wait
    delivery.state, delivery.sent_at, delivery.last_error = "sent", now, ""
    delivery.save(update_fields=["state", "attempts", "last_error", "sent_at", *_emptied(delivery)])
    return None


def mark_bounced(message_ids: Iterable[str], failed: Mapping[str, str]) -> list[Delivery]:
    """Mails with these ids that went to an address which failed for good: marked, with the reason."""
    marked = []
    rows = Delivery.objects.select_for_update().filter(message_id__in=list(message_ids), address__in=list(failed))
    for delivery in rows:
        delivery.state, delivery.last_error = "bounced", failed[delivery.address]
        delivery.save(update_fields=["state", "last_error"])
        marked.append(delivery)
    return marked
