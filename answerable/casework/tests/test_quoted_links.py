"""The signed links of our own mails do not go on with whoever quotes them."""

import re
from email.message import EmailMessage
from urllib.parse import quote

import pytest
from django.test import Client

from answerable.casework import actions as casework
from answerable.casework.links import reading
from answerable.casework.reception import receive
from answerable.lib import clock
from answerable.mail.actions import Arrival, store
from answerable.notify.models import Delivery
from answerable.tickets.models import Reply
from tests.cast import Cast, a_ticket, says
from tests.running import mail


@pytest.mark.behaviour("B-166")
@pytest.mark.parametrize("wrap", [False, True])
def test_a_quoted_mail_hands_nobody_elses_link_on(cast: Cast, wrap: bool) -> None:
    ticket = a_ticket(cast, clock.now())
    casework.add_reply(cast.agent, ticket.pk, says("We look."), clock.now())
    letter = Delivery.objects.get(person=cast.requester, kind="reply")
    quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
    if wrap:  # as mail programs break long lines
        quoted = re.sub(r"(/r/\S{30})(\S+)", r"\1\n> \2", quoted)
    assert "/r/" in quoted
    to = letter.headers["reply_to"]
    raw = mail(cast.requester.email, "Re: it", f"Thanks.\n\nOn Monday Tomas wrote:\n{quoted}\n", to)
    arrival = Arrival("support@vendor.test", "smtp", clock.now(), envelope_from="x@y.test", envelope_to=(to,))
    raw_id = store(raw, arrival, lambda _: None)
    receive(raw_id, clock.now())
    reply = Reply.objects.get(raw_id=raw_id)
    assert "On Monday" in reply.text
    token = reading(ticket.pk, cast.requester.pk, clock.now())
    for said in (
        reply.text,
        reply.new_text,
        reply.html,
        *Delivery.objects.filter(entry_id=reply.pk).values_list("text"),
    ):
        assert "/r/" not in said
        assert token.rpartition(":")[2][-10:] not in said
    client = Client()
    client.force_login(cast.reader)
    assert "/r/" not in client.get(f"/requests/{ticket.number}").content.decode()


@pytest.mark.parametrize("way", ["as it is", "broken", "in a safe link"])
def test_nor_does_its_html(cast: Cast, way: str) -> None:
    ticket = a_ticket(cast, clock.now())
    casework.add_reply(cast.agent, ticket.pk, says("We look."), clock.now())
    letter = Delivery.objects.get(person=cast.requester, kind="reply")
    token = letter.html.partition("/r/")[2].partition('"')[0]
    assert len(token) > 60
    quoted = {
        "as it is": letter.html,
        "broken": re.sub(
            r">(http\S{40})(\S{30})", r">\1<wbr>\2", letter.html.replace(token, f"{token[:30]}\n{token[30:]}")
        ),
        "in a safe link": re.sub(
            r'href="([^"]+)"',
            lambda link: f'href="https://safe.example/?url={quote(link[1], safe="")}&data=1"',
            letter.html,
        ),
    }[way]
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = cast.requester.email, letter.headers["reply_to"], "Re: it"
    message.set_content("Thanks.")
    body = re.sub(r"(?s).*<body[^>]*>|</body>.*", "", quoted)
    message.add_alternative(f'<p>Thanks.</p><div class="gmail_quote">{body}</div>', subtype="html")
    raw_id = store(
        message.as_bytes(),
        Arrival("support@vendor.test", "smtp", clock.now(), envelope_from="x@y.test"),
        lambda _: None,
    )
    receive(raw_id, clock.now())
    reply = Reply.objects.get(raw_id=raw_id)
    assert reply.html == "<p>Thanks.</p>"
    assert "We look." in reply.whole_html
    for said in (reply.html, reply.whole_html):
        assert token.rpartition(":")[2][-12:] not in said
        assert token[:20] not in said
