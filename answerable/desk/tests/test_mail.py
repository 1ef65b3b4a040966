"""The mail room's pages: what administrators read, find and decide there."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from answerable.casework import quarantine_actions as quarantine
from answerable.casework.tests.test_reception import ELIN, SUPPORT, arrives, from_elin, last_mail, ticket_of
from answerable.desk.mail_words import flags, outcome, verdict
from answerable.lib import clock
from answerable.mail.actions import Arrival, store
from answerable.mail.models import RawMail
from answerable.notify.models import Notice
from tests.cast import NOW, Cast, a_ticket, inbox
from tests.running import mail

STRANGER = "mallory@elsewhere.test"
ROW = 'class="list-title"'


@pytest.fixture
def admin(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.admin)
    return client


def page(client: Client, name: str, query: str = "", **kwargs: int) -> str:
    response = client.get(reverse(f"desk:{name}", kwargs=kwargs) + query)
    assert response.status_code == 200
    return response.content.decode()


def does(client: Client, name: str, pk: int, **data: str) -> str:
    """What the page that a post leads to says first."""
    response = client.post(reverse(f"desk:mail_{name}", kwargs={"pk": pk}), data, follow=True)
    assert response.status_code == 200, response.content.decode()[:2000]
    return response.content.decode()


def set_aside(count: int = 1) -> list[RawMail]:
    inbox(known_contacts_only=True)
    return [arrives(mail(STRANGER, f"Hello {number}", "may I?", SUPPORT)) for number in range(count)]


@pytest.mark.behaviour("B-208")
def test_a_message_says_what_became_of_it_in_plain_words_and_who_decided(cast: Cast, admin: Client) -> None:
    (row,) = set_aside()
    text = page(admin, "message", pk=row.pk)
    assert "unknown to an inbox that takes mail of known people only" in text
    assert "sender_blocked" not in text
    released = does(admin, "release", row.pk, acknowledge="yes")
    number = ticket_of(RawMail.objects.get(pk=row.pk)).number
    assert f"Ada Lind released it as #{number}" in released
    assert last_mail(STRANGER)["Auto-Submitted"] == "auto-replied"


@pytest.mark.behaviour("B-209")
def test_nothing_of_a_message_is_more_than_text(cast: Cast, admin: Client) -> None:
    body = b"<script>alert(1)</script>\x00<img src=x onerror=alert(2)>"
    raw = b"From: <script>a</script> <evil@x.test>\r\nSubject: <b>bold</b>\r\nContent-Type: text/html\r\n\r\n" + body
    row = arrives(raw)
    text = page(admin, "message", pk=row.pk)
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "<b>bold" not in text
    assert "&lt;script&gt;" in text
    listed = page(admin, "mail")
    assert "<b>bold" not in listed
    download = admin.get(reverse("desk:raw", kwargs={"pk": row.pk}))
    assert download.content == raw
    assert download["Content-Disposition"].startswith("attachment")
    assert download["Content-Type"] == "application/octet-stream"


def test_a_message_that_cannot_be_read_still_has_its_page(
    cast: Cast, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = arrives(from_elin())

    def broken(*_args: object, **_more: object) -> None:
        raise RecursionError

    monkeypatch.setattr("answerable.mail.parse.read", broken)
    assert "As it came" in page(admin, "message", pk=row.pk)


def test_each_tab_holds_its_own_and_says_how_much(cast: Cast, admin: Client) -> None:
    set_aside(2)
    inbox()
    arrives(from_elin("Away", Auto_Submitted="auto-replied"))
    arrives(mail("MAILER-DAEMON@mx.test", "Undelivered Mail Returned to Sender", "x"), path="")
    store(from_elin("Later"), Arrival(SUPPORT, "smtp", NOW), lambda _: None)
    for tab, subject in [
        ("quarantine", "Hello 1"),
        ("waiting", "(no subject)"),
        ("auto", "Away"),
        ("unmatched", "Undelivered"),
    ]:
        assert ROW in page(admin, "mail", f"?tab={tab}")
        assert subject in page(admin, "mail", f"?tab={tab}")
    assert "Nothing is discarded" in page(admin, "mail", "?tab=discarded")
    assert "Nothing is held" in page(admin, "mail", "?tab=held")
    assert 'Quarantine <span class="tab-count">2</span>' in page(admin, "mail")
    assert page(admin, "mail", "?tab=nonsense").count(ROW) == 5


def test_from_the_list_one_click_decides_and_the_list_goes_on(cast: Cast, admin: Client) -> None:
    first, second = set_aside(2)
    text = does(admin, "release", second.pk, acknowledge="yes", tab="quarantine")
    assert 'aria-current="page">Quarantine' in text
    assert f'id="m{first.pk}"' in text
    assert f'id="m{second.pk}"' not in text
    does(admin, "discard", first.pk, tab="quarantine")
    assert "Ada Lind discarded it" in page(admin, "message", pk=first.pk)
    assert "Ada Lind restored it" in does(admin, "restore", first.pk)


def test_what_cannot_be_done_is_said_and_nothing_happens(cast: Cast, admin: Client) -> None:
    (row,) = set_aside()
    for name, data, words in [
        ("attach", {"number": "nonsense"}, "by its number"),
        ("attach", {"number": "-5"}, "by its number"),
        ("attach", {"number": "999999"}, "no such request"),
        ("release", {"requester": SUPPORT}, "could be answered"),
        ("move", {"where": "new"}, "no such message on a request"),
    ]:
        response = admin.post(reverse(f"desk:mail_{name}", kwargs={"pk": row.pk}), data)
        assert response.status_code in {404, 422}, (name, data)
        assert words in response.content.decode(), (name, data)
    row.refresh_from_db()
    assert row.outcome == "quarantine"


def test_a_message_is_put_on_a_request_and_moved_from_its_page(cast: Cast, admin: Client) -> None:
    ticket, other = a_ticket(cast), a_ticket(cast, subject="The other one")
    (row,) = set_aside()
    text = does(admin, "attach", row.pk, number=f" #{ticket.number} ", join="yes")
    assert f"Ada Lind put it on #{ticket.number}" in text
    text = does(admin, "move", row.pk, where="ticket", number=str(other.number), join="yes")
    assert f"Ada Lind moved it from #{ticket.number} to #{other.number}" in text
    assert f"moved a message of {STRANGER} to #{other.number}" in page(admin, "ticket", number=ticket.number)


def test_held_mail_becomes_a_request_of_its_own_from_its_ticket(cast: Cast, admin: Client) -> None:
    ticket = a_ticket(cast)
    address = str(last_mail(ELIN)["Reply-To"])
    row = arrives(mail(STRANGER, "let me in", "x", address), to=address)
    assert row.entry_id is not None
    assert "Make it a new request" in page(admin, "ticket", number=ticket.number)
    url = reverse("desk:held", kwargs={"number": ticket.number, "pk": row.entry_id})
    assert admin.post(url, {"decision": "split"}).status_code == 302
    assert "Became a request of its own" in page(admin, "ticket", number=ticket.number)
    assert ticket_of(RawMail.objects.get(pk=row.pk)).requester.email == STRANGER


def test_spam_is_put_away_and_its_sender_blocked_until_that_is_taken_back(cast: Cast, admin: Client) -> None:
    (row,) = set_aside()
    inbox()
    assert "Ada Lind discarded it and blocked its sender" in does(admin, "spam", row.pk)
    again = arrives(mail(STRANGER, "Once more", "x", SUPPORT))
    assert (again.outcome, again.reason) == ("quarantine", "sender_blocked")
    assert "Blocked: what comes from it" in page(admin, "message", pk=again.pk)
    does(admin, "unblock", again.pk)
    assert "Ada Lind had it handled again" in does(admin, "retry", again.pk)
    assert RawMail.objects.get(pk=again.pk).outcome == "new"


def test_held_spam_is_kept_out_and_its_sender_blocked(cast: Cast, admin: Client) -> None:
    ticket = a_ticket(cast)
    address = str(last_mail(ELIN)["Reply-To"])
    row = arrives(mail(STRANGER, "buy", "x", address), to=address)
    assert row.entry_id is not None
    url = reverse("desk:held", kwargs={"number": ticket.number, "pk": row.entry_id})
    assert admin.post(url, {"decision": "spam"}).status_code == 302
    assert "Spam, its sender is blocked" in page(admin, "ticket", number=ticket.number)
    assert arrives(mail(STRANGER, "buy more", "x", SUPPORT)).reason == "sender_blocked"
    assert not page(admin, "mail", "?tab=held").count(ROW)


def test_a_search_finds_and_an_empty_one_says_so(cast: Cast, admin: Client) -> None:
    arrives(from_elin("Export fails"))
    assert "Export fails" in page(admin, "mail", "?q=elin@nor")
    assert "Nothing found" in page(admin, "mail", "?q=nobody%25")
    assert "Type a little more" in page(admin, "mail", "?q=el")


def test_pages_follow_by_id_and_cost_the_same(cast: Cast, admin: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(admin, "mail", "?tab=quarantine")
        return len(asked)

    set_aside(2)
    queries()  # what is kept for a few seconds is asked for once
    few = queries()
    now = clock.now()
    RawMail.objects.bulk_create(
        RawMail(
            inbox=SUPPORT, received_at=now, source="smtp", size=1, sha256="", body=b"x", state="quarantined",
            outcome="quarantine", reason="empty", subject=f"bulk {number}",
        )
        for number in range(60)
    )  # fmt: skip
    assert queries() == few <= 14
    first = page(admin, "mail", "?tab=quarantine")
    assert first.count(ROW) == 50
    last = RawMail.objects.order_by("-id")[49].pk
    assert f"?tab=quarantine&amp;before={last}" in first
    assert page(admin, "mail", f"?tab=quarantine&before={last}").count(ROW) == 12


def test_the_rail_counts_what_is_in_quarantine_for_administrators_alone(cast: Cast, admin: Client) -> None:
    assert ">Received</span></a>" in page(admin, "queue")
    set_aside(2)
    assert ">Received</span> <span>2</span></a>" in page(admin, "queue")
    agent = Client()
    agent.force_login(cast.agent)
    assert "Received" not in page(agent, "queue")


def test_a_notice_about_mail_leads_to_where_it_is_shown(cast: Cast, admin: Client) -> None:
    row = Notice.objects.create(person=cast.admin, kind="mail_quarantine", key="q", at=NOW)
    assert "Mail waits in quarantine" in page(admin, "notices")
    response = admin.post(reverse("desk:notice", kwargs={"pk": row.pk}))
    assert response["Location"] == reverse("desk:mail") + "?tab=quarantine"
    row.refresh_from_db()
    assert row.read_at is not None


def test_words_for_everything_that_can_be(cast: Cast) -> None:
    for ending in ("new", "reply", "held", "event", "auto", "bounce", "duplicate", "probe"):
        told = outcome(RawMail(state="done", outcome=ending, reason="vacation"))
        assert told.word != ending
        assert told.sentence != ending
    for reason in ("empty", "no_headers", "no_sender", "oversize", "error", "sender_blocked", "rate_limited", "loop"):
        assert " " in outcome(RawMail(state="quarantined", outcome="quarantine", reason=reason)).sentence
    assert "restored" in outcome(RawMail(state="quarantined", reason="empty", put_away_at=NOW)).sentence
    assert flags(RawMail(flags=["name_spoof", "unverified"])) == [
        "A stranger under the name of somebody of your staff."
    ]


def test_who_proved_the_sender_is_named(cast: Cast, admin: Client) -> None:
    inbox(trusted_authserv=("mx.vendor.test",))
    stamp = "mx.vendor.test; dmarc=pass header.from=norrland.test"
    row = arrives(from_elin("Proven", Authentication_Results=stamp))
    assert "Proven, says mx.vendor.test" in page(admin, "message", pk=row.pk)
    row = arrives(from_elin("Not", Authentication_Results=stamp.replace("mx.", "other.")))
    assert "nobody trusts other.vendor.test" in page(admin, "message", pk=row.pk)
    assert verdict(RawMail(), None) == "Not looked at"


def test_what_was_purged_has_a_page_and_no_download(cast: Cast, admin: Client) -> None:
    (row,) = set_aside()
    quarantine.discard(cast.admin, row.pk, NOW)
    RawMail.objects.filter(pk=row.pk).update(body=b"", purged_at=NOW + timedelta(days=31))
    assert "let go of" in page(admin, "message", pk=row.pk)
    assert admin.get(reverse("desk:raw", kwargs={"pk": row.pk})).status_code == 404
