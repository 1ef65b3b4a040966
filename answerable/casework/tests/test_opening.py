"""A request that staff open: the customer's words start the customer's clock, ours owe no first answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from answerable.casework import actions as casework
from answerable.casework.opening_actions import Wanted, open_for
from answerable.lib.errors import Refused
from answerable.notify.models import Delivery
from answerable.people.models import Team
from answerable.sla.models import Leg
from answerable.tickets.models import Event, Participant, Reply, Ticket
from answerable.tickets.queries import history
from tests.cast import NOW, Cast, says


def wanted(cast: Cast, **more: object) -> Wanted:
    plain = Wanted(
        requester=cast.requester,
        organization=cast.org,
        said=True,
        subject=" Cannot  log in",
        text="She says **nothing** loads.",
        severity="P1",
        once="form-1",
    )
    return replace(plain, **more)  # type: ignore[arg-type]  # the values of a test


def metrics(ticket: Ticket) -> dict[str, str]:
    return {leg.metric: leg.state for leg in Leg.objects.filter(ticket=ticket)}


@pytest.mark.behaviour("B-297")
def test_what_a_customer_says_on_the_phone_is_a_request_of_theirs(cast: Cast) -> None:
    more = {"why": "a whole team waits", "team": cast.cloud, "tags": ["Phone"], "cc": ["a.lund@norrland.test"]}
    ticket = open_for(cast.agent, wanted(cast, **more), NOW)
    assert (ticket.subject, ticket.channel, ticket.status, ticket.tags) == ("Cannot log in", "phone", "new", ["phone"])
    assert metrics(ticket)["first_response"] == "running"
    assert ticket.next_due_at == NOW + timedelta(hours=2)
    reply = Reply.objects.get(ticket=ticket)
    assert (reply.author, reply.from_staff, reply.html) == (
        cast.requester,
        False,
        "<p>She says <strong>nothing</strong> loads.</p>",
    )
    assert list(Delivery.objects.filter(ticket_id=ticket.pk).values_list("kind", "address")) == [
        ("ack", cast.requester.email)
    ]
    assert Participant.objects.filter(ticket=ticket, role="cc", added_by=cast.agent).exists()
    opened = Event.objects.get(ticket=ticket, kind="opened")
    assert (opened.actor_label, opened.data["by"]) == ("Tomas Kral", "Tomas Kral")
    assert any("determined P1: a whole team waits" in line.text for line in history(ticket, staff=False))


def test_a_request_for_a_team_with_a_rule_has_somebody_as_soon_as_it_is_there(cast: Cast) -> None:
    Team.objects.filter(pk=cast.cloud.pk).update(assign="round_robin")
    cast.cloud.refresh_from_db()
    ticket = open_for(cast.lead, wanted(cast, team=cast.cloud), NOW)
    assert ticket.assignee == cast.agent
    assert Event.objects.get(ticket=ticket, kind="assigned").data["rule"] == "round_robin"
    chosen = open_for(cast.lead, wanted(cast, team=cast.cloud, assignee=cast.lead, once="form-2"), NOW)
    assert chosen.assignee == cast.lead


@pytest.mark.behaviour("B-298")
def test_what_we_write_first_owes_no_first_answer_and_waits_for_the_customer(cast: Cast) -> None:
    ticket = open_for(cast.agent, wanted(cast, said=False, status="pending", assignee=cast.agent), NOW)
    assert (ticket.channel, ticket.status, ticket.waits_for, ticket.due_at) == ("desk", "pending", "customer", None)
    assert metrics(ticket) == {}
    sent = Delivery.objects.get(ticket_id=ticket.pk)
    assert (sent.kind, sent.address) == ("reply", cast.requester.email)
    assert not sent.subject.startswith("Re:")
    casework.add_reply(cast.requester, ticket.pk, says("No, still broken."), NOW + timedelta(hours=1))
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waits_for) == ("open", "us")
    assert ticket.next_due_at == NOW + timedelta(hours=3), "now they wait for an answer"


@pytest.mark.behaviour("B-299")
def test_the_same_form_sent_twice_opens_one_request(cast: Cast) -> None:
    first = open_for(cast.agent, wanted(cast), NOW)
    assert open_for(cast.agent, wanted(cast, subject="again"), NOW) == first
    assert open_for(cast.agent, wanted(cast, once="form-2"), NOW) != first


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"subject": "  "}, "subject"),
        ({"text": "\x00 "}, "empty"),
        ({"severity": "P9"}, "unknown_severity"),
        ({"tags": ["two words"]}, "tag_words"),
        ({"cc": ["support@vendor.test"]}, "address"),
        ({"status": "closed"}, "unknown_status"),
    ],
)
def test_what_is_wrong_opens_nothing_and_the_form_is_still_good(cast: Cast, more: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        open_for(cast.agent, wanted(cast, **more), NOW)
    assert refused.value.code == code
    assert not Ticket.objects.exists()
    assert open_for(cast.agent, wanted(cast), NOW).number


def test_who_may_not_work_opens_nothing_and_the_shut_in_only_what_they_see(cast: Cast) -> None:
    for person in (cast.csm, cast.requester):
        with pytest.raises(Refused):
            open_for(person, wanted(cast), NOW)
    cast.cloud.restricted = True
    cast.cloud.save()
    with pytest.raises(Refused, match="one of your teams"):
        open_for(cast.agent, wanted(cast, team=cast.product), NOW)
    assert open_for(cast.agent, wanted(cast, team=cast.cloud), NOW).number
