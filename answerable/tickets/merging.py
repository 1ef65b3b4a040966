"""Requests of two people who are one. Called by casework alone."""

from django.db.models import Exists, OuterRef

from answerable.people.models import Person
from answerable.tickets.models import Participant, Ticket


def hand_over_all(other: Person, survivor: Person) -> int:
    """Every request that `other` takes part in is the survivor's; returns how many they had asked for.

    Replies keep their author: who wrote what does not change.
    """
    moved = Ticket.objects.filter(requester=other).update(requester=survivor)
    theirs, mine = (Participant.objects.filter(person=one) for one in (other, survivor))
    same = {"ticket": OuterRef("ticket"), "role": OuterRef("role")}
    live = theirs.filter(ended_at__isnull=True, pending=False)
    mine.filter(Exists(live.filter(**same))).update(ended_at=None, pending=False)
    theirs.filter(Exists(mine.filter(**same))).delete()
    theirs.update(person=survivor)
    return moved
