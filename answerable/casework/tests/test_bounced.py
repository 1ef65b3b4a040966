"""What becomes of our mail is known on its request: bounces, delays, complaints, and tries that were given up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from answerable.casework import actions as casework
from answerable.casework.inbound import Envelope, InboundResult, process_inbound
from answerable.casework.jobs import tell_given_up
from answerable.casework.outbox_actions import send_again
from answerable.casework.person_actions import lift_mail_stop
from answerable.casework.work import deliver
from answerable.desk.receipts import receipts
from answerable.lib.errors import Refused, Undeliverable
from answerable.mail.models import RawMail
from answerable.notify.actions import RETRY_SECONDS
from answerable.notify.models import Delivery, Notice
from answerable.notify.queries import fate, of_ticket
from answerable.people.mail_stop_queries import kinds_of, stopped, stops_of
from answerable.people.models import Person
from answerable.people.queries import by_email
from answerable.tickets.models import Event, Ticket
from answerable.tickets.queries import history
from tests.cast import NOW, Cast, a_ticket, says
from tests.running import mail

SUPPORT, ELIN = "support@vendor.test", "elin@norrland.test"
DAY = timedelta(days=1)
Sent = Callable[..., Delivery]


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    return a_ticket(cast)


@pytest.fixture
def sent(cast: Cast, ticket: Ticket) -> Sent:
    """An answer that left for Elin."""

    def send(text: str = "We look.") -> Delivery:
        casework.add_reply(cast.agent, ticket.pk, says(text, "desk"), NOW)
        row = Delivery.objects.filter(kind="reply", address=ELIN).latest("id")
        deliver(row.pk, NOW)
        return Delivery.objects.get(pk=row.pk)

    return send


def group(address: str = ELIN, action: str = "failed", status: str = "5.2.2", why: str = "smtp; 552 full") -> str:
    lines = [f"Final-Recipient: rfc822; {address}", f"Action: {action}", f"Status: {status}", f"Diagnostic-Code: {why}"]
    return "\r\n".join(lines)


def dsn(*groups: str, message_id: str = "", to: str = SUPPORT, words: str = "It failed.", **header: str) -> bytes:
    """A delivery status notification; `message_id`: of the message that it returns."""
    status = "\r\n\r\n".join(["Reporting-MTA: dns; mx.norrland.test", *groups])
    returned = f"Message-ID: <{message_id}>\r\nSubject: Re" if message_id else "Subject: Re"
    head = ["From: MAILER-DAEMON@mx.norrland.test", f"To: {to}", "Subject: Undelivered Mail Returned to Sender"]
    head += [f"{name.replace('_', '-')}: {value}" for name, value in header.items()]
    return "\r\n".join(
        [
            *head, "MIME-Version: 1.0", 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
            "--b", "Content-Type: text/plain", "", words, "",
            "--b", "Content-Type: message/delivery-status", "", status, "",
            "--b", "Content-Type: text/rfc822-headers", "", returned, "", "--b--", "",
        ]
    ).encode()  # fmt: skip


def comes(raw: bytes, *, days: float = 0, to: tuple[str, ...] = (SUPPORT,), path: str = "") -> InboundResult:
    return process_inbound(raw, SUPPORT, Envelope(path, to), NOW + timedelta(days=days))


def events(kind: str) -> list[dict[str, Any]]:
    return [event.data for event in Event.objects.filter(kind=kind).order_by("id")]


def again(row: Delivery) -> Delivery:
    return Delivery.objects.select_related("person").get(pk=row.pk)


def kinds(address: str = ELIN) -> list[str]:
    person = by_email(address)
    assert person is not None
    return [row.kind for row in stops_of(person)]


@pytest.mark.behaviour("B-192")
def test_a_bounce_marks_its_mail_says_so_and_tells_the_assignee_once_e53(
    cast: Cast, ticket: Ticket, sent: Sent
) -> None:
    """E-53: failed → that row, with status and diagnostic; an internal event; the assignee hears of it once."""
    row = sent()
    result = comes(dsn(group(), message_id=row.message_id))
    assert (result.kind, result.visibility, result.ticket) == ("bounce", "event", ticket.pk)
    row = again(row)
    assert (row.state, row.status, row.last_error) == ("bounced", "5.2.2", "5.2.2 smtp; 552 full")
    assert [(one.action, one.status, one.text) for one in row.receipts.all()] == [("failed", "5.2.2", row.last_error)]
    told = events("delivery_failed")
    assert [(one["address"], one["entry"], one["why"]) for one in told] == [(ELIN, row.entry_id, row.last_error)]
    assert "Not delivered to elin@norrland.test: 5.2.2 smtp; 552 full" in [
        line.text for line in history(ticket, staff=True)
    ]
    assert not [line for line in history(ticket, staff=False) if "Not delivered" in line.text]
    notices = Notice.objects.filter(kind="undelivered")
    assert [(one.person, one.data["who"]) for one in notices] == [(cast.agent, ELIN)]
    # The same news in other words is none.
    comes(dsn(group(why="smtp; 552 still full"), message_id=row.message_id))
    assert len(events("delivery_failed")) == notices.count() == 1
    # The others' copies are as they were.
    assert set(Delivery.objects.exclude(pk=row.pk).values_list("state", flat=True)) == {"queued"}
    assert kinds() == []


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_what_arrived_is_noted_and_nothing_else_happens_e53(ticket: Ticket, sent: Sent, action: str) -> None:
    """E-53: delivered, relayed, expanded → noted; delayed → on the row, without a mark."""
    row = sent()
    comes(dsn(group(action="delayed", status="4.4.1"), message_id=row.message_id))
    assert (again(row).state, again(row).receipt) == ("sent", "delayed")
    comes(dsn(group(action=action, status="2.0.0"), message_id=row.message_id))
    comes(dsn(group(action="delayed", status="4.4.1", why="late"), message_id=row.message_id))
    assert (again(row).state, fate(again(row).state, again(row).receipt)) == ("sent", action)
    assert not events("delivery_failed")
    assert not Notice.objects.filter(kind="undelivered").exists()


@pytest.mark.behaviour("B-193")
def test_a_bounce_for_somebody_else_touches_nobody_e53(cast: Cast, ticket: Ticket, sent: Sent) -> None:
    """E-53: a recipient that we did not send this very mail to → an event, and no effect on any contact."""
    row = sent()
    forged = dsn(group("lund@norrland.test", status="5.1.1"), group("x@y.test"), message_id=row.message_id)
    result = comes(forged)
    assert (result.kind, result.ticket) == ("bounce", ticket.pk)
    assert [one["addresses"] for one in events("bounce_of_others")] == ["lund@norrland.test, x@y.test"]
    assert not events("delivery_failed")
    assert not Delivery.objects.filter(state="bounced").exists()
    assert kinds("lund@norrland.test") == kinds() == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (f"<{ELIN}>:\r\n550 5.1.1 no such user here", ("bounced", "", "5.1.1")),
        (f"We could not reach {ELIN} yet. Delivery is delayed, and will be retried.", ("sent", "delayed", "")),
        ("Somebody was not there.", ("sent", "", "")),
        # What stands in the message that comes back says nothing.
        (f"It failed.\r\n--- Below this line is a copy of the message.\r\n{ELIN} 550 5.1.1", ("sent", "", "")),
    ],
)
def test_where_no_field_names_them_the_words_do_e51(sent: Sent, words: str, expected: tuple[str, str, str]) -> None:
    """E-51: else the addresses in the text that we really sent to in the matched message."""
    row = sent()
    raw = mail("MAILER-DAEMON@mx.test", "failure notice", f"{words}\r\n\r\nMessage-ID: <{row.message_id}>", SUPPORT)
    assert comes(raw).kind == "bounce"
    row = again(row)
    assert (row.state, row.receipt, row.status) == expected


def test_it_is_matched_by_its_text_its_thread_or_the_address_it_came_to_e52(
    cast: Cast, ticket: Ticket, sent: Sent
) -> None:
    """E-52: returned part, then text, then In-Reply-To and References, then the signed recipient."""
    first, second = sent(), sent("More.")
    token = second.headers["reply_to"]
    ways = [
        (dsn(group(), message_id=first.message_id, words=f"<{second.message_id}>"), (SUPPORT,), first),
        (dsn(group(), words=f"about <{first.message_id}>", In_Reply_To=f"<{second.message_id}>"), (SUPPORT,), first),
        (dsn(group(), References=f"<other@x.test> <{first.message_id}>"), (SUPPORT,), first),
        (dsn(group(), message_id="unknown@x.test", to=token.upper()), (), second),
        (dsn(group(), message_id="unknown@y.test"), (token,), second),
    ]
    for raw, to, row in ways:
        Delivery.objects.update(state="sent")
        assert comes(raw, to=to).ticket == ticket.pk
        assert list(Delivery.objects.filter(state="bounced")) == [row]
    # E-52: it never threads, and what matches nothing is on its list.
    count = Ticket.objects.count()
    assert comes(dsn(group(), message_id="nobody@x.test")).ticket is None
    lost = RawMail.objects.latest("id")
    assert (lost.outcome, lost.reason, Ticket.objects.count()) == ("bounce", "unmatched", count)


@pytest.mark.behaviour("B-194")
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([("5.1.1", 0)], ["undeliverable"]),
        ([("5.1.10", 0)], ["undeliverable"]),
        ([("5.1.2", 0), ("5.1.6", 1)], ["undeliverable"]),
        ([("5.1.2", 0), ("5.1.2", 0.3)], []),  # on one day
        ([("5.2.2", 0), ("5.2.2", 1), ("5.7.1", 2)], []),
        ([("5.1.8", 0), ("5.1.7", 1)], []),  # it is our address that they dislike
    ],
)
def test_an_address_that_does_not_exist_gets_no_automatic_mail_e53_e94(
    cast: Cast, sent: Sent, said: list[tuple[str, float]], expected: list[str]
) -> None:
    """E-53, E-94: two 5.1.x on distinct days, or one 5.1.1 or 5.1.10 → undeliverable: no acknowledgement any more."""
    for number, (status, days) in enumerate(said):
        row = sent(f"answer {number}")
        comes(dsn(group(status=status), message_id=row.message_id), days=days)
    assert kinds() == expected
    assert comes(mail(ELIN, "another one", "It stops.", SUPPORT), days=3, path=ELIN).ack is not bool(expected)
    assert [one["why"] for one in events("no_automatic_mail")] == ["stopped"] * len(expected)
    # Agents may still write.
    assert deliver(sent("still here").pk, NOW) is None
    assert Delivery.objects.filter(kind="reply", address=ELIN).latest("id").state == "sent"


@pytest.mark.behaviour("B-194")
def test_staff_lift_the_mark_and_what_was_before_counts_no_more_e53(cast: Cast, sent: Sent) -> None:
    """E-53: the mark is a row with since and why; lifting it is in the trail."""
    row = sent()
    comes(dsn(group(status="5.1.1"), message_id=row.message_id))
    (stop,) = stops_of(cast.requester)
    assert (stop.since, stop.why) == (NOW, "5.1.1 smtp; 552 full")
    with pytest.raises(Refused):
        lift_mail_stop(cast.colleague, cast.requester, NOW)
    lift_mail_stop(cast.agent, cast.requester, NOW + DAY)
    assert kinds() == []
    comes(dsn(group(status="5.1.2"), message_id=row.message_id), days=2)
    assert kinds() == []
    comes(dsn(group(status="5.1.2", why="again"), message_id=row.message_id), days=3)
    assert kinds() == ["undeliverable"]


def test_what_already_waits_is_not_sent_either_e94(cast: Cast, ticket: Ticket, sent: Sent) -> None:
    """E-94: automatic mail written before the mark stays here; the mail that a person wrote leaves."""
    ack = Delivery.objects.get(kind="ack", ticket_id=ticket.pk)
    comes(dsn(group(status="5.1.1"), message_id=sent().message_id))
    deliver(ack.pk, NOW)
    assert (again(ack).state, again(ack).last_error) == ("suppressed", "automatic mail to this address has stopped")


def refusing(reason: str, *, permanent: bool, status: str = "") -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise Undeliverable(reason, permanent=permanent, status=status)

    return refuse


@pytest.mark.behaviour("B-195")
def test_tries_that_are_given_up_are_told_as_a_bounce_is_e93(
    cast: Cast, ticket: Ticket, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E-93: 1 m, 5 m, 30 m, 2 h, 6 h, then the mark on the entry, an event, and one notice."""
    monkeypatch.setattr("answerable.notify.actions.hand_over", refusing("451 later", permanent=False))
    row = sent()
    assert (row.state, row.next_try_at) == ("deferred", NOW + timedelta(seconds=60))
    waits = [deliver(row.pk, NOW) for _ in RETRY_SECONDS]
    assert waits == [*RETRY_SECONDS[1:], None]
    for _ in range(2):
        tell_given_up.func(timestamp=0)
    row = again(row)
    assert (row.state, row.next_try_at, row.told_at is not None) == ("failed", None, True)
    assert [one["why"] for one in events("delivery_failed")] == ["451 later"]
    assert [one.person for one in Notice.objects.filter(kind="undelivered")] == [cast.agent]
    assert [one.id for one in receipts(of_ticket(ticket.pk)[row.entry_id or 0]).broken] == [row.pk]
    assert kinds() == []


@pytest.mark.parametrize(("status", "expected"), [("5.1.1", ["undeliverable"]), ("5.7.1", []), ("", [])])
def test_a_refusal_by_the_relay_counts_as_one_by_report_e53(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, status: str, expected: list[str]
) -> None:
    """E-53, E-93: 5xx is not tried again; a refused mailbox is the same news at the door as in a report."""
    monkeypatch.setattr("answerable.notify.actions.hand_over", refusing("550 no", permanent=True, status=status))
    assert sent().state == "failed"
    tell_given_up.func(timestamp=0)
    assert kinds() == expected


def test_a_bounce_that_is_quicker_than_the_job_is_the_news_e93(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """E-53, E-93: refused at the door and bounced as well: told once, whichever is first."""
    monkeypatch.setattr("answerable.notify.actions.hand_over", refusing("550 no", permanent=True))
    row = sent()
    comes(dsn(group(), message_id=row.message_id))
    tell_given_up.func(timestamp=0)
    assert len(events("delivery_failed")) == Notice.objects.filter(kind="undelivered").count() == 1


@pytest.mark.behaviour("B-196")
def test_what_came_back_is_sent_again_as_the_same_message_e93(
    cast: Cast, ticket: Ticket, sent: Sent, run_jobs: Callable[[], int]
) -> None:
    """E-88, E-93: queued once more under the same Message-ID; if that fails too, it is news again."""
    run_jobs()
    row = sent()
    comes(dsn(group(), message_id=row.message_id))
    for other in (cast.csm, cast.requester, cast.stranger):
        with pytest.raises(Refused):
            send_again(other, row.pk, NOW)
    run_jobs()
    for _ in range(2):  # a second press does nothing
        send_again(cast.lead, row.pk, NOW)
    assert (again(row).state, again(row).attempts, again(row).last_error) == ("queued", 0, "")
    run_jobs()
    assert (again(row).state, again(row).message_id) == ("sent", row.message_id)
    assert [one["address"] for one in events("sent_again")] == [ELIN]
    comes(dsn(group(why="no better"), message_id=row.message_id))
    assert len(events("delivery_failed")) == Notice.objects.filter(kind="undelivered").count() == 2
    account = Delivery.objects.create(
        person=cast.requester, address=ELIN, kind="account", message_id="a@b", created_at=NOW, state="failed"
    )
    with pytest.raises(Refused) as refused:
        send_again(cast.admin, account.pk, NOW)
    assert refused.value.code == "personal_link"


def report(kind: str, part: str, message_id: str) -> bytes:
    return "\r\n".join(
        [
            "From: x@norrland.test", f"To: {SUPPORT}", "Subject: report", "MIME-Version: 1.0",
            f'Content-Type: multipart/report; report-type={kind}; boundary="b"', "",
            "--b", "Content-Type: text/plain", "", "About your mail.", "", "--b", part, "",
            "--b", "Content-Type: text/rfc822-headers", "", f"Message-ID: <{message_id}>", "", "--b--", "",
        ]
    ).encode()  # fmt: skip


@pytest.mark.behaviour("B-194")
@pytest.mark.parametrize(
    ("named", "expected"), [(ELIN, ["complained"]), ("", ["complained"]), ("lund@norrland.test", [])]
)
def test_who_calls_a_mail_spam_gets_no_automatic_mail_e54(
    cast: Cast, ticket: Ticket, sent: Sent, named: str, expected: list[str]
) -> None:
    """E-54: a feedback report → event; whom that mail went to gets `complained`, and nobody whom it merely names."""
    row = sent()
    rcpt = f"\r\nOriginal-Rcpt-To: <{named}>" if named else ""
    part = f"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1{rcpt}\r\n"
    result = comes(report("feedback-report", part, row.message_id))
    assert (result.kind, result.visibility, result.ticket) == ("auto", "event", ticket.pk)
    assert (kinds(), kinds("lund@norrland.test")) == (expected, [])
    assert [one["about"] for one in events("automatic_mail")] == [ELIN if expected else ""]
    assert Ticket.objects.count() == 1


def test_a_complaint_does_not_lock_its_author_out_e54(cast: Cast, sent: Sent) -> None:
    """E-54 and decision 0026: what concerns the way into one's own account is still sent."""
    part = "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
    comes(report("feedback-report", part, sent().message_id))
    rows = {kind: _mail(cast.requester, kind) for kind in ("account", "access", "people")}
    for row in rows.values():
        deliver(row.pk, NOW)
    assert {kind: again(row).state for kind, row in rows.items()} == {
        "account": "sent", "access": "suppressed", "people": "suppressed",
    }  # fmt: skip
    assert stopped([cast.requester.pk]) == {cast.requester.pk: ["complained"]}
    assert kinds_of(cast.requester) == {"complained"}


def _mail(person: Person, kind: str) -> Delivery:
    headers = {"from_name": "Acme", "from": SUPPORT, "reply_to": "", "thread": []}
    return Delivery.objects.create(
        person=person,
        address=person.email,
        kind=kind,
        message_id=f"{kind}@vendor.test",
        headers=headers,
        created_at=NOW,
    )


@pytest.mark.parametrize(
    ("disposition", "words"),
    [("displayed", "Opened at x@norrland.test"), ("deleted", "Deleted unread at x@norrland.test")],
)
def test_a_read_receipt_is_an_event_on_the_mails_own_request_e54(
    ticket: Ticket, sent: Sent, disposition: str, words: str
) -> None:
    """E-54: an MDN is found by the id that it names, from whatever address it comes."""
    row = sent()
    part = f"Content-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822; {ELIN}\r\nOriginal-Message-ID: <{row.message_id}>\r\nDisposition: manual-action/MDN-sent-manually; {disposition}\r\n"
    result = comes(report("disposition-notification", part, "x@y.test"))
    assert (result.kind, result.ticket) == ("auto", ticket.pk)
    assert words in [line.text for line in history(ticket, staff=True)]
    assert (again(row).state, kinds()) == ("sent", [])
