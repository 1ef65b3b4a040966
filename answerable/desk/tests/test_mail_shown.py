"""A mail as its readers see it: laid out on its sheet, quotes and signature behind a click, pictures in their place."""

import base64
import re
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage, Message
from email.parser import BytesParser

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.casework import actions as casework
from answerable.casework.letters import finished
from answerable.casework.links import reading
from answerable.casework.reception import receive
from answerable.desk import remote
from answerable.desk.marks import forwarded_by, told, verdict_mark
from answerable.lib import clock, http
from answerable.lib.tests.test_http import Says, server
from answerable.mail.actions import Arrival, store
from answerable.notify.models import Delivery
from answerable.people.models import Person
from answerable.tickets.entry_queries import SHORT
from answerable.tickets.models import Attachment, File, LinkOpening, Reply, Ticket
from tests.cast import NOW, Cast, a_file, a_ticket, says

__all__ = ["server"]

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ELIN = "elin@norrland.test"


def written(
    html: str, *, text: str = "plain", sender: str = ELIN, to: str = "support@vendor.test", **more: str
) -> EmailMessage:
    """A mail in both ways of writing."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, "It stopped"
    for name, value in more.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def show_picture(message: EmailMessage) -> None:
    """The picture that its HTML names."""
    words = message.get_body(("html",))
    assert isinstance(words, EmailMessage)
    words.add_related(PNG, "image", "png", cid="<shot>", filename="shot.png")


def arrives(message: Message, now: datetime = NOW) -> Ticket:
    """The ticket that a message opens or joins."""
    raw_id = store(message.as_bytes(), Arrival("support@vendor.test", "pipe", now), lambda _: None)
    receive(raw_id, now)
    return Ticket.objects.get(pk=Reply.objects.get(raw_id=raw_id).ticket_id)


def opened(person: Person, address: str) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


TABLE = (
    '<table bgcolor="#003366"><tr><td style="color:#fff">Invoice <b>42</b></td></tr></table>'
    '<script>alert(1)</script><img src="https://cdn.example/logo.png" alt="Logo"><img src="https://t.example/o" width=1>'
)


@pytest.mark.behaviour("B-225")
def test_a_laid_out_mail_has_a_sheet_of_its_own_on_both_faces(cast: Cast) -> None:
    ticket = arrives(written(TABLE))
    pk = Reply.objects.get().pk
    for person, page, sheet in (
        (cast.agent, f"/desk/tickets/{ticket.number}", f"/desk/tickets/{ticket.number}/entries/{pk}/sheet"),
        (cast.requester, f"/requests/{ticket.number}", f"/requests/{ticket.number}/entries/{pk}/sheet"),
    ):
        shown = opened(person, page)
        assert f'src="{sheet}"' in shown
        assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in shown
        assert "Invoice" not in re.sub(r"<time.*?</time>", "", shown).partition("<main")[2]
        client = Client()
        client.force_login(person)
        answer = client.get(sheet)
        html = answer.content.decode()
        assert '<table bgcolor="#003366">' in html
        assert "script" not in html
        assert "cdn.example" not in html
        policy = answer["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline';")
        assert "sandbox" in policy
        assert "allow-scripts" not in policy
        assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_a_simple_mail_needs_none(cast: Cast) -> None:
    ticket = arrives(written('<div style="font-family:Arial">Hi<br>it <b>stopped</b></div>'))
    assert "<div>Hi<br>it <b>stopped</b></div>" in opened(cast.agent, f"/desk/tickets/{ticket.number}")
    assert "<iframe" not in opened(cast.requester, f"/requests/{ticket.number}")


@pytest.mark.behaviour("B-226")
def test_a_picture_in_the_text_is_shown_in_its_place_and_goes_on_by_cid(cast: Cast) -> None:
    message = written('<p>See <img src="cid:shot" alt="the screen"></p><img src="https://t.example/x.png">')
    show_picture(message)
    message.add_attachment(b"log", "text", "plain", filename="it.log")
    message["Cc"] = "lund@norrland.test"
    ticket = arrives(message)
    row = Attachment.objects.get(name="shot.png")
    assert (row.inline, row.content_type) == (True, "image/png")
    sheet = opened(cast.requester, f"/requests/{ticket.number}/entries/{Reply.objects.get().pk}/sheet")
    assert f'<img src="/requests/{ticket.number}/files/{row.pk}" alt="the screen">' in sheet
    page = opened(cast.requester, f"/requests/{ticket.number}")
    chips = re.findall(r'class="file" href="[^"]*"><span>([^<]*)', page)
    assert chips == ["it.log"]
    assert "Pictures in the text:" in page
    casework.add_reply(cast.agent, ticket.pk, says("We look."), NOW)
    reply = arrives_again(ticket, '<p>Here <img src="cid:shot"></p><img src="https://t.example/x.png" alt="Logo">')
    letter = Delivery.objects.get(entry_id=reply.pk, person=cast.colleague)
    assert "t.example" not in letter.html
    assert "data-" not in letter.html
    assert "[Logo]" in letter.html
    sent = BytesParser().parsebytes(finished(letter))
    picture = next(part for part in sent.walk() if part.get_content_type() == "image/png")
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in letter.html
    assert picture.get_payload(decode=True) == PNG


def arrives_again(ticket: Ticket, html: str) -> Reply:
    letter = Delivery.objects.filter(ticket_id=ticket.pk, person__email=ELIN).latest("id")
    message = written(html, In_Reply_To=f"<{letter.message_id}>")
    show_picture(message)
    arrives(message)
    return Reply.objects.latest("id")


GMAIL = (
    '<div dir="ltr">Thanks, it works.<br clear="all"><span>-- </span><br><div>Elin Berg</div></div>'
    '<div class="gmail_quote"><div class="gmail_attr">On Monday Tomas wrote:</div><blockquote>We look.</blockquote></div>'
)


@pytest.mark.behaviour("B-227")
def test_what_is_quoted_and_the_signature_are_behind_a_click(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("We look."), NOW)
    reply = arrives_again(ticket, GMAIL)
    assert "blockquote" not in reply.html
    assert "blockquote" in reply.whole_html
    for person, page in ((cast.agent, "/desk/tickets/"), (cast.requester, "/requests/")):
        shown = opened(person, f"{page}{ticket.number}").partition(f'id="e{reply.pk}"')[2]
        new, _, rest = shown.partition("<summary>Signature</summary>")
        assert "it works" in new
        assert "Elin Berg</div>" not in new
        signature, _, quoted = rest.partition("Quoted text")
        assert "Elin Berg</div>" in signature
        assert "<blockquote>We look.</blockquote>" in quoted
        assert "it works" not in quoted


def test_a_long_quote_is_fetched_when_somebody_opens_it(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("We look."), NOW)
    reply = arrives_again(ticket, GMAIL.replace("We look.", "We look. " * SHORT))
    page = opened(cast.agent, f"/desk/tickets/{ticket.number}")
    address = f"/desk/tickets/{ticket.number}/entries/{reply.pk}/sheet?part=rest"
    assert address in page
    assert page.count("We look.") < 10
    assert "We look. We look." in opened(cast.agent, address)


def test_a_hundred_laid_out_mails_cost_no_more_queries_than_one(
    cast: Cast, django_assert_max_num_queries: Callable[..., CaptureQueriesContext]
) -> None:
    ticket = arrives(written(TABLE))
    reply = Reply.objects.get()
    kept = {field.attname: getattr(reply, field.attname) for field in Reply._meta.concrete_fields}
    more = [Reply(**kept | {"id": 10_000 + n, "raw_id": None}) for n in range(100)]
    Reply.objects.bulk_create(more)
    client = Client()
    client.force_login(cast.agent)
    client.get(f"/desk/tickets/{ticket.number}")
    with django_assert_max_num_queries(14):
        page = client.get(f"/desk/tickets/{ticket.number}").content.decode()
    assert page.count('<iframe class="sheet"') == 101
    assert page.count('loading="lazy"') == 101
    assert len(page) < 200_000


def serve_pictures(self: Says) -> None:
    """A picture, and what it was asked with is kept."""
    asked.append((self.path, dict(self.headers)))
    self.send_response(200)
    self.end_headers()
    self.wfile.write(b"<svg/>" if self.path == "/svg" else PNG)


asked: list[tuple[str, dict[str, str]]] = []


@pytest.mark.behaviour("B-228")
def test_pictures_from_elsewhere_are_fetched_for_staff_who_ask_and_for_nobody_else(
    cast: Cast, server: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, certificate = server
    monkeypatch.setattr(Says, "do_GET", serve_pictures)
    session = http.outside()
    session.verify = certificate
    monkeypatch.setattr(remote, "outside", lambda _seconds: session)
    asked.clear()
    host = f"login.example.com:{port}"
    ticket = arrives(written(f'<table><tr><td><img src="http://{host}/a.png"><img src="https://{host}/svg"></table>'))
    pk = Reply.objects.get().pk
    base = f"/desk/tickets/{ticket.number}/entries/{pk}"
    closed = opened(cast.agent, f"{base}/sheet")
    assert "Remote images are not shown" in closed
    assert "<img" not in closed
    assert asked == []
    shown = opened(cast.agent, f"{base}/sheet?images=1")
    assert re.findall(r'<img src="([^"]*)"', shown) == [f"{base}/pictures/0", f"{base}/pictures/1"]
    client = Client()
    client.force_login(cast.agent)
    answer = client.get(f"{base}/pictures/0")
    assert (answer.content, answer["Content-Type"]) == (PNG, "image/png")
    assert client.get(f"{base}/pictures/1").status_code == 404  # not a picture that is safe to show
    assert client.get(f"{base}/pictures/2").status_code == 404
    assert {name.lower() for name in asked[0][1]} <= {"host", "user-agent", "accept", "accept-encoding", "connection"}
    seen = len(asked)
    client.force_login(cast.requester)
    assert client.get(f"{base}/pictures/0").status_code == 404
    assert "Remote images" not in opened(cast.requester, f"/requests/{ticket.number}/entries/{pk}/sheet?images=1")
    assert len(asked) == seen


def test_a_picture_inside_our_network_is_not_asked_for(cast: Cast) -> None:
    ticket = arrives(written('<table><tr><td><img src="https://127.0.0.1:1/a.png"></table>'))
    client = Client()
    client.force_login(cast.agent)
    assert client.get(f"/desk/tickets/{ticket.number}/entries/{Reply.objects.get().pk}/pictures/0").status_code == 404


def test_held_mail_is_shown_to_staff_without_any_picture(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("We look."), NOW)
    letter = Delivery.objects.filter(person=cast.requester).latest("id")
    message = written(
        '<table><tr><td>Let me in <img src="cid:shot"><img src="https://t.example/x.png"></td></tr></table>',
        sender="who@else.test",
        In_Reply_To=f"<{letter.message_id}>",
    )
    raw_id = store(message.as_bytes(), Arrival("support@vendor.test", "pipe", NOW), lambda _: None)
    receive(raw_id, NOW)
    page = opened(cast.agent, f"/desk/tickets/{ticket.number}")
    found = re.search(rf'src="(/desk/tickets/{ticket.number}/held/\d+/sheet)"', page)
    assert found
    sheet = opened(cast.agent, found[1])
    assert "Let me in" in sheet
    assert "<img" not in sheet
    assert "images=1" not in sheet
    client = Client()
    client.force_login(cast.requester)
    assert client.get(found[1]).status_code == 404


def test_by_the_link_of_a_mail_the_sheets_and_pictures_are_one_opening(cast: Cast) -> None:
    ticket = arrives(written(TABLE))
    token = reading(ticket.pk, cast.requester.pk, clock.now())
    client = Client()
    assert f"/r/{token}/entries/{Reply.objects.get().pk}/sheet" in client.get(f"/r/{token}").content.decode()
    answer = client.get(f"/r/{token}/entries/{Reply.objects.get().pk}/sheet")
    assert b"Invoice" in answer.content
    assert answer["Referrer-Policy"] == "no-referrer"
    assert LinkOpening.objects.count() == 1


@pytest.mark.behaviour("B-229")
def test_a_file_that_runs_asks_first_and_an_infected_one_is_kept(cast: Cast) -> None:
    ticket = a_ticket(cast)
    files = (a_file("setup.EXE", b"MZ"), a_file("log.txt", b"lines"), a_file("bad.doc", b"x5o"))
    casework.add_reply(cast.requester, ticket.pk, says("this", files=files), NOW)
    File.objects.filter(pk=Attachment.objects.get(name="bad.doc").file_id).update(infected="Eicar-Test")
    client = Client()
    for person, base in (
        (cast.agent, f"/desk/tickets/{ticket.number}"),
        (cast.colleague, f"/requests/{ticket.number}"),
    ):
        client.force_login(person)
        exe, log, bad = (
            f"{base}/files/{pk}" for pk in Attachment.objects.order_by("position").values_list("pk", flat=True)
        )
        asks = client.get(exe)
        assert b"can run as a program" in asks.content
        assert "Content-Disposition" not in asks
        assert client.get(f"{exe}?sure=1")["Content-Disposition"].startswith("attachment")
        assert client.get(log)["Content-Disposition"].startswith("attachment")
        refused = client.get(f"{bad}?sure=1")
        assert refused.status_code == 422
        assert b"Eicar-Test" in refused.content
        page = client.get(base).content.decode()
        assert "infected: Eicar-Test" in page
        assert bad not in page


def test_a_picture_is_sent_once_and_then_asked_after(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(
        cast.requester, ticket.pk, says("this", files=(a_file("a.txt", PNG), a_file("b.png", b"<svg>"))), NOW
    )
    picture, fake = Attachment.objects.order_by("position")
    client = Client()
    client.force_login(cast.agent)
    first = client.get(f"/desk/tickets/{ticket.number}/files/{picture.pk}")
    assert (first["Content-Type"], first["Content-Disposition"][:6]) == ("image/png", "inline")
    again = client.get(f"/desk/tickets/{ticket.number}/files/{picture.pk}", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    other = client.get(f"/desk/tickets/{ticket.number}/files/{fake.pk}")
    assert (other["Content-Type"], other["Content-Disposition"][:6]) == ("application/octet-stream", "attach")


def test_staff_read_who_vouches_for_the_sender_and_what_was_odd(cast: Cast) -> None:
    ticket = arrives(written("<p>hi</p>", sender='"Tomas Kral" <elin@norrland.test>'))
    page = opened(cast.admin, f"/desk/tickets/{ticket.number}")
    assert "not proven" in page
    assert "Show original" in page
    assert "Show original" not in opened(cast.agent, f"/desk/tickets/{ticket.number}")
    theirs = opened(cast.requester, f"/requests/{ticket.number}")
    assert "not proven" not in theirs
    for shown in (page, theirs):
        assert "Elin Berg &lt;elin@norrland.test&gt;" in shown


@pytest.mark.parametrize(
    ("origin", "kind", "words"),
    [
        ({"verdict": "pass", "by": "mx.example.com", "address": "a@b.test"}, "pass", "mx.example.com confirms"),
        ({"verdict": "fail", "by": "mx.example.com", "address": "a@b.test"}, "fail", "does not come from a@b.test"),
        ({"verdict": "fail"}, "fail", "which of its senders"),
        ({"verdict": "none"}, "none", "No mail server that you trust"),
    ],
)
def test_a_verdict_in_words_e87(origin: dict[str, str], kind: str, words: str) -> None:
    mark = verdict_mark(origin)
    assert mark is not None
    assert mark.kind == kind
    assert words in mark.words


def test_flags_in_words() -> None:
    assert verdict_mark({}) is None
    assert forwarded_by(["forwarded_by_agent"], {"name": "Tomas", "address": "t@vendor.test"}) == "Tomas"
    assert forwarded_by(["truncated"], {"name": "Tomas"}) == ""
    assert told(["charset_fallback", "encrypted", "encrypted", "unheard-of"]) == (
        "It is encrypted: only a mail program that has the key can read it.",
    )


def test_an_invitation_is_told_on_both_faces(cast: Cast) -> None:
    message = written("<p>Shall we?</p>")
    lines = ["BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "SUMMARY:Look at it <b>", "DTSTART:20261201T080000Z"]
    message.add_attachment("\r\n".join(lines), subtype="calendar", filename="invite.ics")
    ticket = arrives(message)
    for person, page in ((cast.agent, "/desk/tickets/"), (cast.requester, "/requests/")):
        shown = opened(person, f"{page}{ticket.number}")
        assert "<dt>Invitation</dt><dd>Look at it &lt;b&gt;</dd>" in shown
        assert "1 Dec 2026, 09:00 CET" in shown or "1 Dec 2026, 08:00 UTC" in shown
