"""Who may do what to a schedule. Everybody on the staff may look."""

from answerable.escalation.schedules import Override, Schedule
from answerable.people.models import Person, Role


def may_arrange(person: Person) -> bool:
    """Leads and administrators: layers of schedules that the desk owns, overrides and time off of others."""
    return person.is_staff and person.role in {Role.LEAD, Role.ADMIN}


def may_edit(person: Person, schedule: Schedule) -> bool:
    """Its name and layers: not where support.toml says them."""
    return may_arrange(person) and schedule.managed == "desk" and schedule.retired_at is None


def may_take(person: Person) -> bool:
    """Be on call, and take it from a colleague: all who answer customers."""
    return person.is_staff and person.role != Role.CSM


def may_remove(person: Person, override: Override) -> bool:
    """Their own, or one that they made."""
    return may_arrange(person) or (person.is_staff and person.pk in {override.person_id, override.created_by_id})
