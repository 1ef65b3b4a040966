"""Headers of every answer, and how a refusal is told."""

import json

import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from answerable.lib.errors import Refused
from answerable.ui.middleware import refusal, refusals, security_headers


@pytest.fixture(autouse=True)
def _plain_names(settings: LazySettings, db: None) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def ask(**headers: str) -> HttpRequest:
    return RequestFactory().get("/requests/5", headers=headers)


def test_every_answer_is_guarded() -> None:
    response = security_headers(lambda _request: HttpResponse("x"))(ask())
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_view_may_be_stricter() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("x", headers={"Content-Security-Policy": "sandbox"})

    assert security_headers(view)(ask()).headers["Content-Security-Policy"] == "sandbox"


@pytest.mark.parametrize(
    ("code", "status"),
    [("not_found", 404), ("not_allowed", 403), ("conflict", 409), ("too_large", 413), ("anything_else", 422)],
)
def test_codes_have_their_status(code: str, status: int) -> None:
    assert refusal(ask(), Refused(code, "No.")).status_code == status


def test_a_person_gets_a_page_with_the_words_and_the_way_back() -> None:
    response = refusal(ask(referer="http://testserver/requests/4?x=1"), Refused("empty", "Write <something> first."))
    body = response.content.decode()
    assert "<!doctype html>" in body
    assert "Write &lt;something&gt; first." in body
    assert 'href="/requests/4?x=1"' in body


@pytest.mark.parametrize("came_from", ["https://evil.example/x", "javascript:alert(1)", "//evil.example", ""])
def test_the_way_back_stays_here(came_from: str) -> None:
    body = refusal(ask(referer=came_from), Refused("empty", "No.")).content.decode()
    assert "evil" not in body
    assert "javascript:" not in body


def test_htmx_gets_a_message_for_the_live_region() -> None:
    response = refusal(ask(hx_request="true"), Refused("empty", "Write something first."))
    assert response.headers["HX-Retarget"] == "#flashes"
    assert "<!doctype" not in response.content.decode()


def test_a_program_gets_json_with_the_data() -> None:
    response = refusal(ask(accept="application/json"), Refused("empty", "No.", field="text"))
    assert json.loads(response.content) == {"error": "empty", "message": "No.", "field": "text"}


def test_only_refusals_are_told() -> None:
    told = refusals(lambda _request: HttpResponse())
    assert told.process_exception(ask(), Refused("empty", "No.")) is not None
    assert told.process_exception(ask(), ValueError()) is None
