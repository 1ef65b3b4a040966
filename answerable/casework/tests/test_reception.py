"""The mail room: each message ends in one outcome, on the right ticket, seen by the right people (mail contract §3)."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.message import Message

import pytest
from django.db import connection

from answerable.casework import actions as casework
from answerable.casework import cc_actions
from answerable.casework.held_actions import approve
from answerable.casework.letters import finished
from answerable.casework.mailroom import AGENT, MAY_POST, MEDIUM, MEMBER, PARTICIPANT, STRANGER, STRONG, WEAK
from answerable.casework.reception import receive
from answerable.lib.errors import Refused
from answerable.mail.actions import Arrival, store
from answerable.mail.models import RawMail
from answerable.mail.queries import instance_id
from answerable.notify.models import Delivery
from answerable.people.actions import contact
from answerable.tickets.held import Held
from answerable.tickets.models import Participant, Reply, Ticket
from tests.cast import NOW, Cast, a_ticket, inbox, says
from tests.running import mail

SUPPORT = "support@vendor.test"
ELIN = "elin@norrland.test"


def arrives(raw: bytes, *, to: str = SUPPORT, hours: float = 0, path: str = "x@y.test") -> RawMail:
    """Store and handle one message."""
    at = NOW + timedelta(hours=hours)
    raw_id = store(raw, Arrival(SUPPORT, "smtp", at, envelope_from=path, envelope_to=(to,)), lambda _: None)
    receive(raw_id, at)
    return RawMail.objects.get(pk=raw_id)


def ticket_of(row: RawMail) -> Ticket:
    """The request that the message ended on."""
    assert row.ticket_id is not None
    return Ticket.objects.get(pk=row.ticket_id)


def from_elin(subject: str = "Export fails", text: str = "413 again", **headers: str) -> bytes:
    return mail(ELIN, subject, text, headers.pop("to", SUPPORT), **headers)


def last_mail(address: str) -> Message:
    return message_from_bytes(finished(Delivery.objects.filter(address=address).latest("id")))


def test_a_mail_opens_a_request_of_its_sender(cast: Cast) -> None:
    """E-25."""
    row = arrives(from_elin(Message_ID="<One@Mail.Norrland.TEST>"))
    assert (row.state, row.outcome) == ("done", "new")
    ticket = ticket_of(row)
    assert (ticket.requester, ticket.organization, ticket.unverified) == (cast.requester, cast.org, True)
    assert Reply.objects.get(ticket=ticket).new_text == "413 again"
    ack = last_mail(ELIN)
    assert ack["In-Reply-To"] == "<One@Mail.Norrland.TEST>"
    assert f"[#{ticket.number}]" in str(ack["Subject"])
    assert ack["Auto-Submitted"] == "auto-replied"


@pytest.mark.behaviour("B-07")
def test_a_message_is_handled_once_however_often_it_is_asked_for(cast: Cast) -> None:
    row = arrives(from_elin())
    receive(row.pk, NOW)
    receive(row.pk, NOW)
    assert Ticket.objects.count() == 1
    assert Delivery.objects.count() == 1


def test_the_same_bytes_again_are_a_duplicate_without_answer(cast: Cast) -> None:
    first = arrives(from_elin(Message_ID="<1@norrland.test>"))
    second = arrives(from_elin(Message_ID="<1@norrland.test>"))
    assert (second.outcome, second.duplicate_of, second.ticket_id) == ("duplicate", first, first.ticket_id)
    assert Delivery.objects.count() == 1


def test_one_message_id_with_other_words_is_kept_apart(cast: Cast) -> None:
    arrives(from_elin(Message_ID="<1@norrland.test>"))
    second = arrives(from_elin(text="something else", Message_ID="<1@norrland.test>"))
    assert second.outcome == "new"
    assert "message_id_reused" in second.flags


def test_an_answer_finds_its_request_by_our_message_id(cast: Cast) -> None:
    """E-31."""
    ticket = a_ticket(cast)
    ours = str(last_mail(ELIN)["Message-ID"])
    row = arrives(from_elin("no tag", "thanks", In_Reply_To=ours))
    assert (row.outcome, row.ticket_id) == ("reply", ticket.pk)
    assert "unverified" in row.flags


def test_an_answer_finds_its_request_by_its_address(cast: Cast) -> None:
    ticket = a_ticket(cast)
    address = str(last_mail(ELIN)["Reply-To"])
    row = arrives(from_elin("no tag", "thanks", to=address), to=address)
    assert (row.outcome, row.ticket_id) == ("reply", ticket.pk)


def test_a_signed_address_may_stand_in_the_envelope_alone_e32(cast: Cast) -> None:
    ticket = a_ticket(cast)
    address = str(last_mail(ELIN)["Reply-To"])
    row = arrives(from_elin("no tag", "thanks"), to=address.upper())
    assert (row.outcome, row.ticket_id) == ("reply", ticket.pk)


def test_a_forged_address_finds_nothing(cast: Cast) -> None:
    a_ticket(cast)
    address = str(last_mail(ELIN)["Reply-To"])
    forged = re.sub(r"(reply\+.{6})(.)", lambda m: m[1] + ("a" if m[2] != "a" else "b"), address)
    row = arrives(from_elin("no tag", "thanks", to=forged), to=forged)
    assert row.outcome == "new"
    assert "bad_token" in row.flags


def test_a_stranger_with_the_number_opens_a_request_of_their_own(cast: Cast) -> None:
    ticket = a_ticket(cast)
    row = arrives(mail("mallory@elsewhere.test", f"Re: [#{ticket.number}]", "let me in"))
    assert row.outcome == "new"
    assert row.ticket_id != ticket.pk
    assert "Nothing has loaded" not in last_mail("mallory@elsewhere.test").as_string()


@pytest.mark.behaviour("B-11")
def test_a_stranger_who_holds_the_address_is_held(cast: Cast) -> None:
    ticket = a_ticket(cast)
    address = str(last_mail(ELIN)["Reply-To"])
    sent = Delivery.objects.count()
    row = arrives(mail("mallory@elsewhere.test", "hello", "planted-held-words", to=address), to=address)
    assert (row.outcome, row.reason, row.ticket_id) == ("held", "non_participant", ticket.pk)
    assert Reply.objects.filter(ticket=ticket).count() == 1
    assert Delivery.objects.count() == sent
    assert Participant.objects.filter(ticket=ticket).count() == 2


def test_held_mail_that_is_approved_joins_and_its_clock_starts_then(cast: Cast) -> None:
    """E-39."""
    ticket = a_ticket(cast)
    address = str(last_mail(ELIN)["Reply-To"])
    casework.add_reply(cast.agent, ticket.pk, says("Fixed."), NOW, casework.Next(status="solved"))
    arrives(mail("mallory@elsewhere.test", "hello", "me too", to=address), to=address, hours=1)
    assert Ticket.objects.get(pk=ticket.pk).status == "solved"
    held = Held.objects.get()
    with pytest.raises(Refused):
        approve(cast.requester, held.pk, NOW + timedelta(hours=5), join=True)
    approve(cast.agent, held.pk, NOW + timedelta(hours=5), join=True)
    stored = Ticket.objects.get(pk=ticket.pk)
    assert (stored.status, stored.waits_for) == ("open", "us")
    assert Participant.objects.filter(ticket=ticket, person__email="mallory@elsewhere.test", role="cc").exists()
    with pytest.raises(Refused, match="already"):
        approve(cast.agent, held.pk, NOW + timedelta(hours=5), join=True)


def test_a_bare_number_from_a_participant_without_proof_is_held(cast: Cast) -> None:
    ticket = a_ticket(cast)
    row = arrives(from_elin(f"about [#{ticket.number}]", "more"))
    assert (row.outcome, row.reason) == ("held", "unverified")


def test_a_participant_with_proof_may_use_the_bare_number(cast: Cast) -> None:
    inbox(trusted_authserv=("mx.vendor.test",))
    ticket = a_ticket(cast)
    proof = "mx.vendor.test; dmarc=pass header.from=norrland.test"
    raw = b"Authentication-Results: " + proof.encode() + b"\r\n" + from_elin(f"about [#{ticket.number}]", "more")
    row = arrives(raw)
    assert (row.outcome, row.ticket_id, row.verdict) == ("reply", ticket.pk, "pass")


def test_an_agents_mail_without_proof_is_held_and_with_proof_is_an_answer(cast: Cast) -> None:
    inbox(trusted_authserv=("mx.vendor.test",))
    ticket = a_ticket(cast)
    ours = str(last_mail(ELIN)["Message-ID"])
    row = arrives(mail(cast.agent.email, "Re: x", "I look into it", In_Reply_To=ours))
    assert (row.outcome, row.reason) == ("held", "unverified")
    proof = b"Authentication-Results: mx.vendor.test; dmarc=pass header.from=vendor.test\r\n"
    row = arrives(proof + mail(cast.agent.email, "Re: x", "I look into it now", In_Reply_To=ours))
    assert row.outcome == "reply"
    assert Reply.objects.latest("id").from_staff
    assert Ticket.objects.get(pk=ticket.pk).waits_for == "customer"


def test_a_reply_to_a_closed_request_opens_a_follow_up(cast: Cast) -> None:
    """E-37."""
    ticket = a_ticket(cast)
    ours = str(last_mail(ELIN)["Message-ID"])
    casework.add_reply(cast.agent, ticket.pk, says("Fixed."), NOW, casework.Next(status="solved"))
    casework.close_for_good(ticket.pk, NOW + timedelta(days=15))
    row = arrives(from_elin("Re: x", "again", In_Reply_To=ours), hours=24 * 16)
    assert row.outcome == "new"
    assert ticket_of(row).follow_up_of == ticket


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto"),
        ({"Precedence": "bulk"}, "new"),
        ({"List_Id": "<news.example>"}, "new"),
    ],
)
def test_machines_get_no_acknowledgement(cast: Cast, headers: dict[str, str], outcome: str) -> None:
    row = arrives(mail("robot@machine.test", "Automatic", "I am away", **headers))
    assert row.outcome == outcome
    assert not Delivery.objects.exists()


@pytest.mark.behaviour("B-12")
def test_a_vacation_notice_on_a_request_changes_nothing(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Fixed."), NOW, casework.Next(status="solved"))
    ours = str(last_mail(ELIN)["Message-ID"])
    sent = Delivery.objects.count()
    row = arrives(from_elin("Away", "back Monday", In_Reply_To=ours, Auto_Submitted="auto-replied"))
    assert row.outcome == "event"
    assert Ticket.objects.get(pk=ticket.pk).status == "solved"
    assert Delivery.objects.count() == sent


@pytest.mark.behaviour("B-13")
def test_our_own_mail_that_comes_back_is_set_aside(cast: Cast) -> None:
    row = arrives(mail("x@y.test", "loop", "round", X_Answerable_Instance=instance_id()))
    assert (row.state, row.reason) == ("quarantined", "loop")
    row = arrives(mail(SUPPORT, "loop", "round"))
    assert (row.state, row.reason) == ("quarantined", "loop")


def test_six_requests_in_an_hour_get_five_acknowledgements(cast: Cast) -> None:
    for n in range(6):
        arrives(from_elin(f"Request {n}"))
    assert Ticket.objects.count() == 6
    assert Delivery.objects.filter(kind="ack").count() == 5


def test_people_in_copy_take_part_and_outsiders_wait_for_a_click(cast: Cast) -> None:
    row = arrives(from_elin(Cc=f"{cast.colleague.email}, Bob <bob@outside.test>, support@vendor.test"))
    rows = Participant.objects.filter(ticket=row.ticket_id).order_by("id")
    assert [(p.person.email, p.role, p.pending) for p in rows] == [
        (ELIN, "requester", False),
        (cast.colleague.email, "cc", False),
        ("bob@outside.test", "cc", True),
    ]
    cc_actions.answer_cc(cast.agent, ticket_of(row).pk, rows[2].pk, NOW, allowed=True)
    ticket = ticket_of(row)
    casework.add_reply(cast.agent, ticket.pk, says("hello all"), NOW)
    assert Delivery.objects.filter(kind="reply").count() == 3


@pytest.mark.behaviour("B-19")
def test_a_bounce_marks_the_very_mail_and_opens_nothing(cast: Cast) -> None:
    """E-53."""
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Looking."), NOW)
    sent = Delivery.objects.get(kind="reply", address=ELIN)
    bounce = "\r\n".join(
        [
            "From: MAILER-DAEMON@mx.norrland.test", f"To: {SUPPORT}", "Subject: Undelivered Mail Returned to Sender",
            "MIME-Version: 1.0", 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
            "--b", "Content-Type: text/plain", "", "It failed.", "",
            "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.norrland.test", "",
            f"Final-Recipient: rfc822; {ELIN}", "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 no such user", "",
            "--b", "Content-Type: text/rfc822-headers", "", f"Message-ID: <{sent.message_id.strip('<>')}>", "", "--b--", "",
        ]
    ).encode()  # fmt: skip
    row = arrives(bounce)
    assert (row.outcome, row.ticket_id) == ("bounce", ticket.pk)
    sent.refresh_from_db()
    assert sent.state == "bounced"
    assert "5.1.1" in sent.last_error
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    "raw", [b"", b"   \r\n", b"no header at all\r\n\r\nhello", b"Subject: x\r\n\r\nno sender", b"\x00" * 500]
)
def test_what_cannot_be_handled_is_set_aside_with_its_reason(cast: Cast, raw: bytes) -> None:
    raw_id = store(raw, Arrival(SUPPORT, "imap", NOW), lambda _: None)
    receive(raw_id, NOW)
    row = RawMail.objects.get(pk=raw_id)
    assert row.state == "quarantined"
    assert row.reason
    assert not Ticket.objects.exists()


@pytest.mark.behaviour("B-05")
def test_a_message_that_breaks_the_program_is_set_aside_and_the_next_one_goes_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RecursionError("too deep")

    with monkeypatch.context() as broken:
        broken.setattr("answerable.casework.reception.message_of", breaks)
        row = arrives(from_elin("breaks it"))
    assert (row.state, row.reason) == ("quarantined", "error")
    assert "too deep" in row.trace
    assert arrives(from_elin("goes on")).outcome == "new"


@pytest.mark.behaviour("B-04")
def test_every_message_has_exactly_one_outcome(cast: Cast) -> None:
    for n, raw in enumerate([from_elin(), from_elin(), b"", mail("a@b.test", "x", "y", Auto_Submitted="auto-replied")]):
        arrives(raw, hours=n)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE outcome <> '' AND state <> 'received') FROM mail_rawmail"
        )
        assert cursor.fetchone() == (4, 4)


def test_the_table_of_who_may_post_is_whole() -> None:
    words = ("pass", "none", "fail")
    whole = {(m, w, v) for m in (STRONG, WEAK) for w in (PARTICIPANT, AGENT, STRANGER) for v in words}
    assert set(MAY_POST) == whole | {(MEDIUM, w, v) for w in (PARTICIPANT, AGENT, MEMBER) for v in words}
    public = {key for key, (outcome, _) in MAY_POST.items() if outcome == "public"}
    assert not any(who in {STRANGER, MEMBER} or verdict == "fail" for _, who, verdict in public)
    assert not any(who == AGENT and verdict == "none" for _, who, verdict in public)


@pytest.mark.behaviour("B-08")
def test_the_acknowledgement_names_the_promised_time(cast: Cast, run_jobs: Callable[[], int]) -> None:
    arrives(from_elin())
    text = str(last_mail(ELIN))
    assert "2 March 2026, 18:00" in text
    assert "CET" in text


def test_who_only_asked_for_an_account_is_not_known(cast: Cast) -> None:
    inbox(known_contacts_only=True)
    asked = contact("new@norrland.test", "", NOW)
    assert arrives(mail(asked.email, "Hello", "first", SUPPORT)).outcome == "quarantine"
    a_ticket(cast, requester=asked)
    assert arrives(mail(asked.email, "Hello", "second", SUPPORT)).outcome == "new"
