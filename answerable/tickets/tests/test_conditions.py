"""Conditions as data: what each finds, what is refused, and that they come back from JSON as they were."""

from datetime import datetime, timedelta

import pytest

from answerable.casework import actions as casework
from answerable.lib import sql
from answerable.people.models import Person
from answerable.tickets import answers
from answerable.tickets.conditions import FIELDS, STATES, Condition, moment, read, where, written, wrong
from answerable.tickets.models import Participant, Ticket
from answerable.tickets.seen import visible
from tests.cast import NOW, Cast, a_file, a_ticket, says

LATER = NOW + timedelta(hours=2)
ANSWERED = answers.stored(
    [answers.Answer("product", "Product", "choice", "Cloud"), answers.Answer("ready", "Ready", "checkbox", True)]
)


def found(conditions: list[Condition], person: Person, now: datetime = LATER) -> set[int]:
    assert wrong(conditions, {1, 2, *Ticket.objects.values_list("team_id", flat=True)}) == []
    which, values = where(conditions, person, now)
    statement = f"SELECT t.id FROM tickets_ticket t WHERE {visible(person)} AND {which}"
    return {pk for (pk,) in sql.rows(statement, values)}


@pytest.fixture
def world(cast: Cast) -> list[Ticket]:
    """Tickets that differ in everything that can be asked for."""
    made = [
        a_ticket(cast, NOW - timedelta(days=n), severity=f"P{n % 4}", team=(cast.cloud, cast.product, None)[n % 3])
        for n in range(6)
    ]
    casework.assign(cast.lead, made[0].pk, cast.agent, cast.cloud, NOW)
    casework.add_reply(cast.lead, made[1].pk, says("?"), NOW, casework.Next(status="pending"))
    casework.add_reply(cast.lead, made[2].pk, says("!", files=[a_file("log.txt", b"x")]), NOW)
    casework.add_reply(cast.lead, made[3].pk, says("!"), NOW, casework.Next(status="solved"))
    change = Ticket.objects.filter
    change(pk=made[0].pk).update(tags=["sync", "glossary"], fields=ANSWERED)
    change(pk=made[1].pk).update(tags=["sync"], fields={"product": ""}, sensitive=True, escalation_level=1)
    change(pk=made[2].pk).update(organization=cast.other_org, unverified=True, severity_determined_at=NOW)
    change(pk=made[4].pk).update(organization=None, type="question", channel="mail")
    change(pk=made[5].pk).update(set_aside="deleted", status="closed")
    Participant.objects.create(ticket=made[2], person=cast.agent, role="follower", since=NOW, source="desk")
    return made


@pytest.mark.behaviour("B-250")
def test_each_condition_finds_what_it_says(cast: Cast, world: list[Ticket]) -> None:
    everything = {0, 1, 2, 3, 4}
    meant: list[tuple[str, str, tuple[str, ...], set[int]]] = [
        ("status", "any", ("any_open",), {0, 1, 2, 4}),
        ("status", "none", ("any_open",), {3}),
        ("status", "any", ("any_done",), {3}),
        ("status", "any", ("pending", "solved"), {1, 3}),
        ("severity", "any", ("P0",), {0, 4}),
        ("severity", "none", ("P0", "P1"), {2, 3}),
        ("team", "any", ("mine",), {0, 3}),
        ("team", "any", ("none", str(cast.product.pk)), {1, 2, 4}),
        ("team", "none", ("mine",), {1, 2, 4}),
        ("assignee", "any", ("me",), {0}),
        ("assignee", "any", ("nobody",), {4}),
        ("assignee", "none", ("me", "nobody"), {1, 2, 3}),
        ("organization", "any", (str(cast.other_org.pk),), {2}),
        ("organization", "none", (str(cast.org.pk),), {2, 4}),
        ("requester", "any", (str(cast.requester.pk),), everything),
        ("csm", "any", (str(cast.csm.pk),), {0, 1, 3}),
        ("csm", "any", ("nobody",), {2, 4}),
        ("csm", "none", ("nobody",), {0, 1, 3}),
        ("tags", "any", ("sync", "other"), {0, 1}),
        ("tags", "all", ("sync", "glossary"), {0}),
        ("tags", "none", ("glossary",), {1, 2, 3, 4}),
        ("field:product", "any", ("Cloud", "Server"), {0}),
        ("field:product", "none", ("Cloud",), {1, 2, 3, 4}),
        ("field:product", "set", (), {0}),
        ("field:product", "unset", (), {1, 2, 3, 4}),
        ("field:ready", "any", ("true",), {0}),
        ("field:ready", "any", ("Yes",), {0}),
        ("field:ready", "any", ("no",), set()),
        ("is", "any", ("waiting",), {1}),
        ("is", "any", ("unassigned",), {4}),
        ("is", "any", ("provisional",), {0, 1, 3, 4}),
        ("is", "any", ("sensitive", "unverified"), {1, 2}),
        ("is", "none", ("sensitive", "unverified"), {0, 3, 4}),
        ("is", "any", ("escalated",), {1}),
        ("is", "any", ("following",), {2}),
        ("channel", "any", ("mail",), {4}),
        ("type", "none", ("question",), {0, 1, 2, 3}),
        ("created", "before", ("2026-03-01",), {2, 3, 4}),
        ("created", "after", ("36h",), {0, 1}),
        ("updated", "after", ("today",), {0, 1, 2, 3}),
        ("solved", "after", ("7d",), {3}),
        ("has", "any", ("attachment",), {2}),
    ]
    places = {ticket.pk: place for place, ticket in enumerate(world)}
    for name, op, values, places_meant in meant:
        one = Condition(name, op, values)
        assert {places[pk] for pk in found([one], cast.agent)} == places_meant, one
        assert read(written([one])) == (one,)
    assert {name for name, *_ in meant} >= FIELDS.keys()


def test_promises_are_asked_by_their_state(cast: Cast) -> None:
    early, late = a_ticket(cast, NOW, severity="P0"), a_ticket(cast, NOW, severity="P1")
    kept = a_ticket(cast, NOW, severity="P0")
    Ticket.objects.filter(pk=kept.pk).update(breached_at=NOW + timedelta(minutes=30), next_due_at=LATER)
    at = NOW + timedelta(minutes=70)
    assert found([Condition("is", "any", ("late",))], cast.agent, at) == {early.pk}
    assert found([Condition("is", "any", ("at_risk",))], cast.agent, at) == {early.pk, late.pk, kept.pk}
    assert found([Condition("is", "any", ("breached",))], cast.agent, at) == {kept.pk}
    assert set(STATES) >= {"breached", "late", "at_risk"}


def test_all_conditions_hold_together(cast: Cast, world: list[Ticket]) -> None:
    both = [Condition("status", "any", ("any_open",)), Condition("tags", "any", ("sync",))]
    assert found(both, cast.agent) == {world[0].pk, world[1].pk}
    assert len(found([], cast.agent)) == 5


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (Condition("colour", "any", ("red",)), "nothing called “colour”"),
        (Condition("field:'; DROP", "any", ("x",)), "nothing called"),
        (Condition("status", "after", ("open",)), "cannot be asked with “after”"),
        (Condition("status", "any", ("lost",)), "“lost” is no value"),
        (Condition("status", "any"), "needs a value"),
        (Condition("severity", "any", ("P0') OR true --",)), "is no value"),
        (Condition("assignee", "any", ("you",)), "is no value"),
        (Condition("assignee", "any", ("9" * 30,)), "is no value"),
        (Condition("tags", "any", ("a\x00b",)), "is no value"),
        (Condition("tags", "any", ("x",) * 51), "too many values"),
        (Condition("created", "before", ("soon",)), "“soon” is no value"),
        (Condition("created", "before", ("2026-02-30",)), "is no value"),
        (Condition("created", "after", ("1d", "2d")), "too many values"),
        (Condition("team", "any", ("77",)), "a team that no longer exists"),
    ],
)
@pytest.mark.behaviour("B-250")
def test_what_is_wrong_is_said(one: Condition, words: str) -> None:
    (said,) = wrong([one], {1})
    assert words in said


def test_what_is_no_condition_at_all_is_refused() -> None:
    shapes: list[object] = [None, "x", {"a": 1}, [None], [{"values": 3}], [[]]]
    for stored in shapes:
        assert wrong(read(stored), set())
    assert wrong([Condition("is", "any", ("late",))] * 21, set()) == ["A view has at most 20 conditions."]


def test_days_begin_where_the_reader_is(cast: Cast) -> None:
    cast.agent.zone = "Asia/Tokyo"
    assert moment("2026-03-02", cast.agent, NOW).isoformat() == "2026-03-01T15:00:00+00:00"
    assert moment("today", cast.agent, NOW).isoformat() == "2026-03-01T15:00:00+00:00"
    assert moment("2w", cast.agent, NOW) == NOW - timedelta(days=14)
    assert moment("99999w", cast.agent, NOW) < NOW


def test_what_the_form_asked_is_found_by_its_answer(cast: Cast) -> None:
    given = [
        answers.Answer("product", "Product", "choice", "Cloud"),
        answers.Answer("ready", "Ready?", "checkbox", value=True),
    ]
    ticket, other = a_ticket(cast), a_ticket(cast)
    Ticket.objects.filter(pk=ticket.pk).update(fields=answers.stored(given))
    assert found([Condition("field:product", "any", ("Cloud",))], cast.lead) == {ticket.pk}
    assert found([Condition("field:product", "none", ("Cloud",))], cast.lead) == {other.pk}
    assert found([Condition("field:ready", "any", ("true",))], cast.lead) == {ticket.pk}
    assert found([Condition("field:ready", "unset")], cast.lead) == {other.pk}
