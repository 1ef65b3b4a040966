"""A request that a member of staff opens: what a customer said on the phone, or what we write of our own accord."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.casework import spreading
from answerable.casework.cc_actions import MOST_ON_A_TICKET, readable
from answerable.casework.letters import acknowledge, arrival_only, tell_participants
from answerable.casework.settle import settle
from answerable.casework.standing import copy_in
from answerable.casework.terms import promise
from answerable.lib.errors import Refused
from answerable.lib.html import from_markdown
from answerable.lib.limits import allowed
from answerable.lib.uploads import Received
from answerable.people.actions import contact
from answerable.people.models import Organization, Person, Role, Team
from answerable.people.queries import actor_of, teams_of
from answerable.sla.queries import severities
from answerable.tickets import access, tags
from answerable.tickets import actions as tickets
from answerable.tickets.actions import Change, Message, Opening, Upload
from answerable.tickets.models import Event, Participant, Status, Ticket

PHONE, DESK = "phone", "desk"
DAY = 86_400


@dataclass(frozen=True)
class Wanted:
    """A request to be. `said`: by the customer, else written by us to them; `once`: names the form that it came from.

    `why`: determines the severity, "" leaves it provisional; `quiet`: the customer gets no acknowledgement.
    """

    requester: Person
    organization: Organization | None
    said: bool
    subject: str
    text: str
    severity: str
    once: str
    why: str = ""
    team: Team | None = None
    assignee: Person | None = None
    tags: Sequence[str] = ()
    cc: Sequence[str] = ()
    files: Sequence[Received] = ()
    status: str = ""
    quiet: bool = False
    fields: dict[str, object] = field(default_factory=dict)


def may_open(by: Person) -> bool:
    """Agents, leads and administrators, with their own eyes."""
    return by.is_active and by.seen_by is None and by.role in {Role.AGENT, Role.LEAD, Role.ADMIN}


def open_for(by: Person, wanted: Wanted, now: datetime) -> Ticket:
    """Open it, once for each form: sent again, it is the same request.

    Said by the customer, it is theirs, acknowledged, and their clock runs. Written by us, its first message is an
    answer: no promise of a first response runs, and it waits for them.
    """
    access.require(may_open(by), _("Only your team may open requests for others."))
    _complete(by, wanted)
    named = tags.normal_all(wanted.tags)
    with transaction.atomic():
        # Before anything is locked, as everywhere.
        copied = [contact(readable(address), "", now) for address in wanted.cc]
        if not allowed("desk-new", wanted.once, 1, DAY):
            return _opened_before(wanted)
        change = tickets.start(_opening(wanted), actor_of(by), now)
        change.events[0].data |= {"by": by.label, "once": wanted.once}
        change.ticket.tags = named
        _determine(change, wanted)
        promise(change)
        _copy(change, by, wanted.requester, copied)
        tickets.write_reply(
            change, wanted.requester if wanted.said else by, _message(wanted), from_staff=not wanted.said
        )
        if wanted.assignee:
            tickets.assign(change, wanted.assignee, wanted.team)
        else:
            spreading.to_new(change)
        if wanted.status and not wanted.said:
            tickets.set_status(change, wanted.status)
        if not wanted.said:
            return settle(change, "open_for", tell_participants)
        return settle(change, "open_for", arrival_only if wanted.quiet else acknowledge)


def _complete(by: Person, wanted: Wanted) -> None:
    if not wanted.requester.is_active:
        raise Refused("suspended", _("%(name)s is suspended.") % {"name": wanted.requester.label})
    if not wanted.subject.strip():
        raise Refused("subject", _("Say in a few words what it is about."))
    if not wanted.text.replace("\x00", "").strip() and not wanted.files:
        raise Refused("empty", _("Write something first, or attach a file."))
    if wanted.severity not in severities():
        raise Refused("unknown_severity", _("Choose one of the severities."))
    if wanted.status not in {"", Status.OPEN, Status.PENDING, Status.SOLVED}:
        raise Refused("unknown_status", _("Choose one of the states."))
    if wanted.assignee and not wanted.assignee.is_staff:
        raise Refused("not_staff", _("A request can only be assigned to somebody on the team."))
    if len(wanted.cc) >= MOST_ON_A_TICKET:
        raise Refused("too_many", _("More than %(most)s people cannot be on a request.") % {"most": MOST_ON_A_TICKET})
    mine = teams_of(by)
    if mine.shut_in and wanted.assignee != by and (wanted.team is None or wanted.team.pk not in mine.ids):
        raise Refused("team", _("Choose one of your teams, or yourself: else you would not see it."))


def _opening(wanted: Wanted) -> Opening:
    return Opening(
        subject=" ".join(wanted.subject.split())[:500],
        requester=wanted.requester,
        organization=wanted.organization,
        team=wanted.team,
        severity=wanted.severity,
        channel=PHONE if wanted.said else DESK,
        fields=wanted.fields,
    )


def _message(wanted: Wanted) -> Message:
    text = wanted.text.replace("\r\n", "\n").replace("\x00", "").strip()
    files = tuple(Upload(one.name, one.content_type, one.content) for one in wanted.files)
    channel = PHONE if wanted.said else DESK
    return Message(text=text, new_text=text, html=from_markdown(text), channel=channel, files=files)


def _determine(change: Change, wanted: Wanted) -> None:
    """With a reason it is staff's word, which the customer reads; without one it is provisional."""
    if wanted.why.strip():
        change.event("severity", before=wanted.severity, after=wanted.severity, why=wanted.why.strip()[:500], stated="")
        change.ticket.severity_determined_at = change.at


def _copy(change: Change, by: Person, requester: Person, copied: Sequence[Person]) -> None:
    for person in {one.pk: one for one in copied if one.pk != requester.pk}.values():
        if not person.is_active:
            raise Refused("suspended", _("%(address)s cannot be CC'd.") % {"address": person.email})
        tickets.join(change, person, "cc", DESK, added_by=by)
        change.event("cc_added", person=person.pk, label=person.label)
    copy_in(change)


def _opened_before(wanted: Wanted) -> Ticket:
    """What the same form opened already, of the requester's latest."""
    mine = Participant.objects.filter(person=wanted.requester, role="requester").order_by("-ticket")
    latest = list(mine.values_list("ticket", flat=True)[:50])
    found = Event.objects.filter(ticket__in=latest, kind="opened", data__once=wanted.once).first()
    if found is None:
        raise Refused("sent", _("This page was sent already. To open another request, begin anew."))
    return found.ticket
