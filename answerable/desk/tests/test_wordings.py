"""The pages on which administrators change what mails say."""

import pytest
from django.test import Client
from django.urls import reverse

from answerable.casework.wordings import source
from answerable.mail.models import Wording
from tests.cast import Cast, a_ticket

HTMX = {"HX-Request": "true"}


def at(name: str) -> str:
    return reverse(f"desk:{name}", kwargs={"key": "ack"})


@pytest.fixture
def admin(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.admin)
    return client


@pytest.mark.behaviour("B-237")
def test_a_mistake_comes_back_by_line_with_the_text(admin: Client, cast: Cast) -> None:
    a_ticket(cast)
    answer = admin.post(at("wording_save"), {"text": "Mine: {{numbr}}", "seen": "0"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Line 1: {{numbr}} is not known; did you mean {{number}}?" in page
    assert "Mine: {{numbr}}\n" in page or "Mine: {{numbr}}</textarea>" in page
    assert not Wording.objects.exists()


@pytest.mark.behaviour("B-239")
def test_a_text_is_looked_at_with_a_real_request_before_it_is_saved(admin: Client, cast: Cast) -> None:
    older, _newer = a_ticket(cast, subject="The <older> one"), a_ticket(cast)
    text = "**{{subject}}** is {{number}}, {{link}}"
    for headers in ({}, HTMX):
        look = admin.post(at("wording_look"), {"text": text, "number": str(older.number)}, headers=headers)
        said = look.content.decode()
        assert "<strong>The &lt;older&gt; one</strong>" in said
        assert f"The &lt;older&gt; one is {older.number}, http://portal.vendor.test/requests/{older.number}" in said
        assert ("<html" in said) == (not headers)
    assert "There is no such request" in admin.post(at("wording_look"), {"text": text, "number": "9"}).content.decode()
    assert not Wording.objects.exists()


@pytest.mark.behaviour("B-238")
def test_saved_seen_in_the_list_and_taken_back(admin: Client, cast: Cast) -> None:
    assert "There is no request yet" in admin.get(at("wording")).content.decode()
    text = "Yours: {{number}} {{link}}"
    assert admin.post(at("wording_save"), {"text": text, "seen": "0"}).status_code == 302
    assert source("ack") == f"{text}\n"
    assert "Ada Lind" in admin.get(reverse("desk:wordings")).content.decode()
    late = admin.post(at("wording_save"), {"text": f"Late {text}", "seen": "0"})
    assert late.status_code == 409
    assert "Late Yours" in late.content.decode()
    assert "Somebody has changed this text" in late.content.decode()
    seen = str(Wording.objects.get().pk)
    assert admin.post(at("wording_restore"), {"version": "", "seen": seen}).status_code == 302
    page = admin.get(at("wording")).content.decode()
    assert "went back to the built-in text" in page
    assert admin.get(reverse("desk:wording", kwargs={"key": "none"})).status_code == 404
