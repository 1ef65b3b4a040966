"""Views at work: what a view holds, what its count says, that paging neither skips nor repeats, and how far it looks."""

from datetime import datetime, timedelta
from itertools import pairwise, product

import pytest
from django.db import connection
from django.db.models import Q

from answerable.casework import actions as casework
from answerable.people.models import Person, Team
from answerable.tickets import access, view_plan, view_queries
from answerable.tickets.conditions import Condition
from answerable.tickets.models import NO_PROMISE, Ticket
from answerable.tickets.view_plan import plan_of
from answerable.tickets.view_queries import Line, counts, page
from answerable.tickets.viewing import GROUPS, ORDERS, View, built_in, of_team
from tests.cast import NOW, Cast, a_ticket, says

ALL_OPEN = Condition("status", "any", ("any_open",))
OPEN = Q(status__in=["new", "open", "pending", "hold"])


def in_every_state(cast: Cast) -> None:
    for n in range(3):
        a_ticket(cast, NOW + timedelta(minutes=n), severity="P0", team=cast.product)
    waiting, mine, solved, deleted = (a_ticket(cast, NOW) for _ in range(4))
    casework.add_reply(cast.lead, waiting.pk, says("?"), NOW, casework.Next(status="pending"))
    casework.assign(cast.agent, mine.pk, cast.agent, cast.cloud, NOW)
    casework.add_reply(cast.lead, solved.pk, says("!"), NOW, casework.Next(status="solved"))
    Ticket.objects.filter(pk=deleted.pk).update(status="closed", set_aside="deleted")
    Ticket.objects.filter(pk=mine.pk).update(escalation_level=1)
    a_ticket(cast, NOW)


def meant(person: Person, now: datetime) -> dict[str, Q]:
    """The views again, in the words of the models."""
    return {
        "risk": OPEN & Q(next_due_at__lt=now + timedelta(hours=1)),
        "mine": OPEN & Q(assignee=person),
        "unassigned": OPEN & Q(assignee__isnull=True, team__members=person),
        "waiting": Q(status="pending"),
        "escalated": OPEN & Q(escalation_level__gt=0),
        "all": OPEN,
        "solved": Q(status="solved"),
    }


@pytest.mark.parametrize("restricted", [False, True])
@pytest.mark.behaviour("B-251")
def test_a_view_holds_and_counts_what_it_means(cast: Cast, restricted: bool) -> None:
    in_every_state(cast)
    a_ticket(cast, NOW, organization=None, requester=cast.stranger, team=None)
    Person.objects.filter(pk=cast.stranger.pk).update(name="")
    Team.objects.filter(key="cloud").update(restricted=restricted)
    views = built_in()
    for person, minutes in product((cast.agent, cast.lead, cast.admin), (0, 29, 31, 481)):
        person.__dict__.pop("_teams_of", None)
        at = NOW + timedelta(minutes=minutes)
        found = counts(person, list(views.values()), at)
        for key, condition in meant(person, at).items():
            tickets = access.visible_to(person, at).filter(condition)
            assert found[key] == (tickets.count(), False), key
            rows = page(person, views[key], "", at).rows
            assert {row.id for row in rows} == set(tickets.values_list("pk", flat=True)), key
            assert all(row == as_line(Ticket.objects.get(pk=row.id)) for row in rows)


def as_line(ticket: Ticket) -> Line:
    return Line(
        id=ticket.pk, number=ticket.number, subject=ticket.subject, preview=ticket.preview, severity=ticket.severity,
        provisional=ticket.severity_determined_at is None, status=ticket.status,
        organization=ticket.organization.name if ticket.organization else "", requester=ticket.requester.label,
        assignee=ticket.assignee.name if ticket.assignee else "", waits=ticket.waits_for, next_due_at=ticket.due_at,
        promise_metric=ticket.promise_metric, promise_start_at=ticket.promise_start_at, updated_at=ticket.updated_at,
        created_at=ticket.created_at, team=ticket.team.name if ticket.team else "", tags=", ".join(ticket.tags),
        channel=ticket.channel, team_id=ticket.team_id, assignee_id=ticket.assignee_id,
        organization_id=ticket.organization_id,
    )  # fmt: skip


def walk(cast: Cast, view: View) -> list[Line]:
    """Page by page to the end."""
    shown: list[Line] = []
    cursor = ""
    for _ in range(30):
        found = page(cast.agent, view, cursor, NOW)
        shown += found.rows
        cursor = found.next
        if not cursor:
            return shown
    raise AssertionError("no end")


def fill(cast: Cast) -> None:
    """Different in all that orders and groups go by, with ties."""
    people, teams = [None, cast.agent, cast.lead], [None, cast.cloud, cast.product]
    for n in range(9):
        ticket = a_ticket(cast, NOW + timedelta(minutes=n % 2), severity=f"P{n % 3}", team=teams[n % 3])
        Ticket.objects.filter(pk=ticket.pk).update(
            assignee=people[n // 3],
            organization=[None, cast.org, cast.other_org][n % 3],
            status=["new", "open", "pending", "hold"][n % 4],
            **({"next_due_at": NO_PROMISE} if n % 4 == 2 else {}),
        )
    for _ in range(3):
        casework.set_status(cast.lead, a_ticket(cast, NOW).pk, "solved", NOW + timedelta(minutes=5))


ORDERED = {
    "due": ("next_due_at", "id"),
    "severity": ("severity", "next_due_at", "id"),
    "newest": ("-id",),
    "oldest": ("id",),
    "updated": ("-updated_at", "-id"),
}


@pytest.mark.behaviour("B-252")
def test_every_order_pages_without_gaps(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_queries, "PAGE", 2)
    fill(cast)
    for order in ORDERS:
        shown = [row.id for row in walk(cast, View("x", "", (ALL_OPEN,), order=order))]
        assert shown == list(Ticket.objects.filter(OPEN).order_by(*ORDERED[order]).values_list("pk", flat=True)), order
    # What is not open has no promise to go by.
    for order in ORDERS:
        by = ORDERED[order if order in ("newest", "oldest") else "updated"]
        shown = [row.id for row in walk(cast, View("x", "", (), order=order))]
        assert shown == list(Ticket.objects.order_by(*by).values_list("pk", flat=True)), order


@pytest.mark.behaviour("B-252")
def test_every_grouping_pages_without_gaps_and_keeps_its_groups_together(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_queries, "PAGE", 2)
    fill(cast)
    for group in GROUPS[1:]:
        rows = walk(cast, View("x", "", (ALL_OPEN,), order="newest", group=group))
        assert len({row.id for row in rows}) == len(rows) == 9, group
        name = {"team": "team_id", "assignee": "assignee_id", "organization": "organization_id"}.get(group, group)
        groups = [getattr(row, name) for row in rows]
        changes = sum(before != after for before, after in pairwise(groups))
        assert changes == len(set(groups)) - 1, group
        for one in set(groups):
            due = [(row.next_due_at or NO_PROMISE, row.id) for row in rows if getattr(row, name) == one]
            assert due == sorted(due), group


@pytest.mark.behaviour("B-253")
def test_a_view_looks_only_so_far_and_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAGE_SCAN", "PAGE_SCAN_OPENED", "COUNT_SCAN", "COUNT_SCAN_OPENED"):
        monkeypatch.setattr(view_plan, name, 4)
    made = [a_ticket(cast, NOW + timedelta(minutes=n)) for n in range(10)]
    for n in (1, 9):
        Ticket.objects.filter(pk=made[n].pk).update(tags=["rare"])
    rare = View("x", "", (ALL_OPEN, Condition("tags", "any", ("rare",))))
    first = page(cast.agent, rare, "", NOW)
    assert ([row.id for row in first.rows], first.stopped, bool(first.next)) == ([made[1].pk], True, True)
    second = page(cast.agent, rare, first.next, NOW)
    assert (second.rows, second.stopped) == ([], True)
    third = page(cast.agent, rare, second.next, NOW)
    assert ([row.id for row in third.rows], third.stopped, third.next) == ([made[9].pk], False, "")
    assert counts(cast.agent, [rare, built_in()["all"]], NOW) == {"x": (1, True), "all": (10, False)}


@pytest.mark.behaviour("B-253")
def test_what_has_no_group_is_looked_through_to_its_end_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAGE_SCAN", "PAGE_SCAN_OPENED"):
        monkeypatch.setattr(view_plan, name, 4)
    made = [a_ticket(cast, NOW + timedelta(minutes=n)) for n in range(10)]
    Ticket.objects.filter(pk__in=[one.pk for one in made[:5]]).update(assignee=cast.lead)
    rare = [made[n].pk for n in (1, 9)]
    Ticket.objects.filter(pk__in=rare).update(tags=["rare"])
    view = View("x", "", (ALL_OPEN, Condition("tags", "any", ("rare",))), group="assignee")
    assert [row.id for row in walk(cast, view)] == rare


def test_a_count_is_capped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_queries, "COUNT_CAP", 2)
    for _ in range(3):
        a_ticket(cast, NOW)
    assert counts(cast.agent, [built_in()["all"]], NOW)["all"] == (2, True)
    assert counts(cast.agent, [], NOW) == {}


def test_what_is_counted_in_one_look_is_exact_where_its_end_was_seen(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_plan, "COUNT_SCAN", 4)
    monkeypatch.setattr(view_queries, "COUNT_CAP", 4)
    for minutes in (-90, -45, 30, 120, 240, 480):
        Ticket.objects.filter(pk=a_ticket(cast, NOW).pk).update(next_due_at=NOW + timedelta(minutes=minutes))
    late = View("late", "", (Condition("is", "any", ("late",)),))
    urgent = View("urgent", "", (ALL_OPEN, Condition("severity", "any", ("P0",))))
    risky = View("risky", "", (Condition("is", "any", ("at_risk",)), Condition("severity", "none", ("P0",))))
    views = [late, urgent, risky, built_in()["risk"]]
    assert len({(plan.base, plan.order) for plan in (plan_of(view, cast.agent, NOW) for view in views)}) == 1
    said = {"late": (2, False), "urgent": (0, True), "risky": (3, False), "risk": (3, False)}
    assert counts(cast.agent, views, NOW) == said
    monkeypatch.setattr(view_queries, "COUNT_CAP", 3)
    monkeypatch.setattr(view_plan, "COUNT_SCAN", 2)
    capped = {"late": (2, False), "urgent": (0, True), "risky": (3, True), "risk": (3, True)}
    assert counts(cast.agent, views, NOW) == capped
    assert counts(cast.agent, [late], NOW) == {"late": (2, False)}


@pytest.mark.parametrize(
    "cursor", ["x", "====", "W10", "WzEsMl0", "WyJ4IiwxXQ", "bnVsbA", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5LDFd", "Ww" * 300]
)
def test_a_mangled_cursor_begins_anew(cast: Cast, cursor: str) -> None:
    a_ticket(cast)
    assert len(page(cast.agent, built_in()["all"], cursor, NOW).rows) in (0, 1)
    assert page(cast.agent, built_in()["all"], "%00\x00", NOW).rows


def plan_text(cast: Cast, view: View) -> str:
    """What the server would do, were the tables large."""
    plan = plan_of(view, cast.agent, NOW)
    with connection.cursor() as asked:
        # A sort of what is left counts as one, too: whether it looks cheap depends on what earlier tests left behind.
        for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            asked.execute(f"SET LOCAL enable_{way} = off")
        asked.execute(f"EXPLAIN (COSTS OFF) SELECT * FROM {plan.scanned('', 50)}", plan.values)
        return "\n".join(line for (line,) in asked.fetchall())


@pytest.mark.behaviour("B-253")
def test_each_view_goes_along_an_index(cast: Cast) -> None:
    team = of_team(cast.cloud.pk, "Cloud support")
    for view in (*built_in().values(), *team, *(View("x", "", (ALL_OPEN,), group=group) for group in GROUPS[1:])):
        assert "Index" in plan_text(cast, view), view
        assert "Sort" not in plan_text(cast, view), view
    for order in ORDERS:
        for conditions in ((ALL_OPEN,), (), (Condition("tags", "any", ("x",)),)):
            text = plan_text(cast, View("x", "", conditions, order=order))
            assert "Index" in text, (order, conditions)
            assert "Sort" not in text, (order, conditions)
