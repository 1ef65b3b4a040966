"""Rows of an import, read one after the other against what is known: each ends in a step, or in problems."""

import re
from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answerable.lib import domains
from answerable.lib.tables import Problem, Row, shortened
from answerable.people.import_terms import (
    CHANGE,
    CREATE,
    SAME,
    Change,
    KnownOrganization,
    KnownPerson,
    OrganizationStep,
    PersonStep,
    Plan,
    World,
)

_LOCALE = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}")
_BETWEEN = re.compile(r"[;,\s]+")


def domains_in(cell: str) -> list[str]:
    """The parts of a cell with several domains."""
    return [part for part in _BETWEEN.split(cell) if part]


class Reader:
    """What both tables share: the problems of the row that is being read, and rows that name the same thing."""

    table = ""

    def __init__(self, world: World, into: Plan) -> None:
        self.world, self.into, self.row = world, into, Row(0, {})
        self.wrong_rows: set[int] = set()
        self.seen: dict[object, int] = {}

    def wrong(self, column: str, expected: str, got: str) -> None:
        """Something of this row must be mended."""
        self.wrong_rows.add(self.row.number)
        self.into.problems.append((self.table, Problem(self.row.number, column, expected, shortened(got))))

    def once(self, column: str, key: object, got: str) -> bool:
        """Whether no row before named the same."""
        before = self.seen.setdefault(key, self.row.number)
        if before != self.row.number:
            again = _("%(what)s, as in row %(row)s") % {"what": got, "row": before}
            self.wrong(column, _("each once in the file"), again)
        return before == self.row.number

    def zone(self, now: str) -> str:
        """The zone given, else the one of now."""
        given = self.row.get("zone")
        if given and given not in self.world.zones:
            self.wrong("zone", _("a time zone such as Europe/Berlin"), given)
        return given or now

    def short(self, column: str, most: int) -> str:
        """The cell, if it is not too long."""
        given = self.row.get(column)
        if len(given) > most:
            self.wrong(column, _("at most %s letters") % most, str(len(given)))
        return given


class Organizations(Reader):
    """Reads the rows of organizations."""

    table = "organizations"

    def __init__(self, world: World, into: Plan) -> None:
        super().__init__(world, into)
        self.named: set[str] = set()
        self.labels = dict(world.staff.values())

    def take(self, row: Row) -> None:
        """One row: a step, or problems."""
        self.row = row
        name = self.short("name", 200)
        if not name:
            self.wrong("name", _("a name"), _("nothing"))
            return
        given = self._domains()
        known = self._known(name, given)
        self.named.add(name.lower())
        called = self.once("name", ("called", name.lower()), name)
        if not called or (known and not self.once("name", known.pk, name)):
            return
        claims = tuple(one for one in given if self._is_new(one, known, name))
        step = self._step(name, known, claims)
        if row.number not in self.wrong_rows:
            self.into.organizations.append(step)

    def _domains(self) -> list[str]:
        """In the order of the file, each once."""
        found: dict[str, None] = {}
        for part in domains_in(self.row.get("domains")):
            one = domains.read(part)
            if one is None:
                self.wrong("domains", _("e-mail domains such as example.com, with ; between them"), part)
            elif domains.is_free_mail(one):
                self.wrong("domains", _("a domain that is the organization's alone"), one)
            else:
                found[one] = None
        return list(found)

    def _known(self, name: str, given: Sequence[str]) -> KnownOrganization | None:
        """By name; else, under a new name, the one that has the domains."""
        if name.lower() in self.world.organizations:
            return self.world.organizations[name.lower()]
        found = [self.world.owners[one] for one in given if one in self.world.owners]
        owners = {owner.pk: owner for owner, counts in found if counts}
        return next(iter(owners.values())) if len(owners) == 1 else None

    def _is_new(self, one: str, known: KnownOrganization | None, name: str) -> bool:
        owner, counts = self.world.owners.get(one, (None, False))
        if owner is not None and (known is None or owner.pk != known.pk):
            self.wrong("domains", _("a domain of no other organization"), f"{one} ({owner.name})")
            return False
        return self.once("domains", ("domain", one), one) and not counts

    def _plan(self, now: str) -> str:
        given = self.row.get("plan")
        if given and given.lower() not in self.world.plans:
            names = sorted(set(self.world.plans.values()))
            self.wrong("plan", _("a plan of the policy (%s)") % ", ".join(names), given)
        return self.world.plans.get(given.lower(), now)

    def _csm(self, now: int | None) -> int | None:
        given = self.row.get("csm").lower()
        if given and given not in self.world.staff:
            self.wrong("csm", _("the e-mail address of somebody on your team"), given)
        return self.world.staff[given][0] if given in self.world.staff else now

    def _step(self, name: str, known: KnownOrganization | None, claims: tuple[str, ...]) -> OrganizationStep:
        before = known or KnownOrganization(0, "", "", "", None, "UTC")
        plan, csm, zone = self._plan(before.plan), self._csm(before.csm), self.zone(before.zone)
        pairs = [("name", before.name, name), ("plan", before.plan, plan), ("zone", before.zone if known else "", zone)]
        changes = [Change(*pair) for pair in pairs if pair[1] != pair[2]]
        if before.csm != csm:
            changes.append(Change("csm", self._label(before.csm), self._label(csm)))
        changes += [Change("domains", "", self._claimed(one)) for one in claims]
        outcome = (CHANGE if changes else SAME) if known else CREATE
        pk = known.pk if known else None
        return OrganizationStep(self.row.number, outcome, name, tuple(changes), pk, name, plan, csm, zone, claims)

    def _label(self, pk: int | None) -> str:
        return self.labels.get(pk, f"#{pk}") if pk else ""

    def _claimed(self, one: str) -> str:
        count = self.world.proven.get(one, 0)
        if not count:
            return one
        words = ngettext(
            "%(num)s person with a proven address there is a member then",
            "%(num)s people with a proven address there are members then",
            count,
        )
        return f"{one} ({words % {'num': count}})"

    def names(self) -> dict[str, int | None]:
        """Names in lower case of organizations that there are afterwards, with their ids; None: not made yet."""
        after: dict[str, int | None] = dict.fromkeys(self.named)
        after |= {key: one.pk for key, one in self.world.organizations.items()}
        return after | {step.name.lower(): step.pk for step in self.into.organizations}


class People(Reader):
    """Reads the rows of people."""

    table = "people"

    def __init__(self, world: World, into: Plan, names: Mapping[str, int | None]) -> None:
        super().__init__(world, into)
        self.names = names

    def take(self, row: Row) -> None:
        """One row: a step, or problems."""
        self.row = row
        email = self._email()
        known = self.world.people.get(email)
        if known is not None and known.is_staff:
            self.wrong("email", _("a customer's address; accounts of your team are never imported"), email)
        if not email or not self.once("email", known.pk if known else email, email):
            return
        step = self._step(email, known)
        if row.number not in self.wrong_rows:
            self.into.people.append(step)

    def _email(self) -> str:
        given = self.row.get("email").lower()
        try:
            validate_email(given)
        except ValidationError:
            self.wrong("email", _("an e-mail address"), given or _("nothing"))
            return ""
        if len(given) > 254:
            self.wrong("email", _("at most %s letters") % 254, str(len(given)))
        return given

    def _locale(self, now: str) -> str:
        given = self.row.get("locale")
        if given and not (_LOCALE.fullmatch(given) and len(given) <= 16):
            self.wrong("locale", _("a language such as de or pt-BR"), given)
        return given or now

    def _joins(self, known: KnownPerson | None) -> tuple[str, int | None] | None:
        """The organization to join, by name in lower case and id; None for none, or where they belong to it already."""
        given = self.row.get("organization")
        name = given.lower()
        if not given:
            return None
        if name not in self.names:
            by_slug = self.world.by_slug.get(name)
            if by_slug is None:
                self.wrong("organization", _("an organization that there is, or that is in the other file"), given)
                return None
            return None if known and by_slug.pk in known.organizations else (by_slug.name.lower(), by_slug.pk)
        pk = self.names[name]
        return None if known and pk in known.organizations else (name, pk)

    def _step(self, email: str, known: KnownPerson | None) -> PersonStep:
        before = known or KnownPerson(0, "", "", "", is_staff=False, organizations=frozenset())
        name = self.short("name", 200) or before.name
        zone, locale, joins = self.zone(before.zone), self._locale(before.locale), self._joins(known)
        pairs = [("name", before.name, name), ("zone", before.zone, zone), ("locale", before.locale, locale)]
        changes = [Change(*pair) for pair in pairs if pair[1] != pair[2]]
        if joins is not None:
            changes.append(Change("organization", "", self.row.get("organization")))
        outcome = (CHANGE if changes else SAME) if known else CREATE
        pk = known.pk if known else None
        to, to_pk = joins or ("", None)
        return PersonStep(self.row.number, outcome, email, tuple(changes), pk, email, name, zone, locale, to, to_pk)
