"""The form: what becomes of what people type."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from answerable.lib.fresh import forget_all
from answerable.notify.models import Delivery
from answerable.people.actions import add_member
from answerable.people.models import Vendor
from answerable.portal.tests.filled import filled
from answerable.tickets.models import Attachment, Reply, Ticket
from tests.cast import NOW, Cast


def test_anybody_may_ask_and_sees_number_and_promise(cast: Cast) -> None:
    page = Client().post("/requests/new", filled(), follow=True)
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.requester.email, ticket.organization) == ("form", "new@norrland.test", cast.org)
    assert ticket.unverified
    assert f"#{ticket.number}" in page.content.decode()
    assert Delivery.objects.get().kind == "ack"


@pytest.mark.behaviour("B-149")
def test_who_is_signed_in_gives_no_address_and_is_believed(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.requester)
    assert 'name="email"' not in client.get("/requests/new").content.decode()
    client.post("/requests/new", filled(email="other@x.test", severity="P0", impact="all down"))
    ticket = Ticket.objects.get()
    assert (ticket.requester, ticket.severity, ticket.unverified, ticket.channel) == (
        cast.requester,
        "P0",
        False,
        "portal",
    )
    assert ticket.impact == "all down"
    assert Delivery.objects.get().subject == f"Re: It broke [#{ticket.number}]"


def test_who_belongs_to_several_organizations_says_which(cast: Cast) -> None:
    add_member(cast.requester, cast.other_org, "staff", NOW)
    client = Client()
    client.force_login(cast.requester)
    client.post("/requests/new", filled(organization=cast.other_org.pk))
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
    page = Client().post("/requests/new", filled(impact="kept-words", **wrong))
    assert page.status_code == 422
    assert "kept-words" in page.content.decode()
    assert 'class="errors"' in page.content.decode()
    assert not Ticket.objects.exists()


def test_files_come_along_under_safe_names(cast: Cast) -> None:
    hostile = SimpleUploadedFile("..\\..\\evil<script>.html", b"<script>alert(1)</script>", "text/html")
    Client().post("/requests/new", filled(attachments=[hostile, SimpleUploadedFile("ok.txt", b"fine")]))
    names = [row.name for row in Attachment.objects.all()]
    assert names[1] == "ok.txt"
    assert not re.search(r"[<>/\\]", names[0])


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>"])
def test_what_customers_type_is_never_markup(cast: Cast, hostile: str) -> None:
    client = Client()
    client.force_login(cast.requester)
    client.post("/requests/new", filled(text=hostile, subject=f"S {hostile}"))
    assert "<script" not in Reply.objects.get().html
    assert "<img" not in Reply.objects.get().html
    page = client.get(f"/requests/{Ticket.objects.get().number}").content.decode()
    assert "<script>alert" not in page


MB = 1024 * 1024


@pytest.mark.behaviour("B-144")
def test_files_that_are_too_much_are_told_by_name_and_what_was_typed_comes_back(cast: Cast) -> None:
    files = [
        SimpleUploadedFile("fine.txt", b"fine"),
        SimpleUploadedFile("void.txt", b""),
        SimpleUploadedFile("huge.bin", b"x" * (10 * MB + 1)),
    ]
    answer = Client().post("/requests/new", filled(text="kept-words", attachments=files))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is nothing in “void.txt”" in page
    assert "“huge.bin” is larger than 10 MB." in page
    assert "kept-words" in page
    answer = Client().post("/requests/new", filled(attachments=[SimpleUploadedFile("a.txt", b"a") for _ in range(11)]))
    assert "At most 10 files at once, and these are 11." in answer.content.decode()
    assert not Ticket.objects.exists()
    client = Client()
    client.force_login(cast.requester)
    client.post("/requests/new", filled(attachments=[SimpleUploadedFile("a.txt", b"a") for _ in range(11)]))
    assert Attachment.objects.count() == 11


def test_the_page_says_that_browsers_hand_no_files_back(cast: Cast) -> None:
    client = Client()
    assert "browsers do not hand files back" in client.get("/requests/new").content.decode()
    answer = client.post("/requests/new", filled(subject="", attachments=[SimpleUploadedFile("a.txt", b"a")]))
    assert "please choose them again" in answer.content.decode()
    assert "please choose them again" not in client.post("/requests/new", filled(subject="")).content.decode()


def test_a_closed_form_is_not_there_for_strangers(cast: Cast) -> None:
    Vendor.objects.update(settings={"channels": {"mail": True, "form": False}})
    forget_all()
    assert Client().get("/requests/new").status_code == 404
    client = Client()
    client.force_login(cast.requester)
    assert client.get("/requests/new").status_code == 200
