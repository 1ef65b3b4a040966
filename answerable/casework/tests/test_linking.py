"""Requests that are linked: what may be linked to what, who learns of it, and the way back."""

from datetime import timedelta

import pytest

from answerable.audit.models import Record
from answerable.casework import actions as casework
from answerable.casework.linking_actions import link, unlink
from answerable.casework.merge_actions import merge
from answerable.casework.removal_actions import mark_spam, soft_delete
from answerable.casework.undo_actions import undo
from answerable.lib.errors import Refused
from answerable.notify.models import Delivery, Notice
from answerable.people.actions import make_person
from answerable.people.models import Person
from answerable.sla.models import Leg
from answerable.tickets import linked_queries
from answerable.tickets.history_queries import changes
from answerable.tickets.linked_queries import beside, counts, page
from answerable.tickets.models import Event, Ticket
from answerable.tickets.queries import history
from answerable.tickets.ticket_links import HOWS, TicketLink
from tests.cast import NOW, Cast, a_ticket


def several(cast: Cast, count: int) -> list[Ticket]:
    return [a_ticket(cast, subject=f"Sync stopped {number}") for number in range(count)]


def of_kivu(cast: Cast, subject: str = "Nothing loads at Kivu") -> Ticket:
    return a_ticket(cast, subject=subject, requester=cast.stranger, organization=cast.other_org, team=cast.product)


def code_of(person: Person, one: Ticket, other: Ticket, how: str) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        link(person, one.pk, other.pk, how, NOW)
    return refused.value.code, refused.value.message


def hows(person: Person, ticket: Ticket) -> dict[str, list[int]]:
    return {how: [row.number for row in rows] for how, rows in beside(person, ticket, NOW).items()}


@pytest.mark.behaviour("B-330")
def test_a_link_stands_in_both_histories_and_moves_nothing(cast: Cast) -> None:
    this, other = a_ticket(cast), of_kivu(cast)
    before = Delivery.objects.count(), Notice.objects.count(), list(Leg.objects.values_list("pk", "state", "due_at"))
    link(cast.agent, this.pk, other.pk, "duplicate_of", NOW)
    assert hows(cast.agent, this) == {"duplicate_of": [other.number]}
    assert hows(cast.agent, other) == {"has_duplicate": [this.number]}
    said = Event.objects.filter(kind="linked").order_by("ticket").values_list("ticket", "data")
    assert list(said) == [
        (this.pk, {"other": other.pk, "how": "duplicate_of"}),
        (other.pk, {"other": this.pk, "how": "has_duplicate"}),
    ]
    assert Record.objects.filter(verb="link").count() == 2
    after = Delivery.objects.count(), Notice.objects.count(), list(Leg.objects.values_list("pk", "state", "due_at"))
    assert after == before
    for ticket in (this, other):
        customers = " ".join(line.text for line in history(ticket, staff=False))
        assert "linked" not in customers
        assert any("linked it" in line.text for line in history(ticket, staff=True))
    unlink(cast.lead, other.pk, this.pk, NOW)
    assert hows(cast.agent, this) == {}
    assert TicketLink.objects.get().ended_at is not None, "the row stays, with its end"


@pytest.mark.behaviour("B-331")
def test_what_cannot_be_linked_is_said(cast: Cast) -> None:
    this, other, third, fourth = several(cast, 4)
    assert code_of(cast.agent, this, this, "related")[0] == "same"
    assert code_of(cast.agent, this, other, "cousin")[0] == "invalid"
    with pytest.raises(Refused, match="no such request"):
        link(cast.agent, this.pk, 10**9, "related", NOW)
    link(cast.agent, this.pk, other.pk, "incident_of", NOW)
    for how in HOWS:
        assert code_of(cast.agent, other, this, how)[0] == "already"
    assert code_of(cast.agent, this, third, "incident_of") == (
        "has_problem",
        f"#{this.number} is an incident of #{other.number} already: unlink it there first.",
    )
    assert code_of(cast.agent, third, this, "incident_of") == (
        "is_incident",
        f"#{this.number} is itself an incident of #{other.number}: a problem cannot be one. Link that problem.",
    )
    assert code_of(cast.agent, other, third, "incident_of")[0] == "is_problem"
    link(cast.agent, third.pk, other.pk, "incident_of", NOW)
    link(cast.agent, this.pk, third.pk, "related", NOW)
    mark_spam(cast.agent, fourth.pk, NOW)
    assert code_of(cast.agent, this, fourth, "related") == ("set_aside", f"#{fourth.number} is marked as spam.")
    gone, deleted, away, closed = several(cast, 4)
    soft_delete(cast.lead, deleted.pk, NOW)
    assert code_of(cast.agent, this, deleted, "related")[0] == "set_aside"
    merge(cast.agent, away.pk, gone.pk, NOW)
    assert code_of(cast.agent, this, away, "duplicate_of") == (
        "merged",
        f"#{away.number} was merged into #{gone.number}: link that one.",
    )
    casework.set_status(cast.agent, closed.pk, "solved", NOW)
    casework.close_for_good(closed.pk, NOW + timedelta(days=400))
    assert code_of(cast.agent, closed, other, "incident_of")[0] == "closed"
    link(cast.agent, this.pk, closed.pk, "related", NOW)


@pytest.mark.behaviour("B-332")
def test_undone_from_either_history_it_is_as_before(cast: Cast) -> None:
    incident, problem = several(cast, 2)
    link(cast.agent, problem.pk, incident.pk, "has_incident", NOW)
    linked = Event.objects.get(ticket=incident, kind="linked")
    undo(cast.lead, incident.pk, linked.pk, NOW)
    assert hows(cast.agent, problem) == {}
    assert [one.why_not for one in changes(incident) if one.kind == "linked"] == ["It was undone."]
    unlinked = Event.objects.get(ticket=problem, kind="unlinked")
    undo(cast.lead, problem.pk, unlinked.pk, NOW)
    assert hows(cast.agent, problem) == {"has_incident": [incident.number]}
    assert hows(cast.agent, incident) == {"incident_of": [problem.number]}
    again = Event.objects.filter(ticket=problem, kind="linked").latest("pk")
    unlink(cast.agent, incident.pk, problem.pk, NOW)
    with pytest.raises(Refused, match="Overtaken"):
        undo(cast.lead, problem.pk, again.pk, NOW)
    with pytest.raises(Refused, match="not linked any more"):
        unlink(cast.agent, incident.pk, problem.pk, NOW)


@pytest.mark.behaviour("B-333")
def test_who_does_not_see_the_other_learns_nothing_of_it(cast: Cast) -> None:
    cast.product.restricted = True
    cast.product.save()
    shut_in = make_person("shut@vendor.test", "Sol Ek", "agent", None, NOW)
    cast.product.members.add(shut_in)
    theirs, hidden, open_one = of_kivu(cast), a_ticket(cast, subject="Norrland only"), of_kivu(cast, "Kivu again")
    link(cast.agent, theirs.pk, hidden.pk, "incident_of", NOW)
    link(cast.agent, theirs.pk, open_one.pk, "related", NOW)
    assert hows(cast.agent, theirs) == {"incident_of": [hidden.number], "related": [open_one.number]}
    assert hows(shut_in, theirs) == {"related": [open_one.number]}
    assert linked_queries.titles(shut_in, [hidden.pk, open_one.pk], NOW).keys() == {open_one.pk}
    assert page(shut_in, theirs, "incident_of", None, NOW, only_open=False) == []
    assert hows(cast.csm, theirs)["incident_of"] == [hidden.number], "who sees everything sees it"
    # Nor by trying.
    assert code_of(shut_in, theirs, hidden, "related")[0] == "not_found"
    other = of_kivu(cast, "Another one")
    assert code_of(shut_in, theirs, other, "incident_of")[1].startswith(
        f"#{theirs.number} is an incident of another request"
    )
    said = [line.text for line in history(theirs, staff=True) if line.kind == "linked"]
    assert not any(str(hidden.number) in text or "Norrland" in text for text in said)
    assert code_of(cast.csm, theirs, other, "related")[0] == "not_allowed", "links are for who works requests"


@pytest.mark.behaviour("B-334")
def test_many_incidents_are_shown_page_by_page(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, *incidents = several(cast, 8)
    for ticket in incidents:
        link(cast.agent, ticket.pk, problem.pk, "incident_of", NOW)
    for name, most in (("BESIDE", 3), ("PAGE", 3), ("COUNT_CAP", 5)):
        monkeypatch.setattr(linked_queries, name, most)
    casework.set_status(cast.agent, incidents[-1].pk, "solved", NOW)
    assert counts(cast.agent, problem.pk, NOW) == (5, 5), "counted so far and no further"
    assert len(beside(cast.agent, problem, NOW)["has_incident"]) == 4
    seen: list[int] = []
    after = None
    while rows := page(cast.agent, problem, "has_incident", after, NOW, only_open=True)[:3]:
        seen += [row.number for row in rows]
        after = rows[-1].link
    assert seen == [ticket.number for ticket in reversed(incidents[:-1])]
    said = [line.text for line in history(problem, staff=True) if line.kind == "linked"]
    assert said == [], "its conversation does not tell each of them"
