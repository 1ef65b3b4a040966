"""What was said in public on a request, and by whom: for an article that is written from it."""

from typing import NamedTuple

from answerable.people.models import Person
from answerable.tickets.models import Attachment, Participant, Reply, Ticket


class Said(NamedTuple):
    """One public entry without what it quotes."""

    author: Person
    from_staff: bool
    text: str


class Conversation(NamedTuple):
    """The public entries, oldest first; everybody who ever took part, and the names of the files."""

    entries: list[Said]
    people: list[Person]
    files: list[str]


# Of longer conversations the beginning: an article is no transcript.
MOST, LONGEST = 100, 60_000


def conversation(ticket: Ticket) -> Conversation:
    """Of this ticket: what machines wrote, and what was moved away, is left out."""
    rows = Reply.objects.filter(ticket=ticket, automatic=False).exclude(flags__contains=["moved"])
    entries = [
        Said(row.author, row.from_staff, row.new_text or row.text)
        for row in rows.select_related("author").order_by("pk")[:MOST]
    ]
    room = LONGEST
    for at, one in enumerate(entries):
        entries[at] = one._replace(text=one.text[:room])
        room -= len(entries[at].text)
    taking = Participant.objects.filter(ticket=ticket).select_related("person")
    people = {one.pk: one for one in [*(row.person for row in taking), *(row.author for row in entries)]}
    people[ticket.requester_id] = ticket.requester
    files = Attachment.objects.filter(ticket=ticket).values_list("name", flat=True)
    return Conversation(entries, list(people.values()), list(files))
