"""What a person does in the widget: ask, look, reply, fetch; by the same rules as in the portal."""

import gzip
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from answerable.casework import actions as casework
from answerable.casework.guard import QUICKEST, stamp
from answerable.knowledge.actions import Place, Text, begin, publish
from answerable.knowledge.file_actions import add_files
from answerable.knowledge.models import Audience
from answerable.knowledge.section_actions import SectionText, make_section
from answerable.lib import clock
from answerable.lib.fresh import forget_all
from answerable.lib.uploads import Received
from answerable.live.access import read
from answerable.notify.models import Delivery
from answerable.people.models import Organization, Person, Vendor
from answerable.tickets.models import Attachment, Reply, Ticket
from answerable.widget.models import Look, Session
from answerable.widget.tests.stage import Host, policy
from tests.cast import NOW, Cast, a_file, a_ticket, says

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
ASKED = {"subject": "The loader hangs", "text": "Since noon.", "severity": "P1", "impact": ""}


def sent(answer: Any) -> Ticket:
    assert answer.status_code == 200, answer.content
    assert "We have your request" in answer.content.decode()
    return Ticket.objects.latest("id")


@pytest.mark.behaviour("B-521")
def test_what_a_signed_in_person_asks_is_theirs_with_files_and_facts_they_agreed_to(host: Host, cast: Cast) -> None:
    browser = host.sign_in()
    assert "Ask us" in browser.get("new", subject="Hello").content.decode()
    shot = SimpleUploadedFile("shot.png", b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    facts = {"page": "https://app.vendor.test/jobs?id=7", "browser": "Firefox", "window": "1440 × 900"}
    ticket = sent(browser.post("new", **ASKED, **facts, share="on", attachments=shot))
    assert (ticket.requester, ticket.organization, ticket.channel) == (cast.requester, cast.org, "widget")
    assert (ticket.unverified, ticket.stated_severity, ticket.severity) == (False, "P1", "P1")
    assert {row["label"]: row["value"] for row in ticket.fields.values()} == {
        "Page": facts["page"],
        "Browser": "Firefox",
        "Window": "1440 × 900",
    }
    assert Attachment.objects.get(ticket=ticket).name == "shot.png"
    assert sent(browser.post("new", **ASKED, **facts)).fields == {}
    wrong = browser.post("new", **ASKED | {"subject": ""})
    assert wrong.status_code == 422
    assert "This field is required." in wrong.content.decode()


def test_a_contact_of_a_known_domain_asks_for_their_organization(host: Host, cast: Cast) -> None:
    browser = host.sign_in(email="new@norrland.test", name="Nora")
    assert sent(browser.post("new", **ASKED)).organization == cast.org
    other = Organization.objects.create(name="Other", slug="other", created_at=NOW)
    cast.requester.memberships.create(organization=other, source="staff", since=NOW)
    browser = host.sign_in(organization="other")
    ticket = sent(browser.post("new", **ASKED | {"organization": str(other.pk)}))
    assert ticket.organization == other


@pytest.mark.behaviour("B-522")
def test_without_a_token_anybody_asks_by_the_rules_of_the_public_form(host: Host, cast: Cast) -> None:
    page = host.get("new").content.decode()
    assert 'name="website"' in page
    begun = stamp(clock.now() - timedelta(seconds=QUICKEST + 1))
    form = {**ASKED, "email": cast.requester.email, "name": "", "stamp": begun, "website": ""}
    at_once = host.post("new", **form | {"stamp": stamp(clock.now())})
    assert at_once.status_code == 422
    assert "sent by a program" in at_once.content.decode()
    ticket = sent(host.post("new", **form))
    assert (ticket.requester, ticket.channel, ticket.unverified) == (cast.requester, "widget", True)
    assert "/requests/confirm/" in Delivery.objects.filter(ticket_id=ticket.pk).latest("id").html
    again = host.post("new", **form)
    assert "was sent already" in again.content.decode()
    assert host.get("requests").status_code == 401
    Vendor.objects.update(settings=Vendor.objects.get().settings | {"channels": {"form": False}})
    policy()
    assert host.get("new").status_code == 404


@pytest.mark.behaviour("B-523")
def test_one_sees_replies_and_closes_what_is_ones_own_and_nothing_else(host: Host, cast: Cast) -> None:
    policy(vouches_for=["*"])
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("We look."), NOW)
    path = f"requests/{ticket.number}"
    seen = {}
    for name in ("requester", "colleague", "reader", "no_grant", "stranger"):
        person: Person = getattr(cast, name)
        browser = host.sign_in(email=person.email, name=person.name)
        page = browser.get(path)
        lists = [browser.get("requests", list=one).content.decode() for one in ("", "cc", "organization")]
        found = ["Warehouse sync stopped" in one for one in lists]
        seen[name] = page.status_code, found.index(True) if any(found) else None
        assert ("We look." in page.content.decode()) == (page.status_code == 200)
        said = browser.post(f"{path}/reply", text=f"From {name}")
        assert said.status_code == {200: 200, 404: 404}[page.status_code] if name != "reader" else 403
        assert browser.post(f"{path}/seen").status_code == page.status_code
    assert seen == {
        "requester": (200, 0),
        "colleague": (200, 1),
        "reader": (200, 2),
        "no_grant": (404, None),
        "stranger": (404, None),
    }
    assert set(Reply.objects.filter(channel="widget").values_list("text", flat=True)) == {
        "From requester",
        "From colleague",
    }
    mine = host.sign_in()
    assert "Solved" in mine.post(f"{path}/close").content.decode()
    assert "Write something first" in mine.post(f"{path}/reply", text=" ").json()["message"]
    mine.post(f"{path}/reply", text="Again.")
    ticket.refresh_from_db()
    assert ticket.status == "open"


@pytest.mark.behaviour("B-524")
def test_a_file_has_an_address_for_a_minute_for_one_session_and_access_is_asked_again(
    host: Host, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("See.", files=(a_file("log.txt", b"lines"),)), NOW)
    pk = Attachment.objects.get().pk
    browser = host.sign_in()
    page = browser.get(f"requests/{ticket.number}").content.decode()
    assert f"/widget/cloud/requests/{ticket.number}/files/{pk}/" in page
    told = browser.get(f"requests/{ticket.number}/files/{pk}").json()
    assert told["asks"] is False
    address = told["address"]
    casework.add_reply(cast.agent, ticket.pk, says("Run it.", files=(a_file("setup.exe", b"MZ"),)), NOW)
    program = Attachment.objects.get(name="setup.exe").pk
    told = browser.get(f"requests/{ticket.number}/files/{program}").json()
    assert told["asks"] is True
    assert "?sure=1" in Client().get(told["address"]).content.decode()
    anyone = Client()
    assert anyone.get(address).status_code == 200
    assert anyone.get(address).headers["Content-Disposition"].startswith("attachment")
    # Of this file, this kind and this product alone.
    assert anyone.get(address.replace(f"files/{pk}", f"files/{program}")).status_code == 404
    assert anyone.get(address.replace("files", "sheets")).status_code == 404
    other = host.sign_in(email=cast.no_grant.email)
    assert other.get(f"requests/{ticket.number}/files/{pk}").status_code == 404
    with monkeypatch.context() as later:
        later.setattr("django.core.signing.time.time", lambda: clock.exact().timestamp() + 61)
        assert anyone.get(address).status_code == 404
    Ticket.objects.filter(pk=ticket.pk).update(set_aside="deleted")
    assert anyone.get(address).status_code == 404
    Ticket.objects.filter(pk=ticket.pk).update(set_aside="")
    assert anyone.get(address).status_code == 200
    Session.objects.update(ended_at=clock.now())
    assert anyone.get(address).status_code == 404


@pytest.mark.behaviour("B-525")
def test_an_answer_of_staff_is_unread_until_its_request_was_open(host: Host, cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Before the first visit."), clock.now() - timedelta(hours=1))
    browser = host.sign_in()
    Look.objects.update(at=clock.now() - timedelta(minutes=5))
    last = Reply.objects.latest("id").pk
    assert browser.get("news").json() == {"unread": 0}
    casework.add_reply(cast.colleague, ticket.pk, says("Me too."), clock.now())
    assert browser.get("news").json() == {"unread": 0}
    casework.add_reply(cast.agent, ticket.pk, says("Found it."), clock.now() - timedelta(minutes=1))
    assert browser.get("news").json() == {"unread": 1}
    for page in ("home", "requests"):
        assert "New answer:" in browser.get(page).content.decode()
    assert browser.get(f"requests/{ticket.number}").status_code == 200
    assert browser.get("news").json() == {"unread": 1}
    assert browser.post(f"requests/{ticket.number}/seen", last=str(last)).json() == {"unread": 1}
    newest = str(Reply.objects.latest("id").pk)
    assert f'data-last="{newest}"' in browser.get(f"requests/{ticket.number}").content.decode()
    assert browser.post(f"requests/{ticket.number}/seen", last=newest).json() == {"unread": 0}
    assert browser.post(f"requests/{ticket.number}/seen", last="x").json() == {"unread": 0}
    assert host.sign_in(email=cast.no_grant.email).get("news").json() == {"unread": 0}


@pytest.mark.behaviour("B-526")
def test_articles_are_found_suggested_and_read_by_their_audience_alone(host: Host, cast: Cast) -> None:
    section = make_section(cast.lead, SectionText("Loading", ""), NOW)
    pks = {}
    for audience in Audience.values:
        theirs = frozenset([cast.other_org.pk] if audience == Audience.ORGANIZATIONS else [])
        place = Place(section.pk, audience, theirs)
        row = begin(cast.lead, place, Text(f"Loader for {audience}", "Why the loader hangs."), NOW)
        pks[str(audience)] = publish(cast.lead, row.pk, NOW).article_id
    for browser, may in ((host, {"public"}), (host.sign_in(), {"public", "customers"})):
        typed = browser.post("suggestions", subject="loader hangs")
        for answer in (browser.get("home"), browser.get("search", q="loader hangs"), typed):
            page = answer.content.decode()
            assert {name for name in pks if f"articles/{pks[name]}" in page} == may
        assert {name for name in pks if browser.get(f"articles/{pks[name]}").status_code == 200} == may
    assert "Nothing found" in host.get("search", q="zebra").content.decode()


@pytest.mark.behaviour("B-562")
def test_a_public_article_shows_its_pictures(host: Host, cast: Cast) -> None:
    place = Place(make_section(cast.lead, SectionText("Loading", ""), NOW).pk, Audience.PUBLIC)
    row = begin(cast.lead, place, Text("The loader", "![the button](file:button.png)"), NOW)
    (file,) = add_files(cast.lead, row.article_id, [Received("button.png", "image/png", PNG)], NOW)
    publish(cast.lead, row.pk, NOW)
    address = f"/help/articles/{row.article_id}/files/{file.pk}/button.png"
    assert f'src="{address}"' in host.get(f"articles/{row.article_id}").content.decode()
    assert Client().get(address).status_code == 200


def test_the_demo_has_a_product_whose_users_are_the_demos_own(host: Host, cast: Cast) -> None:
    Person.objects.filter(pk__in=[cast.requester.pk, cast.stranger.pk]).update(demo=True)
    forget_all()
    page = Client().get("/demo-product").content.decode()
    assert 'data-product="demo-product"' in page
    assert "J. Mbeki" in page
    token = Client().post("/demo-product/token", {"user": str(cast.stranger.pk)}).json()["token"]
    assert host.exchange(token, "http://portal.vendor.test", "demo-product").status_code == 200
    assert Client().post("/demo-product/token", {"user": str(cast.agent.pk)}).status_code == 404
    assert "Cloud" in Client().get("/widget/cloud").content.decode()
    loader = Client().get("/widget.js")
    assert len(gzip.compress(loader.content)) < 12 * 1024
    assert '"cloud": 258' in loader.content.decode()


def test_one_hears_of_ones_own_requests_alone_and_no_longer_than_the_session(host: Host, cast: Cast) -> None:
    ticket, me = a_ticket(cast), cast.requester.pk
    asked = f"desk,ticket:{ticket.pk}:staff,ticket:{ticket.pk}:customer,person:{me},person:{cast.agent.pk}"
    answer = host.sign_in().get("live", streams=asked).json()
    heard = read(answer["token"])
    assert set(heard.streams) == {f"ticket:{ticket.pk}:customer", f"person:{me}"}
    assert answer["seconds"] == 600
    browser = host.sign_in()
    Session.objects.update(expires_at=clock.now() + timedelta(seconds=100))
    assert browser.get("live", streams=asked).json()["seconds"] <= 100
    stranger = host.sign_in(email=cast.no_grant.email).get("live", streams=asked).json()
    assert set(read(stranger["token"]).streams) == set()
