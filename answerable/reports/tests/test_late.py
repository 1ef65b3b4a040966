"""How late a broken promise was answered: by open hours and by the clock on the wall."""

from datetime import UTC, datetime, timedelta

import pytest

from answerable.casework import actions as casework
from answerable.casework import clock_actions
from answerable.lib.fresh import forget_all
from answerable.people.models import CalendarVersion
from answerable.reports.late import Late, how_late
from answerable.reports.queries import events_of
from answerable.sla import calendars
from answerable.sla.models import Leg
from answerable.tickets.models import Ticket
from tests.cast import HOUR, Cast, a_ticket, says

FRIDAY = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
DAY = 24 * HOUR


@pytest.fixture
def office(cast: Cast) -> Cast:
    """Open from nine to five on weekdays: a P2 of Friday at nine is due at five, when the office closes."""
    days = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    CalendarVersion.objects.update(spec={"tz": "UTC", "weekly": days})
    forget_all()
    return cast


def late(ticket: Ticket, now: datetime) -> Late:
    leg = Leg.objects.get(ticket=ticket, metric="first_response")
    return how_late(events_of([ticket.pk])[ticket.pk], calendars.current(), leg, now)


@pytest.mark.behaviour("B-83")
def test_a_saturday_answer_to_a_deadline_of_friday_is_late(office: Cast) -> None:
    ticket = a_ticket(office, FRIDAY)
    saturday = FRIDAY + timedelta(days=1, hours=3)
    casework.add_reply(office.agent, ticket.pk, says("Here."), saturday)
    assert late(ticket, saturday + timedelta(days=9)) == Late(open=0, wall=19 * HOUR)


def test_an_answer_on_monday_is_late_by_the_open_hours_since(office: Cast) -> None:
    ticket = a_ticket(office, FRIDAY)
    casework.add_reply(office.agent, ticket.pk, says("Here."), FRIDAY + timedelta(days=3, hours=2))
    assert late(ticket, FRIDAY + timedelta(days=9)) == Late(open=2 * HOUR, wall=2 * DAY + 18 * HOUR)


def test_while_nobody_answers_it_grows_until_it_is_solved(cast: Cast) -> None:
    ticket = a_ticket(cast, FRIDAY)
    due = FRIDAY + timedelta(hours=8)
    clock_actions.look(ticket.pk, due + timedelta(hours=1))
    assert late(ticket, due + timedelta(hours=3)) == Late(3 * HOUR, 3 * HOUR)
    casework.set_status(cast.agent, ticket.pk, "solved", due + timedelta(hours=5))
    assert late(ticket, due + timedelta(days=30)) == Late(5 * HOUR, 5 * HOUR)


def test_it_counts_from_the_breach_whatever_was_promised_before(cast: Cast) -> None:
    """Raised from P2 to P0 after three hours: due half an hour later, answered an hour after that."""
    ticket = a_ticket(cast, FRIDAY)
    casework.determine_severity(cast.agent, ticket.pk, "P0", "down", FRIDAY + timedelta(hours=3))
    casework.add_reply(cast.agent, ticket.pk, says("Here."), FRIDAY + timedelta(hours=4, minutes=30))
    assert late(ticket, FRIDAY + timedelta(days=9)) == Late(HOUR, HOUR)


def test_a_mail_that_was_stuck_was_late_before_it_entered(cast: Cast) -> None:
    """The breach lies before the event that opened the leg: it started when the mail reached us."""
    ticket = a_ticket(cast, FRIDAY)
    casework.add_reply(cast.agent, ticket.pk, says("Here."), FRIDAY + timedelta(hours=1))
    stuck = FRIDAY + timedelta(hours=2)
    entered = FRIDAY + timedelta(hours=14)
    casework.add_reply(cast.requester, ticket.pk, says("And?", received_at=stuck), entered)
    casework.add_reply(cast.agent, ticket.pk, says("Here."), entered + timedelta(hours=1))
    leg = Leg.objects.get(ticket=ticket, metric="next_response")
    leg.target, leg.breached_at = 8 * HOUR, stuck + timedelta(hours=8)
    found = how_late(events_of([ticket.pk])[ticket.pk], calendars.current(), leg, entered + timedelta(days=1))
    assert found == Late(5 * HOUR, 5 * HOUR)
