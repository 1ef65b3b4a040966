"""What the policy has the form ask besides: shown, checked, and kept with the words of that day."""

from typing import Any

import pytest
from django.test import Client

from answerable.lib.fresh import forget_all
from answerable.people.models import Vendor
from answerable.portal.tests.filled import filled
from answerable.tickets.models import Ticket
from tests.cast import Cast

ASKED: list[dict[str, Any]] = [
    {"key": "version", "label": "Version", "help": "In the footer.", "kind": "text", "required": True},
    {"key": "area", "label": "About", "kind": "choice", "options": ["Loading", "Search & co"]},
    {"key": "steps", "label": "Steps", "kind": "paragraph"},
    {"key": "tables", "label": "Tables", "kind": "number"},
    {"key": "since", "label": "Since", "kind": "date"},
    {"key": "look", "label": "You may look", "kind": "checkbox"},
    {"key": "contract", "label": "Contract", "kind": "text", "shown_to": "signed_in"},
]
ANSWERED = {
    "ask-version": "4.2  beta",
    "ask-area": "Search & co",
    "ask-steps": "one\r\ntwo",
    "ask-tables": "1e3",
    "ask-since": "2026-03-02",
    "ask-look": "on",
}


def ask(*fields: dict[str, Any]) -> None:
    """As `apply` leaves it."""
    row = Vendor.objects.get()
    row.settings["form_fields"] = list(fields)
    row.save()
    forget_all()


def send(client: Client, more: dict[str, str]) -> Any:
    return client.post("/requests/new", filled(**{**ANSWERED, **more}))


@pytest.fixture
def requester(cast: Cast) -> Client:
    ask(*ASKED)
    client = Client()
    client.force_login(cast.requester)
    return client


@pytest.mark.behaviour("B-140")
def test_answers_are_kept_under_the_words_of_that_day_and_both_sides_see_them(cast: Cast, requester: Client) -> None:
    page = requester.get("/requests/new").content.decode()
    assert all(str(one["label"]) in page for one in ASKED)
    assert "In the footer." in page
    assert send(requester, {"ask-contract": "N-7"}).status_code == 302
    ticket = Ticket.objects.get()
    said = {row["label"]: row["value"] for row in ticket.fields.values()}
    assert said == {
        "Version": "4.2 beta",
        "About": "Search & co",
        "Steps": "one\ntwo",
        "Tables": "1000",
        "Since": "2026-03-02",
        "You may look": True,
        "Contract": "N-7",
    }
    # Another policy asks something else, and what was answered still says what it did.
    ask({"key": "version", "label": "Build number", "kind": "number"})
    desk = Client()
    desk.force_login(cast.agent)
    # Today's label is at the desk alone, once: in the form that changes the answer.
    for client, path, once in ((requester, "requests", 0), (desk, "desk/tickets", 1)):
        shown = client.get(f"/{path}/{ticket.number}")
        words = shown.content.decode()
        places = [words.index(f"<dt>{one['label']}</dt>") for one in ASKED]
        assert places == sorted(places)
        assert "<dd>4.2 beta</dd>" in words
        assert "<dd>yes</dd>" in words
        assert "<dd>Search &amp; co</dd>" in words
        assert "<dt>Build number</dt>" not in words
        assert words.count("Build number") == once


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ask-version": " "}, "This field is required."),
        ({"ask-version": "x" * 501}, "at most 500 characters"),
        ({"ask-area": "Else"}, "Select a valid choice."),
        ({"ask-tables": "many"}, "Enter a number."),
        ({"ask-tables": "NaN"}, "Enter a number."),
        ({"ask-tables": "9" * 30}, "no more than 20 digits"),
        ({"ask-since": "2026-02-30"}, "Enter a date such as 2026-12-24."),
        ({"ask-since": "02/03/2026"}, "Enter a date such as 2026-12-24."),
        ({"ask-steps": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_a_wrong_answer_is_told_at_its_field_and_the_others_stay(
    cast: Cast, requester: Client, wrong: dict[str, str], words: str
) -> None:
    answer = send(Client(), wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert 'value="new@norrland.test"' in page
    assert not Ticket.objects.exists()


def test_what_is_not_answered_is_not_kept(cast: Cast, requester: Client) -> None:
    empty = dict.fromkeys(ANSWERED, "")
    assert send(Client(), {**empty, "ask-version": "4"}).status_code == 302
    kept = Ticket.objects.get().fields
    assert {key: row["value"] for key, row in kept.items()} == {"version": "4", "look": False}


def test_a_box_that_must_be_ticked(cast: Cast) -> None:
    ask({"key": "terms", "label": "I have read the terms", "kind": "checkbox", "required": True})
    assert send(Client(), {}).status_code == 422
    assert send(Client(), {"ask-terms": "on"}).status_code == 302


def test_a_stranger_is_not_asked_what_only_customers_are(cast: Cast, requester: Client) -> None:
    assert "Contract" not in Client().get("/requests/new").content.decode()
    assert send(Client(), {"ask-contract": "N-7"}).status_code == 302
    assert "contract" not in Ticket.objects.get().fields


def test_a_key_may_be_called_as_a_field_of_the_form(cast: Cast) -> None:
    ask({"key": "subject", "label": "School subject"}, {"key": "stamp", "label": "Stamp"})
    assert send(Client(), {"ask-subject": "maths", "ask-stamp": "none"}).status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.fields["subject"]["value"]) == ("It broke", "maths")


def test_answers_are_never_markup(cast: Cast, requester: Client) -> None:
    ask({"key": "x", "label": "<b>Label</b>", "help": "<i>help</i>"})
    assert "<b>Label" not in requester.get("/requests/new").content.decode()
    send(requester, {"ask-x": "<script>alert(1)</script>"})
    page = requester.get(f"/requests/{Ticket.objects.get().number}").content.decode()
    assert "<script>alert" not in page
    assert "<b>Label" not in page
