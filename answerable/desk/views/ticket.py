"""One ticket: the conversation in the middle, promises and people beside it, the composer below."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk import begun, drafts, quoting
from answerable.desk.conversation import conversation, determined, last_answer, was_asked
from answerable.desk.frame import live
from answerable.desk.recipients import inside_of, recipients
from answerable.desk.side import editable
from answerable.desk.snoozing import presets
from answerable.desk.ticket_acts import acts
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.uploads import CAPS
from answerable.people.access import PersonRequest, administers, staff_only
from answerable.people.mail_stop_queries import stopped
from answerable.people.models import Person
from answerable.people.queries import assignable
from answerable.sla.queries import explained, plan_name, promises, severities
from answerable.tickets import access, presence
from answerable.tickets.answers import told
from answerable.tickets.models import ASKED, Participant, Status, Ticket
from answerable.tickets.queries import open_count, participants
from answerable.tickets.rating import last_said
from answerable.tickets.shown import domains_of

SETTABLE = (Status.OPEN, Status.PENDING, Status.HOLD, Status.SOLVED)


@require_safe
@staff_only
def show(request: PersonRequest, number: int) -> HttpResponse:
    """The page; as a fragment, conversation with head and side."""
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    if request.htmx:
        return changed(request, ticket, standing, now)
    context = page(request.user, ticket, standing, now)
    context |= live(request.user, ["desk", f"ticket:{ticket.pk}:staff", presence.stream(ticket.pk)]) | {
        "queue_url": url("desk:queue")
    }
    return render(request, "desk/ticket.html", context)


def find(person: Person, number: int, now: datetime) -> tuple[Ticket, access.Standing]:
    """The ticket for staff at their desk; who only takes part in it sees it in the portal."""
    ticket, standing = access.find(person, number, now)
    if not access.may_see_notes(standing):
        raise Refused("not_found", _("There is no such request, or you may not see it."))
    return ticket, standing


def changed(
    request: PersonRequest, ticket: Ticket, standing: access.Standing, now: datetime, *, composer: bool = False
) -> HttpResponse:
    """The parts that a change moves, for htmx; `composer`: that too, after a post that emptied or filled it."""
    context = page(request.user, ticket, standing, now) | {"composer_too": composer}
    return render(request, "desk/_changed.html", context)


def page(person: Person, ticket: Ticket, standing: access.Standing, now: datetime) -> dict[str, object]:
    """Context of the ticket page and of its fragments."""
    rows, entries = participants(ticket), conversation(ticket)
    waiting, back = drafts.of_ticket(ticket, person, now, may_work=access.may_work(standing))
    agents, teams = assignable()
    on_it = [row for row in rows if not row.pending and row.role != "follower"]
    unreached = stopped(row.person_id for row in on_it)
    writing = begun.fields(ticket, person, back)
    return {
        "now": now,
        "ticket": ticket,
        "stream": f"ticket:{ticket.pk}:staff",
        "entries": entries,
        "drafts": waiting,
        "restored": back,
        "begun_reply": writing["reply"],
        "begun_note": writing["note"],
        "caps": CAPS.words,
        "warning": quoting.warning(ticket, back.text) if back else None,
        "composer_too": False,
        "determined": determined(entries),
        "answers": told(ticket.fields),
        "editable": editable(ticket.fields) if access.may_work(standing) else [],
        "rating": last_said(ticket.pk) if was_asked(entries) else None,
        "promises": promises(ticket.pk),
        "organization": _organization(ticket),
        "people": [(row.pk, row.person.label, row.person.email, row.role) for row in on_it],
        "stopped": {row.pk: row.person_id for row in on_it if row.person_id in unreached},
        "pending": [(row.pk, row.person.label, row.person.email, row.source == ASKED) for row in rows if row.pending],
        "agents": agents,
        "teams": teams,
        "severities": [(key, value["name"]) for key, value in severities().items()],
        "statuses": [(status.value, status.label) for status in SETTABLE],
        "may_work": access.may_work(standing),
        "may_set_status": access.may_reply(standing),
        "may_reply": access.may_reply(standing) and ticket.status != Status.CLOSED,
        "may_mark_sensitive": access.may_mark_sensitive(standing) and ticket.status != Status.CLOSED,
        "may_approve_cc": access.may_approve_cc(standing),
        "may_read_raw": administers(person),
        "acts": acts(person, ticket, standing, entries, now),
        "snoozes": presets(now) if access.may_work(standing) and ticket.is_open else [],
        "follows": any(row.role == "follower" and row.person_id == person.pk for row in rows),
        "followers": [row.person.label for row in rows if row.role == "follower"],
        **_recipients(person, rows, ticket, last_answer(entries, person.pk), unreached),
    }


def _recipients(
    person: Person,
    rows: list[Participant],
    ticket: Ticket,
    answered_at: datetime | None,
    unreached: Mapping[int, Sequence[str]],
) -> dict[str, object]:
    found = recipients(person, rows, inside_of(domains_of(ticket), ticket.requester), answered_at, unreached)
    return {
        "to_name": ticket.requester.label.split(" ")[0],
        "others": max(0, len(found) - 1),
        "recipients": found,
    }


def _organization(ticket: Ticket) -> dict[str, object] | None:
    org = ticket.organization
    if org is None:
        return None
    return {
        "name": org.name,
        "slug": org.slug,
        "plan": plan_name(org.plan),
        "csm": org.csm.label if org.csm else "",
        "open_count": open_count(org),
    }


@require_safe
@staff_only
def explain(request: PersonRequest, number: int) -> HttpResponse:
    """Why each promise is due when it is, worked out anew from the ticket's events."""
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    context = {"now": now, "ticket": ticket, "told": explained(ticket.pk, now), "customer": False}
    return render(request, "desk/explain.html", context | {"may_excuse": access.may_excuse(standing)})
