"""What would have become of a promise: the same as became of it where the other policy really was in force."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from answerable.casework import clock_actions
from answerable.lib.fresh import forget_all
from answerable.lib.sql import read_only
from answerable.people.models import CalendarVersion
from answerable.policy.actions import terms_of
from answerable.policy.read import SHIPPED, parse
from answerable.policy.schema import Policy
from answerable.reports import replay
from answerable.reports.figures import Figures
from answerable.reports.queries import events_of
from answerable.reports.replay import Limits, everybodys, simulate, thought_of
from answerable.reports.tests.stories import ALL, QUICK, RAISED, SLOW, STATED, UNANSWERED, Story, play
from answerable.reports.what_if import BROKEN, EXCUSED, KEPT, NONE, OPEN, Outcome, Past, compare, made_for
from answerable.sla import calendars
from answerable.sla.actions import apply_terms
from answerable.sla.evaluate import Event as Heard
from answerable.sla.evaluate import Leg as Judged
from answerable.sla.evaluate import Terms as Words
from answerable.sla.evaluate import evaluate
from answerable.sla.models import Leg, Terms
from answerable.tickets.models import Event, Ticket
from tests.cast import Cast, a_ticket
from tests.put_back import put_back, the_cast

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = MONDAY + timedelta(days=60)
OFFICE = """
[calendars.office]
tz = "Europe/Berlin"
weekly = { mon = [["09:00", "17:00"]], tue = [["09:00", "17:00"]], wed = [["09:00", "12:00"]] }
"""


QUICKER = {"4 h": "10 min", "8 h": "40 min", "24 h": "3 h", "2 h": "10 min", "1 h": "5 min"}


def policy(**edits: str) -> Policy:
    """The shipped policy; `office`: all of it in opening hours, `quick`: far faster, and resolution is promised too."""
    text = SHIPPED.read_text()
    if "office" in edits:
        text = text.replace('calendar = "always"', 'calendar = "office"') + OFFICE
    if "quick" in edits:
        text = re.sub(r'(?m)^(\w+ = )"(\d+ h)"', lambda found: f'{found[1]}"{QUICKER[found[2]]}"', text)
        text = re.sub(r"(?m)^(periodic_update = .*)$", r'\1\nresolution = "35 h"', text)
    return parse(text, "support.toml")


def put_in_force(wanted: Policy) -> None:
    """As `apply` does it, and from ever on, so that its calendars held when the stories were lived."""
    for key, calendar in wanted.calendars.items():
        CalendarVersion.objects.filter(key=key).delete()
        CalendarVersion.objects.create(
            key=key, number=1, spec=calendar.spec, effective_from=MONDAY - timedelta(days=400)
        )
    last = Terms.objects.order_by("-version").first()
    apply_terms(terms_of(wanted), last.version + 1 if last else 1, MONDAY)
    forget_all()


def lived(cast: Cast, story: Story) -> Ticket:
    """A request with this past, of the premium plan's organization."""
    ticket = play(cast, story, MONDAY)
    clock_actions.look(ticket.pk, LATER)
    return ticket


def past_of(ticket: Ticket) -> Past:
    plan = ticket.organization.plan if ticket.organization else ""
    return Past(ticket.number, plan, ticket.severity, events_of([ticket.pk])[ticket.pk])


def compared(ticket: Ticket, wanted: Policy) -> list[Outcome]:
    return compare(past_of(ticket), calendars.current(), thought_of(wanted), LATER)


def stored(ticket: Ticket) -> dict[tuple[str, int], str]:
    """The verdicts of what the product itself wrote down."""
    return {(leg.metric, leg.index): _verdict(leg) for leg in Leg.objects.filter(ticket=ticket)}


def _verdict(leg: Leg) -> str:
    if leg.target is None:
        return NONE
    if leg.breached_at:
        return BROKEN
    return KEPT if leg.fulfilled_at else OPEN


@pytest.fixture
def premium(db: None) -> Cast:
    return put_back(those_of_a_premium_plan)


def those_of_a_premium_plan() -> Cast:
    cast = the_cast()
    put_in_force(policy())
    cast.org.plan = "premium"
    cast.org.save()
    return cast


@pytest.mark.behaviour("B-84")
@pytest.mark.parametrize("story", ALL, ids=["quick", "slow", "silent", "unanswered", "raised", "stated"])
@pytest.mark.parametrize("edits", [{"quick": "1"}, {"office": "1"}, {"office": "1", "quick": "1"}])
def test_it_says_what_the_other_policy_would_really_have_made_of_it(
    premium: Cast, story: Story, edits: dict[str, str]
) -> None:
    ticket = lived(premium, story)
    outcomes = compared(ticket, policy(**edits))
    assert {(one.metric, one.index): one.was for one in outcomes} == stored(ticket)
    put_in_force(policy(**edits))
    again = lived(premium, story)
    assert {(one.metric, one.index): one.would_be for one in outcomes} == stored(again)


def test_something_differs_in_these_stories(premium: Cast) -> None:
    """So that the test above does not hold for the wrong reason."""
    changes = {
        (one.was, one.would_be)
        for story in ALL
        for edits in ({"quick": "1"}, {"office": "1"})
        for one in compared(lived(premium, story), policy(**edits))
    }
    assert {(KEPT, BROKEN), (BROKEN, KEPT), (OPEN, BROKEN), (NONE, KEPT), (NONE, BROKEN)} <= changes


def test_the_same_policy_changes_nothing_and_is_asked_once(premium: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = lived(premium, RAISED)
    asked: list[datetime] = []

    def heard(events: Iterable[Heard], terms: Words, now: datetime) -> list[Judged]:
        asked.append(now)
        return evaluate(events, terms, now)

    monkeypatch.setattr("answerable.reports.what_if.evaluate", heard)
    outcomes = compared(ticket, policy())
    assert outcomes
    assert all(one.was == one.would_be for one in outcomes)
    assert asked == [LATER]


@pytest.mark.parametrize("story", [RAISED, STATED, SLOW])
def test_histories_older_than_plan_and_severity_in_the_events_read_the_same(premium: Cast, story: Story) -> None:
    past = past_of(lived(premium, story))
    told = [(one.plan, one.severity) for one in made_for(past)]
    for row in past.events:
        if row.kind == "targets":
            del row.data["plan"], row.data["severity"]
    assert [(one.plan, one.severity) for one in made_for(past)] == told
    for row in past.events:
        if row.kind == "opened":
            row.data = {}
    assert [(one.plan, one.severity) for one in made_for(past)][1:] == told[1:]


def test_what_a_customer_states_moves_nothing_once_staff_determined() -> None:
    told: list[tuple[str, dict[str, str]]] = [
        ("opened", {"severity": "P2"}),
        ("targets", {}),
        ("severity_stated", {"severity": "P1"}),
        ("targets", {}),
        ("severity", {"before": "P1", "after": "P0"}),
        ("severity_stated", {"severity": "P3"}),
        ("targets", {"plan": "premium"}),
    ]
    rows = [Event(kind=kind, occurred_at=MONDAY, data=data) for kind, data in told]
    made = made_for(Past(1, "standard", "P3", rows))
    assert [(one.plan, one.severity) for one in made] == [("standard", "P2"), ("standard", "P1"), ("premium", "P0")]


def test_a_promise_counts_for_the_severity_and_plan_of_its_moment(premium: Cast) -> None:
    outcomes = compared(lived(premium, RAISED), policy(quick="1"))
    found = {(one.metric, one.index): (one.severity, one.plan) for one in outcomes}
    assert found["first_response", 0] == ("P0", "premium")
    assert found["resolution", 0] == ("P3", "premium")
    premium.org.plan = "gone"
    premium.org.save()
    assert {one.plan for one in compared(lived(premium, QUICK), policy())} == {"standard"}


def test_an_excused_promise_is_excused_under_either_policy(premium: Cast) -> None:
    ticket = lived(premium, SLOW)
    at = MONDAY + timedelta(days=30)
    Event.objects.create(
        ticket=ticket, kind="excuse", occurred_at=at, actor_kind="staff", actor_label="Priya",
        data={"metric": "first_response", "index": 0, "why": "their firewall"},
    )  # fmt: skip
    first = compared(ticket, policy(quick="1"))[0]
    assert (first.metric, first.was, first.would_be) == ("first_response", EXCUSED, EXCUSED)


def test_the_history_itself_is_left_alone(premium: Cast) -> None:
    past = past_of(lived(premium, RAISED))
    before = [dict(row.data) for row in past.events]
    compare(past, calendars.current(), thought_of(policy(quick="1")), LATER)
    assert [row.data for row in past.events] == before


@pytest.fixture
def many(db: None) -> Cast:
    return put_back(a_dozen_stories)


def a_dozen_stories() -> Cast:
    premium = those_of_a_premium_plan()
    for number in range(12):
        lived(premium, ALL[number % len(ALL)])
    a_ticket(premium, MONDAY - timedelta(days=1))
    return premium


def tally(since: datetime, wanted: Policy) -> dict[tuple[str, str], tuple[Figures, Figures]]:
    """Ticket by ticket, promise by promise."""
    outcomes = [
        one for ticket in Ticket.objects.all() if ticket.created_at >= since for one in compared(ticket, wanted)
    ]
    return {
        key: (
            _figures([one.was for one in outcomes if (one.severity, one.plan) == key]),
            _figures([one.would_be for one in outcomes if (one.severity, one.plan) == key]),
        )
        for key in {(one.severity, one.plan) for one in outcomes}
    }


def _figures(verdicts: list[str]) -> Figures:
    return Figures(verdicts.count(KEPT), verdicts.count(BROKEN), verdicts.count(EXCUSED))


@pytest.mark.parametrize("batch", [1, 5, 400])
def test_the_whole_is_the_sum_of_its_tickets(many: Cast, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "BATCH", batch)
    wanted = policy(quick="1")
    heard: list[tuple[int, int]] = []
    found = simulate(wanted, everybodys(), MONDAY, LATER, tell=lambda done, of: heard.append((done, of)))
    assert (found.tickets, found.looked_at) == (12, 12)
    slow = tally(MONDAY, wanted)
    assert {key: (line.was.figures, line.would_be.figures) for key, line in found.lines.items()} == slow
    assert [(line.severity, line.plan) for line in found.sorted_lines] == sorted(slow)
    whole = found.whole.would_be.figures
    assert whole.kept == sum(would.kept for _, would in slow.values())
    assert heard[-1] == (12, 12)
    assert len(heard) == -(-12 // batch)


def test_what_differs_is_listed_and_the_rest_is_counted(many: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = policy(quick="1")
    every = simulate(wanted, everybodys(), MONDAY, LATER)
    monkeypatch.setattr(replay, "MOST_LISTED", 3)
    some = simulate(wanted, everybodys(), MONDAY, LATER)
    assert len(every.differing) > 3
    assert every.more == 0
    assert some.differing == every.differing[:3]
    assert some.more == len(every.differing) - 3
    assert sum(some.changes.values()) == len(every.differing)
    assert all(one.was != one.would_be for one in every.differing)


def test_limits_leave_the_older_ones_out_and_say_so(many: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "BATCH", 3)
    numbers = list(Ticket.objects.order_by("-pk").values_list("number", flat=True))
    found = simulate(policy(quick="1"), everybodys(), MONDAY, LATER, limits=Limits(tickets=4))
    assert (found.looked_at, found.tickets) == (4, 12)
    assert {one.number for one in found.differing} <= set(numbers[:5])
    found = simulate(policy(), everybodys(), MONDAY, LATER, limits=Limits(seconds=0))
    assert (found.looked_at, found.tickets) == (3, 12)


@pytest.mark.behaviour("B-85")
def test_asking_writes_nothing_and_could_not(many: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins FROM pg_stat_xact_user_tables ORDER BY 1")
        before = cursor.fetchall()
        simulate(policy(office="1"), everybodys(), MONDAY, LATER)
        cursor.execute("SELECT relname, n_tup_ins FROM pg_stat_xact_user_tables ORDER BY 1")
        assert cursor.fetchall() == before
    with pytest.raises(DatabaseError, match="read-only transaction"), transaction.atomic(), read_only():
        Ticket.objects.update(version=0)


def test_the_replay_runs_inside_the_read_only_transaction(many: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_told: object) -> list[Judged]:
        Ticket.objects.update(version=0)
        return []

    monkeypatch.setattr(replay, "compare", write)
    with pytest.raises(DatabaseError, match="read-only transaction"), transaction.atomic():
        simulate(policy(), everybodys(), MONDAY, LATER)


def test_unanswered_requests_are_open_until_they_are_late(premium: Cast) -> None:
    ticket = play(premium, UNANSWERED, MONDAY)
    now = MONDAY + timedelta(minutes=30)
    found = compare(past_of(ticket), calendars.current(), thought_of(policy(quick="1")), now)
    assert {one.was for one in found if one.metric == "first_response"} == {OPEN}
