"""Canned replies: written by who may, filled in from the request, and never sent half filled in."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from answerable.audit.models import Record
from answerable.casework.canned_actions import Spec, change, first_name, write
from answerable.lib.errors import Refused
from answerable.lib.html import from_markdown, to_text
from answerable.people.models import Person
from answerable.tickets.canned import Canned, CannedVersion, find_canned
from answerable.tickets.models import Ticket
from answerable.tickets.placeholders import fill, problems, unfilled
from tests.cast import NOW, Cast, a_ticket

HTMX = {"HX-Request": "true"}
HELLO = "Hello {{requester.first_name}},\n\n#{{ ticket.number }} is with {{team.name}}.\n\n{{agent.first_name}}"


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def put(person: Person, ticket: Ticket, row: Canned) -> Any:
    return client_of(person).post(reverse("desk:canned_put", kwargs={"number": ticket.number, "pk": row.pk})).json()


@pytest.mark.behaviour("B-286")
def test_it_is_filled_in_from_the_request_and_not_sent_with_a_gap(cast: Cast) -> None:
    ticket = a_ticket(cast)
    Ticket.objects.filter(pk=ticket.pk).update(team=None)
    row = write(cast.lead, Spec("Hello", HELLO, status="solved", tags=("Hello", "hello ", "")), NOW)
    said = put(cast.agent, ticket, row)
    mark = "⟦name of the team⟧"
    assert said["text"] == f"Hello Elin,\n\n#{ticket.number} is with {mark}.\n\nTomas"
    assert (said["missing"], said["status"], said["tags"]) == ([mark], "solved", ["hello"])
    assert Canned.objects.get().used == 1
    client, address = client_of(cast.agent), reverse("desk:reply", kwargs={"number": ticket.number})
    refused = client.post(address, {"text": said["text"]}, headers=HTMX)
    assert refused.status_code == 422
    assert mark in refused.content.decode()
    assert client.post(address, {"text": HELLO}, headers=HTMX).status_code == 422
    assert Ticket.objects.get().waiting_drafts == 0
    sent = {"text": said["text"].replace(mark, "us ⟦x⟧"), "tags": "hello, Logs"}
    assert client.post(address, sent, headers=HTMX).status_code == 200
    assert set(Ticket.objects.get().tags) >= {"hello", "logs"}


@given(st.text(max_size=60))
def test_a_value_is_never_more_than_text(value: str) -> None:
    text = fill("a {{ticket.subject}} b", {"ticket.subject": value}).text
    said = "".join(to_text(from_markdown(text)).split())
    wanted = "".join(value.split())
    if wanted and "&" not in wanted and "\\" not in wanted and wanted.isprintable():
        assert said == f"a{wanted}b"
    assert "<a" not in from_markdown(fill("{{ticket.subject}}", {"ticket.subject": f"[{value}](https://x.test)"}).text)


def test_a_value_stands_in_a_mail_as_it_is_where_markdown_reads_nothing_in_it() -> None:
    for value in ("elin_berg@norrland.test", "Berg & Co", "R&D", "snake_case_name"):
        text = fill("{{ticket.subject}}", {"ticket.subject": value}).text
        assert text == value
        assert to_text(from_markdown(text)).strip() == value
    assert fill("{{ticket.subject}}", {"ticket.subject": "_x_ &lt; &#60;"}).text == r"\_x\_ \&lt; \&#60;"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("", "Write what it says"),
        ("ok\nHello {{requester.firstname}}", "Line 2: {{requester.firstname}} is not known; did you mean"),
        ("{{ ticket.__class__ }}", "not known"),
        ("{% include 'x' %}", "nothing runs here"),
        ("{{ a|b }}", "no name in two pairs of braces"),
    ],
)
def test_what_is_not_known_is_refused_with_words(body: str, told: str) -> None:
    assert told in problems(body)[0]


def test_marks_alone_of_known_places_wait() -> None:
    assert unfilled("⟦x⟧ and {{x}} and ⟦name of the team⟧ {{team.name}}") == ["⟦name of the team⟧", "{{team.name}}"]
    assert [first_name(name) for name in ("Elin Berg", "Berg, Elin", "x@y.test", "")] == ["Elin", "Elin", "", ""]


@pytest.mark.behaviour("B-287")
def test_each_writes_for_whom_they_may_and_finds_what_is_theirs(cast: Cast) -> None:
    mine = write(cast.agent, Spec("Mine", "x", "personal"), NOW)
    team = write(cast.agent, Spec("Cloud", "x", "team", cast.cloud.pk), NOW)
    shared = write(cast.admin, Spec("Shared", "x restart"), NOW)
    for spec in (Spec("No", "x"), Spec("No", "x", "team", cast.product.pk)):
        with pytest.raises(Refused):
            write(cast.agent, spec, NOW)
    assert {row.pk for row in find_canned(cast.agent, "")} == {mine.pk, team.pk, shared.pk}
    assert [row.pk for row in find_canned(cast.lead, "")] == [shared.pk]
    assert [row.pk for row in find_canned(cast.agent, "sha REST")] == [shared.pk]
    page = client_of(cast.admin).get(reverse("desk:canned_one", kwargs={"pk": mine.pk}))
    assert page.status_code == 404
    with pytest.raises(Refused):
        change(cast.agent, shared.pk, Spec("Shared", "y"), 1, NOW)


@pytest.mark.behaviour("B-288")
def test_each_state_is_kept_and_deleting_is_undone(cast: Cast) -> None:
    client = client_of(cast.lead)
    said = {"name": "Hello", "body": HELLO, "scope": "shared", "tags": "one, two"}
    assert client.post(reverse("desk:canned_create"), said).status_code == 302
    row = Canned.objects.get()
    at = {name: reverse(f"desk:canned_{name}", kwargs={"pk": row.pk}) for name in ("one", "save", "delete", "restore")}
    assert client.post(at["save"], said | {"body": "Hi {{nobody}}", "seen": "1"}).status_code == 422
    assert client.post(at["save"], said | {"body": "Hi", "seen": "1"}).status_code == 302
    late = client.post(at["save"], said | {"body": "Mine", "seen": "1"})
    assert late.status_code == 409
    assert "Mine</textarea>" in late.content.decode()
    bodies = CannedVersion.objects.order_by("number").values_list("data__body", flat=True)
    assert list(bodies) == [HELLO, "Hi"]
    assert "Version 2 of Priya Nair" in client.get(at["one"]).content.decode()
    client.post(at["delete"])
    assert find_canned(cast.lead, "") == []
    assert "Hello" in client.get(reverse("desk:canned") + "?deleted").content.decode()
    client.post(at["restore"])
    assert [one.name for one in find_canned(cast.lead, "")] == ["Hello"]
    verbs = Record.objects.filter(subject_kind="canned").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["write_canned", "change_canned", "delete_canned", "restore_canned"]


def test_the_menu_and_the_preview_show_it_on_a_real_request(cast: Cast) -> None:
    ticket, client = a_ticket(cast), client_of(cast.agent)
    empty = client.get(reverse("desk:canned_menu", kwargs={"number": ticket.number})).content.decode()
    assert "There are none yet" in empty
    write(cast.lead, Spec("Hello", HELLO, folder="First answers"), NOW)
    menu = reverse("desk:canned_menu", kwargs={"number": ticket.number})
    assert "Hello Elin," in client.get(menu, {"q": "first"}).content.decode()
    assert "No canned reply has these words" in client.get(menu, {"q": "nothing like it"}).content.decode()
    look = client.post(reverse("desk:canned_look"), {"body": HELLO, "number": ticket.number}).content.decode()
    assert "<p>Hello Elin,</p>" in look
