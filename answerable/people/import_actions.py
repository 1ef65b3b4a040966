"""Write what a plan of an import says, a thousand rows a statement. The caller has checked it and locked its rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from answerable.audit.actions import Actor, line
from answerable.audit.models import Record
from answerable.lib.errors import Refused
from answerable.people.import_queries import left_over
from answerable.people.import_terms import CHANGE, CREATE, SAME, OrganizationStep, PersonStep, Plan
from answerable.people.models import Domain, Import, Membership, Organization, Person
from answerable.people.organization_actions import new_slug
from answerable.people.person_actions import require_admin
from answerable.people.person_queries import proven_at

BATCH = 1000
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Writer:
    """Who imports: an administrator at the desk, or somebody at the machine (`person` None)."""

    actor: Actor
    person: Person | None
    now: datetime


@dataclass(frozen=True)
class Written:
    """What follows above this room: who has another plan (organization, before, after), and who has more domains."""

    replanned: list[tuple[int, str, str]]
    widened: list[int]


def keep(by: Person, organizations: bytes | None, people: bytes | None, now: datetime) -> Import:
    """Files to be looked at before they are imported. Those that nobody came back to are forgotten."""
    require_admin(by)
    if organizations is None and people is None:
        raise Refused("invalid", _("Choose a file of organizations, of people, or both."))
    left_over(now - KEPT).update(organizations=None, people=None)
    return Import.objects.create(by=by, at=now, organizations=organizations, people=people)


def empty(row: Import, now: datetime) -> None:
    """It was imported: its files are needed no longer."""
    row.organizations = row.people = None
    row.applied_at = now
    row.save(update_fields=["organizations", "people", "applied_at"])


def write(plan: Plan, by: Writer) -> Written:
    """All of it."""
    made = _make_organizations([step for step in plan.organizations if step.outcome == CREATE], by)
    replanned = _change_organizations([step for step in plan.organizations if step.outcome == CHANGE], by)
    ids = {step.name.lower(): step.pk or made[step.row] for step in plan.organizations}
    claims = [(ids[step.name.lower()], name) for step in plan.organizations for name in step.claims]
    _claim(claims, by)
    people = [step for step in plan.people if step.outcome != SAME]
    persons = _make_people([step for step in people if step.outcome == CREATE], by)
    _change_people([step for step in people if step.outcome == CHANGE], by)
    joins = [
        (step.pk or persons[step.row], step.organization_pk or ids[step.organization])
        for step in people
        if step.organization
    ]
    _join(joins, by)
    return Written(replanned, sorted({pk for pk, _name in claims}))


def _note(lines: Iterable[Record]) -> None:
    Record.objects.bulk_create(lines, batch_size=BATCH)


def _parts(steps: list[PersonStep]) -> Iterator[list[PersonStep]]:
    for start in range(0, len(steps), BATCH):
        yield steps[start : start + BATCH]


def _make_organizations(steps: list[OrganizationStep], by: Writer) -> dict[int, int]:
    """Ids by row."""
    taken = set(Organization.objects.values_list("slug", flat=True)) if steps else set()
    rows = [
        Organization(
            name=step.name,
            slug=new_slug(step.name, taken),
            plan=step.plan,
            csm_id=step.csm,
            zone=step.zone,
            created_at=by.now,
        )
        for step in steps
    ]
    Organization.objects.bulk_create(rows, batch_size=BATCH)
    _note(
        line(by.actor, "create_organization", ("organization", row.pk), by.now, name=row.name, plan=row.plan)
        for row in rows
    )
    return {step.row: row.pk for step, row in zip(steps, rows, strict=True)}


def _change_organizations(steps: list[OrganizationStep], by: Writer) -> list[tuple[int, str, str]]:
    """Returns whose plan is another one. Whoever has only more domains is changed by `_claim`."""
    rows = Organization.objects.in_bulk([step.pk for step in steps if step.pk])
    lines, replanned = [], []
    for step in steps:
        row = rows[step.pk or 0]
        pairs = {"name": (row.name, step.name), "csm": (row.csm_id, step.csm), "zone": (row.zone, step.zone)}
        changed = {name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]}
        if changed:
            lines.append(line(by.actor, "edit_organization", ("organization", row.pk), by.now, changed=changed))
        if row.plan != step.plan:
            replanned.append((row.pk, row.plan, step.plan))
        row.name, row.csm_id, row.zone = step.name, step.csm, step.zone
    Organization.objects.bulk_update(rows.values(), ["name", "csm", "zone"], batch_size=BATCH)
    _note(lines)
    return replanned


def _claim(claims: list[tuple[int, str]], by: Writer) -> None:
    """Domains that wait for their proof are claimed as well; people with a proven address there are members."""
    names = {name: pk for pk, name in claims}
    waiting = Domain.objects.filter(name__in=names)
    known = set(waiting.values_list("name", flat=True))
    waiting.update(claimed_by=by.person, claimed_at=by.now)
    rows = [
        Domain(name=name, organization_id=pk, claimed_by=by.person, claimed_at=by.now)
        for pk, name in claims
        if name not in known
    ]
    Domain.objects.bulk_create(rows, batch_size=BATCH)
    members = proven_at(names)
    _belong([(person, names[at]) for at, found in members.items() for person in found], "verified", by)
    _note(
        line(by.actor, "claim_domain", ("organization", pk), by.now, domain=name, members=len(members.get(name, ())))
        for pk, name in claims
    )


def _belong(pairs: list[tuple[int, int]], source: str, by: Writer) -> None:
    rows = [Membership(person_id=one, organization_id=to, source=source, since=by.now) for one, to in pairs]
    Membership.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def _make_people(steps: list[PersonStep], by: Writer) -> dict[int, int]:
    """Ids by row. They have no password and no proven address: they sign up as anybody does."""
    ids: dict[int, int] = {}
    for part in _parts(steps):
        rows = [
            Person(email=step.email, name=step.name, zone=step.zone, locale=step.locale, joined_at=by.now)
            for step in part
        ]
        for row in rows:
            row.set_unusable_password()
        Person.objects.bulk_create(rows)
        _note(line(by.actor, "import_person", ("person", row.pk), by.now) for row in rows)
        ids |= {step.row: row.pk for step, row in zip(part, rows, strict=True)}
    return ids


def _change_people(steps: list[PersonStep], by: Writer) -> None:
    changed = [step for step in steps if any(one.column != "organization" for one in step.changes)]
    for part in _parts(changed):
        rows = Person.objects.in_bulk([step.pk for step in part if step.pk])
        for step in part:
            row = rows[step.pk or 0]
            row.name, row.zone, row.locale = step.name, step.zone, step.locale
        Person.objects.bulk_update(rows.values(), ["name", "zone", "locale"])
        _note(line(by.actor, "edit_person", ("person", step.pk), by.now, changed=_changed(step)) for step in part)


def _changed(step: PersonStep) -> dict[str, list[str]]:
    return {one.column: [one.before, one.after] for one in step.changes if one.column != "organization"}


def _join(joins: list[tuple[int, int]], by: Writer) -> None:
    _belong(joins, "staff", by)
    _note(line(by.actor, "add_member", ("organization", to), by.now, person=person) for person, to in joins)
