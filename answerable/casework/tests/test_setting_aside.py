"""Merge, spam and deletion: what each does to clocks, people and mail, and that each can be taken back."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from answerable.casework import actions as casework
from answerable.casework.inbound import Envelope, InboundResult, process_inbound
from answerable.casework.merge_actions import merge, unmerge
from answerable.casework.removal_actions import mark_spam, restore, soft_delete, unmark_spam
from answerable.casework.work import deliver
from answerable.lib.errors import Refused
from answerable.notify.models import Delivery
from answerable.people.models import Person
from answerable.sla.models import Leg
from answerable.tickets.access import find, visible_to
from answerable.tickets.models import Participant, Ticket
from tests.cast import NOW, Cast, a_ticket, says
from tests.running import mail

SUPPORT = "support@vendor.test"
MERGED_AT = NOW + timedelta(hours=2)


def later(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def two(cast: Cast) -> tuple[Ticket, Ticket]:
    """The first is older, and asked by somebody else of the same organization."""
    away = a_ticket(cast, requester=cast.no_grant, subject="Also down")
    return away, a_ticket(cast, later(1))


def answers(ticket: Ticket, person: Person, *, hours: float = 3) -> InboundResult:
    """A reply to the last mail that this person had about the ticket."""
    sent = Delivery.objects.filter(ticket_id=ticket.pk, person=person).latest("id")
    raw = mail(person.email, "Re: hello", f"more at {hours}", sent.headers["reply_to"], In_Reply_To=sent.message_id)
    return process_inbound(raw, SUPPORT, Envelope("x@y.test"), later(hours))


def legs(ticket: Ticket) -> dict[str, tuple[str, int, datetime | None]]:
    return {leg.metric: (leg.state, leg.elapsed, leg.due_at) for leg in Leg.objects.filter(ticket=ticket)}


@pytest.mark.behaviour("B-240")
def test_a_merge_carries_the_older_wait_and_unmerging_gives_it_back(cast: Cast) -> None:
    away, into = two(cast)
    assert away.next_due_at == later(8)
    merged = merge(cast.agent, away.pk, into.pk, MERGED_AT)
    away.refresh_from_db()
    assert (away.status, away.set_aside, away.merged_into) == ("closed", "merged", into)
    assert legs(away)["first_response"][0] == "carried"
    assert merged.next_due_at == later(8), "who waits longest is not forgotten"
    back = unmerge(cast.agent, away.pk, later(3))
    into.refresh_from_db()
    assert (back.status, back.set_aside, back.merged_into, back.waits_for) == ("new", "", None, "us")
    assert (back.next_due_at, into.next_due_at) == (later(8), later(9))


def test_an_answer_there_that_reached_the_customer_is_one_here(cast: Cast) -> None:
    away, into = two(cast)
    merge(cast.agent, away.pk, into.pk, MERGED_AT, copies=[cast.no_grant.pk])
    casework.add_reply(cast.agent, into.pk, says("Fixed."), later(3))
    back = unmerge(cast.agent, away.pk, later(4))
    assert back.waits_for == "customer"
    assert legs(back)["first_response"][0] == "fulfilled"
    with pytest.raises(Refused, match="no such request"):
        find(cast.no_grant, into.number, later(4))


def test_who_was_not_picked_learns_nothing_of_the_other_request(cast: Cast) -> None:
    away, into = two(cast)
    merge(cast.agent, away.pk, into.pk, MERGED_AT)
    told = Delivery.objects.filter(ticket_id=away.pk, person=cast.no_grant).latest("id")
    assert "as part of another one" in told.text
    assert str(into.number) not in told.text + told.html + told.subject
    assert into not in visible_to(cast.no_grant, MERGED_AT)
    colleague = Delivery.objects.filter(ticket_id=away.pk, person=cast.colleague).latest("id")
    assert f"#{into.number}" in colleague.text, "who is on both is told which"


def test_whom_the_agent_picks_is_ccd_and_told(cast: Cast) -> None:
    away, into = two(cast)
    merge(cast.agent, away.pk, into.pk, MERGED_AT, copies=[cast.no_grant.pk])
    assert find(cast.no_grant, into.number, MERGED_AT)[1].cc
    assert Delivery.objects.filter(ticket_id=into.pk, person=cast.no_grant, kind="people").exists()


def test_what_cannot_be_merged(cast: Cast) -> None:
    away, into = two(cast)
    theirs = a_ticket(cast, requester=cast.stranger, organization=cast.other_org)
    for one, other, code in ((theirs, into, "other_organization"), (into, into, "same")):
        with pytest.raises(Refused) as refused:
            merge(cast.agent, one.pk, other.pk, MERGED_AT)
        assert refused.value.code == code
    with pytest.raises(Refused, match="may not do this"):
        merge(cast.csm, away.pk, into.pk, MERGED_AT)
    with pytest.raises(Refused, match="no such request"):
        merge(cast.requester, away.pk, into.pk, MERGED_AT)
    merge(cast.agent, away.pk, into.pk, MERGED_AT)
    for one, other in ((away, into), (into, away)):
        with pytest.raises(Refused, match="merged into another"):
            merge(cast.agent, one.pk, other.pk, MERGED_AT)
    with pytest.raises(Refused, match="merged into another"):
        casework.add_reply(cast.no_grant, away.pk, says("hello?"), MERGED_AT)


def test_a_solved_request_is_open_again_when_one_that_waits_comes_in(cast: Cast) -> None:
    away, into = two(cast)
    casework.add_reply(cast.agent, into.pk, says("Done."), MERGED_AT, casework.Next(status="solved"))
    merged = merge(cast.agent, away.pk, into.pk, later(3))
    assert (merged.status, merged.waits_for) == ("open", "us")


@pytest.mark.behaviour("B-241")
def test_mail_to_a_merged_request_goes_where_its_sender_may_write_e37(cast: Cast) -> None:
    away, into = two(cast)
    middle = a_ticket(cast, later(1), requester=cast.no_grant)
    merge(cast.agent, away.pk, middle.pk, MERGED_AT)
    merge(cast.agent, middle.pk, into.pk, MERGED_AT)
    colleague = answers(away, cast.colleague)
    assert (colleague.kind, colleague.ticket) == ("reply", into.pk), "along every merge"
    assert "thread_conflict" not in colleague.flags
    alone = answers(away, cast.no_grant)
    assert (alone.kind, alone.created_ticket) == ("new", True)
    assert Ticket.objects.get(pk=alone.ticket or 0).follow_up_of == away
    assert not re.search(rf"#{into.number}|Nothing has loaded", str(alone.outgoing))


@pytest.mark.behaviour("B-242")
def test_spam_owes_nothing_and_can_be_taken_back(cast: Cast) -> None:
    ticket = a_ticket(cast)
    marked = mark_spam(cast.agent, ticket.pk, MERGED_AT)
    assert (marked.status, marked.set_aside, marked.due_at) == ("closed", "spam", None)
    assert {state for state, *_ in legs(ticket).values()} == {"carried"}, "neither kept nor broken"
    with pytest.raises(Refused) as refused:
        casework.add_reply(cast.requester, ticket.pk, says("hello?"), MERGED_AT)
    assert "spam" not in str(refused.value), "a customer need not read that"
    back = unmark_spam(cast.agent, ticket.pk, later(9))
    assert (back.status, back.set_aside) == ("new", "")
    assert back.breached_at == later(8), "the customer has waited all the while"
    with pytest.raises(Refused, match="taken this back"):
        unmark_spam(cast.agent, ticket.pk, later(9))


def test_what_a_spammer_writes_next_is_linked_to_nothing_e37(cast: Cast) -> None:
    ticket = a_ticket(cast)
    mark_spam(cast.agent, ticket.pk, MERGED_AT)
    found = answers(ticket, cast.requester)
    assert found.created_ticket
    assert Ticket.objects.get(pk=found.ticket or 0).follow_up_of is None


@pytest.mark.behaviour("B-243")
def test_what_is_deleted_is_out_of_every_customers_sight_at_once(cast: Cast) -> None:
    ticket = a_ticket(cast)
    waiting = Delivery.objects.filter(ticket_id=ticket.pk).latest("id")
    soft_delete(cast.lead, ticket.pk, MERGED_AT)
    for person in (cast.requester, cast.colleague, cast.reader):
        assert ticket not in visible_to(person, MERGED_AT)
        with pytest.raises(Refused, match="no such request"):
            find(person, ticket.number, MERGED_AT)
    assert find(cast.agent, ticket.number, MERGED_AT)[0].is_deleted
    assert deliver(waiting.pk, MERGED_AT) is None
    waiting.refresh_from_db()
    assert waiting.state == "suppressed"
    found = answers(ticket, cast.requester)
    assert Ticket.objects.get(pk=found.ticket or 0).follow_up_of == ticket
    back = restore(cast.lead, ticket.pk, later(4))
    assert back in visible_to(cast.requester, later(4))
    assert Participant.objects.filter(ticket=ticket, ended_at__isnull=False).count() == 0


@pytest.mark.parametrize(("verb", "who"), [(mark_spam, "csm"), (soft_delete, "agent"), (mark_spam, "requester")])
def test_who_may_not(cast: Cast, verb: Callable[..., Ticket], who: str) -> None:
    ticket = a_ticket(cast)
    with pytest.raises(Refused):
        verb(getattr(cast, who), ticket.pk, MERGED_AT)
    ticket.refresh_from_db()
    assert ticket.set_aside == ""
