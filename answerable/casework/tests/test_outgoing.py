"""The mail that we send: one conversation in every mail program, no answers to machines, large files by link."""

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

import pytest
from django.test import Client

from answerable.casework import actions as casework
from answerable.casework import cc_actions, letters
from answerable.casework.inbound import Envelope, InboundResult, process_inbound
from answerable.casework.letters import finished
from answerable.casework.work import deliver
from answerable.lib.fresh import forget_all
from answerable.mail.actions import InboxSpec, apply_inboxes
from answerable.mail.models import MessageRef
from answerable.mail.queries import instance_id, is_no_reply
from answerable.notify.models import Delivery
from answerable.people.models import Vendor
from answerable.tickets.files import path_of
from answerable.tickets.models import Attachment, Event, Participant, Reply, Ticket
from tests.cast import NOW, Cast, a_file, a_ticket, says
from tests.running import mail, text_of

SUPPORT, ELIN = "support@vendor.test", "elin@norrland.test"
MINUTE = timedelta(minutes=1)


def comes(raw: bytes, at: Any = NOW, path: str = ELIN) -> InboundResult:
    return process_inbound(raw, SUPPORT, Envelope(path), at)


def mails(address: str = ELIN) -> list[Message]:
    return [message_from_bytes(finished(one)) for one in Delivery.objects.filter(address=address).order_by("id")]


def answer(to: Message, text: str) -> bytes:
    """As a mail program answers."""
    known = [*str(to["References"] or "").split(), str(to["Message-ID"])]
    more = {"In_Reply_To": str(to["Message-ID"]), "References": " ".join(known)}
    subject = re.sub(r"^(Re: )?", "Re: ", str(to["Subject"]))
    return mail(
        ELIN, subject, text, str(to["Reply-To"]), Message_ID=f"<{text.split(maxsplit=1)[0]}@norrland.test>", **more
    )


@pytest.fixture
def talk(cast: Cast) -> list[Message]:
    """What stands in Elin's mailbox after a while: her first mail, ours, and her answers."""
    first = mail(
        ELIN, "  Export  fails: =?utf-8?q?gro=C3=9Fe?= Datei", "413", SUPPORT, Message_ID="<first@norrland.test>"
    )
    ticket = Ticket.objects.get(pk=comes(first).ticket or 0)
    casework.add_reply(cast.agent, ticket.pk, says("We look.", "desk"), NOW + MINUTE)
    hers = answer(mails()[-1], "thanks")
    comes(hers, NOW + 2 * MINUTE)
    casework.add_reply(cast.lead, ticket.pk, says("It is fixed.", "desk"), NOW + 3 * MINUTE)
    casework.set_status(cast.agent, ticket.pk, "solved", NOW + 4 * MINUTE)
    still = answer(mails()[-1], "still")
    comes(still, NOW + 5 * MINUTE)
    casework.add_reply(cast.agent, ticket.pk, says("Now it is.", "desk"), NOW + 6 * MINUTE)
    assert Ticket.objects.count() == 1
    return [*(message_from_bytes(one) for one in (first, hers, still)), *mails()]


def conversations(found: Iterable[Message], apart: Callable[[Message], str] = lambda _: "") -> int:
    """How many there are if messages belong together that refer to each other, or to the same one; `apart`: only with
    the same value of this."""
    groups: list[tuple[str, set[str]]] = []
    for one in found:
        ids = {str(one["Message-ID"]), *str(one["References"] or "").split(), *str(one["In-Reply-To"] or "").split()}
        near = [group for group in groups if group[0] == apart(one) and group[1] & ids]
        groups = [group for group in groups if group not in near]
        groups.append((apart(one), ids.union(*(group[1] for group in near))))
    return len(groups)


def subject_of(one: Message) -> str:
    """Without marks of an answer, case and space."""
    text = str(make_header(decode_header(str(one["Subject"]))))
    return " ".join(re.sub(r"^((re|fwd?|aw|wg)\s*:\s*)+", "", text.strip(), flags=re.IGNORECASE).split()).lower()


def topic_of(one: Message) -> str:
    stated = one["Thread-Topic"]
    return " ".join(str(make_header(decode_header(str(stated)))).split()).lower() if stated else subject_of(one)


def test_our_answers_are_one_conversation_in_apple_mail_e89(talk: list[Message]) -> None:
    """E-89. Apple documents only that related messages are grouped; that is References and In-Reply-To, as in RFC 5256
    (REFERENCES) and https://www.jwz.org/doc/threading.html."""
    assert len(talk) == 7
    assert conversations(talk) == 1


def test_our_answers_are_one_conversation_in_gmail_e89(talk: list[Message]) -> None:
    """E-89. "The References and In-Reply-To headers must be set in compliance with RFC 2822 … The Subject headers must
    match" (https://developers.google.com/workspace/gmail/api/guides/threads). The request's number is new in our first
    mail, so the customer's own first one stands apart there."""
    first, *rest = talk
    assert conversations(rest, subject_of) == 1
    assert conversations(talk, subject_of) == 2
    assert "[#" not in subject_of(first)


def test_our_answers_are_one_conversation_in_outlook_e89(talk: list[Message]) -> None:
    """E-89. Outlook's topic is Thread-Topic where that stands before Subject, else the subject without prefixes
    (MS-OXCMAIL 2.2.3.2.7); later programs go by References too. The customer's answers repeat our Thread-Topic."""
    first, ours = talk[0], talk[3:]
    assert {topic_of(one) for one in (first, *ours)} == {"export fails: große datei"}
    assert conversations([first, *ours], topic_of) == 1
    for one in ours:
        assert one.keys().index("Thread-Topic") < one.keys().index("Subject")


def test_ids_are_made_once_kept_and_sent_as_kept_e88(cast: Cast) -> None:
    """E-88: made with the row, in the map in the same transaction, the same on each try, one for each recipient."""
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("We look.", "desk"), NOW)
    rows = list(Delivery.objects.filter(ticket_id=ticket.pk))
    assert len({row.message_id for row in rows}) == len(rows) == 3
    for row in rows:
        ref = MessageRef.objects.get(message_id=row.message_id)
        assert (ref.ours, ref.ticket_id, ref.person_id) == (True, ticket.pk, row.person_id)
        assert {message_from_bytes(finished(row))["Message-ID"] for _ in range(2)} == {f"<{row.message_id}>"}
        assert re.fullmatch(rf"{ticket.number}\.\d+\.[a-z2-7]{{26}}@vendor\.test", row.message_id)


def test_who_a_mail_is_from_and_where_its_answer_and_its_bounce_go_e90_e91(cast: Cast) -> None:
    """E-90, E-91: a person's answer is human mail from them; what no person wrote says so, and comes from nobody."""
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("We look.", "desk"), NOW)
    cc_actions.add_cc(cast.agent, ticket.pk, "nils@norrland.test", NOW)
    ack, reply, told = Delivery.objects.filter(ticket_id=ticket.pk).exclude(address="lund@norrland.test").order_by("id")
    for row, kind in ((ack, "auto-replied"), (told, "auto-generated")):
        found = message_from_bytes(finished(row))
        assert (row.envelope_from, found["Auto-Submitted"], found["X-Auto-Response-Suppress"]) == ("", kind, "All")
    found = message_from_bytes(finished(reply))
    assert (found["From"], found["To"]) == ('"Tomas Kral (Acme Data)" <support@vendor.test>', f"Elin Berg <{ELIN}>")
    assert reply.envelope_from == found["Reply-To"] != message_from_bytes(finished(ack))["Auto-Submitted"]
    assert str(found["Reply-To"]).startswith("reply+")
    assert {"Auto-Submitted", "Precedence", "Bcc", "List-Unsubscribe"}.isdisjoint(found.keys())
    assert found["X-Answerable-Instance"] == instance_id()
    assert "Also on this request: A. Lund" in text_of(found)


def test_an_answer_above_our_line_is_new_and_what_is_below_is_not_e64(cast: Cast) -> None:
    house = Vendor.objects.get()
    house.settings = house.settings | {"mail": {"reply_mark": True}}
    house.save()
    forget_all()
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("We look.", "desk"), NOW)
    ours = mails()[-1]
    old = text_of(ours).replace("\r\n", "\n")
    assert old.startswith("## Reply above this line ##\n\n")
    comes(answer(ours, f"thanks\n\nsome words that announce no quote\n{old}"), NOW + MINUTE)
    reply = Reply.objects.filter(ticket=ticket).latest("id")
    assert reply.new_text.strip() == "thanks\n\nsome words that announce no quote"
    assert "We look." in reply.text


def toggle(cast: Cast, ticket: Ticket, times: int, start: int = 0) -> None:
    """Each time a machine's mail to Nils."""
    for number in range(start, start + times):
        at = NOW + number * MINUTE
        cc_actions.add_cc(cast.agent, ticket.pk, "nils@norrland.test", at)
        cc_actions.remove_cc(cast.agent, ticket.pk, Participant.objects.get(ticket=ticket, person=cast.no_grant).pk, at)


def to_nils(**more: Any) -> int:
    return Delivery.objects.filter(address="nils@norrland.test", kind="people", **more).count()


def test_three_automatic_mails_in_a_row_and_then_none_for_a_day_e96(cast: Cast) -> None:
    """E-96: counted for one address on one ticket, from the last entry of a person on; the history says it once."""
    ticket, other = a_ticket(cast), a_ticket(cast)
    toggle(cast, ticket, 5, start=1)
    assert to_nils(ticket_id=ticket.pk) == 3
    assert [one.data["why"] for one in Event.objects.filter(kind="no_automatic_mail")] == ["ping_pong"]
    toggle(cast, other, 1)
    assert to_nils(ticket_id=other.pk) == 1
    toggle(cast, ticket, 1, start=24 * 60)
    assert to_nils(ticket_id=ticket.pk) == 3
    toggle(cast, ticket, 2, start=24 * 60 + 4)
    assert to_nils(ticket_id=ticket.pk) == 4
    # A person's word between them, and it begins anew.
    casework.add_reply(cast.agent, ticket.pk, says("We look.", "desk"), NOW + timedelta(hours=25))
    toggle(cast, ticket, 1, start=25 * 60 + 1)
    assert to_nils(ticket_id=ticket.pk) == 5


def test_one_acknowledgement_for_a_new_request_and_none_to_ourselves_e94(cast: Cast) -> None:
    """E-94: only for what is new, and never to an address of ours, whatever the form was told."""
    apply_inboxes(
        [InboxSpec(key="support", address=SUPPORT), InboxSpec(key="b", address="b@vendor.test")], "vendor.test", NOW
    )
    ticket = Ticket.objects.get(pk=comes(mail(ELIN, "It stops", "Help.", SUPPORT)).ticket or 0)
    comes(answer(mails()[0], "more"), NOW + MINUTE)
    assert Delivery.objects.filter(ticket_id=ticket.pk, kind="ack").count() == 1
    ours = cast.stranger
    ours.email = "b@vendor.test"
    ours.save()
    a_ticket(cast, requester=ours, organization=None, channel="form", unverified=True)
    assert not Delivery.objects.filter(address="b@vendor.test").exists()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("no-reply@x.test", True), ("NoReply@x.test", True), ("gmail-noreply@x.test", True), ("do_not_reply@x.test", True),
        ("alerts.donotreply+5@x.test", True), ("noreplying@x.test", False), ("nora.reply@x.test", False), (ELIN, False),
    ],
)  # fmt: skip
def test_an_address_that_nobody_reads_is_known_as_one_e48(address: str, expected: bool) -> None:
    """E-48: a delimited word of the local part."""
    assert is_no_reply(address.lower()) is expected


def test_files_too_large_for_a_mail_come_as_links_for_its_reader_e92(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E-92: signed for that recipient, for 7 days, and access is asked again when one is opened."""
    monkeypatch.setattr(letters, "MAILED_BYTES", 10)
    ticket = a_ticket(cast)
    files = (a_file("dump.txt", b"0123456789"), a_file("log <1>.txt", b"the last line"))
    casework.add_reply(cast.agent, ticket.pk, says("See these.", "desk", files=files), NOW)
    found = {address: mails(address)[-1] for address in (ELIN, "lund@norrland.test")}
    links = {
        address: re.findall(r"http://portal\.vendor\.test(/r/\S+/files/\d+)", text_of(one))
        for address, one in found.items()
    }
    assert all(len(each) == 2 for each in links.values())
    assert not set(links[ELIN]) & set(links["lund@norrland.test"])
    assert [part for part in found[ELIN].walk() if part.get_filename()] == []
    assert "log <1>.txt (13 B)" in text_of(found[ELIN])
    html = next(part for part in found[ELIN].walk() if part.get_content_type() == "text/html")
    assert "log &lt;1&gt;.txt" in str(html.get_payload(decode=True))

    def opened(link: str, at: Any = NOW) -> int:
        monkeypatch.setattr("answerable.lib.clock.now", lambda: at)
        return Client().get(link).status_code

    assert opened(links[ELIN][0]) == 200
    assert opened(links["lund@norrland.test"][1]) == 200
    assert opened(links[ELIN][0], NOW + timedelta(days=7)) == 200
    assert opened(links[ELIN][0], NOW + timedelta(days=7, seconds=1)) == 404
    colleague = Participant.objects.get(ticket=ticket, person=cast.colleague)
    cc_actions.remove_cc(cast.agent, ticket.pk, colleague.pk, NOW)
    assert opened(links["lund@norrland.test"][1]) == 404
    assert Attachment.objects.count() == 2


def test_where_links_need_a_log_in_those_to_files_do_e92(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """E-92 under the policy's `mail_links = "log_in"`."""
    monkeypatch.setattr(letters, "MAILED_BYTES", 10)
    monkeypatch.setattr(letters, "vendor", lambda: Vendor(
        name="Acme", support_address=SUPPORT, portal_address="http://portal.vendor.test", settings={"mail_links": "log_in"}
    ))  # fmt: skip
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("This.", "desk", files=(a_file("d.txt", b"0" * 11),)), NOW)
    link = f"http://portal.vendor.test/requests/{ticket.number}/files/{Attachment.objects.get().pk}"
    assert link in text_of(mails()[-1])


def test_what_cannot_be_written_is_a_failure_and_not_stuck_e93(cast: Cast) -> None:
    """E-93: an address that no header can hold fails for good; a file that cannot be read is waited for."""
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("This.", "desk", files=(a_file("d.txt", b"lost"),)), NOW)
    odd, lost = Delivery.objects.filter(kind="reply").order_by("id")
    Delivery.objects.filter(pk=odd.pk).update(address="nowhere")
    path_of(Attachment.objects.get().file.sha256).unlink()
    assert deliver(lost.pk, NOW) == 60
    Attachment.objects.all().delete()
    assert deliver(odd.pk, NOW) is None
    states = Delivery.objects.filter(kind="reply").order_by("id").values_list("state", flat=True)
    assert list(states) == ["failed", "deferred"]
