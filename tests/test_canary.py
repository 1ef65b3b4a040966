"""Words planted in notes, held mail and drafts are searched in every byte that goes outward: pages, files, mails."""

from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from answerable.casework import actions as casework
from answerable.casework.begun_actions import attach, save
from answerable.casework.draft_actions import Written, put_aside, send_later
from answerable.casework.held_actions import hold
from answerable.casework.links import reading
from answerable.casework.note_actions import Jotted, add_note, jot
from answerable.lib import clock
from answerable.lib.uploads import Received
from answerable.mail import parse
from answerable.mail.actions import Arrival, store
from answerable.mail.models import RawMail
from answerable.people.models import Person
from answerable.tickets.begun import Typed
from answerable.tickets.models import Attachment, Ticket
from answerable.tickets.notes import NoteFile
from answerable.widget.tests.stage import SECRET, Host, policy
from tests.cast import NOW, Cast, a_file, a_ticket, says
from tests.running import mail

CANARY = "canary-in-a-coal-mine"


@pytest.fixture
def planted(cast: Cast) -> Ticket:
    """A request with the canary in everything that is for staff, and ordinary answers around it."""
    ticket = a_ticket(cast)
    add_note(cast.agent, ticket.pk, f"**{CANARY}** first", NOW)
    casework.add_reply(cast.agent, ticket.pk, says("We look."), NOW)
    raw = mail("mallory@elsewhere.test", CANARY, f"{CANARY} in held mail", "support@vendor.test")
    raw_id = store(raw, Arrival("support@vendor.test", "smtp", NOW), lambda _: None)
    row = RawMail.objects.get(pk=raw_id)
    hold(ticket, row, parse.read(raw), "non_participant", NOW)
    add_note(cast.lead, ticket.pk, f"{CANARY} second", NOW)
    waiting = Written(says(f"{CANARY} in a draft", files=(a_file(f"{CANARY}.txt", CANARY.encode()),)))
    put_aside(cast.agent, ticket.pk, waiting, NOW)
    casework.add_reply(cast.requester, ticket.pk, says("Thanks."), NOW)
    casework.add_reply(cast.agent, ticket.pk, says("Done."), NOW, casework.Next(status="solved"))
    send_later(cast.lead, ticket.pk, waiting, NOW)
    begin_to_write(cast, ticket)
    return ticket


def begin_to_write(cast: Cast, ticket: Ticket) -> None:
    """What a lead has begun, and a note with a file of a lead."""
    jot(cast.lead, ticket.pk, Jotted("@Tomas Kral", (a_file(f"{CANARY}.txt", CANARY.encode()),)), NOW)
    for kind in ("reply", "note"):
        save(cast.lead, ticket, kind, Typed(f"{CANARY} begun", ("",), "m1"), NOW)
        attach(cast.lead, ticket, kind, [Received(f"{CANARY}.txt", "text/plain", CANARY.encode())], NOW)


@pytest.mark.behaviour("B-35")
def test_nothing_that_customers_get_holds_it(
    cast: Cast, planted: Ticket, run_jobs: Callable[[], int], settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUD_NEW", SECRET)
    pages = [
        reverse("portal:home"),
        reverse("portal:my_requests"),
        reverse("portal:cc_requests"),
        reverse("portal:organization_requests"),
        *(f"{reverse(name)}?q={CANARY}" for name in ("portal:my_requests", "portal:organization_requests")),
        reverse("portal:request", kwargs={"number": planted.number}),
        reverse("portal:explain", kwargs={"number": planted.number}),
        reverse("portal:link", kwargs={"token": reading(planted.pk, cast.colleague.pk, clock.now())}),
    ]
    seen = 0
    for person in (cast.requester, cast.colleague, cast.reader):
        client = Client()
        client.force_login(person)
        for page in pages:
            for headers in ({}, {"HX-Request": "true"}):
                answer = client.get(page, headers=headers)
                # What somebody searches for stands in their own form.
                said = answer.content.decode().replace(f'value="{CANARY}"', "")
                assert CANARY not in said.replace(f"?q={CANARY}", "")
                assert "?q=" not in page or "Warehouse sync stopped" not in said
                assert CANARY not in str(answer.headers)
                seen += "Warehouse sync stopped" in answer.content.decode()
    for person in (cast.requester, cast.colleague, cast.reader):
        seen += in_a_widget(person, planted)
    assert seen > 12
    assert run_jobs() > 4
    mails = [path.read_bytes() for path in Path(settings.OUTBOX).glob("*.eml")]
    assert len(mails) > 4
    for raw in mails:
        parts = [part.get_payload(decode=True) or b"" for part in message_from_bytes(raw).walk()]
        assert CANARY.encode() not in raw + b"".join(part for part in parts if isinstance(part, bytes))


def in_a_widget(person: Person, planted: Ticket) -> int:
    """On how many pages of the widget the request is, and none of them has it."""
    policy(vouches_for=["*"])
    browser = Host().sign_in(email=person.email, name=person.label)
    lists = [browser.get("requests", list=which) for which in ("", "cc", "organization")]
    pages = [browser.get("home"), *lists, browser.get(f"requests/{planted.number}"), browser.get("news")]
    for answer in pages:
        assert answer.status_code == 200
        assert CANARY not in answer.content.decode()
        assert CANARY not in str(answer.headers)
    return sum("Warehouse sync stopped" in answer.content.decode() for answer in pages)


def test_the_desk_shows_it(cast: Cast, planted: Ticket) -> None:
    client = Client()
    client.force_login(cast.agent)
    page = client.get(reverse("desk:ticket", kwargs={"number": planted.number})).content.decode()
    # Two notes and a note's file, held mail, what the agent put aside in the composer (a text, twice, and a file), and what
    # a colleague is sending; not what that colleague has only begun.
    assert page.count(CANARY) == 9


@pytest.mark.behaviour("B-284")
def test_a_file_of_a_note_is_given_to_staff_of_the_request_alone(cast: Cast, planted: Ticket) -> None:
    pk = NoteFile.objects.get().pk
    address = reverse("desk:note_file", kwargs={"number": planted.number, "pk": pk})
    other = a_ticket(cast)
    got = {}
    for person in (cast.agent, cast.requester, cast.colleague, cast.reader, cast.stranger):
        client = Client()
        client.force_login(person)
        answer = client.get(address)
        got[person.email] = answer.status_code
        assert (CANARY in str(answer.headers)) == (person == cast.agent)
        # Its id opens nothing where files of replies are given out, nor on another request.
        for name in ("portal:file", "desk:file"):
            assert client.get(reverse(name, kwargs={"number": planted.number, "pk": pk})).status_code == 404
        assert client.get(address.replace(str(planted.number), str(other.number))).status_code == 404
    assert not Attachment.objects.filter(pk=pk).exists()
    assert list(got.values()) == [200, 404, 404, 404, 404]
    cast.cloud.restricted = True
    cast.cloud.save()
    Ticket.objects.filter(pk=planted.pk).update(team=cast.product, assignee=None)
    client = Client()
    client.force_login(cast.agent)
    assert client.get(address).status_code == 404
