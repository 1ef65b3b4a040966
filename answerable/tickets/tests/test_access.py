"""DESIGN.md §5: what the database shows and what Python decides are the same, in worlds made by chance."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis.extra.django import TestCase

from answerable.lib import sql
from answerable.people.models import Person
from answerable.people.queries import granted_ids, grants_in_force
from answerable.tickets import access, seen
from answerable.tickets.access import Standing
from answerable.tickets.activity_queries import Wanted, granted, tab_counts
from answerable.tickets.view_queries import counts
from answerable.tickets.viewing import built_in
from tests.cast import NOW
from tests.worlds import FULL, ROLES, build, merge, worlds

Rule = Callable[[Standing], bool]


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

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(worlds())
    @example(FULL)
    def test_of_two_who_are_one_who_stays_sees_what_both_saw(self, world: dict[str, Any]) -> None:
        people, _tickets = build(world | {"merges": []})
        survivor, other = people[0], people[-1]
        before = numbers(survivor) | numbers(other)
        if survivor.is_active and merge(survivor, other):
            assert numbers(Person.objects.get(pk=other.pk)) == set()
            assert numbers(Person.objects.get(pk=survivor.pk)) >= before


class WithTheirEyes(TestCase):
    """Staff who see as a customer: what both of them may see, by all three ways to ask."""

    @settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(worlds())
    @example(FULL)
    @pytest.mark.behaviour("B-150")
    def test_it_is_what_both_may_see_and_nothing_is_to_be_done(self, world: dict[str, Any]) -> None:
        people, tickets = build(world)
        for staff, customer in product(filter(is_staff, people), people):
            if customer.role == "customer":
                both = numbers(customer) & numbers(staff)
                eyes = with_eyes(customer, staff)
                assert numbers(eyes) == both
                assert {number for (number,) in in_sql(seen.visible(eyes), eyes)} == both
                standings = {t.number: access.standing(eyes, t, NOW) for t in tickets}
                assert {number for number, s in standings.items() if access.may_see(s)} == both
                assert not any(rule(s) for rule in [access.may_see_notes, *RULES] for s in standings.values())
                assert counts(eyes, [built_in()["all"]], NOW)["all"].number == len(both)
                assert not access.visible_to(eyes, NOW).filter(access.worked_by(eyes)).exists()

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(worlds())
    @example(FULL)
    def test_each_list_is_cut_to_what_the_staff_see(self, world: dict[str, Any]) -> None:
        people, _tickets = build(world)
        for staff, customer in product(filter(is_staff, people), people):
            if customer.role == "customer":
                eyes, theirs = with_eyes(customer, staff), numbers(staff)
                for role in ("requester", "cc"):
                    own = set(access.taking_part(customer, role).values_list("number", flat=True))
                    assert set(access.taking_part(eyes, role).values_list("number", flat=True)) == own & theirs
                    assert {n for (n,) in in_sql(seen.in_role(eyes), eyes, role=role)} == own & theirs
                    assert tab_counts(eyes, NOW)[role] == len(own & theirs)
                read = {row.number for row in granted(customer, Wanted(), NOW).rows} & theirs
                assert {row.number for row in granted(eyes, Wanted(), NOW).rows} == read
                assert tab_counts(eyes, NOW)["granted"] == len(read)


def is_staff(person: Person) -> bool:
    return person.is_staff


def numbers(person: Person) -> set[int]:
    return set(access.visible_to(person, NOW).values_list("number", flat=True))


def with_eyes(customer: Person, staff: Person) -> Person:
    eyes = Person.objects.get(pk=customer.pk)
    eyes.seen_by = staff
    return eyes


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
    access.may_redact,
    access.may_excuse,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_nothing_is_allowed_on_what_may_not_be_seen(rule: Rule) -> None:
    allowed = [s for s in every_standing() if rule(s)]
    assert allowed
    assert all(access.may_see(s) for s in allowed)


@pytest.mark.parametrize("rule", [*RULES, lambda s: access.may_remove_cc(s, added_by=1, who=1)])
def test_nobody_acts_with_somebody_elses_eyes(rule: Rule) -> None:
    assert any(rule(s) for s in every_standing())
    assert not any(rule(replace(s, only_seen=True)) for s in every_standing())


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
    access.may_redact: "nnnn yynny",
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
