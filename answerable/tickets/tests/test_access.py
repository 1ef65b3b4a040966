"""DESIGN.md §5: what the database shows and what Python decides are the same, in worlds made by chance."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from answerable.lib import sql
from answerable.people.models import Grant, Organization, Person, Role, Team
from answerable.people.queries import granted_ids, grants_in_force
from answerable.tickets import access, seen
from answerable.tickets.access import Standing
from answerable.tickets.activity_queries import Wanted, granted
from answerable.tickets.models import Participant, Ticket
from tests.cast import NOW

Rule = Callable[[Standing], bool]
ROLES = [role.value for role in Role]


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Small worlds with everything that access looks at: roles, teams, grants with ends, participants in every state."""
    people = draw(st.lists(st.tuples(st.sampled_from(ROLES), st.booleans()), min_size=2, max_size=4))
    who = st.integers(0, len(people) - 1)
    org = st.integers(0, 1)
    return {
        "people": people,
        "teams": draw(st.lists(st.tuples(st.booleans(), st.sets(who)), min_size=1, max_size=2)),
        "csm": draw(st.tuples(st.none() | who, st.none() | who)),
        "grants": draw(st.lists(st.tuples(who, org, st.sampled_from([None, -1, 0, 1]), st.booleans()), max_size=4)),
        "tickets": draw(
            st.lists(
                st.tuples(who, st.none() | org, st.none() | st.just(0), st.none() | who, st.booleans(), st.booleans()),
                min_size=1,
                max_size=3,
            )
        ),
        "participants": draw(
            st.lists(
                st.tuples(
                    st.integers(0, 2),
                    who,
                    st.sampled_from(["requester", "cc", "follower"]),
                    st.booleans(),
                    st.booleans(),
                ),
                max_size=6,
            )
        ),
    }


# Everything that decides, once: chance meets a pending or an ended CC too seldom to be relied on.
# 0 is an agent shut in; 1 to 5 take part in the first ticket or seem to; 6 to 10 hold grants or held them.
FULL: dict[str, Any] = {
    "people": [("agent", True), *[("customer", True)] * 10, ("customer", False), ("lead", True), ("csm", True)],
    "teams": [(True, {0})],
    "csm": (13, None),
    "grants": [(6, 0, None, False), (7, 0, 1, False), (8, 0, 0, False), (9, 0, -1, False), (10, 0, None, True)],
    "tickets": [
        (1, 0, 0, None, False, False),
        (1, 0, None, None, True, False),
        (1, 0, None, None, False, True),
        (1, 1, None, 0, False, False),
        (1, None, None, None, False, False),
    ],
    "participants": [
        (0, 1, "requester", False, False),
        (0, 2, "cc", False, False),
        (0, 3, "cc", True, False),
        (0, 4, "cc", False, True),
        (0, 5, "follower", False, False),
        (0, 11, "cc", False, False),
        (1, 6, "cc", True, False),
        (4, 0, "cc", False, False),
    ],
}


def build(world: dict[str, Any]) -> tuple[list[Person], list[Ticket]]:
    people = [
        Person.objects.create(email=f"p{i}@x.test", role=role, is_active=active, joined_at=NOW)
        for i, (role, active) in enumerate(world["people"])
    ]
    orgs = [
        Organization.objects.create(
            name=f"O{i}", slug=f"o{i}", created_at=NOW, csm=people[csm] if csm is not None else None
        )
        for i, csm in enumerate(world["csm"])
    ]
    teams = []
    for i, (restricted, members) in enumerate(world["teams"]):
        team = Team.objects.create(key=f"t{i}", name=f"T{i}", restricted=restricted)
        team.members.set([people[m] for m in members])
        teams.append(team)
    for person, org, end, revoked in world["grants"]:
        Grant.objects.create(
            person=people[person],
            organization=orgs[org],
            granted_by=people[0],
            reason="r",
            granted_at=NOW - timedelta(days=9),
            expires_at=None if end is None else NOW + timedelta(seconds=end),
            revoked_at=NOW if revoked else None,
        )
    tickets = [
        Ticket.objects.create(
            number=n,
            requester=people[requester],
            organization=None if org is None else orgs[org],
            team=None if team is None else teams[team],
            assignee=None if assignee is None else people[assignee],
            severity="P2",
            channel="mail",
            sensitive=sensitive,
            unverified=unverified,
            created_at=NOW,
            updated_at=NOW,
            last_event_at=NOW,
        )
        for n, (requester, org, team, assignee, sensitive, unverified) in enumerate(world["tickets"])
    ]
    for ticket, person, role, pending, ended in world["participants"]:
        if ticket < len(tickets):
            Participant.objects.get_or_create(
                ticket=tickets[ticket],
                person=people[person],
                role=role,
                defaults={"since": NOW, "source": "x", "pending": pending, "ended_at": NOW if ended else None},
            )
    return people, tickets


class Worlds(TestCase):
    """Hypothesis rolls each world back."""

    @settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(worlds())
    @example(FULL)
    @pytest.mark.behaviour("B-29")
    def test_what_is_shown_is_what_is_decided(self, world: dict[str, Any]) -> None:
        people, tickets = build(world)
        for person in people:
            shown = set(access.visible_to(person, NOW).values_list("number", flat=True))
            decided = {t.number for t in tickets if access.may_see(access.standing(person, t, NOW))}
            assert shown == decided
            assert {number for (number,) in in_sql(seen.visible(person), person)} == decided
            worked = set(
                access.visible_to(person, NOW).filter(access.worked_by(person)).values_list("number", flat=True)
            )
            assert worked == {t.number for t in tickets if access.may_see_notes(access.standing(person, t, NOW))}

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(worlds())
    @example(FULL)
    def test_the_lists_of_a_customer_are_theirs_and_no_more(self, world: dict[str, Any]) -> None:
        people, tickets = build(world)
        for person in people:
            standings = {t.number: access.standing(person, t, NOW) for t in tickets}
            theirs = {
                "requester": {number for number, s in standings.items() if s.active and s.requester},
                "cc": {number for number, s in standings.items() if s.active and s.cc},
            }
            for role in ("requester", "cc"):
                assert {n for (n,) in in_sql(seen.in_role(person), person, role=role)} == theirs[role]
            readable = {
                n for n, s in standings.items() if s.reader and access.may_see(replace(s, requester=False, cc=False))
            }
            assert {row.number for row in granted(person, Wanted(), NOW).rows} == readable
            organizations = grants_in_force(person, NOW).values_list("organization", flat=True)
            assert granted_ids(person, NOW) == set(organizations)


def in_sql(condition: str, person: Person, **more: str) -> list[tuple[Any, ...]]:
    return sql.rows(f"SELECT t.number FROM tickets_ticket t WHERE {condition}", seen.asks(person, NOW) | more)


def every_standing() -> list[Standing]:
    flags = product([True, False], repeat=5)
    return [
        Standing(person_id=1, role=role, active=True, requester=r, cc=c, reader=g, csm=m and role == "csm", shut_out=o)
        for (r, c, g, m, o), role in product(flags, ROLES)
        if not (o and role != "agent")
    ]


RULES = [
    access.may_see_notes,
    access.may_reply,
    access.may_add_cc,
    access.may_mark_sensitive,
    access.may_ask_for_cc,
    access.may_approve_cc,
    access.may_escalate,
    access.may_work,
    access.may_excuse,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_nothing_is_allowed_on_what_may_not_be_seen(rule: Rule) -> None:
    allowed = [s for s in every_standing() if rule(s)]
    assert allowed
    assert all(access.may_see(s) for s in allowed)


def stand(role: str = "customer", **more: Any) -> Standing:
    return Standing(person_id=1, role=role, active=True, **more)


# Requester, CC'd, reader, no grant or stranger; agent, lead, CSM of the organization, other CSM, admin.
COLUMNS = [
    stand(requester=True),
    stand(cc=True),
    stand(reader=True),
    stand(),
    stand("agent"),
    stand("lead"),
    stand("csm", csm=True),
    stand("csm"),
    stand("admin"),
]
TABLE: dict[Rule, str] = {
    access.may_see: "yyyn yyyyy",
    access.may_see_notes: "nnnn yyyyy",
    access.may_reply: "yynn yyyyy",
    access.may_add_cc: "yynn yyyyy",
    access.may_mark_sensitive: "ynnn yyyny",
    access.may_ask_for_cc: "nnyn nnnnn",
    access.may_approve_cc: "ynnn yyyny",
    access.may_escalate: "yynn yyyny",
    access.may_work: "nnnn yynny",
    access.may_excuse: "nnnn nynny",
}


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: rule.__name__)
def test_the_table(rule: Rule) -> None:
    assert "".join("y" if rule(column) else "n" for column in COLUMNS) == TABLE[rule].replace(" ", "")


@pytest.mark.behaviour("B-31")
def test_sensitive_and_unverified_requests_are_hidden_from_readers_alone() -> None:
    for name in ("sensitive", "unverified"):
        hidden: dict[str, Any] = {name: True}
        assert not access.may_see(stand(reader=True, **hidden))
        assert access.may_see(stand(cc=True, reader=True, **hidden))
        assert access.may_see(stand("agent", **hidden))


def test_who_takes_whom_off() -> None:
    assert access.may_remove_cc(stand(requester=True), added_by=1, who=7)
    assert not access.may_remove_cc(stand(requester=True), added_by=2, who=7)
    assert access.may_remove_cc(stand(cc=True), added_by=2, who=1)
    assert not access.may_remove_cc(stand(cc=True), added_by=1, who=7)
    assert access.may_remove_cc(stand("agent"), added_by=2, who=7)


def test_a_deactivated_person_may_nothing() -> None:
    for s in COLUMNS:
        gone = Standing(**{**s.__dict__, "active": False})
        assert not any(rule(gone) for rule in [access.may_see, *RULES])
