"""Mail that no person wrote, and to whom it does not go: machines never answer each other for long (E-91 to E-96)."""

from datetime import datetime, timedelta

from django.db.models import Max

from answerable.casework.addressing import address_for
from answerable.mail.queries import addresses
from answerable.notify.queries import in_a_row, sent_to_since
from answerable.people.mail_stop_queries import COMPLAINED, kinds_of
from answerable.people.models import Person
from answerable.tickets.actions import Change
from answerable.tickets.models import Event, Reply

# E-91: what no person wrote says so.
AUTOMATIC = {
    "ack": "auto-replied",
    **dict.fromkeys(("account", "access", "people", "notice", "csat", "page", "ladder"), "auto-generated"),
}
# E-95: acknowledgements to one address in an hour.
ACKS_AN_HOUR = 5
# E-96: so many to one address on one ticket, with no entry of a person between them; then none for a day.
IN_A_ROW = 3
# No answer causes these, but people and timers: a machine that answers them gets no more of them, nor do they count.
_NO_ANSWERS = {"ladder"}
REST = timedelta(hours=24)
STOPPED = "no_automatic_mail"


def is_stopped(person: Person, kind: str) -> bool:
    """Whether mail of this kind no longer goes to the person (docs/decisions/0026).

    Who complained still gets what concerns the way into their own account: they would be locked out. And pages.
    """
    if kind not in AUTOMATIC:
        return False
    kinds = kinds_of(person)
    return bool(kinds - {COMPLAINED} if kind in {"account", "page"} else kinds)


def is_held_back(change: Change, person: Person, kind: str) -> bool:
    """Whether this mail about the ticket is not written at all; the history says so."""
    if kind not in AUTOMATIC:
        return False
    if addresses().is_own(person.email):
        return True
    # Who is new here has had none.
    recent = 0 if person.made_now or kind != "ack" else sent_to_since(person, "ack", change.at - timedelta(hours=1))
    if recent >= ACKS_AN_HOUR:
        change.event("ack_suppressed")
        if change.reply is not None:
            change.reply.flags.append("ack_suppressed")
        return True
    if not person.made_now and is_stopped(person, kind):
        change.event(STOPPED, address=person.email, why="stopped")
        return True
    return kind not in _NO_ANSWERS and _is_ping_pong(change, person)


def _is_ping_pong(change: Change, person: Person) -> bool:
    if change.is_new or (change.reply is not None and not change.reply.automatic):
        return False
    since = Reply.objects.filter(ticket=change.ticket, automatic=False).aggregate(at=Max("at"))["at"]
    address, kinds = address_for(change, person), sorted(AUTOMATIC.keys() - _NO_ANSWERS)
    count, latest = in_a_row(change.ticket.pk, address, kinds, since or change.ticket.created_at)
    if count < IN_A_ROW or latest is None or latest <= change.at - REST:
        return False
    if not _is_said(change, address, latest):
        change.event(STOPPED, address=address, why="ping_pong")
    return True


def _is_said(change: Change, address: str, since: datetime) -> bool:
    """Once a day: whatever goes on answering us must not fill the history either."""
    said = Event.objects.filter(ticket=change.ticket, kind=STOPPED, occurred_at__gte=since, data__address=address)
    return said.exists()
