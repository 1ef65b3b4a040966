"""Standing CCs: on which requests they put somebody, when that ends, and that each request says so."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from answerable.audit.models import Record
from answerable.casework import actions as casework
from answerable.casework import grant_actions, jobs, standing_actions
from answerable.casework.links import confirmation
from answerable.casework.organization_actions import move_ticket
from answerable.casework.sensitive_actions import mark_sensitive
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.notify.models import Delivery
from answerable.people.models import Person, StandingCC, Vendor
from answerable.tickets.access import taking_part, visible_to
from answerable.tickets.models import Event, Participant, Ticket
from answerable.tickets.organization_queries import Preview, standing_preview
from tests.cast import NOW, Cast, a_ticket, says

WEEK = timedelta(days=7)


def set_up(
    cast: Cast, to: Person | None = None, *, open_too: bool = False, until: datetime | None = None
) -> StandingCC:
    return standing_actions.set_standing(cast.csm, to or cast.no_grant, cast.org, until, NOW, open_too=open_too)


def go_on(row: StandingCC, now: datetime = NOW) -> int:
    steps = 1
    while standing_actions.go_on(row.pk, now):
        steps += 1
    return steps


def on(person: Person) -> set[int]:
    return set(taking_part(person, "cc").values_list("pk", flat=True))


def told(ticket: Ticket) -> list[str]:
    return list(
        Event.objects.filter(ticket=ticket, kind__startswith="standing").order_by("id").values_list("kind", flat=True)
    )


@pytest.mark.behaviour("B-118")
def test_each_new_request_has_them_and_says_so_but_no_sensitive_or_unverified_one(cast: Cast) -> None:
    before = a_ticket(cast)
    set_up(cast)
    new = a_ticket(cast)
    unverified = a_ticket(cast, unverified=True, stated_severity="P1")
    assert on(cast.no_grant) == {new.pk}
    assert (told(before), told(new), told(unverified)) == ([], ["standing_cc"], [])
    casework.confirm(confirmation(unverified.pk), NOW)
    assert on(cast.no_grant) == {new.pk, unverified.pk}
    assert told(unverified) == ["standing_cc"]


def test_on_ones_own_request_nothing_is_added(cast: Cast) -> None:
    set_up(cast, cast.requester)
    set_up(cast, cast.colleague)
    ticket = a_ticket(cast)
    assert told(ticket) == []
    assert not Participant.objects.filter(ticket=ticket, standing__isnull=False).exists()


@pytest.mark.behaviour("B-119")
def test_open_requests_are_taken_too_as_many_as_were_named(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing_actions, "STEP", 2)
    plain = [a_ticket(cast).pk for _ in range(5)]
    a_ticket(cast, unverified=True)
    mark_sensitive(cast.agent, a_ticket(cast).pk, NOW, sensitive=True)
    casework.set_status(cast.agent, a_ticket(cast).pk, "solved", NOW)
    assert standing_preview(cast.no_grant, cast.org) == Preview("5", "0", "2")
    assert standing_preview(cast.colleague, cast.org) == Preview("0", "5", "2")
    updated = dict(Ticket.objects.values_list("pk", "updated_at"))
    row = set_up(cast, open_too=True)
    assert on(cast.no_grant) == set()
    assert go_on(row) == 3
    assert on(cast.no_grant) == set(plain)
    assert dict(Ticket.objects.values_list("pk", "updated_at")) == updated
    assert Event.objects.filter(kind="standing_cc").count() == 5
    rows = Participant.objects.filter(person=cast.no_grant)
    assert {(one.standing_id, one.source, one.added_by) for one in rows} == {(row.pk, "standing", cast.csm)}
    assert not standing_actions.go_on(row.pk, NOW)


def test_the_open_ones_follow_in_the_background(cast: Cast) -> None:
    ticket = a_ticket(cast)
    set_up(cast, open_too=True)
    jobs.follow_standing(0)
    assert on(cast.no_grant) == {ticket.pk}


def test_who_waited_to_be_let_in_or_had_been_taken_off_is_on_it(cast: Cast) -> None:
    waits, off = a_ticket(cast), a_ticket(cast)
    for ticket, pending, ended in [(waits, True, None), (off, False, NOW)]:
        Participant.objects.create(
            ticket=ticket, person=cast.no_grant, role="cc", since=NOW, source="mail", pending=pending, ended_at=ended
        )
    go_on(set_up(cast, open_too=True))
    assert on(cast.no_grant) == {waits.pk, off.pk}


@pytest.mark.behaviour("B-120")
def test_its_end_takes_them_off_at_once_and_each_request_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing_actions, "STEP", 2)
    by_name = a_ticket(cast)
    Participant.objects.create(ticket=by_name, person=cast.no_grant, role="cc", since=NOW, source="portal")
    tickets = [a_ticket(cast) for _ in range(3)]
    row = set_up(cast, open_too=True)
    go_on(row)
    standing_actions.end_standing(cast.csm, row.pk, NOW)
    assert on(cast.no_grant) == {by_name.pk}
    assert not visible_to(cast.no_grant, NOW).filter(pk=tickets[0].pk).exists()
    assert go_on(row) == 3
    assert [told(ticket) for ticket in tickets] == [["standing_cc", "standing_cc_ended"]] * 3
    assert told(by_name) == []
    assert on(cast.no_grant) == {by_name.pk}
    a_ticket(cast)
    assert on(cast.no_grant) == {by_name.pk}
    go_on(row, NOW + standing_actions.STRAYS_FOR)
    row.refresh_from_db()
    assert row.cleared_at
    verbs = Record.objects.filter(subject_kind="organization", verb__endswith="standing_cc")
    assert list(verbs.order_by("id").values_list("verb", flat=True)) == ["set_standing_cc", "end_standing_cc"]


def test_a_request_that_was_just_being_opened_is_found(cast: Cast) -> None:
    row = set_up(cast)
    standing_actions.end_standing(cast.csm, row.pk, NOW)
    ticket = a_ticket(cast)
    Participant.objects.create(
        ticket=ticket, person=cast.no_grant, role="cc", since=NOW, source="standing", standing=row
    )
    go_on(row)
    assert on(cast.no_grant) == set()
    assert told(ticket) == ["standing_cc_ended"]


def test_it_ends_by_itself(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(cast, until=NOW + WEEK)
    ticket = a_ticket(cast)
    for at, there in [(NOW + WEEK - timedelta(seconds=1), {ticket.pk}), (NOW + WEEK, set())]:
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        jobs.end_standing(0)
        assert on(cast.no_grant) == there
    assert "As was set, you are no longer CC'd" in Delivery.objects.filter(person=cast.no_grant).latest("id").text
    a_ticket(cast, NOW + WEEK)
    assert on(cast.no_grant) == set()


@pytest.mark.behaviour("B-121")
def test_marking_a_request_sensitive_takes_them_off_and_says_so(cast: Cast) -> None:
    set_up(cast)
    ticket, other = a_ticket(cast), a_ticket(cast)
    mark_sensitive(cast.agent, ticket.pk, NOW, sensitive=True)
    assert on(cast.no_grant) == {other.pk}
    assert ticket.pk in on(cast.colleague)
    assert told(ticket) == ["standing_cc", "standing_cc_ended"]
    assert not visible_to(cast.reader, NOW).filter(pk=ticket.pk).exists()
    assert Record.objects.get(verb="mark_sensitive").data["events"] == ["sensitive", "standing_cc_ended"]
    mark_sensitive(cast.agent, ticket.pk, NOW, sensitive=False)
    assert on(cast.no_grant) == {other.pk, ticket.pk}
    assert told(ticket) == ["standing_cc", "standing_cc_ended", "standing_cc"]


def test_a_request_that_moves_to_another_organization_leaves_them_behind(cast: Cast) -> None:
    set_up(cast)
    theirs = standing_actions.set_standing(cast.admin, cast.stranger, cast.other_org, None, NOW, open_too=False)
    ticket = a_ticket(cast)
    move_ticket(cast.agent, ticket.pk, cast.other_org, NOW)
    assert on(cast.no_grant) == set()
    assert Participant.objects.get(ticket=ticket, person=cast.stranger).standing == theirs


@pytest.mark.behaviour("B-122")
def test_an_answer_that_was_queued_is_not_sent_once_it_is_over(cast: Cast, run_jobs: Callable[[], int]) -> None:
    row = set_up(cast)
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("We look."), NOW)
    standing_actions.end_standing(cast.csm, row.pk, NOW)
    run_jobs()
    mails = Delivery.objects.filter(person=cast.no_grant).order_by("id")
    assert [(mail.kind, mail.state) for mail in mails] == [
        ("access", "suppressed"), ("reply", "suppressed"), ("access", "sent")
    ]  # fmt: skip
    assert Delivery.objects.get(person=cast.colleague, kind="reply").state == "sent"


@pytest.mark.parametrize("role", ["agent", "lead", "other_csm", "requester", "reader"])
def test_who_may(cast: Cast, role: str) -> None:
    person = getattr(cast, role)
    with pytest.raises(Refused, match="for administrators"):
        standing_actions.set_standing(person, cast.no_grant, cast.org, None, NOW, open_too=True)
    row = standing_actions.set_standing(cast.admin, cast.no_grant, cast.org, None, NOW, open_too=True)
    with pytest.raises(Refused, match="for administrators"):
        standing_actions.end_standing(person, row.pk, NOW)
    assert standing_actions.go_on(row.pk, NOW) is False
    standing_actions.end_standing(cast.csm, row.pk, NOW)


def test_what_cannot_be(cast: Cast) -> None:
    set_up(cast)
    for to, until, code in [
        (cast.no_grant, None, "standing"),
        (cast.agent, None, "not_a_customer"),
        (cast.requester, NOW, "already_over"),
    ]:
        with pytest.raises(Refused) as refused:
            set_up(cast, to, until=until)
        assert refused.value.code == code


def test_who_is_no_member_any_more_is_off(cast: Cast) -> None:
    set_up(cast)
    a_ticket(cast)
    grant_actions.remove_member(cast.csm, cast.org, cast.no_grant, NOW)
    assert on(cast.no_grant) == set()


@pytest.mark.behaviour("B-164")
def test_who_may_mark_a_request_sensitive(cast: Cast) -> None:
    ticket = a_ticket(cast)
    assert mark_sensitive(cast.requester, ticket.pk, NOW, sensitive=True).sensitive
    assert not mark_sensitive(cast.requester, ticket.pk, NOW, sensitive=False).sensitive
    Vendor.objects.update(settings={"requester_may_hide": False})
    forget_all()
    for person in (cast.other_csm, cast.requester, cast.colleague):
        with pytest.raises(Refused) as refused:
            mark_sensitive(person, ticket.pk, NOW, sensitive=True)
        assert refused.value.code == "not_allowed"
    with pytest.raises(Refused) as refused:
        mark_sensitive(cast.stranger, ticket.pk, NOW, sensitive=True)
    assert refused.value.code == "not_found"
    assert mark_sensitive(cast.csm, ticket.pk, NOW, sensitive=True).sensitive
