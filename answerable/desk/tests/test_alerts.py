"""Alerts at the desk, the page behind a page's link, and how one is paged."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from answerable.casework import actions as casework
from answerable.casework import paging_actions as paging
from answerable.casework.page_links import page_token
from answerable.casework.tests.test_paging import page
from answerable.escalation.alerts import Alert, Page
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.lib import clock
from answerable.lib.fresh import forget_all
from answerable.notify.channel_actions import ask_test
from answerable.notify.channel_rows import Channel, Contact
from answerable.notify.models import Delivery
from answerable.people.models import Person, Team
from answerable.tickets.models import Ticket
from tests.cast import Cast, a_ticket

Open = Callable[[Person, str], str]
SECRET_URL = "https://hooks.example.com/t0p-s3cret-path"


@pytest.fixture
def night(cast: Cast) -> Ticket:
    """A P0 that pages the agent, since a minute."""
    at = clock.now() - timedelta(minutes=1)
    apply_paging([PagingSpec("night", Plan((Step((cast.agent.email,), 600),)), ("cloud",))], at)
    ticket = a_ticket(cast, severity="P0", now=at)
    page(at)
    return ticket


def of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(person: Person, path: str) -> str:
    answer = of(person).get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.behaviour("B-367")
def test_the_list_and_the_alert_say_who_was_paged_and_what_became_of_it(cast: Cast, night: Ticket) -> None:
    row = Alert.objects.get()
    listed = text(cast.agent, "/desk/alerts")
    assert f"P0: request {night.number}, Norrland Energi" in listed
    assert "Nobody has seen it yet" in listed
    shown = text(cast.agent, f"/desk/alerts/{row.pk}")
    assert "Tomas Kral" in shown
    assert "in the outbox" in shown
    assert "Raised, to be paged by “night”" in shown
    assert "I have it" in shown
    # Who was not paged sees it all, but cannot say that they have it.
    assert "I have it</button>" not in text(cast.csm, f"/desk/alerts/{row.pk}")
    # What runs comes first.
    other = a_ticket(cast, severity="P0", now=clock.now())
    casework.set_status(cast.agent, other.pk, "solved", clock.now())
    listed = text(cast.lead, "/desk/alerts")
    assert listed.index(f"request {night.number},") < listed.index(f"request {other.number},")


def test_who_may_not_see_the_request_reads_no_more_than_that_there_is_an_alert(cast: Cast, night: Ticket) -> None:
    Team.objects.filter(key__in=["cloud", "product"]).update(restricted=True)
    cast.agent.teams.set([cast.product])
    apply_paging([], clock.now())
    forget_all()
    Page.objects.all().delete()
    Alert.objects.update(plan={"steps": [], "every": 300, "rounds": 1})
    listed = text(cast.agent, "/desk/alerts")
    assert "P0 of another team" in listed
    assert "Norrland" not in listed.partition("<main")[2]
    assert of(cast.agent).get(f"/desk/alerts/{Alert.objects.get().pk}").status_code == 404


@pytest.mark.behaviour("B-359")
def test_acknowledged_on_the_page_of_the_request(cast: Cast, night: Ticket) -> None:
    row = Alert.objects.get()
    assert f"/desk/tickets/{night.number}/alert" in text(cast.agent, f"/desk/tickets/{night.number}")
    slot = text(cast.agent, f"/desk/tickets/{night.number}/alert")
    assert f"/desk/alerts/{row.pk}/seen" in slot
    answer = of(cast.agent).post(f"/desk/alerts/{row.pk}/seen", {"ticket": night.number})
    assert answer.headers["Location"] == f"/desk/tickets/{night.number}"
    assert "Tomas Kral has seen it" in text(cast.agent, f"/desk/tickets/{night.number}/alert")
    assert "Tomas Kral has seen this" in text(cast.requester, f"/requests/{night.number}")
    # A second press, or somebody else's, changes nothing.
    of(cast.agent).post(f"/desk/alerts/{row.pk}/seen")
    assert Alert.objects.get().acked_by == cast.agent
    of(cast.lead).post(f"/desk/alerts/{row.pk}/again")
    assert Alert.objects.get().state == "open"
    of(cast.lead).post(f"/desk/alerts/{row.pk}/over")
    assert "Over" in text(cast.agent, f"/desk/alerts/{row.pk}")


@pytest.mark.behaviour("B-359")
def test_the_link_opens_a_page_with_one_button_that_changes_nothing_by_itself(cast: Cast, night: Ticket) -> None:
    row = Alert.objects.get()
    path = f"/desk/page/{page_token(row.pk, cast.agent.pk, clock.now())}"
    visitor = Client(enforce_csrf_checks=True)
    for _ in range(2):
        opened = visitor.get(path)
        assert opened.status_code == 200
        assert Alert.objects.get().state == "open"
    body = opened.content.decode()
    assert body.partition("<main")[2].partition("</main>")[0].count("<button") == 1
    assert "A page for Tomas Kral" in body
    assert night.subject not in body
    assert opened.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert visitor.post(path).status_code == 403
    done = visitor.post(path, {"csrfmiddlewaretoken": visitor.cookies["csrftoken"].value})
    assert "Thank you" in done.content.decode()
    assert Alert.objects.get().acked_by == cast.agent
    old = page_token(row.pk, cast.agent.pk, clock.now() - timedelta(days=2))
    assert visitor.get(f"/desk/page/{old}").status_code == 404


@pytest.mark.behaviour("B-362")
def test_a_channel_is_added_its_secret_shown_once_and_its_address_never(cast: Cast) -> None:
    client = of(cast.agent)
    given = {"kind": "webhook", "name": "Phone bridge", "address": SECRET_URL}
    added = client.post("/desk/contacts/add", given).content.decode()
    row = Channel.objects.get()
    assert "Its secret, shown once" in added
    assert "t0p-s3cret" not in added
    assert "t0p-s3cret" not in row.address
    again = client.get("/desk/contacts").content.decode()
    assert "hooks.example.com" in again
    assert "t0p-s3cret" not in again
    assert "shown once" not in again
    twice = client.post("/desk/contacts/add", given)
    assert twice.status_code == 422
    assert "Another channel of yours is called so." in twice.content.decode()
    assert "t0p-s3cret" not in twice.content.decode()
    inside = client.post("/desk/contacts/add", {"kind": "apprise", "name": "x", "address": "json://169.254.169.254/"})
    assert (inside.status_code, Channel.objects.count()) == (422, 1)

    client.post("/desk/contacts/rules", {f"after-{row.pk}": "0", "after-mail": "300"})
    assert set(Contact.objects.values_list("channel", "after_seconds")) == {(row.pk, 0), (None, 300)}
    assert client.post("/desk/contacts/rules", {"after-mail": "300"}).status_code == 422

    client.post(f"/desk/contacts/{row.pk}/test")
    assert "Is being tried" in client.get("/desk/contacts", headers={"HX-Request": "true"}).content.decode()
    Channel.objects.update(asked_at=None, tested_at=clock.now(), works=False, test_result="cannot be reached")
    assert "cannot be reached" in client.get("/desk/contacts").content.decode()
    client.post("/desk/contacts/test-mail")
    assert Delivery.objects.get(kind="page").address == cast.agent.email
    client.post(f"/desk/contacts/{row.pk}/remove")
    assert "hooks.example.com" not in client.get("/desk/contacts").content.decode()


def test_the_channels_of_others_are_out_of_reach(cast: Cast) -> None:
    of(cast.agent).post("/desk/contacts/add", {"kind": "webhook", "name": "Own bridge", "address": SECRET_URL})
    row = Channel.objects.get()
    assert "Own bridge" not in text(cast.lead, "/desk/contacts")
    for verb in ("test", "remove"):
        assert of(cast.admin).post(f"/desk/contacts/{row.pk}/{verb}").status_code == 404
    ask_test(cast.agent, row.pk, clock.now())
    assert Channel.objects.get().removed_at is None


def test_nothing_of_paging_is_shown_where_there_is_no_p0(cast: Cast) -> None:
    ticket = a_ticket(cast)
    assert "/alert" not in text(cast.agent, f"/desk/tickets/{ticket.number}")
    assert "No alert" in text(cast.agent, "/desk/alerts")
    assert paging.PICK > 0


@pytest.mark.behaviour("B-429")
def test_the_customer_reads_that_it_was_seen_of_the_alert_that_runs_alone(cast: Cast, night: Ticket) -> None:
    seen = '<span class="chip is-kept">Tomas Kral has seen this'
    paging.acknowledge(cast.agent, Alert.objects.get().pk, "desk", clock.now())
    assert seen in text(cast.requester, f"/requests/{night.number}")
    casework.determine_severity(cast.agent, night.pk, "P1", "Calmer.", clock.now())
    casework.determine_severity(cast.agent, night.pk, "P0", "Again.", clock.now())
    assert seen not in text(cast.requester, f"/requests/{night.number}")
