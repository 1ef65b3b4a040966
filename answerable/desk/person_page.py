"""Context of a person's page."""

from datetime import datetime

from answerable.audit.models import Record
from answerable.audit.queries import trail
from answerable.desk.organization_forms import ReasonForm
from answerable.desk.organization_history import sentences
from answerable.people.access import administers, may_see_as
from answerable.people.mail_stop_queries import stops_of
from answerable.people.models import Person, Role
from answerable.people.person_queries import aliases, grants_to
from answerable.people.seeing_queries import BEGIN, END, looks
from answerable.people.sso_queries import is_tied
from answerable.tickets.organization_queries import SHOWN, requests_by

HISTORY = 30


def page(viewer: Person, row: Person, before: int | None, now: datetime) -> dict[str, object]:
    """Everything but the frame; `before` pages the history."""
    records: list[Record] = trail("person", row.pk, before, HISTORY, without=(BEGIN, END))
    found = requests_by(viewer, row, now)
    may = administers(viewer)
    return {
        "view_title": row.label,
        "person": row,
        "role": Role(row.role).label,
        "aliases": aliases(row),
        "memberships": list(row.memberships.all()),
        "grants": grants_to(row, now),
        "mail_stops": stops_of(row),
        "requests": found[:SHOWN],
        "more_requests": len(found) > SHOWN,
        "history": sentences(records[:HISTORY]),
        "older_history": records[HISTORY - 1].pk if len(records) > HISTORY else None,
        "may_administer": may,
        "is_tied": may and is_tied(row),
        "may_see_as": may_see_as(viewer, row),
        "looks": looks(row),
        "reason_form": ReasonForm(auto_id="suspend-%s") if may else None,
    }
