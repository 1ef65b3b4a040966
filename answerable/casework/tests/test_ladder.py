"""The customer's ladder over real rows and mail: from step 0 to the top, by page, by mail and by itself."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client

from answerable.casework import actions as casework
from answerable.casework import ladder_actions as verbs
from answerable.casework.clock_actions import look
from answerable.casework.inbound import Envelope, process_inbound
from answerable.casework.jobs import sweep_ladders
from answerable.casework.ladder_actions import Stake
from answerable.casework.merge_actions import merge
from answerable.casework.notice_words import sentence
from answerable.casework.redact_actions import Order, redact
from answerable.escalation import ladder
from answerable.escalation.episodes import Episode, LadderStep, due, log_of
from answerable.escalation.ladder import Ladder
from answerable.lib.errors import Refused
from answerable.lib.relay import MailRelay
from answerable.lib.zones import zone
from answerable.mail.models import RawMail
from answerable.notify.models import Delivery, Notice
from answerable.people.absence_actions import go_away
from answerable.people.models import Person
from answerable.tickets.models import Reply, Ticket
from answerable.tickets.queries import history
from tests.cast import NOW, Cast, a_ticket, says
from tests.cast import ladder as the_policy
from tests.running import Sink, mail, sink, text_of

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def assigned(cast: Cast, **more: Any) -> Ticket:
    """A request that Tomas, the agent, has: he is its representative."""
    ticket = a_ticket(cast, **more)
    casework.assign(cast.agent, ticket.pk, cast.agent, cast.cloud, NOW)
    return ticket


def stands(ticket: Ticket) -> Ladder:
    """By the log, which the row for timers and the ticket agree with."""
    now = ladder.state(log_of(ticket.pk))
    row = Episode.objects.get(ticket_id=ticket.pk, number=now.episode)
    assert (row.is_open, row.level, row.stage, row.due_at) == (now.is_open, now.level, now.stage, now.due_at)
    assert Ticket.objects.get(pk=ticket.pk).escalation_level == now.level
    return now


def kinds(ticket: Ticket) -> list[str]:
    return [row.kind for row in log_of(ticket.pk)]


def told(person: Person, how: str) -> int:
    return Notice.objects.filter(person=person, kind="escalation", data__as=how).count()


def sweep(at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        sweep_ladders(0)


@pytest.fixture
def policy(cast: Cast) -> None:
    the_policy(max_open=50)


@pytest.mark.behaviour("B-370")
def test_step_0_asks_the_representative_and_level_1_follows_by_itself(cast: Cast, policy: None) -> None:
    ticket = assigned(cast)
    verbs.ask(cast.requester, ticket.pk, Stake("the launch", "Friday"), NOW + MINUTE)
    assert kinds(ticket) == ["asked"]
    assert stands(ticket).due_at == NOW + MINUTE + 2 * HOUR
    assert told(cast.agent, "confirm") == 1
    assert told(cast.csm, "asked") == 1
    sweep(NOW + MINUTE + 2 * HOUR)
    assert stands(ticket).level == 0
    sweep(NOW + 2 * MINUTE + 2 * HOUR)
    assert (stands(ticket).level, stands(ticket).waiting_for_ack) == (1, True)
    assert told(cast.agent, "page") == 1
    lines = [line.text for line in history(ticket, staff=False)]
    assert "Elin Berg escalated it. At stake: the launch (by when: Friday)" in lines
    mails = Delivery.objects.filter(kind="ladder", person=cast.requester).order_by("id")
    assert "The representative did not answer in time" in mails[0].text
    # Who moved it needs no mail of it; who is CC'd does.
    assert Delivery.objects.filter(kind="ladder", person=cast.colleague).count() == 2


def test_the_representative_confirms_and_the_customer_may_go_on(cast: Cast, policy: None) -> None:
    ticket = assigned(cast)
    verbs.ask(cast.requester, ticket.pk, Stake("the launch"), NOW + MINUTE)
    with pytest.raises(Refused, match="still has time"):
        verbs.raise_level(cast.requester, ticket.pk, "now", NOW + 2 * MINUTE)
    with pytest.raises(Refused, match="representative confirms"):
        verbs.confirm(cast.csm, ticket.pk, "", NOW + 2 * MINUTE, understood=True)
    with pytest.raises(Refused, match="what is not clear"):
        verbs.confirm(cast.agent, ticket.pk, " ", NOW + 2 * MINUTE, understood=False)
    verbs.confirm(cast.agent, ticket.pk, "We work on it.", NOW + 2 * MINUTE, understood=True)
    assert stands(ticket).due_at is None
    verbs.raise_level(cast.colleague, ticket.pk, "not enough", NOW + 3 * MINUTE)
    assert stands(ticket).level == 1


@pytest.mark.behaviour("B-372")
def test_what_waives_step_0_is_logged(cast: Cast, policy: None) -> None:
    nobody = a_ticket(cast)
    verbs.ask(cast.requester, nobody.pk, Stake("much"), NOW + MINUTE)
    p0 = assigned(cast, severity="P0")
    verbs.ask(cast.requester, p0.pk, Stake("much"), NOW + MINUTE)
    late = assigned(cast)
    verbs.ask(cast.requester, late.pk, Stake("much"), NOW + 9 * HOUR)
    spoke = assigned(cast)
    with pytest.raises(Refused, match="when you spoke"):
        verbs.ask(cast.requester, spoke.pk, Stake("much", spoke_what="nothing"), NOW + MINUTE)
    verbs.ask(cast.requester, spoke.pk, Stake("much", spoke_when="Monday", spoke_what="no date"), NOW + MINUTE)
    waived = {row.ticket_id: row.cause for row in LadderStep.objects.filter(kind="waived")}
    assert waived == {nobody.pk: "nobody", p0.pk: "p0", late.pk: "late"}
    assert LadderStep.objects.get(kind="spoke").why == "Monday: no date"
    assert [stands(one).level for one in (nobody, p0, late, spoke)] == [1] * 4


def test_blank_is_refused_and_who_only_reads_may_not(cast: Cast, policy: None) -> None:
    ticket = assigned(cast)
    with pytest.raises(Refused, match="what is at stake"):
        verbs.ask(cast.requester, ticket.pk, Stake("  \x00"), NOW)
    for person in (cast.reader, cast.other_csm):
        with pytest.raises(Refused, match="escalate it"):
            verbs.ask(person, ticket.pk, Stake("much"), NOW)
    casework.set_status(cast.requester, ticket.pk, "solved", NOW)
    with pytest.raises(Refused, match="Reopen it first"):
        verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    assert not LadderStep.objects.exists()


@pytest.mark.behaviour("B-373")
def test_who_holds_it_or_a_level_above_acknowledges_and_never_the_csm(cast: Cast) -> None:
    the_policy(levels=[
        {"name": "First", "people": ["agent@vendor.test"]}, {"name": "Second", "roles": ["lead", "csm"]}
    ])  # fmt: skip
    ticket = a_ticket(cast)
    verbs.raise_level(cast.csm, ticket.pk, "they called", NOW + MINUTE)
    for person in (cast.csm, cast.admin):
        with pytest.raises(Refused, match="holds this level"):
            verbs.acknowledge(person, ticket.pk, NOW + 2 * MINUTE)
    verbs.acknowledge(cast.lead, ticket.pk, NOW + 2 * MINUTE)
    verbs.acknowledge(cast.agent, ticket.pk, NOW + 3 * MINUTE)
    assert stands(ticket).acked_by == cast.lead.pk
    assert kinds(ticket).count("acked") == 1
    # It answers no promise.
    assert Ticket.objects.get(pk=ticket.pk).next_due_at == NOW + 8 * HOUR
    assert told(cast.agent, "acked") == 1


@pytest.mark.behaviour("B-374")
def test_a_page_is_one_row_however_many_look(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast, severity="P0")
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    for _ in range(3):
        sweep(NOW + 16 * MINUTE)
    pages = LadderStep.objects.filter(kind="paged").order_by("id").values_list("episode", "level", "attempt")
    assert list(pages) == [(1, 1, 1), (1, 2, 1)]
    assert told(cast.lead, "page") == 1
    row = LadderStep.objects.filter(kind="paged").latest("id")
    row.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save(force_insert=True)
    assert due(NOW + 16 * MINUTE, 10) == []


@pytest.mark.behaviour("B-375")
def test_after_an_outage_it_goes_on_from_where_it_stands_and_says_so(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast, severity="P0")
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    sweep(NOW + 75 * MINUTE)
    assert (stands(ticket).level, stands(ticket).due_at) == (2, NOW + 90 * MINUTE)
    lines = [line.text for line in history(ticket, staff=False)]
    assert any(line.endswith("level 2, Director, Support (noticed 1 hour late)") for line in lines)


@pytest.mark.behaviour("B-376")
def test_a_level_that_nobody_holds_is_passed_at_once_and_administrators_hear_of_it(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast)
    go_away(cast.admin, cast.agent, NOW + 9 * HOUR, NOW)
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    assert kinds(ticket) == ["asked", "waived", "raised", "empty", "raised", "paged"]
    assert stands(ticket).level == 2
    assert told(cast.admin, "empty") == 1
    the_policy(levels=[{"name": "Gone", "people": ["nobody@vendor.test"]}], fallback=["lead@vendor.test"])
    other = a_ticket(cast)
    verbs.ask(cast.requester, other.pk, Stake("much"), NOW)
    assert kinds(other)[-2:] == ["empty", "fallback"]
    assert told(cast.lead, "fallback") == 1
    sweep(NOW + HOUR)
    assert told(cast.lead, "fallback") == 2


@pytest.mark.behaviour("B-377")
def test_a_broken_promise_moves_it_once_and_never_down(cast: Cast) -> None:
    the_policy(automatic=[{"metric": "first_response", "severities": ["P1"], "level": 2}])
    ticket, calm = assigned(cast, severity="P1"), assigned(cast, severity="P2")
    for at in (NOW + 3 * HOUR, NOW + 3 * HOUR + MINUTE):
        look(ticket.pk, at)
    look(calm.pk, NOW + 10 * HOUR)
    assert kinds(ticket) == ["raised", "paged"]
    assert (stands(ticket).level, stands(ticket).episode) == (2, 1)
    assert log_of(ticket.pk)[0].emission_id
    assert kinds(calm) == []
    assert told(cast.csm, "moved") == 1
    assert Delivery.objects.filter(kind="ladder", person=cast.requester).count() == 1


@pytest.mark.behaviour("B-378")
def test_down_with_a_reason_by_who_has_it_or_the_csm(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast)
    for _ in range(2):
        verbs.raise_level(cast.csm, ticket.pk, "they called", NOW + MINUTE)
    with pytest.raises(Refused, match="Whoever has it"):
        verbs.lower(cast.agent, ticket.pk, 0, "calmer", NOW + 2 * MINUTE)
    with pytest.raises(Refused, match="Say why"):
        verbs.lower(cast.lead, ticket.pk, 0, " ", NOW + 2 * MINUTE)
    verbs.lower(cast.csm, ticket.pk, 1, "the agent has it", NOW + 3 * MINUTE)
    assert (stands(ticket).level, stands(ticket).waiting_for_ack) == (1, False)
    assert told(cast.csm, "moved") == 0
    with pytest.raises(Refused, match="no longer stands"):
        verbs.lower(cast.lead, ticket.pk, 1, "again", NOW + 4 * MINUTE)


@pytest.mark.behaviour("B-379")
def test_a_summary_is_accepted_or_answered_by_the_next_level(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast)
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    with pytest.raises(Refused, match="Acknowledge it first"):
        verbs.propose(cast.agent, ticket.pk, "done", NOW + MINUTE)
    verbs.acknowledge(cast.agent, ticket.pk, NOW + MINUTE)
    verbs.propose(cast.agent, ticket.pk, "moved to its own cluster", NOW + 2 * MINUTE)
    verbs.raise_level(cast.requester, ticket.pk, "still slow", NOW + 3 * MINUTE)
    assert (stands(ticket).level, stands(ticket).summary) == (2, "")
    verbs.acknowledge(cast.lead, ticket.pk, NOW + 4 * MINUTE)
    verbs.propose(cast.lead, ticket.pk, "twice the memory", NOW + 5 * MINUTE)
    with pytest.raises(Refused, match="customer accepts"):
        verbs.settle_it(cast.csm, ticket.pk, NOW + 6 * MINUTE, accepts=True)
    verbs.settle_it(cast.requester, ticket.pk, NOW + 6 * MINUTE, accepts=True)
    assert stands(ticket) == Ladder(episode=1)
    assert Ticket.objects.get(pk=ticket.pk).is_open


@pytest.mark.behaviour("B-380")
def test_solving_ends_it_and_a_reopened_request_starts_at_0(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast, severity="P0")
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    casework.add_reply(cast.agent, ticket.pk, says("Here."), NOW + MINUTE)
    # Whoever answers has it, and need not be asked again.
    assert kinds(ticket)[-2:] == ["acked", "replied"]
    assert stands(ticket).due_at is None
    casework.set_status(cast.agent, ticket.pk, "solved", NOW + 2 * MINUTE)
    assert stands(ticket) == Ladder(episode=1)
    casework.add_reply(cast.requester, ticket.pk, says("Not yet."), NOW + 3 * MINUTE)
    assert Ticket.objects.get(pk=ticket.pk).escalation_level == 0
    verbs.ask(cast.requester, ticket.pk, Stake("again"), NOW + 4 * MINUTE)
    assert (stands(ticket).episode, stands(ticket).level) == (2, 1)


def test_another_severity_keeps_the_level_and_changes_its_times(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast)
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    assert stands(ticket).due_at == NOW + 2 * HOUR
    casework.determine_severity(cast.agent, ticket.pk, "P1", "worse", NOW + MINUTE)
    assert (stands(ticket).level, stands(ticket).due_at) == (1, NOW + 30 * MINUTE)
    casework.determine_severity(cast.agent, ticket.pk, "P3", "better", NOW + 2 * MINUTE)
    assert (stands(ticket).level, stands(ticket).due_at) == (1, NOW + 4 * HOUR)


def test_a_merged_request_stays_escalated_where_it_is_handled(cast: Cast, policy: None) -> None:
    away, into = a_ticket(cast), a_ticket(cast)
    verbs.raise_level(cast.csm, away.pk, "they called", NOW)
    verbs.raise_level(cast.csm, away.pk, "they called again", NOW)
    merge(cast.agent, away.pk, into.pk, NOW + MINUTE)
    assert stands(into).level == 2
    assert not stands(away).is_open


@pytest.mark.behaviour("B-381")
def test_so_many_at_once_and_a_p0_always(cast: Cast) -> None:
    the_policy(max_open=2)
    found = [a_ticket(cast) for _ in range(3)]
    for ticket in found[:2]:
        verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    with pytest.raises(Refused, match=r"2 escalations are open already.*ask Maria Costa"):
        verbs.ask(cast.requester, found[2].pk, Stake("much"), NOW)
    verbs.ask(cast.csm, found[2].pk, Stake("much"), NOW)
    verbs.ask(cast.requester, a_ticket(cast, severity="P0").pk, Stake("down"), NOW)
    verbs.ask(cast.stranger, a_ticket(cast, requester=cast.stranger, organization=cast.other_org).pk, Stake("x"), NOW)
    assert Episode.objects.filter(is_open=True).count() == 5


def test_without_a_csm_the_contacts_get_the_copy(cast: Cast) -> None:
    the_policy(fallback=["lead@vendor.test"])
    ticket = a_ticket(cast, requester=cast.stranger, organization=cast.other_org)
    verbs.ask(cast.stranger, ticket.pk, Stake("much"), NOW)
    assert told(cast.lead, "moved") == 1
    assert stands(ticket).paged == {cast.agent.pk}
    row = Notice.objects.get(person=cast.agent, data__as="page")
    assert "Please acknowledge by 2 Mar, 11:00 (UTC)" in sentence("escalation", row.data, zone("UTC"))


def test_the_log_loses_a_word_and_nothing_else(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast)
    verbs.ask(cast.requester, ticket.pk, Stake("password Tr0ub4dor is out"), NOW)
    redact(cast.agent, ticket.pk, Order("a password", text="Tr0ub4dor"), NOW + MINUTE)
    assert "Tr0ub4dor" not in " ".join(row.why for row in log_of(ticket.pk))
    for statement in ("UPDATE escalation_ladderstep SET why = 'other'", "DELETE FROM escalation_ladderstep"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def address_in(text: str) -> str:
    found = re.search(r"ladder\+\S+@vendor\.test", text)
    assert found, text
    return found[0].rstrip(":")


def writes(to: str, words: str, at: datetime, sender: str = "elin@norrland.test", **more: str) -> RawMail:
    raw = mail(sender, "Re: it", words, to, Message_ID=f"<{words.replace(' ', '')}@norrland.test>", **more)
    found = process_inbound(raw, "support@vendor.test", Envelope(sender, (to,)), at)
    return RawMail.objects.get(pk=found.inbound_id)


@pytest.mark.behaviour("B-382")
def test_an_address_of_one_purpose_takes_it_up_and_no_machine_or_stranger_does_e41(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast, severity="P0")
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    verbs.acknowledge(cast.agent, ticket.pk, NOW + MINUTE)
    verbs.propose(cast.agent, ticket.pk, "done", NOW + 2 * MINUTE)
    letter = Delivery.objects.filter(kind="ladder", person=cast.requester).latest("id")
    to = address_in(letter.text)
    writes(to, "away until Monday", NOW + 3 * MINUTE, Auto_Submitted="auto-replied")
    assert stands(ticket).stage == "settling"
    held = writes(to, "me too", NOW + 3 * MINUTE, sender="mbeki@kivu.test")
    assert (held.outcome, stands(ticket).level) == ("held", 1)
    other = writes(to, "I as well", NOW + 3 * MINUTE, sender="lund@norrland.test")
    assert (other.outcome, stands(ticket).level) == ("reply", 1)
    row = writes(to, "still slow", NOW + 4 * MINUTE)
    assert (row.outcome, row.ticket_id) == ("reply", ticket.pk)
    assert Reply.objects.get(raw_id=row.pk).new_text == "still slow"
    assert (stands(ticket).level, log_of(ticket.pk)[-2].why) == (2, "still slow")
    # An ordinary answer is one.
    again = writes(str(letter.headers["reply_to"]), "thank you", NOW + 5 * MINUTE)
    assert (again.outcome, stands(ticket).level) == ("reply", 2)


@pytest.mark.behaviour("B-383")
def test_the_link_of_a_mail_opens_a_page_with_buttons_and_changes_nothing(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast, severity="P0")
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    verbs.acknowledge(cast.agent, ticket.pk, NOW + MINUTE)
    verbs.propose(cast.agent, ticket.pk, "moved to a cluster", NOW + 2 * MINUTE)
    found = re.search(r"/ladder/\S+", Delivery.objects.filter(kind="ladder", person=cast.requester).latest("id").text)
    assert found
    client, path = Client(), found[0]
    with time_machine.travel(NOW + 3 * MINUTE, tick=False):
        page = client.get(path).content.decode()
        assert "moved to a cluster" in page
        assert ticket.subject not in page
        assert stands(ticket).stage == "settling"
        assert client.post(path, {"answer": "raise", "why": " "}).status_code == 422
        assert "You accepted" in client.post(path, {"answer": "accept"}).content.decode()
        assert not stands(ticket).is_open
        assert client.get(path).status_code == 422


@pytest.mark.behaviour("B-384")
def test_from_step_0_to_level_3_with_one_level_lapsing(
    cast: Cast, policy: None, run_jobs: Callable[[], int], settings: Any
) -> None:
    """The customer's story, by page and real SMTP, on a clock that stands still between its steps."""
    ticket = assigned(cast, severity="P1")
    elin, desk = Client(), {one: Client() for one in ("agent", "lead", "admin")}
    for name, client in desk.items():
        client.force_login(getattr(cast, name))
    with sink() as (taken, port), time_machine.travel(NOW, tick=False) as clock:
        settings.MAIL_RELAY = MailRelay("127.0.0.1", port, "", "", "none")
        elin.force_login(cast.requester)

        def at(minutes: int) -> str:
            clock.move_to(NOW + minutes * MINUTE)
            sweep_ladders(0)
            return elin.get(f"/requests/{ticket.number}").content.decode()

        assert "you may escalate it" in at(5)
        elin.post(f"/requests/{ticket.number}/escalate", {"stake": "the launch", "by_when": "Friday"})
        assert "Your representative has been asked" in at(6)
        desk["agent"].post(
            f"/desk/tickets/{ticket.number}/ladder/confirm", {"understood": "on", "why": "We work on it."}
        )
        assert "Tomas Kral answered" in at(20)
        elin.post(f"/requests/{ticket.number}/escalate/next", {"why": "nothing moves"})
        assert "asked to acknowledge" in at(21)
        # Nobody of level 1 acknowledges for half an hour.
        page = at(51)
        assert "did not answer in time" in page
        assert "level 2, Director, Support" in page
        desk["lead"].post(f"/desk/tickets/{ticket.number}/ladder/acknowledge")
        assert "acknowledged by Priya Nair" in at(55)
        desk["lead"].post(f"/desk/tickets/{ticket.number}/reply", {"text": "I look into it."})
        assert elin.post(f"/requests/{ticket.number}/escalate/next", {"why": "too slow"}).status_code == 422
        clock.move_to(NOW + timedelta(hours=5))
        elin.post(f"/requests/{ticket.number}/escalate/next", {"why": "too slow"})
        desk["admin"].post(f"/desk/tickets/{ticket.number}/ladder/acknowledge")
        assert (stands(ticket).level, stands(ticket).acked_by) == (3, cast.admin.pk)
        desk["admin"].post(f"/desk/tickets/{ticket.number}/ladder/close", {"why": "A cluster of its own."})
        assert "A cluster of its own." in at(302)
        elin.post(f"/requests/{ticket.number}/escalate/over", {"answer": "accept"})
        assert not stands(ticket).is_open
        run_jobs()
    assert_mails(taken)


def assert_mails(taken: Sink) -> None:
    """Elin hears of what others did, A. Lund of everything."""
    said = " ".join(text_of(one) for one in taken.to("elin@norrland.test"))
    for words in (
        "Tomas Kral confirmed",
        "Nobody acknowledged in time",
        "Priya Nair acknowledged",
        "proposes to close",
    ):
        assert words in said, words
    assert len(taken.to("lund@norrland.test")) > len(taken.to("elin@norrland.test"))
