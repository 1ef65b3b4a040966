"""People: found, suspended so that nothing of theirs stays open, restored, and two that are one."""

import time
from collections.abc import Callable

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import connection
from django.test import Client

from answerable.audit.models import Record
from answerable.casework import actions as casework
from answerable.casework import person_actions, standing_actions
from answerable.casework.later import send_link
from answerable.lib.errors import Refused
from answerable.notify.models import Delivery
from answerable.people import actions as people
from answerable.people import person_queries as queries
from answerable.people.models import Grant, LinkAsked, Membership, Person
from answerable.people.queries import by_email
from answerable.tickets.access import taking_part, visible_to
from answerable.tickets.models import Participant
from tests.cast import NOW, PASSWORD, Cast, a_ticket, says


def names(text: str) -> list[str]:
    return [row.label for row in queries.search(text, None).rows]


def test_people_are_found_by_beginnings_of_name_and_address_and_by_organization(cast: Cast) -> None:
    assert names("eli") == ["Elin Berg"]
    assert names("BER elin@norr") == ["Elin Berg"]
    assert names("mbeki@kivu.test") == ["J. Mbeki"]
    assert names("Kivu Bank") == ["J. Mbeki"]
    assert names("zebra") == []
    assert set(names("norrland")) == {"Elin Berg", "A. Lund", "J. Holm", "Nils Ek"}
    assert set(names("&|!:*()'")) == {row.label for row in Person.objects.all()}


def test_the_search_has_its_index(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        sql, given = queries._named(["elin"]).query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", given)
        assert "person_found" in str(cursor.fetchall())


def test_the_list_pages_without_gaps(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 3)
    shown, after = [], None
    for _ in range(10):
        page = queries.search("", after)
        shown += [row.email for row in page.rows]
        after = page.next
        if after is None:
            break
    assert shown == sorted(Person.objects.values_list("email", flat=True))


@pytest.mark.behaviour("B-123")
def test_who_is_suspended_is_out_at_once_and_for_good(cast: Cast, run_jobs: Callable[[], int]) -> None:
    ticket = a_ticket(cast)
    client = Client()
    client.force_login(cast.requester)
    where = f"/requests/{ticket.number}"
    assert client.get(where).status_code == 200
    casework.add_reply(cast.agent, ticket.pk, says("We look."), NOW)
    person_actions.suspend(cast.admin, cast.requester, "left the company", NOW)
    assert client.get(where).status_code == 302
    fresh = Client()
    fresh.post("/accounts/login/", {"login": cast.requester.email, "password": PASSWORD})
    assert fresh.get(where).status_code == 302
    run_jobs()
    assert set(Delivery.objects.filter(person=cast.requester).values_list("state", flat=True)) == {"suppressed"}
    person_actions.restore(cast.admin, cast.requester, NOW)
    assert client.get(where).status_code == 302
    fresh.post("/accounts/login/", {"login": cast.requester.email, "password": PASSWORD})
    assert fresh.get(where).status_code == 200
    trail = Record.objects.filter(subject_kind="person", subject_id=cast.requester.pk).order_by("id")
    assert list(trail.values_list("verb", flat=True)) == ["suspend_person", "restore_person"]


def link_of(person: Person) -> str:
    return f"/accounts/password/reset/key/{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}/"


@pytest.mark.parametrize("restored", [False, True])
@pytest.mark.behaviour("B-174")
def test_a_link_from_before_the_suspension_sets_no_password(cast: Cast, restored: bool) -> None:
    link, early = link_of(cast.requester), Client()
    where = early.get(link).headers["Location"]
    person_actions.suspend(cast.admin, cast.requester, "stolen", NOW)
    if restored:
        person_actions.restore(cast.admin, cast.requester, NOW)
    new = "otters carry seven lanterns"
    early.post(where, {"password1": new, "password2": new})
    assert "no longer works" in Client().get(link, follow=True).content.decode()
    # Nor one that is made now, for whoever knows how.
    if not restored:
        cast.requester.refresh_from_db()
        assert "no longer works" in Client().get(link_of(cast.requester), follow=True).content.decode()
    cast.requester.refresh_from_db()
    assert cast.requester.check_password(PASSWORD)


def test_a_log_in_that_waited_at_the_second_step_ends_with_the_suspension(cast: Cast) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    Authenticator.objects.create(user=cast.requester, type="totp", data={"secret": secret})
    client = Client()
    leads = client.post("/accounts/login/", {"login": cast.requester.email, "password": PASSWORD}).headers["Location"]
    person_actions.suspend(cast.admin, cast.requester, "stolen", NOW)
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert client.post(leads, {"code": code}).headers["Location"] == "/accounts/inactive/"
    person_actions.restore(cast.admin, cast.requester, NOW)
    assert client.get("/my/requests").status_code == 302


def test_what_waits_of_their_account_is_not_sent_to_who_is_suspended(cast: Cast, run_jobs: Callable[[], int]) -> None:
    for _ in range(2):
        Client().post("/accounts/password/reset/", {"email": cast.requester.email})
    send_link(asked_id=LinkAsked.objects.earliest("id").pk)
    person_actions.suspend(cast.admin, cast.requester, "left", NOW)
    run_jobs()
    # One that was written before; the other is not even written.
    assert list(Delivery.objects.values_list("kind", "state")) == [("account", "suppressed")]


def test_suspending_closes_the_open_streams(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    monkeypatch.setattr(person_actions, "end_streams", closed.append)
    for _ in range(2):
        person_actions.suspend(cast.admin, cast.requester, "left", NOW)
    assert closed == [cast.requester.pk]


def test_who_may_suspend_whom(cast: Cast) -> None:
    for person in (cast.agent, cast.lead, cast.csm, cast.requester):
        with pytest.raises(Refused) as refused:
            person_actions.suspend(person, cast.colleague, "why", NOW)
        assert refused.value.code == "not_allowed"
    for whom, reason, code in [(cast.admin, "x", "oneself"), (cast.colleague, " ", "reason_missing")]:
        with pytest.raises(Refused) as refused:
            person_actions.suspend(cast.admin, whom, reason, NOW)
        assert refused.value.code == code
    person_actions.suspend(cast.admin, cast.agent, "left", NOW)
    cast.agent.refresh_from_db()
    assert not cast.agent.is_staff


@pytest.mark.behaviour("B-124")
def test_who_stays_has_all_that_the_other_had_and_mail_from_the_address(cast: Cast) -> None:
    private = people.contact("elin@home.test", "Elin", NOW)
    theirs = a_ticket(cast, requester=private, organization=None)
    both = a_ticket(cast)
    casework.add_reply(cast.agent, both.pk, says("?"), NOW, casework.Next(copies=casework.Copies(cc=(private,))))
    people.add_member(private, cast.org, "staff", NOW)
    people.grant(cast.csm, private, cast.org, people.GrantTerms("x"), NOW)
    standing_actions.set_standing(cast.csm, private, cast.org, None, NOW, open_too=False)
    person_actions.merge_people(cast.admin, cast.requester, private, NOW, across=False)
    theirs.refresh_from_db()
    assert theirs.requester == cast.requester
    assert set(taking_part(cast.requester, "requester").values_list("pk", flat=True)) == {theirs.pk, both.pk}
    assert Grant.objects.get(person=cast.requester).reason == "x"
    assert cast.requester.standing_ccs.count() == Membership.objects.filter(person=cast.requester).count() == 1
    assert not Participant.objects.filter(person=private).exists()
    private.refresh_from_db()
    assert not visible_to(private, NOW).exists()
    assert by_email("Elin@home.test") == people.contact("elin@home.test", "", NOW) == cast.requester
    assert queries.aliases(cast.requester) == ["elin@home.test"]
    assert names("home") == []
    for person in (private, cast.requester):
        assert Record.objects.filter(verb="merge_person", subject_id=person.pk).count() == 1
    with pytest.raises(Refused, match="cannot be undone"):
        person_actions.restore(cast.admin, private, NOW)


def test_taking_part_is_what_either_of_them_did(cast: Cast) -> None:
    private = people.contact("elin@home.test", "", NOW)
    off, waits = a_ticket(cast), a_ticket(cast)
    for ticket, ended, pending in [(off, NOW, False), (waits, None, True)]:
        Participant.objects.create(
            ticket=ticket, person=cast.no_grant, role="cc", since=NOW, source="mail", ended_at=ended, pending=pending
        )
        Participant.objects.create(ticket=ticket, person=private, role="cc", since=NOW, source="mail")
    person_actions.merge_people(cast.admin, cast.no_grant, private, NOW, across=False)
    assert set(taking_part(cast.no_grant, "cc").values_list("pk", flat=True)) == {off.pk, waits.pk}


def test_what_was_merged_before_follows(cast: Cast) -> None:
    first, second = (people.contact(f"elin{n}@home.test", "", NOW) for n in (1, 2))
    person_actions.merge_people(cast.admin, second, first, NOW, across=False)
    person_actions.merge_people(cast.admin, cast.requester, Person.objects.get(pk=second.pk), NOW, across=False)
    assert by_email(first.email) == by_email(second.email) == cast.requester


@pytest.mark.behaviour("B-125")
def test_staff_are_not_merged_and_people_of_two_organizations_only_on_word(cast: Cast) -> None:
    for survivor, other, code in [
        (cast.requester, cast.agent, "staff"),
        (cast.agent, cast.requester, "staff"),
        (cast.agent, cast.lead, "staff"),
        (cast.requester, cast.requester, "same"),
        (cast.requester, cast.stranger, "across"),
    ]:
        with pytest.raises(Refused) as refused:
            person_actions.merge_people(cast.admin, survivor, other, NOW, across=False)
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        person_actions.merge_people(cast.csm, cast.requester, cast.stranger, NOW, across=True)
    assert refused.value.code == "not_allowed"
    assert Person.objects.filter(merged_into__isnull=False).count() == 0
    person_actions.merge_people(cast.admin, cast.requester, cast.stranger, NOW, across=True)
    assert Membership.objects.filter(person=cast.requester).count() == 2
