"""Who sees and who changes a saved view. What it shows is another question: all see in it what they see anywhere."""

from answerable.people.models import Person, Role
from answerable.people.queries import teams_of
from answerable.tickets.saved import PERSONAL, SHARED, TEAM
from answerable.tickets.viewing import View


def may_see_view(person: Person, view: View) -> bool:
    """A personal one: whose it is. A team's: the team, and who leads. The others: all staff."""
    if not person.is_staff:
        return False
    if view.scope == PERSONAL:
        return view.owner_id == person.pk
    if view.scope == TEAM:
        return view.team_id in teams_of(person).ids or person.role in (Role.LEAD, Role.ADMIN)
    return True


def may_keep_view(person: Person, scope: str, team_id: int | None) -> bool:
    """Whether this person may make and change views of this scope: an own one always."""
    if not person.is_staff:
        return False
    if scope == PERSONAL:
        return True
    if scope == TEAM:
        return person.role == Role.ADMIN or (person.role == Role.LEAD and team_id in teams_of(person).ids)
    return scope == SHARED and person.role in (Role.LEAD, Role.ADMIN)


def may_edit_view(person: Person, view: View) -> bool:
    """Built-in ones are nobody's to change."""
    return view.pk is not None and may_see_view(person, view) and may_keep_view(person, view.scope, view.team_id)
