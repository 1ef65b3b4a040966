"""Mails (`post`: outbox rows; `send`, after the commit) and notices to staff (`tell`), with what caused them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from answerable.lib.errors import Undeliverable
from answerable.lib.rows import columns, cursor, read, statement, update
from answerable.live.actions import Event, publish_many
from answerable.mail.smtp_out import Envelope, hand_over
from answerable.notify.kinds import AT_ONCE, HOURLY
from answerable.notify.models import Delivery, Notice, Receipt
from answerable.notify.wishes import wanted
from answerable.people.models import Person

# E-93: after the first try, 1 min, 5 min, 30 min, 2 h and 6 h later; then it has failed.
RETRY_SECONDS = (60, 300, 1800, 7200, 21600)


def post(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Queue the mails; their ids are known afterwards."""
    return Delivery.objects.bulk_create(deliveries)


def tell(notices: Iterable[Notice]) -> None:
    """Tell staff, each of them once for each `key`, where they want it; their pages hear of it at the commit."""
    rows = wanted(notices)
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    _publish({row.person_id for row in rows})


def summon(notices: Iterable[Notice], *, by_mail: bool = True) -> None:
    """Tell people who are asked by name, whatever else they want to hear of: in the list, the browser and by mail at
    once (unless they are paged, which is mail enough). Each of them once for each `key`."""
    rows = list(notices)
    for row in rows:
        row.in_app = row.browser = True
        if by_mail:
            row.mail, row.mail_at = AT_ONCE, row.at
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


def mark_line_read(person: Person, pk: int, now: datetime) -> None:
    """This notice, and what came before it of the same request."""
    row = Notice.objects.filter(person=person, pk=pk).first()
    if row is None or row.ticket_id is None:
        mark_read(person, [pk], now)
    else:
        mark_ticket_read(person, row.ticket_id, now, until=pk)


def mark_ticket_read(person: Person, ticket_id: int, now: datetime, *, until: int | None = None) -> None:
    """Everything of this request: its person looks at it."""
    unread = Notice.objects.filter(person=person, ticket_id=ticket_id, read_at__isnull=True)
    if until is not None:
        unread = unread.filter(pk__lte=until)
    if unread.update(read_at=now):
        _publish({person.pk})


def mailed(rows: Iterable[Notice], now: datetime | None) -> None:
    """They wait no more: they are in a mail as of `now`, or (None) go in none."""
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(mail_at=None, mailed_at=now)


def mail_later(rows: Iterable[Notice], at: datetime) -> None:
    """Their person is left alone until then, and gets them all in one."""
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(mail_at=at, mail=HOURLY)


def mail_again(ids: Sequence[int], now: datetime) -> None:
    """The mail that they were in was not sent: what is still their reader's goes into another one."""
    if ids:
        Notice.objects.filter(pk__in=ids, read_at__isnull=True).update(mail_at=now, mailed_at=None)


def _publish(people: Iterable[int]) -> None:
    publish_many(Event(f"person:{pk}:staff", "notices") for pk in sorted(people))


_LOCK = statement(
    "SELECT {delivery}, {person} FROM notify_delivery delivery JOIN people_person person"
    " ON person.id = delivery.person_id WHERE delivery.id = $1 FOR UPDATE OF delivery",
    delivery=columns(Delivery, "delivery"),
    person=columns(Person, "person"),
)
_DELIVERYS = len(Delivery._meta.concrete_fields)


def lock(delivery_id: int) -> Delivery:
    """The outbox row with its person, locked: two workers never send it at once."""
    with cursor() as asked:
        asked.execute(_LOCK, [delivery_id])
        row = asked.fetchone()
    if row is None:
        raise Delivery.DoesNotExist(delivery_id)
    delivery = read(Delivery, row[:_DELIVERYS])
    delivery.person = read(Person, row[_DELIVERYS:])
    return delivery


def _emptied(delivery: Delivery) -> list[str]:
    """What is in a mail with a personal link opens the account: nothing of it stays once it needs to go nowhere."""
    if delivery.kind != "account":
        return []
    delivery.text = delivery.html = ""
    return ["text", "html"]


def suppress(delivery: Delivery, reason: str) -> None:
    """Not to be sent any more: its person may no longer see what it says, or wants no such mail."""
    delivery.state, delivery.next_try_at = "suppressed", None
    delivery.last_error = reason
    delivery.save(update_fields=["state", "last_error", "next_try_at", *_emptied(delivery)])


def withdraw(ticket_id: int, entry_id: int, reason: str) -> int:
    """Mails of this entry that have not left are not sent any more. Returns how many."""
    waiting = Delivery.objects.filter(ticket_id=ticket_id, entry_id=entry_id, state__in=["queued", "deferred"])
    return waiting.update(state="suppressed", last_error=reason)


def send(delivery: Delivery, make: Callable[[], bytes], now: datetime) -> int | None:
    """Hand the mail to the relay (or the outbox folder). Returns the seconds until the next try, None when settled.

    What cannot be made into a message is not sent either: for good, or for now where only a file cannot be read.
    """
    delivery.attempts += 1
    try:
        hand_over(make(), _envelope(delivery), delivery.message_id)
    except Undeliverable as error:
        return _put_off(delivery, error, now)
    except ValueError as error:
        return _put_off(delivery, Undeliverable(str(error), permanent=True), now)
    except OSError as error:
        return _put_off(delivery, Undeliverable(str(error), permanent=False), now)
    delivery.state, delivery.sent_at, delivery.next_try_at = "sent", now, None
    delivery.last_error = delivery.status = ""
    changed = ["state", "attempts", "last_error", "status", "sent_at", "next_try_at"]
    update(delivery, *changed, *_emptied(delivery))
    return None


def _envelope(delivery: Delivery) -> Envelope:
    """Where a relay takes no empty sender, a bounce comes back to the address that answers go to (E-91)."""
    instead = delivery.headers["reply_to"] or delivery.headers["from"]
    return Envelope(delivery.envelope_from, delivery.address, instead)


def _put_off(delivery: Delivery, error: Undeliverable, now: datetime) -> int | None:
    is_over = error.permanent or delivery.attempts > len(RETRY_SECONDS)
    wait = None if is_over else RETRY_SECONDS[delivery.attempts - 1]
    delivery.state = "failed" if wait is None else "deferred"
    delivery.last_error, delivery.status = error.reason, error.status
    delivery.next_try_at = None if wait is None else now + timedelta(seconds=wait)
    over = _emptied(delivery) if wait is None else []
    delivery.save(update_fields=["state", "attempts", "last_error", "status", "next_try_at", *over])
    if error.permanent:
        _keep(delivery, "failed", error.status, error.reason, now)
    return wait


def _keep(delivery: Delivery, action: str, status: str, text: str, now: datetime) -> None:
    Receipt.objects.create(
        delivery=delivery, address=delivery.address, action=action, status=status, text=text[:1000], at=now
    )


def note_told(delivery: Delivery, now: datetime) -> None:
    """Those whom it concerns know that it failed."""
    delivery.told_at = now
    delivery.save(update_fields=["told_at"])


def note_failure(delivery: Delivery, status: str, why: str, now: datetime) -> bool:
    """A report says that the mail will not arrive. True where that is news. The caller has locked the row."""
    is_news = delivery.told_at is None
    _keep(delivery, "failed", status, why, now)
    delivery.state, delivery.status, delivery.last_error = "bounced", status, why
    delivery.next_try_at, delivery.told_at = None, now
    changed = ["state", "status", "last_error", "next_try_at", "told_at"]
    delivery.save(update_fields=[*changed, *_emptied(delivery)])
    return is_news


def note_receipt(delivery: Delivery, action: str, status: str, text: str, now: datetime) -> None:
    """A report says something else of the mail: delayed, delivered, relayed, expanded; or its reader complained.

    A late word of a delay does not take back that it arrived.
    """
    _keep(delivery, action, status, text, now)
    if action == "complained" or (action == "delayed" and delivery.receipt):
        return
    delivery.receipt = action
    delivery.save(update_fields=["receipt"])


def send_again(delivery: Delivery) -> bool:
    """Queue once more what failed or came back: the same message, under the same Message-ID. False where it is neither.

    The caller has locked the row, and defers the task.
    """
    if delivery.state not in {"failed", "bounced"}:
        return False
    delivery.state, delivery.attempts, delivery.again = "queued", 0, delivery.again + 1
    delivery.last_error = delivery.status = delivery.receipt = ""
    delivery.told_at = delivery.next_try_at = None
    changed = ["state", "attempts", "again", "last_error", "status", "receipt", "told_at", "next_try_at"]
    delivery.save(update_fields=changed)
    return True


def blank_mails(ticket_id: int, entry_id: int, instead: str) -> int:
    """What we keep of the mails of this entry says `instead`, sent or not. Returns how many there are."""
    return Delivery.objects.filter(ticket_id=ticket_id, entry_id=entry_id).update(text=instead, html="")
