"""What stands between an agent's words and the customer: recipients, a warning, some seconds, all without scripts too."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from answerable.casework import actions as casework
from answerable.casework.draft_actions import release_due
from answerable.casework.held_actions import dismiss, hold
from answerable.casework.note_actions import add_note
from answerable.desk.quoting import excerpt
from answerable.lib import clock
from answerable.mail import parse
from answerable.mail.actions import Arrival, store
from answerable.mail.models import RawMail
from answerable.people.actions import contact
from answerable.people.models import Person
from answerable.tickets.drafts import Draft, DraftFile
from answerable.tickets.models import Attachment, Participant, Reply, Ticket
from tests.cast import NOW, Cast, a_ticket, says
from tests.running import mail

NOTE = "This customer owes us **three invoices** since March, so do not promise anything."
QUOTES = "Well: “this customer owes us three invoices since march”, I read."
HTMX = {"HX-Request": "true"}


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def reply_url(ticket: Ticket) -> str:
    return reverse("desk:reply", kwargs={"number": ticket.number})


def page_of(client: Client, ticket: Ticket) -> str:
    return client.get(reverse("desk:ticket", kwargs={"number": ticket.number})).content.decode()


def answers(ticket: Ticket) -> list[str]:
    return list(Reply.objects.filter(ticket=ticket, from_staff=True).order_by("id").values_list("text", flat=True))


@pytest.mark.behaviour("B-230")
def test_without_scripts_a_reply_is_sent_taken_back_and_sent_again_with_its_files(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    file = SimpleUploadedFile("log.txt", b"lines")
    client.post(reply_url(ticket), {"text": "Half a\nsentence", "status": "solved", "files": file})
    draft = Draft.objects.get()
    assert 4 <= (draft.send_at - draft.at).total_seconds() <= 5 if draft.send_at else False
    page = page_of(client, ticket)
    undo = reverse("desk:undo", kwargs={"number": ticket.number, "pk": draft.pk})
    assert undo in page
    assert "log.txt" in page
    colleague = page_of(client_of(cast.lead), ticket)
    assert "is sending" in colleague
    assert undo not in colleague

    client.post(undo)
    page = page_of(client, ticket)
    assert "Half a\nsentence</textarea>" in page
    assert "Taken back" in page
    assert "Half a" not in page_of(client_of(cast.lead), ticket)
    keep = DraftFile.objects.get().pk
    again = {"text": "A whole sentence.", "status": "solved", "draft": draft.pk, "keep": keep}
    client.post(reply_url(ticket), again)
    release_due(clock.now() + timedelta(seconds=9))
    assert answers(ticket) == ["A whole sentence."]
    assert Attachment.objects.get().name == "log.txt"
    assert "</textarea>" in page_of(client, ticket)
    assert Ticket.objects.get(pk=ticket.pk).status == "solved"


@pytest.mark.behaviour("B-233")
def test_the_author_finds_what_could_not_be_sent_also_where_the_request_is_not_theirs_any_more(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    client.post(reply_url(ticket), {"text": "Words of an hour.", "status": ""})
    cast.cloud.restricted = True
    cast.cloud.save()
    Ticket.objects.filter(pk=ticket.pk).update(team=cast.product)
    release_due(clock.now() + timedelta(seconds=9))
    unsent = reverse("desk:unsent")
    assert unsent in client.get(reverse("desk:notices")).content.decode()
    page = client.get(unsent).content.decode()
    assert "Words of an hour." in page
    assert "may not work on this request" in page
    assert ticket.subject not in page
    assert "Not sent" in page_of(client_of(cast.lead), ticket)
    cast.cloud.restricted = False
    cast.cloud.save()
    page = page_of(client, ticket)
    assert "Words of an hour.</textarea>" in page
    assert "Could not be sent:" in page
    discard = reverse("desk:draft_discard", kwargs={"pk": Draft.objects.get().pk})
    assert client.post(discard, {"number": ticket.number}, headers=HTMX).status_code == 200
    assert "Words of an hour." not in page_of(client, ticket)
    assert "Everything is sent" in client.get(unsent).content.decode()


@pytest.mark.behaviour("B-235")
def test_a_reply_that_quotes_a_note_is_sent_only_by_who_says_so_of_this_very_text(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    add_note(cast.lead, ticket.pk, NOTE, NOW)
    asked = client.post(reply_url(ticket), {"text": QUOTES, "status": "pending"}, headers=HTMX)
    assert (asked.status_code, asked["HX-Retarget"]) == (422, "#reply-warning")
    said = asked.content.decode()
    assert "this customer owes us three invoices since march" in said
    assert not Draft.objects.exists()
    key = said.split('name="ack" value="')[1].split('"')[0]
    other = client.post(reply_url(ticket), {"text": f"{QUOTES} Yes.", "ack": key}, headers=HTMX)
    assert other.status_code == 422
    sent = client.post(reply_url(ticket), {"text": QUOTES, "status": "pending", "ack": key}, headers=HTMX)
    assert sent.status_code == 200
    assert Draft.objects.get().send_at is not None


@pytest.mark.behaviour("B-235")
def test_without_scripts_the_warning_keeps_words_and_files(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    add_note(cast.lead, ticket.pk, NOTE, NOW)
    file = SimpleUploadedFile("log.txt", b"lines")
    client.post(reply_url(ticket), {"text": QUOTES, "status": "solved", "files": file})
    assert Draft.objects.get().send_at is None
    page = page_of(client, ticket)
    key = page.split('name="ack" value="')[1].split('"')[0]
    data = {"text": QUOTES, "status": "solved", "ack": key, "draft": Draft.objects.get().pk}
    client.post(reply_url(ticket), data | {"keep": DraftFile.objects.get().pk})
    release_due(clock.now() + timedelta(seconds=9))
    assert answers(ticket) == [QUOTES]
    assert Attachment.objects.get().name == "log.txt"


@pytest.mark.behaviour("B-235")
def test_held_mail_and_its_sender_are_warned_of_until_it_is_let_in(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    words = "Please change the delivery address of everything to my new warehouse."
    raw = mail("mallory@elsewhere.test", "Hi", words, "support@vendor.test")
    row = RawMail.objects.get(pk=store(raw, Arrival("support@vendor.test", "smtp", NOW), lambda _: None))
    held = hold(ticket, row, parse.read(raw), "non_participant", NOW)

    def asked(text: str) -> str:
        return client.post(reply_url(ticket), {"text": text}, headers=HTMX).content.decode()

    assert "wrote mail that is held" in asked("Do you know Mallory@Elsewhere.test?")
    assert "From held mail of mallory@elsewhere.test" in asked(
        "We shall change the delivery address of everything to my brother."
    )
    dismiss(cast.agent, held.pk, clock.now())
    assert "wrote mail that is held" in asked("Do you know mallory@elsewhere.test?")
    assert "Not sent yet" not in asked("Do you know notmallory@elsewhere.test.example?")
    assert not Draft.objects.filter(text__contains="Do you know mallory").exists()


def test_what_is_public_already_is_no_secret(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    said = "The log says that connection pool eu-north lost its primary at two."
    casework.add_reply(cast.requester, ticket.pk, says(said), NOW)
    add_note(cast.lead, ticket.pk, f"> {said}\n\nSame as in October.", NOW)
    assert client.post(reply_url(ticket), {"text": f"You wrote: {said}"}, headers=HTMX).status_code == 200


@pytest.mark.parametrize(
    ("text", "secret", "found"),
    [
        (
            "one two three four five six seven eight",
            "ONE, two *three* four five six seven eight!",
            "one two three four",
        ),
        ("a b c d e f g", "a b c d e f g h", ""),
        ("he is a known liar, I hear", "Known liar, he is a known liar", ""),
        ("The dog: is_a known LIAR", "is a known liar", "is_a known LIAR"),
        ("too short", "too short", ""),
        ("", "some words that are secret", ""),
    ],
)
def test_so_many_words_in_a_row_are_no_accident(text: str, secret: str, found: str) -> None:
    assert excerpt(text, secret).startswith(found)
    assert bool(excerpt(text, secret)) == bool(found)


@pytest.mark.behaviour("B-234")
def test_the_composer_says_who_gets_it_and_what_to_know_of_them(cast: Cast) -> None:
    ticket, client = a_ticket(cast), client_of(cast.agent)
    casework.add_reply(cast.agent, ticket.pk, says("We look."), NOW)
    for address, pending in [("no-reply@kivu.test", False), ("waits@outside.test", True)]:
        Participant.objects.create(
            ticket=ticket,
            person=contact(address, "", NOW),
            role="cc",
            since=NOW + timedelta(minutes=1),
            source="t",
            pending=pending,
        )
    page = client.get(reverse("desk:ticket", kwargs={"number": ticket.number}), headers=HTMX).content.decode()
    part = page.split('id="recipients"')[1].split("</div>")[0]
    first, *others = part.split("<li")[1:]
    assert all(word in first for word in ("no-reply@kivu.test", ">new<", ">outside<", ">reads no replies<"))
    assert [cast.requester.label in others[0], cast.colleague.label in others[1], len(others)] == [True, True, 2]
    assert not any("chip" in one for one in others)
    assert "waits@outside.test" not in part


def test_who_was_cc_d_with_a_reply_that_is_taken_back_stands_in_the_composer(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), client_of(cast.agent)
    client.post(reply_url(ticket), {"text": "As agreed", "cc": "ops@norrland.test, it@norrland.test"})
    draft = Draft.objects.get()
    client.post(reverse("desk:undo", kwargs={"number": ticket.number, "pk": draft.pk}))
    assert 'name="cc" value="ops@norrland.test, it@norrland.test"' in page_of(client, ticket)
