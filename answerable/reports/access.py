"""Who may ask what another policy would have meant: who answers for promises. Reports themselves are for all staff."""

from answerable.people.models import Person, Role


def may_compare(person: Person) -> bool:
    """Team leads and administrators."""
    return person.is_staff and person.role in {Role.LEAD, Role.ADMIN}
