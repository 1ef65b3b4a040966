"""Who sees an alert that is about no request: the team that it is for, and administrators; a drill, all staff."""

from answerable.escalation.alerts import Alert
from answerable.people.access import administers
from answerable.people.models import Person
from answerable.people.queries import teams_of


def sees(person: Person, row: Alert) -> bool:
    """Without a team: administrators alone. Whoever is paged by it sees it besides (`may_acknowledge`)."""
    return administers(person) or (person.is_staff and (row.is_drill or row.team_id in teams_of(person).ids))
