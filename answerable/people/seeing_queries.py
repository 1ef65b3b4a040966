"""Staff who look with a customer's eyes: whose, since when, and who has done so before.

It lives in the session of the browser where it began, and so ends with it: at a sign-out, a suspension, a new password.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _

from answerable.audit.queries import last_of
from answerable.lib.errors import Refused
from answerable.people.access import may_see_as
from answerable.people.models import Person

LONGEST = timedelta(minutes=30)
# In the session: the second in which it began, by the id of the person, as JSON has it.
KEY = "seeing"
BEGIN, END = "see_as", "end_see_as"
SHOWN = 5


@dataclass(frozen=True)
class Eyes:
    """The person, whose object carries who looks (`seen_by`), and when it ends by itself."""

    person: Person
    until: datetime


def eyes(by: Person, session: SessionBase, person_id: int, now: datetime) -> Eyes:
    """With whose eyes the staff look now. Raises Refused where that is over or never began."""
    begun = begun_at(session, person_id)
    if begun is None or not begun <= now < begun + LONGEST:
        words = _("You do not look with this person's eyes, or not any more. Begin again on their page at the desk.")
        raise Refused("not_allowed", words)
    person = Person.objects.filter(pk=person_id).first()
    if person is None or not may_see_as(by, person):
        raise Refused("not_allowed", _("This account was suspended or merged into another one: it sees nothing now."))
    person.seen_by = by
    return Eyes(person, begun + LONGEST)


def begun_at(session: SessionBase, person_id: int) -> datetime | None:
    """When this browser began to look with that person's eyes."""
    seconds = session.get(KEY, {}).get(str(person_id))
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


@dataclass(frozen=True)
class Look:
    """Staff saw what a person sees: who, and from when to when. It may have ended before where no end is known."""

    who: str
    begun: datetime
    until: datetime


def looks(person: Person) -> list[Look]:
    """The last times, from the audit trail, the latest first."""
    records = last_of("person", person.pk, (BEGIN, END), 2 * SHOWN)
    ends = {(row.actor_id, row.data["begun"]): row.at for row in records if row.verb == END}
    begins = [row for row in records if row.verb == BEGIN][:SHOWN]
    return [
        Look(row.actor_label, row.at, ends.get((row.actor_id, row.at.isoformat()), row.at + LONGEST)) for row in begins
    ]
