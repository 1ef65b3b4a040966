"""The form: what becomes of what people type, and what the public one refuses."""

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from answerable.lib.fresh import forget_all
from answerable.notify.models import Delivery
from answerable.people.actions import add_member
from answerable.people.models import Vendor
from answerable.tickets.models import Attachment, Reply, Ticket
from tests.cast import NOW, Cast

FILLED = {
    "email": "new@norrland.test",
    "name": "New",
    "subject": "It broke",
    "text": "Since noon.",
    "severity": "",
    "impact": "",
}


def test_anybody_may_ask_and_sees_number_and_promise(cast: Cast) -> None:
    page = Client().post("/requests/new", FILLED, follow=True)
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.requester.email, ticket.organization) == ("form", "new@norrland.test", cast.org)
    assert ticket.unverified
    assert f"#{ticket.number}" in page.content.decode()
    assert Delivery.objects.get().kind == "ack"


def test_who_is_signed_in_gives_no_address_and_is_believed(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.requester)
    assert 'name="email"' not in client.get("/requests/new").content.decode()
    client.post("/requests/new", {**FILLED, "email": "other@x.test", "severity": "P0", "impact": "all down"})
    ticket = Ticket.objects.get()
    assert (ticket.requester, ticket.severity, ticket.unverified, ticket.channel) == (
        cast.requester,
        "P0",
        False,
        "portal",
    )
    assert ticket.impact == "all down"


def test_who_belongs_to_several_organizations_says_which(cast: Cast) -> None:
    add_member(cast.requester, cast.other_org, "staff", NOW)
    client = Client()
    client.force_login(cast.requester)
    client.post("/requests/new", {**FILLED, "organization": cast.other_org.pk})
    assert Ticket.objects.get().organization == cast.other_org


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": ""},
        {"text": "  "},
        {"email": "not an address"},
        {"severity": "P9"},
        {"subject": "x" * 501},
        {"text": "a\x00b"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(cast: Cast, wrong: dict[str, str]) -> None:
    page = Client().post("/requests/new", {**FILLED, "impact": "kept-words", **wrong})
    assert page.status_code == 422
    assert "kept-words" in page.content.decode()
    assert 'class="errors"' in page.content.decode()
    assert not Ticket.objects.exists()


def test_files_come_along_under_safe_names(cast: Cast) -> None:
    hostile = SimpleUploadedFile("..\\..\\evil<script>.html", b"<script>alert(1)</script>", "text/html")
    Client().post("/requests/new", {**FILLED, "attachments": [hostile, SimpleUploadedFile("ok.txt", b"fine")]})
    names = [row.name for row in Attachment.objects.all()]
    assert names[1] == "ok.txt"
    assert not re.search(r"[<>/\\]", names[0])


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>"])
def test_what_customers_type_is_never_markup(cast: Cast, hostile: str) -> None:
    client = Client()
    client.force_login(cast.requester)
    client.post("/requests/new", {**FILLED, "text": hostile, "subject": f"S {hostile}".replace("\x00", "")})
    assert "<script" not in Reply.objects.get().html
    assert "<img" not in Reply.objects.get().html
    page = client.get(f"/requests/{Ticket.objects.get().number}").content.decode()
    assert "<script>alert" not in page


def test_programs_and_crowds_are_turned_away(cast: Cast) -> None:
    assert Client().post("/requests/new", {**FILLED, "website": "http://spam"}).status_code == 422
    for _ in range(5):
        assert Client().post("/requests/new", FILLED).status_code == 302
    page = Client().post("/requests/new", FILLED)
    assert page.status_code == 422
    assert "Several requests" in page.content.decode()
    assert Ticket.objects.count() == 5


def test_a_closed_form_is_not_there_for_strangers(cast: Cast) -> None:
    Vendor.objects.update(settings={"channels": {"mail": True, "form": False}})
    forget_all()
    assert Client().get("/requests/new").status_code == 404
    client = Client()
    client.force_login(cast.requester)
    assert client.get("/requests/new").status_code == 200


@pytest.mark.behaviour("B-28")
def test_a_strangers_p0_counts_once_its_mail_is_confirmed(cast: Cast, run_jobs: Callable[[], int]) -> None:
    Client().post("/requests/new", {**FILLED, "severity": "P0"})
    assert (Ticket.objects.get().severity, Ticket.objects.get().stated_severity) == ("P2", "P0")
    link = re.search(r"http://portal\.vendor\.test(/requests/confirm/\S+)", Delivery.objects.get().text)
    assert link
    assert Client().get(link[1]).status_code == 200
    assert Ticket.objects.get().severity == "P2"
    assert Client().post(link[1]).status_code == 200
    assert (Ticket.objects.get().severity, Ticket.objects.get().unverified) == ("P0", False)
