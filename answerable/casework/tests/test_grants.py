"""Grants: who is told what, what ends when, and that nothing queued is sent to who may no longer see it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from answerable.audit.models import Record
from answerable.casework import grant_actions, jobs, standing_actions
from answerable.casework.letters import finished
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.notify.models import Delivery
from answerable.people.actions import GrantTerms
from answerable.people.models import Grant, Membership, Person
from answerable.tickets.access import visible_to
from answerable.tickets.organization_queries import Loss, Preview, loss_of_grant, loss_of_standing, preview
from tests.cast import NOW, Cast, a_ticket

WEEK = timedelta(days=7)
TERMS = GrantTerms("stands in for J. Holm", NOW + WEEK)


def mails(person: Person) -> list[Delivery]:
    return list(Delivery.objects.filter(person=person, kind="access").order_by("id"))


@pytest.mark.behaviour("B-114")
def test_the_person_and_the_other_readers_are_told(cast: Cast) -> None:
    row = grant_actions.grant(cast.csm, cast.no_grant, cast.org, TERMS, NOW)
    (own,), (others,) = mails(cast.no_grant), mails(cast.reader)
    for words in ("Hello Nils Ek,", "Maria Costa lets you read", "stands in for J. Holm", "9 March 2026, 10:00 (CET)"):
        assert words in own.text
    assert "Maria Costa lets Nils Ek read every request of Norrland Energi, as you do." in others.text
    assert "stands in" not in others.text
    assert not mails(cast.requester)
    assert b"Auto-Submitted: auto-generated" in finished(own)
    grant_actions.revoke(cast.csm, row, NOW)
    assert "Maria Costa has revoked your leave" in mails(cast.no_grant)[-1].text
    assert "Nils Ek no longer reads" in mails(cast.reader)[-1].subject
    grant_actions.revoke(cast.csm, row, NOW)
    assert len(mails(cast.no_grant)) == len(mails(cast.reader)) == 2


@pytest.mark.behaviour("B-115")
def test_what_is_shown_before_a_grant_is_what_it_shows(cast: Cast) -> None:
    for unverified in (False, False, True):
        a_ticket(cast, unverified=unverified)
    hidden = a_ticket(cast)
    hidden.sensitive = True
    hidden.save()
    assert preview(cast.no_grant, cast.org, NOW) == Preview("2", "0", "2")
    assert preview(cast.colleague, cast.org, NOW) == Preview("0", "2", "2")
    before = visible_to(cast.no_grant, NOW).count()
    grant_actions.grant(cast.csm, cast.no_grant, cast.org, TERMS, NOW)
    assert visible_to(cast.no_grant, NOW).count() - before == 2


@pytest.mark.behaviour("B-158")
def test_what_is_shown_before_an_end_is_what_it_takes(cast: Cast) -> None:
    """A grant and a standing CC of one person, and both at once."""
    for unverified in (False, False, False, True):
        a_ticket(cast, unverified=unverified)
    a_ticket(cast, requester=cast.no_grant)
    row = grant_actions.grant(cast.csm, cast.no_grant, cast.org, TERMS, NOW)
    always = standing_actions.set_standing(cast.csm, cast.no_grant, cast.org, None, NOW, open_too=False)
    a_ticket(cast)
    assert loss_of_standing(always, NOW) == Loss("0", "1")
    assert loss_of_grant(row, NOW) == Loss("3", "2")
    before = visible_to(cast.no_grant, NOW).count()
    grant_actions.revoke(cast.csm, row, NOW)
    assert before - visible_to(cast.no_grant, NOW).count() == 3
    row.refresh_from_db()
    assert loss_of_grant(row, NOW) == Loss("0", "0")
    assert loss_of_standing(always, NOW) == Loss("1", "0")
    standing_actions.end_standing(cast.csm, always.pk, NOW)
    assert before - visible_to(cast.no_grant, NOW).count() == 4


def test_a_second_grant_keeps_what_the_first_one_shows(cast: Cast) -> None:
    a_ticket(cast)
    row = grant_actions.grant(cast.csm, cast.no_grant, cast.org, TERMS, NOW)
    also = Grant.objects.create(
        person=cast.no_grant, organization=cast.org, granted_by=cast.csm, reason="of who was merged", granted_at=NOW
    )
    assert loss_of_grant(row, NOW) == loss_of_grant(also, NOW) == Loss("0", "1")
    assert loss_of_grant(row, NOW + WEEK) == Loss("0", "0")
    assert loss_of_grant(also, NOW + WEEK) == Loss("1", "0")


def test_a_count_says_where_it_stops(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("answerable.tickets.organization_queries.COUNT_CAP", 2)
    for _ in range(3):
        a_ticket(cast)
    assert preview(cast.no_grant, cast.org, NOW).more == "2+"


@pytest.mark.parametrize("role", ["agent", "lead", "other_csm", "requester", "reader"])
def test_who_may_grant(cast: Cast, role: str) -> None:
    for person in (cast.csm, cast.admin):
        grant_actions.revoke(person, grant_actions.grant(person, cast.no_grant, cast.org, TERMS, NOW), NOW)
    count = Delivery.objects.count()
    with pytest.raises(Refused) as refused:
        grant_actions.grant(getattr(cast, role), cast.no_grant, cast.org, TERMS, NOW)
    assert refused.value.code == "not_allowed"
    assert Delivery.objects.count() == count


def test_what_cannot_be_granted(cast: Cast) -> None:
    Person.objects.filter(pk=cast.no_grant.pk).update(is_active=False)
    suspended = Person.objects.get(pk=cast.no_grant.pk)
    for to, terms, code in [
        (cast.agent, TERMS, "not_a_customer"),
        (suspended, TERMS, "not_a_customer"),
        (cast.reader, TERMS, "granted"),
        (cast.requester, GrantTerms(" "), "reason_missing"),
        (cast.requester, GrantTerms("x", NOW), "already_over"),
    ]:
        with pytest.raises(Refused) as refused:
            grant_actions.grant(cast.admin, to, cast.org, terms, NOW)
        assert refused.value.code == code


@pytest.mark.behaviour("B-116")
def test_a_grant_ends_by_itself_and_its_people_are_told_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = a_ticket(cast)
    grant_actions.grant(cast.csm, cast.no_grant, cast.org, TERMS, NOW)
    seen = {at: visible_to(cast.no_grant, at).filter(pk=ticket.pk).exists() for at in (NOW, NOW + WEEK)}
    assert seen == {NOW: True, NOW + WEEK: False}
    for at in (NOW + WEEK - timedelta(seconds=1), NOW + WEEK, NOW + WEEK):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        jobs.end_grants(0)
        assert len(mails(cast.no_grant)) == (1 if at < NOW + WEEK else 2)
    assert "has ended, as was set" in mails(cast.no_grant)[-1].text
    assert "Nils Ek no longer reads" in mails(cast.reader)[-1].subject
    assert Record.objects.filter(verb="end_grant", subject_id=cast.org.pk).count() == 1


def test_who_was_granted_anew_is_not_told_that_it_ended(cast: Cast) -> None:
    row = grant_actions.grant(cast.csm, cast.no_grant, cast.org, TERMS, NOW)
    grant_actions.grant(cast.csm, cast.no_grant, cast.org, GrantTerms("goes on"), NOW + WEEK)
    grant_actions.end_grant(row.pk, NOW + WEEK)
    assert [mail.subject for mail in mails(cast.no_grant)] == ["You may read the requests of Norrland Energi"] * 2


@pytest.mark.behaviour("B-117")
def test_what_is_queued_is_not_sent_once_a_grant_is_over(cast: Cast, run_jobs: Callable[[], int]) -> None:
    row = grant_actions.grant(cast.csm, cast.no_grant, cast.org, TERMS, NOW)
    grant_actions.revoke(cast.admin, Grant.objects.get(person=cast.reader), NOW)
    grant_actions.revoke(cast.csm, row, NOW)
    run_jobs()
    assert [mail.state for mail in mails(cast.no_grant)] == ["suppressed", "suppressed", "sent"]
    # Told of Nils Ek as a reader, and no longer one.
    assert [mail.state for mail in mails(cast.reader)] == ["suppressed", "sent"]


def test_who_is_no_member_any_more_reads_no_more(cast: Cast) -> None:
    a_ticket(cast)
    assert visible_to(cast.reader, NOW).exists()
    grant_actions.remove_member(cast.csm, cast.org, cast.reader, NOW)
    assert not visible_to(cast.reader, NOW).exists()
    assert not Membership.objects.filter(person=cast.reader).exists()
    assert Record.objects.filter(verb__in=["revoke", "remove_member"]).count() == 2
