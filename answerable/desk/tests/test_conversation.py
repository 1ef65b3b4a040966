"""One line of time from five tables, each read by a statement of its own."""

from datetime import timedelta

from answerable.casework import actions as casework
from answerable.casework.held_actions import dismiss, hold
from answerable.casework.note_actions import add_note
from answerable.desk.conversation import Item, conversation
from answerable.lib.html import from_text
from answerable.mail import parse
from answerable.mail.actions import Arrival, store
from answerable.mail.models import RawMail
from answerable.notify.models import Delivery
from answerable.people.models import Person
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast, a_ticket, says
from tests.running import mail


def held(ticket: Ticket, name: str, minutes: int) -> None:
    raw = mail(f"{name} <mallory@elsewhere.test>", name or "Nobody", "Let me in.", "support@vendor.test")
    row = RawMail.objects.get(pk=store(raw, Arrival("support@vendor.test", "smtp", NOW), lambda _: None))
    hold(ticket, row, parse.read(raw), "non_participant", NOW + timedelta(minutes=minutes))


def test_everything_is_there_in_its_order(cast: Cast) -> None:
    ticket = a_ticket(cast)
    add_note(cast.agent, ticket.pk, "For us.", NOW + timedelta(minutes=1))
    held(ticket, "Mallory", 2)
    casework.add_reply(cast.agent, ticket.pk, says("We look.", "desk"), NOW + timedelta(minutes=3))
    add_note(cast.lead, ticket.pk, "And this.", NOW + timedelta(minutes=4))
    Person.objects.filter(pk=cast.lead.pk).update(name="")
    a_ticket(cast)
    reply = Delivery.objects.filter(ticket_id=ticket.pk, address=cast.requester.email, entry_id__isnull=False).latest(
        "id"
    )
    Delivery.objects.filter(pk=reply.pk).update(state="bounced")

    items = conversation(Ticket.objects.get(pk=ticket.pk))
    assert [item.kind for item in items if item.kind != "event"] == ["reply", "note", "held", "reply", "note"]
    first, note, waiting, answer, last = [item for item in items if item.kind != "event"]
    assert (first.author, first.organization, first.channel) == ("Elin Berg", "Norrland Energi", "portal")
    assert (note.author, note.at, note.html) == ("Tomas Kral", NOW + timedelta(minutes=1), "<p>For us.</p>")
    assert (waiting.author, waiting.reason, waiting.settled) == (
        "Mallory <mallory@elsewhere.test>",
        "non_participant",
        "",
    )
    assert (waiting.html, waiting.file_names, waiting.at) == (from_text("Let me in."), (), NOW + timedelta(minutes=2))
    assert (answer.author, answer.author_kind, answer.organization) == ("Tomas Kral", "staff", "")
    assert [(one.id, one.name, one.fate) for one in answer.receipts.broken] == [(reply.pk, "Elin Berg", "bounced")]
    assert [(one.address, one.fate) for one in answer.receipts.rest] == [(cast.colleague.email, "waiting")]
    assert answer.receipts.summary == "Mail to A. Lund: waiting"
    assert last.author == "lead@vendor.test"


def test_held_mail_says_what_became_of_it(cast: Cast) -> None:
    ticket = a_ticket(cast)
    held(ticket, "", 1)

    def it() -> Item:
        return next(item for item in conversation(ticket) if item.kind == "held")

    assert it().settled == ""
    dismiss(cast.agent, it().id, NOW)
    assert it().settled == "dismissed"
