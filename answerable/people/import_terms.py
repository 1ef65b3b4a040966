"""The words of an import: what there is, what would become of each row, and the whole as a plan."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from answerable.lib.tables import Problem

ORGANIZATION_COLUMNS = ("name", "domains", "plan", "csm", "zone")
PERSON_COLUMNS = ("email", "name", "organization", "zone", "locale")
CREATE, CHANGE, SAME = "create", "change", "same"


@dataclass(frozen=True)
class KnownOrganization:
    """An organization that there is."""

    pk: int
    name: str
    slug: str
    plan: str
    csm: int | None
    zone: str


@dataclass(frozen=True)
class KnownPerson:
    """A person whom there is, by one of their addresses."""

    pk: int
    name: str
    zone: str
    locale: str
    is_staff: bool
    organizations: frozenset[int]


@dataclass(frozen=True)
class World:
    """What is known of all that the tables name."""

    organizations: Mapping[str, KnownOrganization]  # by name in lower case
    by_slug: Mapping[str, KnownOrganization]
    owners: Mapping[str, tuple[KnownOrganization, bool]]  # by domain; whether it counts as theirs already
    staff: Mapping[str, tuple[int, str]]  # by address: id and name
    plans: Mapping[str, str]  # keys by key and by name, in lower case
    zones: frozenset[str]
    people: Mapping[str, KnownPerson]  # by address
    proven: Mapping[str, int]  # by domain: how many people with a proven address would be members


@dataclass(frozen=True)
class Change:
    """A column that gets another value."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class OrganizationStep:
    """What becomes of a row. `pk` None: it is made. `claims`: domains to claim."""

    row: int
    outcome: str
    label: str
    changes: tuple[Change, ...]
    pk: int | None
    name: str
    plan: str
    csm: int | None
    zone: str
    claims: tuple[str, ...]


@dataclass(frozen=True)
class PersonStep:
    """The same of a person. `organization`: the name, in lower case, of one to join, and its id unless it is made in
    the same import; "" for none.
    """

    row: int
    outcome: str
    label: str
    changes: tuple[Change, ...]
    pk: int | None
    email: str
    name: str
    zone: str
    locale: str
    organization: str
    organization_pk: int | None


Step = OrganizationStep | PersonStep


@dataclass
class Plan:
    """All of it. Problems are (table, problem); while there is one, nothing can be done."""

    organizations: list[OrganizationStep] = field(default_factory=list)
    people: list[PersonStep] = field(default_factory=list)
    problems: list[tuple[str, Problem]] = field(default_factory=list)

    def digest(self) -> str:
        """The same for the same steps alone: who says yes to one plan has not said yes to another."""
        told = hashlib.sha256()
        for step in self.steps():
            told.update(repr(step).encode())
        return told.hexdigest()

    @property
    def does_something(self) -> bool:
        """Whether any row would be made or changed."""
        return any(step.outcome != SAME for step in self.steps())

    def steps(self) -> list[Step]:
        """Of both files."""
        return [*self.organizations, *self.people]


def totals(steps: Iterable[Step]) -> dict[str, int]:
    """How many of each outcome."""
    counted = {CREATE: 0, CHANGE: 0, SAME: 0}
    for step in steps:
        counted[step.outcome] += 1
    return counted
