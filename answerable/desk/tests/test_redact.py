"""The page that removes something for good: look first, then remove; and what both sides read afterwards."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from answerable.casework import actions as casework
from answerable.casework import note_actions
from answerable.tickets.models import Attachment, Event, Reply
from answerable.tickets.redaction import Redaction
from tests.cast import NOW, Cast, a_file, a_ticket, says

SECRET = "sword&fish-9917"


@pytest.mark.behaviour("B-316")
def test_it_shows_where_a_text_stands_before_anything_is_removed(cast: Cast) -> None:
    ticket = a_ticket(cast)
    reply = casework.add_reply(cast.requester, ticket.pk, says(f"my password is {SECRET}"), NOW)
    agent, customer = Client(), Client()
    agent.force_login(cast.agent)
    customer.force_login(cast.requester)
    events = Event.objects.count()

    page = agent.get(reverse("desk:redact", args=[ticket.number]), {"entry": reply.pk})
    assert b"Remove the whole message for good" in page.content
    assert "no-store" in page["Cache-Control"]
    look = agent.post(reverse("desk:redact_look", args=[ticket.number]), {"text": SECRET, "entry": reply.pk})
    assert b"This is where it stands" in look.content
    assert "no-store" in look["Cache-Control"]
    assert (Event.objects.count(), Redaction.objects.count()) == (events, 0)
    none = agent.post(reverse("desk:redact_look", args=[ticket.number]), {"text": "nobody wrote this"})
    assert b"It stands nowhere in this request" in none.content
    short = agent.post(reverse("desk:redact_look", args=[ticket.number]), {"text": "a b"})
    assert (short.status_code, b"at least 4 characters" in short.content) == (422, True)

    done = agent.post(reverse("desk:redact_remove", args=[ticket.number]), {"text": SECRET, "reason": "a password"})
    assert done.status_code == 302
    assert SECRET not in Reply.objects.get(pk=reply.pk).text
    for reader, name in ((agent, "desk:ticket"), (customer, "portal:request")):
        shown = reader.get(reverse(name, args=[ticket.number])).content
        assert b"my password is [removed by staff, " in shown
        assert b"fish-9917" not in shown
    assert b"Something that ought not to stand here was removed by staff" in shown
    again = agent.get(reverse("desk:redact", args=[ticket.number]))
    assert b"Tomas Kral: a password" in again.content


def test_a_removal_needs_a_reason(cast: Cast) -> None:
    ticket = a_ticket(cast)
    agent = Client()
    agent.force_login(cast.agent)
    refused = agent.post(reverse("desk:redact_remove", args=[ticket.number]), {"text": "Nothing has loaded"})
    assert refused.status_code == 422
    assert not Redaction.objects.exists()


def test_one_file_of_a_note_can_be_removed(cast: Cast) -> None:
    files = (a_file("key.txt", b"a key"), a_file("log.txt", b"a log"))
    ticket = a_ticket(cast)
    casework.add_reply(cast.requester, ticket.pk, says("see there", files=(a_file("a.txt", b"theirs"),)), NOW)
    note = note_actions.jot(cast.agent, ticket.pk, note_actions.Jotted("here", files), NOW).note
    agent = Client()
    agent.force_login(cast.agent)
    page = agent.get(reverse("desk:redact", args=[ticket.number]), {"entry": note.pk}).content.decode()
    found = re.search(r'name="(\w+)" value="(\d+)" required> <span>key.txt', page)
    assert found
    done = agent.post(reverse("desk:redact_remove", args=[ticket.number]), {found[1]: found[2], "reason": "a key"})
    assert done.status_code == 302
    left = agent.get(reverse("desk:redact", args=[ticket.number]), {"entry": note.pk}).content
    assert (b"key.txt" in left, b"log.txt" in left) == (False, True)
    assert Attachment.objects.get().name == "a.txt"
