"""What a mail would say of a real request, while its text is being changed. Writes nothing, and makes no real links."""

from django.utils.translation import gettext as _

from answerable.casework.letters import ack_values, every_value, reply_values
from answerable.casework.notice_letters import many_values, one_value
from answerable.casework.wordings import MAILS, greeting, several
from answerable.lib.zones import zone
from answerable.mail.wording import Filled, Value, fill
from answerable.notify.models import Notice
from answerable.people.models import Person
from answerable.people.queries import vendor
from answerable.tickets.models import Attachment, Reply, Ticket
from answerable.tickets.queries import participants


def preview(key: str, text: str, ticket: Ticket, reader: Person) -> Filled:
    """The text with the values of this request, as its requester would get it; `reader` stands for a colleague."""
    requester = ticket.requester
    link = f"{vendor().portal_address}/requests/{ticket.number}"
    values = every_value(ticket, link) | ack_values(ticket, requester, f"{link}?confirm") | _answer(ticket)
    values |= {"greeting": greeting(requester.name), "by": Value(reader.label)}
    values |= {"good": Value(f"{link}?good"), "bad": Value(f"{link}?bad")}
    values["who"] = Value(f"{reader.label} ({reader.email})")
    if key == "access":
        values["link"] = Value(f"{vendor().portal_address}/my/requests")
        values["news"] = several(
            [
                _("%(who)s lets you read every request of your organization, except sensitive ones.")
                % {"who": reader.label},
                _("To comment on a request or close it, ask to be CC'd on it."),
            ]
        )
    if key in ("notice", "notices"):
        values |= _told(key, ticket)
    return fill(text, MAILS[key].places, values)


def _told(key: str, ticket: Ticket) -> dict[str, Value]:
    """As if its requester had just written."""
    note = Notice(kind="reply", data={"number": ticket.number, "who": ticket.requester.label})
    titles = {ticket.pk: (ticket.number, ticket.subject)}
    note.ticket_id = ticket.pk
    there = zone(vendor().zone)
    return one_value(note, titles, there) if key == "notice" else many_values([note], titles, there)


def _answer(ticket: Ticket) -> dict[str, Value]:
    rows = Reply.objects.filter(ticket=ticket).select_related("author").order_by("-from_staff", "-pk")
    reply = rows.first()
    if reply is None:
        return {}
    others = [row.person.label for row in participants(ticket) if row.role == "cc" and not row.pending]
    files = list(Attachment.objects.filter(reply=reply).select_related("file"))
    return reply_values(reply, files, ticket, others)
