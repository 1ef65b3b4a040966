"""What a change of somebody's account takes with it: open pages of browsers that were signed out hear nothing more."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from answerable.audit.actions import record
from answerable.casework.later import send_link
from answerable.live.actions import end_streams
from answerable.people import actions as people
from answerable.people.models import Person
from answerable.people.queries import actor_of


def end_sessions(person: Person, pks: Iterable[int], now: datetime) -> int:
    """Sign the person out in these browsers, and close what they listen to. Returns how many there were.

    A stream doesn't know its browser, so all of the person's close; the browsers that stay signed in open theirs anew.
    """
    with transaction.atomic():
        ended = people.end_sessions(person, pks)
        if ended:
            record(actor_of(person), "end_sessions", ("person", person.pk), now, count=ended)
            end_streams(person.pk)
    return ended


def set_password(person: Person, password: str, now: datetime) -> None:
    """Another password: every other session of the person ends by it, and what those listen to."""
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password"])
        record(actor_of(person), "set_password", ("person", person.pk), now)
        end_streams(person.pk)


def ask_link(address: str, now: datetime, *, signs_up: bool = False) -> None:
    """A link to choose a password goes to this address, if there is an account or one may begin."""
    with transaction.atomic():
        asked = people.ask_link(address, now, signs_up=signs_up)
        send_link.defer(asked_id=asked.pk)
