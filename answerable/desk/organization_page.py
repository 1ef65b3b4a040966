"""Context of an organization's page: what everybody at the desk may read of it, and the forms of who looks after it."""

from datetime import datetime

from answerable.audit.queries import trail
from answerable.desk.organization_forms import DomainForm, MemberForm, organization_form
from answerable.desk.organization_history import sentences
from answerable.people.access import administers, looks_after
from answerable.people.models import Organization, Person
from answerable.people.organization_queries import MOST_MEMBERS, grants_of, members
from answerable.people.queries import standing_ccs
from answerable.people.sso_queries import sign_on_of_organization
from answerable.sla.queries import plan_name
from answerable.tickets.organization_queries import SHOWN, Tally, open_requests, tallies

HISTORY = 30


def page(person: Person, row: Organization, before: int | None, now: datetime) -> dict[str, object]:
    """Everything but the frame; `before` pages the history."""
    belongs = members(row)
    in_force, past = grants_of(row, now)
    records = trail("organization", row.pk, before, HISTORY)
    return {
        "view_title": row.name,
        "organization": row,
        "plan": plan_name(row.plan),
        "domains": list(row.domains.all()),
        "members": belongs[:MOST_MEMBERS],
        "more_members": len(belongs) > MOST_MEMBERS,
        "grants": in_force,
        "past_grants": past,
        "standing": list(standing_ccs(row, now).order_by("id")),
        "history": sentences(records[:HISTORY]),
        "older_history": records[HISTORY - 1].pk if len(records) > HISTORY else None,
        "sign_on": sign_on_of_organization(row),
        **_requests(person, row, now),
        **_forms(person, row),
    }


def _requests(person: Person, row: Organization, now: datetime) -> dict[str, object]:
    found = open_requests(person, row, now)
    return {
        "requests": found[:SHOWN],
        "more_requests": len(found) > SHOWN,
        "tally": tallies(person, [row.pk], now).get(row.pk, Tally()),
    }


def _forms(person: Person, row: Organization) -> dict[str, object]:
    may = looks_after(person, row)
    return {
        "may_manage": may,
        "edit_form": organization_form(organization=row) if administers(person) else None,
        "domain_form": DomainForm(auto_id="domain-%s") if may else None,
        "member_form": MemberForm(auto_id="member-%s") if may else None,
    }
