"""Canned replies: written, changed and deleted by who may, each state kept as a version; and put into a reply."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.errors import Refused
from answerable.lib.zones import zone
from answerable.people.models import Person, Role, Team
from answerable.people.queries import actor_of, teams_of, vendor
from answerable.sla.queries import promises
from answerable.tickets import canned
from answerable.tickets.canned import Canned, CannedVersion, Scope
from answerable.tickets.models import Ticket
from answerable.tickets.placeholders import Filled, fill, problems


@dataclass(frozen=True)
class Spec:
    """What somebody wrote. `status` that a reply with it leaves the request as, "" for none."""

    name: str
    body: str
    scope: str = Scope.SHARED
    team: int | None = None
    folder: str = ""
    language: str = ""
    status: str = ""
    tags: tuple[str, ...] = ()


def may_write(person: Person, scope: str, owner: int, team: int | None) -> bool:
    """One's own everybody; those of a team its members, leads and administrators; shared ones the latter two."""
    if scope == Scope.PERSONAL:
        return owner == person.pk
    if person.role in {Role.LEAD, Role.ADMIN}:
        return True
    return scope == Scope.TEAM and team in teams_of(person).ids


def may_change(person: Person, row: Canned) -> bool:
    """Whether this person may change or delete it."""
    return may_write(person, row.scope, row.owner_id, row.team_id)


def write(person: Person, spec: Spec, now: datetime) -> Canned:
    """A new one. Raises Refused where it names what is not known."""
    with transaction.atomic():
        row = Canned(owner=person, at=now)
        _set(person, row, spec)
        row.save()
        _keep(person, row, "write_canned", now)
    return row


def change(person: Person, pk: int, spec: Spec, seen: int, now: datetime) -> Canned:
    """Say it otherwise. Raises Refused("conflict") where somebody changed it since version `seen`."""
    with transaction.atomic():
        row = _locked(person, pk)
        if row.version != seen:
            raise Refused("conflict", _("Somebody has changed it meanwhile: look at theirs first. Yours stands below."))
        _set(person, row, spec)
        row.version, row.at = row.version + 1, now
        row.save()
        _keep(person, row, "change_canned", now)
    return row


def delete(person: Person, pk: int, now: datetime, *, deleted: bool = True) -> Canned:
    """Take it out of every menu, or (`deleted` False) bring it back."""
    with transaction.atomic():
        row = _locked(person, pk)
        if (row.deleted_at is not None) != deleted:
            row.deleted_at = now if deleted else None
            row.save(update_fields=["deleted_at"])
            verb = "delete_canned" if deleted else "restore_canned"
            record(actor_of(person), verb, ("canned", row.pk), now)
    return row


def _locked(person: Person, pk: int) -> Canned:
    row = Canned.objects.select_for_update(of=("self",)).select_related("team").filter(pk=pk).first()
    if row is None or (row.scope == Scope.PERSONAL and row.owner_id != person.pk):
        raise Refused("not_found", _("There is no such canned reply."))
    if not may_change(person, row):
        raise Refused("not_allowed", _("Leads and administrators change what everybody uses."))
    return row


def _set(person: Person, row: Canned, spec: Spec) -> None:
    body = spec.body.replace("\r\n", "\n").replace("\x00", "").strip("\n")
    wrong = problems(body)
    if wrong:
        raise Refused("wrong", wrong[0])
    team = Team.objects.filter(pk=spec.team or 0).first() if spec.scope == Scope.TEAM else None
    if spec.scope == Scope.TEAM and team is None:
        raise Refused("team_missing", _("Choose the team that uses it."))
    owner = row.owner_id if row.pk else person.pk
    if not may_write(person, spec.scope, owner, team.pk if team else None):
        raise Refused("not_allowed", _("Leads and administrators write for everybody; you may write for yourself."))
    row.name, row.body, row.scope, row.team = spec.name.strip(), body, spec.scope, team
    row.folder, row.language, row.status = spec.folder.strip(), spec.language, spec.status
    row.tags = list(dict.fromkeys(tag.strip().lower()[:64] for tag in spec.tags if tag.strip()))


def spec_of(row: Canned) -> Spec:
    """As its form has it."""
    tags = tuple(row.tags)
    return Spec(row.name, row.body, row.scope, row.team_id, row.folder, row.language, row.status, tags)


def _keep(person: Person, row: Canned, verb: str, now: datetime) -> None:
    data = asdict(spec_of(row)) | {"tags": list(row.tags)}
    CannedVersion.objects.create(canned=row, number=row.version, at=now, by_label=person.label, data=data)
    record(actor_of(person), verb, ("canned", row.pk), now, version=row.version)


def put(person: Person, ticket: Ticket, pk: int, now: datetime) -> tuple[Canned, Filled]:
    """For a reply: its text with what is known of the request. Counts as used."""
    row = canned.canned_for(person).filter(pk=pk).first()
    if row is None:
        raise Refused("not_found", _("There is no such canned reply."))
    canned.count_use(row.pk, now)
    return row, fill(row.body, values(person, ticket))


def filled(person: Person, ticket: Ticket, rows: Sequence[Canned]) -> list[tuple[Canned, str]]:
    """Each with its text as it would be put in."""
    known = values(person, ticket)
    return [(row, fill(row.body, known).text) for row in rows]


def values(person: Person, ticket: Ticket, *, promised: bool = True) -> dict[str, str]:
    """What is known of the request; empty where nothing is. `promised`: also what only its clocks know."""
    clocks = promises(ticket.pk) if promised else []
    running = [one for one in clocks if one.state == "running" and one.due_at]
    following = min(running, key=lambda one: one.due_at or ticket.created_at, default=None)
    return {
        "requester.first_name": first_name(ticket.requester.name),
        "requester.name": ticket.requester.name,
        "requester.email": ticket.requester.email,
        "organization.name": ticket.organization.name if ticket.organization else "",
        "ticket.number": str(ticket.number),
        "ticket.subject": ticket.subject,
        "ticket.severity": ticket.severity,
        "agent.name": person.name,
        "agent.first_name": first_name(person.name),
        "team.name": ticket.team.name if ticket.team else "",
        "promise.next": _promised(following.metric) if following else "",
        "promise.due": _moment(following.due_at, ticket) if following and following.due_at else "",
        "vendor.name": vendor().name,
    }


def first_name(name: str) -> str:
    """ "Elin" of "Elin Berg" and of "Berg, Elin"; nothing of an address."""
    words = (name.partition(",")[2].strip() or name).split()
    return "" if not words or "@" in name else words[0].strip(",")


def _promised(metric: str) -> str:
    words = {"periodic_update": _("an update"), "resolution": _("a solution")}
    return words.get(metric, _("an answer"))


def _moment(at: datetime, ticket: Ticket) -> str:
    """In the organization's zone where one is known: who reads it is there."""
    local = at.astimezone(zone(ticket.organization.zone if ticket.organization else "", vendor().zone))
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"
