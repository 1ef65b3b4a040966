"""Making a person CC'd on every request of an organization, and the end of it; large organizations in small steps."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import Actor, system
from answerable.casework.access_mail import tell_standing, tell_standing_over
from answerable.casework.settle import news
from answerable.lib.errors import Refused
from answerable.live.actions import end_streams, publish_many
from answerable.people import standing_actions as people
from answerable.people.models import Organization, Person, StandingCC
from answerable.people.organization_queries import lock_organization
from answerable.people.queries import actor_of
from answerable.people.standing_queries import lock_standing
from answerable.tickets import access, standing
from answerable.tickets.models import Ticket

STEP = 50
# A request that was being opened while a standing CC ended may still name it: looked for so long.
STRAYS_FOR = timedelta(minutes=10)


def set_standing(
    by: Person, to: Person, organization: Organization, until: datetime | None, now: datetime, *, open_too: bool
) -> StandingCC:
    """CC the person on each new request and, if wanted, in the background on all open ones. Raises Refused."""
    with transaction.atomic():
        lock_organization(organization.pk)
        if to.role != "customer" or not to.is_active:
            raise Refused("not_a_customer", _("%(name)s is no customer with an account.") % {"name": to.label})
        row = people.set_standing(by, to, organization, until, now)
        if open_too:
            row.fill_after = 0
            row.save(update_fields=["fill_after"])
        tell_standing(row, now, open_too=open_too)
    return row


def end_standing(by: Person | None, standing_id: int, now: datetime) -> None:
    """End it on all requests at once; their histories follow in the background. Twice is once."""
    with transaction.atomic():
        row = lock_standing(standing_id)
        if row.ended_at is not None:
            return
        people.end_standing(by, row, now)
        standing.end_rows(row, now)
        tell_standing_over(row, by, now)
        end_streams(row.person_id)


def go_on(standing_id: int, now: datetime) -> bool:
    """One step of whatever a standing CC still has to do, in a short transaction; False when nothing is left."""
    with transaction.atomic():
        row = lock_standing(standing_id)
        if row.ended_at is not None and row.cleared_at is None:
            return _clear(row, row.ended_at, now)
        return row.fill_after is not None and _fill(row, row.fill_after, now)


def _fill(row: StandingCC, after: int, now: datetime) -> bool:
    found = access.lock_open_of(row.organization_id, after, STEP)
    _publish(standing.join_many(found, row, actor_of(row.set_by), now))
    row.fill_after = found[-1].pk if len(found) == STEP else None
    row.save(update_fields=["fill_after"])
    return row.fill_after is not None


def _clear(row: StandingCC, ended_at: datetime, now: datetime) -> bool:
    rows = standing.ended_rows(row, row.said_after, STEP)
    stray = standing.strays(row, STEP)
    ids = {ticket_id for _pk, ticket_id in rows} | set(stray)
    found = access.lock_many(ids)
    standing.say_ended(found, row, _who_ended(row), now)
    _publish(found)
    if rows:
        row.said_after = rows[-1][0]
    elif not stray and now >= ended_at + STRAYS_FOR:
        row.cleared_at = now
    row.save(update_fields=["said_after", "cleared_at"])
    return bool(ids)


def _who_ended(row: StandingCC) -> Actor:
    return actor_of(row.ended_by) if row.ended_by else system("standing CC")


def _publish(changed: list[Ticket]) -> None:
    publish_many([event for ticket in changed for event in news(ticket)])
