"""What is being written: kept as one types, in two tabs, with its files, until it is sent; for its author alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from answerable.casework.begun_actions import save
from answerable.casework.draft_actions import release_due
from answerable.lib import clock
from answerable.people.models import Person
from answerable.tickets.begun import Begun, BegunFile, Typed
from answerable.tickets.drafts import Draft
from answerable.tickets.models import Attachment, Participant, Reply, Ticket
from tests.cast import NOW, Cast, a_ticket

HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def at(name: str, ticket: Ticket, **more: Any) -> str:
    return reverse(f"desk:{name}", kwargs={"number": ticket.number, **more})


def keep(
    client: Client, ticket: Ticket, text: str, base: str | list[str], mark: str, kind: str = "reply", **more: Any
) -> Any:
    said = {"text": text, "base": base, "mark": mark, **more}
    return client.post(at("begun_save", ticket, kind=kind), said, headers=JSON)


def page_of(person: Person, ticket: Ticket) -> str:
    return client_of(person).get(at("ticket", ticket)).content.decode()


@pytest.mark.behaviour("B-280")
def test_what_was_typed_is_there_in_another_browser_and_gone_when_it_is_sent(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    assert keep(client, ticket, "Half a sen", "", "m1", cc="a.lund@norrland.test").json() == {"mark": "m1"}
    assert keep(client, ticket, "Half a sentence", "m1", "m2", cc="ops@norrland.test").json() == {"mark": "m2"}
    assert keep(client, ticket, "For us: 4711", "", "n1", kind="note").status_code == 200
    page = page_of(cast.agent, ticket)
    assert "Half a sentence</textarea>" in page
    assert "For us: 4711</textarea>" in page
    assert "ops@norrland.test" in page
    assert "Half a sentence" not in page_of(cast.lead, ticket)
    said = {"text": "Half a sentence", "mark": ["m2", "m2"], "cc": "ops@norrland.test", "status": "pending"}
    client.post(at("reply", ticket), said, headers=HTMX)
    client.post(at("note", ticket), {"text": "For us: 4711", "mark": "n1"}, headers=HTMX)
    assert not Begun.objects.exists()
    release_due(clock.now() + timedelta(seconds=9))
    assert Participant.objects.filter(ticket=ticket, person__email="ops@norrland.test", role="cc").exists()
    page = page_of(cast.agent, ticket)
    assert "Half a sentence</textarea>" not in page
    assert "For us: 4711</textarea>" not in page


@pytest.mark.behaviour("B-280")
def test_who_was_copied_is_copied_still_after_it_was_taken_back(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    keep(client, ticket, "Done", "", "m1", cc="ops@norrland.test")
    client.post(at("reply", ticket), {"text": "Done", "mark": "m1", "cc": "ops@norrland.test"}, headers=HTMX)
    draft = Draft.objects.get()
    client.post(at("undo", ticket, pk=draft.pk))
    assert 'name="cc" value="ops@norrland.test"' in page_of(cast.agent, ticket)
    # What was said of it since counts.
    keep(client, ticket, "Done, nearly", "", "m2", aside=draft.pk)
    assert 'name="cc" value=""' in page_of(cast.agent, ticket)


@pytest.mark.behaviour("B-281")
def test_two_tabs_never_write_over_each_other(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    keep(client, ticket, "First", "", "m1")
    keep(client, ticket, "Second tab", "m1", "m2")
    late = keep(client, ticket, "First, and more", "m1", "m3")
    assert late.status_code == 409
    assert (late.json()["mark"], late.json()["text"]) == ("m2", "Second tab")
    assert Begun.objects.get().text == "Second tab"
    # A try whose answer never came is gone on from, and so is what one has just read.
    said = {"cc": "ops@norrland.test", "tags": "db, pool"}
    assert keep(client, ticket, "Second tab, on", ["m1", "m2"], "m4", **said).status_code == 200
    state = client.get(at("begun", ticket, kind="reply")).json()
    assert state == {"mark": "m4", "text": "Second tab, on", **said}
    # Sent from the older tab: the newer text stays.
    client.post(at("reply", ticket), {"text": "First, and more", "mark": "m1"}, headers=HTMX)
    assert Begun.objects.get().text == "Second tab, on"
    client.post(at("reply", ticket), {"text": "Second tab, on", "mark": "m4"}, headers=HTMX)
    gone = keep(client, ticket, "Second tab, on and on", "m4", "m5")
    assert (gone.status_code, gone.json()["mark"]) == (409, "")
    assert not Begun.objects.exists()
    assert keep(client, ticket, "Second tab, on and on", "", "m6").status_code == 200
    assert keep(client, ticket, " ", "m6", "m7").json() == {"mark": ""}
    assert not Begun.objects.exists()


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("canned_menu", "q"),
        ("ticket_merge", "q"),
        ("ticket_link", "q"),
        ("tag_words", "tags"),
        ("new", "q"),
        ("new", "address"),
        ("search", "q"),
        ("palette", "q"),
        ("people", "q"),
    ],
)
def test_a_letter_that_no_database_holds_is_left_out_of_what_is_asked(cast: Cast, name: str, asked: str) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    of_one = name in ("canned_menu", "ticket_merge", "ticket_link")
    address = reverse(f"desk:{name}", kwargs={"number": ticket.number} if of_one else {})
    assert client.get(address, {asked: "a\x00@b.test"}, headers=HTMX).status_code == 200
    assert keep(client, ticket, "x", "\x00", "m1", tags="d\x00b").status_code == 200
    assert Begun.objects.get().tags == ["db"]


def test_a_save_is_one_statement(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ticket = a_ticket(cast)
    with django_assert_num_queries(1):
        save(cast.agent, ticket, "reply", Typed("Hello", ("",), "m1"), NOW)
    with django_assert_num_queries(1):
        save(cast.agent, ticket, "reply", Typed("Hello Elin", ("m1",), "m2"), NOW)


@pytest.mark.behaviour("B-282")
def test_files_are_kept_with_the_text_and_go_along_when_it_is_sent(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    for kind, name in (("reply", "log.txt"), ("reply", "wrong.txt"), ("note", "trace.txt")):
        file = SimpleUploadedFile(name, f"lines of {kind}".encode())
        shown = client.post(at("begun_attach", ticket, kind=kind), {"files": file}).content.decode()
        assert name in shown
    wrong = BegunFile.objects.get(name="wrong.txt")
    left = client.post(at("begun_detach", ticket, kind="reply", pk=wrong.pk)).content.decode()
    assert "log.txt" in left
    assert "wrong.txt" not in left
    assert "trace.txt" in page_of(cast.agent, ticket)
    assert "trace.txt" not in page_of(cast.lead, ticket)
    # The text begins with its files there: they do not stand in its way.
    assert keep(client, ticket, "See the log", "", "m1").status_code == 200
    log, trace = (BegunFile.objects.get(name=name).pk for name in ("log.txt", "trace.txt"))
    client.post(at("reply", ticket), {"text": "See the log", "mark": "m1", "with": log}, headers=HTMX)
    client.post(at("note", ticket), {"text": "", "mark": "", "with": trace}, headers=HTMX)
    assert not Begun.objects.exists()
    release_due(clock.now() + timedelta(seconds=9))
    assert [one.name for one in Attachment.objects.all()] == ["log.txt"]
    assert "trace.txt" in page_of(cast.lead, ticket)


def test_too_many_bytes_are_refused_with_words_and_what_is_there_stays(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    for number in range(20):
        client.post(at("begun_attach", ticket, kind="reply"), {"files": SimpleUploadedFile(f"{number}.txt", b"x")})
    more = client.post(
        at("begun_attach", ticket, kind="reply"), {"files": SimpleUploadedFile("more.txt", b"x")}, headers=JSON
    )
    assert more.status_code == 422
    assert "20 files" in more.json()["message"]
    assert BegunFile.objects.count() == 20


@pytest.mark.behaviour("B-283")
def test_the_preview_is_what_is_sent(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    text = "**Up** again:\n- `db-3`\n- <script>alert(1)</script> [log](https://x.test)\n\n> you asked"
    look = client.post(at("begun_look", ticket, kind="reply"), {"text": text}).content.decode()
    client.post(at("reply", ticket), {"text": text}, headers=HTMX)
    release_due(clock.now() + timedelta(seconds=9))
    sent = Reply.objects.filter(ticket=ticket, from_staff=True).get().html
    assert sent in look
    assert "<strong>Up</strong>" in sent
    assert "<script" not in look
    note = client.post(at("begun_look", ticket, kind="note"), {"text": "@Priya Nair look"}).content.decode()
    assert '<mark class="mention">@Priya Nair</mark>' in note


def test_an_empty_reply_is_refused(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    for name in ("reply", "note"):
        assert client.post(at(name, ticket), {"text": " "}, headers=HTMX).status_code == 422


@pytest.mark.behaviour("B-281")
def test_what_is_begun_with_a_file_after_something_was_sent_is_gone_on_with(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    client.post(at("note", ticket), {"text": "Sent at once", "mark": ["", "m1"]}, headers=HTMX)
    client.post(at("begun_attach", ticket, kind="note"), {"files": SimpleUploadedFile("pool.log", b"x")})
    # A browser that loads the page now still has the words that it could not save: they go on from nothing.
    assert client.get(at("begun", ticket, kind="note")).json()["mark"] == ""
    assert keep(client, ticket, "Look, @", "", "m2", kind="note").status_code == 200
    assert (Begun.objects.get().text, BegunFile.objects.count()) == ("Look, @", 1)


@pytest.mark.behaviour("B-281")
@pytest.mark.parametrize(("kind", "said"), [("reply", {"status": "pending"}), ("note", {})])
def test_a_first_save_that_comes_after_the_text_was_sent_brings_nothing_back(
    cast: Cast, kind: str, said: dict[str, str]
) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    for mark in ("m1", "m2"):
        client.post(at(kind, ticket), {"text": "Typed and sent", "mark": ["", mark], **said}, headers=HTMX)
        late = keep(client, ticket, "Typed and sent", "", mark, kind=kind)
        assert (late.status_code, late.json()["mark"], late.json()["text"]) == (409, "", "")
        assert client.get(at("begun", ticket, kind=kind)).json()["mark"] == ""
        assert not Begun.objects.exclude(text="").exists()
    # What is begun then is kept as ever.
    assert keep(client, ticket, "The next one", "", "m3", kind=kind).status_code == 200
    assert Begun.objects.get().text == "The next one"
    client.post(at(kind, ticket), {"text": "The next one", "mark": ["m3", "m3"], **said}, headers=HTMX)
    assert not Begun.objects.exists()


def test_a_first_save_that_comes_while_the_text_is_sent_goes_with_it(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    keep(client, ticket, "Typed and sent", "", "m1")
    client.post(at("reply", ticket), {"text": "Typed and sent", "mark": ["", "m1"], "status": "pending"}, headers=HTMX)
    assert not Begun.objects.exclude(text="").exists()
