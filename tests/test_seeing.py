"""Staff look with a customer's eyes: where it begins and ends, what it shows, and that nothing is done with it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import URLPattern, reverse

from answerable.audit.models import Record
from answerable.casework import actions as casework
from answerable.casework import person_actions
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.models import Person, Team
from answerable.portal import urls as portal
from answerable.portal.views import lists
from answerable.tickets.actions import Upload
from answerable.tickets.models import Attachment, LinkOpening, Participant, Ticket
from tests.cast import NOW, PASSWORD, Cast, a_ticket, says

HALF_AN_HOUR = timedelta(minutes=30)
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# No words, but what a page offers that acts.
ACTS = (
    *("Send reply", "Close request", "Reopen request", "Send statement", "Submit a request", "Sign out"),
    *(
        "Your account",
        "CC a colleague",
        "Leave",
        "Remove",
        "Withdraw",
        "Ask to be CC",
        "Hide from readers",
        "End these",
    ),
)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    at(NOW, monkeypatch)


def at(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def looking(staff: Person, customer: Person) -> Client:
    client = as_(staff)
    assert client.post(f"/desk/people/{customer.pk}/see")["Location"] == f"/as/{customer.pk}/"
    return client


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def trail(customer: Person) -> list[tuple[str, str]]:
    rows = Record.objects.filter(subject_kind="person", subject_id=customer.pk, verb__endswith="see_as")
    return list(rows.order_by("id").values_list("actor_label", "verb"))


@pytest.mark.behaviour("B-152")
def test_what_is_seen_is_the_customers_page_and_it_is_kept_who_looked(cast: Cast) -> None:
    ticket = a_ticket(cast)
    where = f"/as/{cast.requester.pk}/"
    agent = looking(cast.agent, cast.requester)
    assert agent.get(where)["Location"] == f"{where}my/requests"
    the_request = f"requests/{ticket.number}"
    for path in ("my/requests", "my/cc", "my/organization", the_request, f"{the_request}/explain"):
        page, theirs = text(agent, f"{where}{path}"), text(as_(cast.requester), f"/{path}")
        # The request's own page lacks what acts.
        theirs = main(theirs).replace('<a class="button" href="/requests/new">Submit a request</a>', "")
        assert (main(page).replace(where, "/") == theirs) == (path != the_request)
        assert "You see what Elin Berg sees" in page
        assert "read only" in page
        assert 'action="/desk/people/' in page
        assert "<title>As Elin Berg ·" in page
        assert "data-live-token" not in page
        assert [words for words in ACTS if words in page] == []
    for path, status in ((the_request, 200), ("requests/1", 404)):
        answer = agent.get(f"{where}{path}")
        assert (answer.status_code, answer.wsgi_request.user) == (status, cast.agent)
    page = text(agent, f"{where}{the_request}")
    for words in ("Nothing has loaded since 02:10.", "You opened this request.", "Here they can reply"):
        assert words in page
    assert agent.post(f"/desk/people/{cast.requester.pk}/see/stop")["Location"] == f"/desk/people/{cast.requester.pk}"
    assert trail(cast.requester) == [("Tomas Kral", "see_as"), ("Tomas Kral", "end_see_as")]
    assert not Record.objects.filter(actor_id=cast.requester.pk, verb__contains="see").exists()
    page = text(as_(cast.csm), f"/desk/people/{cast.requester.pk}")
    assert "Seen as by Tomas Kral" in page
    assert "Seen as by" not in text(as_(cast.csm), f"/desk/people/{cast.colleague.pk}")


def main(page: str) -> str:
    """What the page is about, without its frame."""
    return page[page.index("<main") : page.index("</main>")]


def portal_paths(patterns: list[URLPattern], number: int, pk: int) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        kwargs = {"number": number, "pk": pk, "token": "x", "slug": "x", "file": 1, "called": "x"}
        kwargs |= {"locale": "en", "rest": "-x"}
        wanted = {name: kwargs[name] for name in pattern.pattern.regex.groupindex}
        yield str(pattern.name), reverse(f"portal:{pattern.name}", kwargs=wanted)


def own_pages() -> list[URLPattern]:
    return [one for one in portal.urlpatterns if isinstance(one, URLPattern)]


READING = {name for _route, _view, name in portal.READING}
# The log-in's pages, which are nobody's but the person's.
ACCOUNT = (
    "accounts/",
    "accounts/logout/",
    "accounts/password/change/",
    "accounts/sessions/end/",
    "accounts/2fa/codes/",
)


@pytest.mark.behaviour("B-153")
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_no_method_that_writes_is_taken_and_nothing_is_written(cast: Cast, headers: dict[str, str]) -> None:
    ticket = a_ticket(cast)
    agent = looking(cast.agent, cast.requester)
    paths = [path for _name, path in portal_paths(own_pages(), ticket.number, 1)]
    assert len(paths) > 14
    paths += [f"/{path}" for path in (*ACCOUNT, "desk/", f"desk/tickets/{ticket.number}/reply", "no-such-page")]
    before = written()
    for path in paths:
        for method in UNSAFE:
            data = {"text": "hello", "severity": "P0"}
            answer = agent.generic(method, f"/as/{cast.requester.pk}{path}", str(data), headers=headers)
            assert answer.status_code == 403, (method, path)
            assert "in the name of Elin Berg" in answer.content.decode()
    assert written() == before


def written() -> dict[str, tuple[int, int, int]]:
    """Rows written in this transaction, by table; the pages of a test are all in one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables")
        return {name: tuple(counts) for name, *counts in cursor.fetchall()}


def test_what_is_not_for_reading_is_not_there(cast: Cast) -> None:
    ticket = a_ticket(cast)
    agent = looking(cast.agent, cast.requester)
    closed = [path for name, path in portal_paths(own_pages(), ticket.number, 1) if name not in READING | {"home"}]
    assert f"/requests/{ticket.number}/reply" in closed
    assert "/requests/new" in closed
    assert "/my/live" in closed
    for path in [*closed, *(f"/{path}" for path in ACCOUNT), "/desk/", "/healthz", "/no-such-page"]:
        assert "This page is for Elin Berg alone" in text(agent, f"/as/{cast.requester.pk}{path}", 403)
    assert agent.get("/accounts/").status_code == agent.get("/desk/").status_code == 200


def test_the_database_itself_refuses_what_a_page_might_write(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_asked: object) -> None:
        Ticket.objects.update(version=9)

    agent = looking(cast.agent, cast.requester)
    monkeypatch.setattr(lists, "requests_of", write)
    with pytest.raises(DatabaseError, match="read-only transaction"):
        agent.get(f"/as/{cast.requester.pk}/my/requests")


def test_a_verb_refuses_whoever_acts_with_somebody_elses_eyes(cast: Cast) -> None:
    ticket = a_ticket(cast)
    eyes = Person.objects.get(pk=cast.requester.pk)
    eyes.seen_by = cast.agent
    with pytest.raises(Refused, match="ask to be CC'd"):
        casework.add_reply(eyes, ticket.pk, says("as somebody else"), NOW)


def test_nothing_that_acts_is_offered_to_a_reader_who_waits_or_whose_link_was_opened(cast: Cast) -> None:
    ticket = a_ticket(cast)
    waits = {"since": NOW, "source": "asked", "pending": True, "added_by": cast.reader}
    Participant.objects.create(ticket=ticket, person=cast.reader, role="cc", **waits)
    for person, offered in ((cast.reader, "Withdraw"), (cast.requester, "End these links"), (cast.requester, "Allow")):
        LinkOpening.objects.create(ticket=ticket, person=person, at=NOW)
        assert offered in text(as_(person), f"/requests/{ticket.number}")
        for headers in ({}, {"HX-Request": "true"}):
            answer = looking(cast.agent, person).get(f"/as/{person.pk}/requests/{ticket.number}", headers=headers)
            assert answer.status_code == 200
            assert f">{offered}" not in answer.content.decode()


@pytest.mark.behaviour("B-154")
def test_staff_who_are_shut_in_see_no_more_than_their_own(cast: Cast) -> None:
    theirs = a_ticket(cast, team=cast.cloud)
    others = a_ticket(cast, team=cast.product, subject="Of another team")
    casework.add_reply(cast.requester, others.pk, says("log", files=(Upload("a.txt", "text/plain", b"a"),)), NOW)
    file = f"requests/{others.number}/files/{Attachment.objects.get().pk}"
    Team.objects.filter(key="cloud").update(restricted=True)
    for customer in (cast.requester, cast.reader):
        where = f"/as/{customer.pk}/"
        shown = {}
        for staff in (cast.agent, cast.lead):
            client = looking(staff, customer)
            page = text(client, f"{where}my/{'organization' if customer == cast.reader else 'requests'}")
            assert f"{where}requests/{theirs.number}" in page
            paths = (f"requests/{others.number}", f"requests/{others.number}/explain", file)
            shown[staff.role] = ["Of another team" in page, *(client.get(f"{where}{p}").status_code for p in paths)]
        assert shown == {"agent": [False, 404, 404, 404], "lead": [True, 200, 200, 200]}


@pytest.mark.behaviour("B-155")
def test_it_ends_by_stop_sign_out_time_and_the_loss_of_rights(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    where = f"/as/{cast.requester.pk}/my/requests"
    assert "look with this person" in text(as_(cast.agent), where, 403)
    agent = looking(cast.agent, cast.requester)
    agent.post(f"/desk/people/{cast.requester.pk}/see/stop")
    assert agent.get(where).status_code == 403
    agent = looking(cast.agent, cast.requester)
    at(NOW + HALF_AN_HOUR - timedelta(seconds=1), monkeypatch)
    assert agent.get(where).status_code == 200
    at(NOW + HALF_AN_HOUR, monkeypatch)
    assert agent.get(where).status_code == 403
    at(NOW, monkeypatch)
    agent.post("/accounts/logout/")
    assert agent.get(where).status_code == 302
    agent.force_login(cast.agent)
    assert agent.get(where).status_code == 403
    assert [verb for _who, verb in trail(cast.requester)] == ["see_as", "end_see_as"] * 2
    agent = looking(cast.agent, cast.requester)
    Person.objects.filter(pk=cast.agent.pk).update(role="customer")
    assert agent.get(where).status_code == 404
    Person.objects.filter(pk=cast.agent.pk).update(role="agent")
    person_actions.suspend(cast.admin, cast.agent, "left", NOW)
    assert agent.get(where).status_code == 302


def test_it_ends_when_the_customer_sees_nothing_any_more(cast: Cast) -> None:
    agent = looking(cast.agent, cast.no_grant)
    where = f"/as/{cast.no_grant.pk}/my/requests"
    assert agent.get(where).status_code == 200
    person_actions.merge_people(cast.admin, cast.requester, cast.no_grant, NOW, across=False)
    assert "suspended or merged" in text(agent, where, 403)
    agent = looking(cast.agent, cast.colleague)
    person_actions.suspend(cast.admin, cast.colleague, "left", NOW)
    assert "suspended or merged" in text(agent, f"/as/{cast.colleague.pk}/my/requests", 403)
    Person.objects.filter(pk=cast.reader.pk).update(role="agent")
    assert as_(cast.agent).post(f"/desk/people/{cast.reader.pk}/see").status_code == 422


@pytest.mark.behaviour("B-156")
def test_only_staff_look_and_only_with_customers_eyes(cast: Cast) -> None:
    for role in ("agent", "lead", "csm", "other_csm", "admin"):
        client = looking(getattr(cast, role), cast.requester)
        assert client.get(f"/as/{cast.requester.pk}/my/requests").status_code == 200
    for customer in (cast.requester, cast.colleague, cast.stranger):
        client = as_(customer)
        assert client.post(f"/desk/people/{cast.requester.pk}/see").status_code == 404
        assert client.get(f"/as/{cast.requester.pk}/my/requests").status_code == 404
    admin = as_(cast.admin)
    assert "not what your colleagues do" in admin.post(f"/desk/people/{cast.lead.pk}/see").content.decode()
    person_actions.suspend(cast.admin, cast.colleague, "left", NOW)
    refused = admin.post(f"/desk/people/{cast.colleague.pk}/see")
    assert refused.status_code == 422
    assert "A. Lund sees nothing" in refused.content.decode()
    assert "A suspended person sees nothing." in text(admin, f"/desk/people/{cast.colleague.pk}")


@pytest.mark.behaviour("B-159")
def test_two_tabs_stay_apart(cast: Cast) -> None:
    a_ticket(cast, subject="Of Elin")
    a_ticket(cast, subject="Of Mbeki", requester=cast.stranger, organization=cast.other_org)
    agent = looking(cast.agent, cast.requester)
    agent.post(f"/desk/people/{cast.stranger.pk}/see")
    pages = {one: text(agent, f"/as/{one.pk}/my/requests") for one in (cast.requester, cast.stranger)}
    assert "Of Elin" in pages[cast.requester]
    assert "Of Mbeki" not in pages[cast.requester]
    assert "Of Mbeki" in pages[cast.stranger]
    assert "Of Elin" not in text(agent, "/my/requests")
    assert "You see what" not in text(agent, "/my/requests") + text(agent, "/desk/")
    agent.post(f"/desk/people/{cast.requester.pk}/see/stop")
    assert agent.get(f"/as/{cast.requester.pk}/my/requests").status_code == 403
    assert agent.get(f"/as/{cast.stranger.pk}/my/requests").status_code == 200


def test_staff_who_owe_a_second_step_look_with_nobodys_eyes(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = looking(cast.agent, cast.requester)
    monkeypatch.setattr("answerable.portal.middleware.owes_second_step", lambda user: user.is_staff)
    assert agent.get(f"/as/{cast.requester.pk}/my/requests")["Location"] == "/accounts/"


def test_times_are_in_the_customers_zone(cast: Cast) -> None:
    ticket = a_ticket(cast)
    Person.objects.filter(pk=cast.requester.pk).update(zone="Asia/Tokyo")
    page = text(looking(cast.agent, cast.requester), f"/as/{cast.requester.pk}/requests/{ticket.number}")
    assert "18:00 JST" in page


def test_a_sign_in_by_password_begins_with_nobodys_eyes(cast: Cast) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": cast.agent.email, "password": PASSWORD})
    client.post(f"/desk/people/{cast.requester.pk}/see")
    client.post("/accounts/logout/")
    client.post("/accounts/login/", {"login": cast.agent.email, "password": PASSWORD})
    assert client.get(f"/as/{cast.requester.pk}/my/requests").status_code == 403
