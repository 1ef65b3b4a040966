"""For whom a request is opened at the desk."""

from dataclasses import dataclass

from answerable.lib.errors import Refused
from answerable.people.models import Organization, Person
from answerable.people.person_queries import person
from answerable.people.queries import organization_of_domain, organizations_of


@dataclass(frozen=True)
class Whom:
    """A person with their organizations, or an address that nobody has yet."""

    person: Person | None
    address: str
    organizations: tuple[Organization, ...] = ()

    @property
    def label(self) -> str:
        """What to call them."""
        return self.person.label if self.person else self.address


def whom(pk: int) -> Whom:
    """Somebody who is known; who was merged into another is that one. Raises Refused."""
    found = person(pk)
    found = found.merged_into or found
    if not found.is_active:
        raise Refused("suspended", f"{found.label} is suspended.")
    return Whom(found, found.email, tuple(organizations_of(found)))


def organization_of(for_whom: Whom, chosen: int | None, requester: Person) -> Organization | None:
    """The one that was chosen of theirs; for who belongs to none, the one whose domain their address has."""
    if for_whom.organizations:
        return next((one for one in for_whom.organizations if one.pk == chosen), None)
    return organization_of_domain(requester.email.rpartition("@")[2])
