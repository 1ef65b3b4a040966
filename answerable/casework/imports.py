"""Import organizations and people: what it would do, and then exactly that, in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.casework.sso_actions import domain_came
from answerable.lib import tables
from answerable.lib.errors import Refused
from answerable.lib.tables import Table
from answerable.people import import_actions as people
from answerable.people.import_actions import Writer
from answerable.people.import_queries import kept, world
from answerable.people.import_terms import ORGANIZATION_COLUMNS, PERSON_COLUMNS, Plan, totals
from answerable.people.importing import plan
from answerable.people.models import Import, Organization, Person
from answerable.people.person_actions import require_admin
from answerable.people.queries import actor_of
from answerable.sla.actions import ask_replan
from answerable.sla.queries import terms


@dataclass(frozen=True)
class Files:
    """One of them or both, as they came."""

    organizations: bytes | None
    people: bytes | None


@dataclass(frozen=True)
class Looked:
    """A plan, and in which encoding each file was read where that was guessed: (file, encoding)."""

    plan: Plan
    guessed: list[tuple[str, str]]


def look(files: Files, *, lock: bool = False) -> Looked:
    """What the files would do now. `lock`: until the commit nobody changes what that was decided by."""
    first = _read(files.organizations, ORGANIZATION_COLUMNS, "name")
    second = _read(files.people, PERSON_COLUMNS, "email")
    found = plan(first, second, world(first, second, _plans(), lock=lock))
    both = (("organizations", first), ("people", second))
    return Looked(found, [(name, table.encoding) for name, table in both if table and table.encoding])


def _read(content: bytes | None, known: tuple[str, ...], required: str) -> Table | None:
    return None if content is None else tables.read(content, known, required)


def _plans() -> dict[str, str]:
    known = terms().plans
    return {str(plan["name"]).lower(): key for key, plan in known.items()} | {key.lower(): key for key in known}


def files_of(row: Import) -> Files:
    """The files that are kept. Raises Refused where they are gone."""
    first, second = (None if one is None else bytes(one) for one in (row.organizations, row.people))
    if first is None and second is None:
        raise Refused("not_found", _("These files are no longer kept. Choose them again."))
    return Files(first, second)


def apply(by: Person, pk: int, digest: str, now: datetime) -> Plan:
    """Import the files that are kept, if that still does what was shown (`digest` of its plan). Raises Refused."""
    require_admin(by)
    with transaction.atomic():
        row = kept(pk, lock=True)
        if row.applied_at is not None:
            raise Refused("conflict", _("These files have been imported already."))
        done = import_files(files_of(row), Writer(actor_of(by), by, now), digest)
        people.empty(row, now)
    return done


def import_files(files: Files, by: Writer, digest: str = "") -> Plan:
    """All of it or nothing. `digest` "": whatever it does now."""
    try:
        with transaction.atomic():
            found = look(files, lock=True).plan
            if found.problems:
                raise Refused("invalid", _("The files have mistakes: nothing was imported."))
            if digest and found.digest() != digest:
                raise Refused(
                    "conflict", _("Something changed since this was shown: nothing was imported. Look again.")
                )
            _write(found, by)
    except IntegrityError as error:
        words = _("Somebody made one of these organizations or people just now: nothing was imported. Look again.")
        raise Refused("conflict", words) from error
    return found


def _write(found: Plan, by: Writer) -> None:
    done = people.write(found, by)
    for pk, before, after in done.replanned:
        record(by.actor, "set_plan", ("organization", pk), by.now, before=before, after=after)
        Organization.objects.filter(pk=pk).update(plan=after)
        ask_replan("plan", str(pk), by.actor.label, by.now)
    for row in Organization.objects.filter(pk__in=done.widened, sign_on__isnull=False):
        domain_came(row)
    counts = {"organizations": totals(found.organizations), "people": totals(found.people)}
    record(by.actor, "import", ("import", None), by.now, **counts)
