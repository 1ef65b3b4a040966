"""One text to all incidents of a problem: who gets it, who does not and why, each once and nothing of another's."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest

from answerable.casework import actions as casework
from answerable.casework import bulk_actions, draft_actions, incident_updates
from answerable.casework.bulk_actions import go_on, prepare_undo, start, stop
from answerable.casework.cc_actions import add_cc
from answerable.casework.incident_updates import Update, prepare
from answerable.casework.letters import finished
from answerable.casework.linking_actions import link, unlink
from answerable.casework.removal_actions import mark_spam
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.notify.models import Delivery
from answerable.people.actions import make_person
from answerable.people.models import Organization, Person
from answerable.sla.models import Leg
from answerable.tickets.actions import Opening
from answerable.tickets.models import Event, Reply, Ticket
from answerable.tickets.presence import beat
from answerable.tickets.runs import BulkItem, BulkRun, EventCause
from tests.cast import NOW, Cast, a_ticket, says

TEXT = "We have found the cause. It is mended by **noon**."


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def a_problem(cast: Cast, count: int = 3) -> tuple[Ticket, list[Ticket]]:
    """With so many incidents, each of an organization and a requester of its own."""
    problem = a_ticket(cast, subject="The loader of eu-north hangs")
    incidents = []
    for number in range(count):
        name = f"House{number}"
        org = Organization.objects.create(name=f"{name} Ltd", slug=name.lower(), zone="UTC", created_at=NOW)
        who = make_person(f"ann@{name.lower()}.test", f"Ann{number} Of{name}", "customer", None, NOW)
        more = {"subject": f"Trouble at {name}", "requester": who, "organization": org}
        ticket = casework.open_ticket(_opening(cast, more), says(f"Words of {name}."), NOW)
        link(cast.agent, ticket.pk, problem.pk, "incident_of", NOW)
        incidents.append(ticket)
    return problem, incidents


def _opening(cast: Cast, more: dict[str, Any]) -> Opening:
    values: dict[str, Any] = {"team": cast.cloud, "severity": "P2", "channel": "portal"}
    return Opening(**(values | more))


def outcomes(run: BulkRun) -> dict[int, str]:
    return {row.ticket_id: row.code or row.state for row in run.items.all()}


def finish(run: BulkRun, seconds: float = 10) -> BulkRun:
    go_on(clock.exact() + timedelta(seconds=20), later(seconds))
    run.refresh_from_db()
    return run


def sent(cast: Cast, problem: Ticket, update: Update) -> BulkRun:
    return finish(start(cast.agent, prepare(cast.agent, problem.pk, update, NOW).pk, NOW))


@pytest.mark.behaviour("B-335")
def test_each_incident_gets_a_reply_and_a_mail_of_its_own(cast: Cast) -> None:
    problem, incidents = a_problem(cast)
    add_cc(cast.agent, incidents[1].pk, "boss@house1.test", NOW)
    Delivery.objects.all().delete()
    text = "Hello {{requester.first_name}}, about {{ticket.subject}} of {{organization.name}}: " + TEXT
    run = sent(cast, problem, Update(text, "pending"))
    assert outcomes(run) == {ticket.pk: "done" for ticket in incidents}
    replies = Reply.objects.filter(from_staff=True).order_by("ticket")
    assert [reply.ticket_id for reply in replies] == [ticket.pk for ticket in incidents]
    mails = list(Delivery.objects.order_by("ticket_id", "pk"))
    assert [(mail.address, mail.entry_id) for mail in mails] == [
        ("ann@house0.test", replies[0].pk),
        ("ann@house1.test", replies[1].pk),
        ("boss@house1.test", replies[1].pk),
        ("ann@house2.test", replies[2].pk),
    ]
    assert len({mail.message_id for mail in mails}) == 4
    for number, ticket in enumerate(incidents):
        assert replies[number].text == (
            f"Hello Ann{number}, about Trouble at House{number} of House{number} Ltd: {TEXT}"
        )
        ticket.refresh_from_db()
        assert (ticket.status, ticket.waits_for, ticket.assignee) == ("pending", "customer", None)
    firsts = Leg.objects.filter(ticket__in=incidents, metric="first_response").values_list("ticket", "state")
    assert sorted(firsts) == [(ticket.pk, "fulfilled") for ticket in incidents], "each clock counts it by itself"
    assert not Reply.objects.filter(ticket=problem, from_staff=True).exists()
    kinds = EventCause.objects.filter(run=run).values_list("event__kind", flat=True)
    assert sorted(kinds) == ["agent_reply"] * 3 + ["pause"] * 3


@pytest.mark.behaviour("B-336")
def is_in(mark: str, told: str) -> bool:
    """A number is one by itself: four digits stand in a random id now and then."""
    return re.search(rf"(?<!\w){mark}(?!\w)", told) is not None if mark.isdecimal() else mark in told


def test_no_byte_of_another_request_is_in_a_mail(cast: Cast) -> None:
    problem, incidents = a_problem(cast)
    Delivery.objects.all().delete()
    sent(cast, problem, Update("Hello {{requester.name}} of {{organization.name}} ({{ticket.number}}): " + TEXT))
    marks = {
        ticket.pk: [
            *(f"House{number}", f"house{number}", f"Ann{number}"),
            *(str(ticket.number), f".{ticket.pk}.", ticket.requester.email),
        ]
        for number, ticket in enumerate(incidents)
    }
    marks[problem.pk] = ["eu-north", str(problem.number), "norrland", "Norrland", "Elin", "Lund"]
    mails = Delivery.objects.select_related("person").all()
    assert {mail.ticket_id for mail in mails} == {ticket.pk for ticket in incidents}
    for mail in mails:
        message = message_from_bytes(finished(mail))
        parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
        told = "\n".join([str(message.items()), *(part.decode() for part in parts if isinstance(part, bytes))])
        told = re.sub(r"(?<=/r/)\S+|reply\+\S+?@|(?<=\.)[0-9A-Za-z_-]{20,}(?=@)", "", told)  # signed: random letters
        assert all(one in told for one in (str(mail.person.name), TEXT[:8]))
        for ticket_id, theirs in marks.items():
            if ticket_id != mail.ticket_id:
                assert [one for one in theirs if is_in(one, told)] == [], f"{ticket_id} in the mail of {mail.ticket_id}"


def _waiting(cast: Cast, ticket: Ticket) -> None:
    draft_actions.send_later(cast.lead, ticket.pk, draft_actions.Written(says("Mine.", "desk")), NOW)


def _close(cast: Cast, ticket: Ticket) -> None:
    casework.set_status(cast.agent, ticket.pk, "solved", NOW)
    casework.close_for_good(ticket.pk, later(400 * 86_400))


def _nameless(cast: Cast, ticket: Ticket) -> None:
    Person.objects.filter(pk=ticket.requester_id).update(name="")


LEFT: dict[str, Callable[[Cast, Ticket], object]] = {
    "solved": lambda cast, ticket: casework.set_status(cast.agent, ticket.pk, "solved", NOW),
    "closed": lambda cast, ticket: mark_spam(cast.agent, ticket.pk, NOW),
    "collision": _waiting,
    "unfilled": _nameless,
}


@pytest.mark.behaviour("B-337")
def test_who_does_not_get_it_is_named_with_the_reason(cast: Cast) -> None:
    problem, incidents = a_problem(cast, 7)
    for ticket, happens in zip(incidents, [*LEFT.values(), _close], strict=False):
        happens(cast, ticket)
    now = clock.now()
    beat(cast.lead, incidents[5].pk, "a", "reply", now)
    update = Update("Hello {{requester.first_name}}. " + TEXT, "solved")
    run = prepare(cast.agent, problem.pk, update, now)
    assert outcomes(run) == dict(
        zip([ticket.pk for ticket in incidents], [*LEFT, "closed", "collision", "todo"], strict=True)
    )
    whys = {row.ticket_id: row.why for row in run.items.all()}
    assert whys[incidents[1].pk] == "This request was marked as spam."
    assert whys[incidents[3].pk] == "Nothing is known for ⟦first name of the requester⟧."
    assert outcomes(prepare(cast.agent, problem.pk, replace(update, solved_too=True), now))[incidents[0].pk] == "todo"
    with pytest.raises(Refused, match=r"requester.first_nam"):
        prepare(cast.agent, problem.pk, Update("Hello {{requester.first_nam}}"), NOW)
    with pytest.raises(Refused):
        prepare(cast.csm, problem.pk, update, NOW)
    with pytest.raises(Refused, match="no incidents"):
        prepare(cast.agent, incidents[0].pk, update, NOW)


@pytest.mark.behaviour("B-338")
def test_what_moved_since_the_preview_is_left_and_what_is_new_is_not_included(cast: Cast) -> None:
    problem, incidents = a_problem(cast, 5)
    written, copied, unlinked, renamed, same = incidents
    run = prepare(cast.agent, problem.pk, Update("For {{requester.first_name}}: " + TEXT), NOW)
    casework.add_reply(written.requester, written.pk, says("It is worse now."), NOW)
    add_cc(cast.agent, copied.pk, "boss@house1.test", NOW)
    unlink(cast.agent, unlinked.pk, problem.pk, NOW)
    Person.objects.filter(pk=renamed.requester_id).update(name="Bea Of House")
    new = a_ticket(cast)
    link(cast.agent, new.pk, problem.pk, "incident_of", NOW)
    finish(start(cast.agent, run.pk, NOW))
    assert outcomes(run) == {
        **{ticket.pk: "changed" for ticket in (written, copied, renamed)},
        unlinked.pk: "unlinked",
        same.pk: "done",
    }
    assert Reply.objects.filter(from_staff=True).count() == 1


@pytest.mark.behaviour("B-339")
def test_it_can_be_taken_back_before_it_begins_and_stopped_later(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, incidents = a_problem(cast, 4)
    run = start(cast.agent, prepare(cast.agent, problem.pk, Update(TEXT), NOW).pk, NOW)
    assert finish(run, 4).state == "running", "it waits as long as a reply does"
    assert start(cast.agent, run.pk, later(1)).begins_at == later(5), "pressed twice it begins once"
    with pytest.raises(Refused):
        stop(cast.csm, run.pk, later(4))
    assert stop(cast.agent, run.pk, later(4)).state == "done"
    finish(run)
    assert set(outcomes(run).values()) == {"stopped"}
    assert not Reply.objects.filter(from_staff=True).exists()
    with pytest.raises(Refused, match="nothing left to stop"):
        stop(cast.agent, run.pk, later(6))

    # A worker that is killed leaves each told or not yet, and the next one goes on.
    again = start(cast.agent, prepare(cast.agent, problem.pk, Update(TEXT, "solved"), NOW).pk, NOW)
    done = casework.add_reply

    def killed(author: Person, ticket_id: int, *more: Any) -> Reply:
        reply = done(author, ticket_id, *more)
        if ticket_id == incidents[2].pk:
            raise KeyboardInterrupt
        return reply

    monkeypatch.setattr(casework, "add_reply", killed)
    with pytest.raises(KeyboardInterrupt):
        finish(again)
    assert list(again.items.order_by("pk").values_list("state", flat=True)) == ["done", "done", "todo", "todo"]
    monkeypatch.setattr(casework, "add_reply", done)
    finish(again)
    assert set(outcomes(again).values()) == {"done"}
    assert list(Reply.objects.filter(from_staff=True).order_by("ticket").values_list("ticket", flat=True)) == [
        ticket.pk for ticket in incidents
    ]

    # Its status can be taken back where nobody has moved it since; what was sent stays sent.
    casework.add_reply(incidents[0].requester, incidents[0].pk, says("It is not."), later(20))
    undone = start(cast.agent, prepare_undo(cast.agent, again.pk, later(30)).pk, later(30))
    assert sorted(outcomes(undone).values()) == ["done", "done", "done", "overtaken"]
    statuses = Ticket.objects.filter(pk__in=[ticket.pk for ticket in incidents]).values_list("status", "waits_for")
    assert sorted(statuses) == [("open", "customer")] * 3 + [("open", "us")]
    assert Reply.objects.filter(from_staff=True).count() == 4


def test_it_does_not_wait_where_a_promise_falls_due(cast: Cast) -> None:
    problem, incidents = a_problem(cast, 2)
    due = Ticket.objects.get(pk=incidents[0].pk).next_due_at
    almost = due - timedelta(seconds=8)
    run = start(cast.agent, prepare(cast.agent, problem.pk, Update(TEXT), almost).pk, almost)
    assert (run.begins_at, run.state) == (None, "done")
    assert set(outcomes(run).values()) == {"done"}
    assert not Event.objects.filter(kind="breach").exists()


def test_the_problems_own_people_get_it_where_asked(cast: Cast) -> None:
    problem, incidents = a_problem(cast, 1)
    run = sent(cast, problem, Update(TEXT, "solved", itself=True))
    assert outcomes(run) == {problem.pk: "done", incidents[0].pk: "done"}
    problem.refresh_from_db()
    assert problem.status == "solved"


def test_more_than_one_update_takes_are_said(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, _incidents = a_problem(cast, 3)
    monkeypatch.setattr(incident_updates, "MOST", 2)
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 0)
    run = prepare(cast.agent, problem.pk, Update(TEXT), NOW)
    assert (BulkItem.objects.filter(run=run).count(), run.left_out) == (2, 1)
