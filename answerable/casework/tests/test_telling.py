"""Who is told of what happens on a request, and the mails that tell it: without a word of what was written."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message

import pytest

from answerable.casework import actions as casework
from answerable.casework import notice_mail_actions
from answerable.casework.letters import finished
from answerable.casework.note_actions import add_note
from answerable.casework.notice_mail_actions import mail_due
from answerable.casework.reception import receive
from answerable.casework.work import deliver
from answerable.mail.actions import Arrival, store
from answerable.mail.models import RawMail
from answerable.notify.actions import mark_read, tell
from answerable.notify.kinds import KINDS, Wish
from answerable.notify.models import Delivery, Notice
from answerable.notify.notice_queries import lines, unread
from answerable.notify.quiet import Quiet
from answerable.notify.wishes import wish_so
from answerable.people.models import Person, Team
from answerable.tickets.models import Participant, Reply, Ticket
from tests.cast import NOW, Cast, a_ticket, inbox, says
from tests.running import mail

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PASS = b"Authentication-Results: mx.vendor.test; dmarc=pass header.from=vendor.test\r\n"
CANARY = "kanarienvogel"


@pytest.fixture
def mine(cast: Cast) -> Ticket:
    """Assigned to the agent by the lead, and followed by the administrator."""
    ticket = a_ticket(cast)
    casework.assign(cast.lead, ticket.pk, cast.agent, cast.cloud, NOW)
    Participant.objects.create(ticket=ticket, person=cast.admin, role="follower", since=NOW, source="desk")
    return ticket


def told(person: Person) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("id").values_list("kind", flat=True))


def wants(person: Person, **lines: Wish) -> None:
    """So, and nothing else."""
    nothing = {line: Wish(app=False, browser=False, mail="") for line in KINDS}
    wish_so(person, nothing | lines, None, "UTC", NOW)


def asleep(person: Person, start: int = 8, end: int = 12) -> None:
    quiet = Quiet("UTC", time(start), time(end), frozenset(range(7)))
    wish_so(person, {"reply": Wish(mail="now"), "note": Wish(mail="digest")}, quiet, "UTC", NOW)


def mails(person: Person) -> list[Delivery]:
    return list(Delivery.objects.filter(person=person, kind="notice").order_by("id"))


def sent(row: Delivery) -> tuple[Message, str]:
    """As it leaves, and its subject in plain words."""
    message = message_from_bytes(finished(row))
    return message, str(make_header(decode_header(str(message["Subject"]))))


@pytest.mark.behaviour("B-320")
def test_whose_request_it_is_and_who_follows_it_are_told_and_never_who_did_it(cast: Cast, mine: Ticket) -> None:
    assert (told(cast.agent), told(cast.lead)) == (["assigned"], [])
    casework.add_reply(cast.requester, mine.pk, says("Any news?"), NOW)
    add_note(cast.lead, mine.pk, "A note", NOW)
    casework.add_reply(cast.lead, mine.pk, says("We look."), NOW)
    assert told(cast.agent) == ["assigned", "reply", "note", "answer"]
    assert told(cast.admin) == ["reply", "note", "answer"]
    assert told(cast.lead) == []
    add_note(cast.agent, mine.pk, "My own", NOW)
    casework.add_reply(cast.agent, mine.pk, says("My own"), NOW)
    casework.assign(cast.agent, mine.pk, cast.agent, cast.product, NOW)
    assert told(cast.agent) == ["assigned", "reply", "note", "answer"]


def test_who_takes_a_request_is_told_nothing_and_who_may_not_see_it_neither(cast: Cast, mine: Ticket) -> None:
    Notice.objects.all().delete()
    Team.objects.filter(pk=cast.product.pk).update(restricted=True)
    shut_in = Person.objects.get(pk=cast.other_csm.pk)
    Person.objects.filter(pk=shut_in.pk).update(role="agent")
    cast.product.members.add(shut_in)
    Participant.objects.create(ticket=mine, person=shut_in, role="follower", since=NOW, source="desk")
    casework.add_reply(cast.requester, mine.pk, says("Any news?"), NOW)
    other = a_ticket(cast)
    casework.add_reply(cast.agent, other.pk, says("Mine now"), NOW)
    assert (told(cast.agent), told(shut_in)) == (["reply"], [])


def test_an_answer_of_a_machine_is_told_to_nobody(cast: Cast, mine: Ticket) -> None:
    casework.add_reply(cast.requester, mine.pk, says("Away", automatic=True), NOW)
    assert told(cast.agent) == ["assigned"]


@pytest.mark.behaviour("B-321")
def test_ten_replies_are_one_line_with_a_count(cast: Cast, mine: Ticket) -> None:
    for _ in range(10):
        casework.add_reply(cast.requester, mine.pk, says("Any news?"), NOW)
    other = a_ticket(cast)
    casework.assign(cast.lead, other.pk, cast.agent, None, NOW)
    found, after = lines(cast.agent, None, 50)
    assert [(row.ticket_id, row.kinds) for row in found] == [
        (other.pk, {"assigned": 1}),
        (mine.pk, {"reply": 10, "assigned": 1}),
    ]
    assert after is None
    assert unread(cast.agent).count == 2
    assert unread(cast.agent).numbers == (other.number, mine.number)


def test_lines_are_filtered_and_paged(cast: Cast) -> None:
    tickets = [a_ticket(cast) for _ in range(3)]
    for n, ticket in enumerate(tickets):
        tell([Notice(person=cast.agent, kind="note", key=f"n{n}", ticket_id=ticket.pk, at=NOW)])
        tell([Notice(person=cast.agent, kind="mention", key=f"m{n}", ticket_id=ticket.pk, at=NOW)])
        tell([Notice(person=cast.agent, kind="note", key=f"l{n}", ticket_id=ticket.pk, at=NOW)])
    mark_read(cast.agent, list(Notice.objects.filter(ticket_id=tickets[1].pk).values_list("pk", flat=True)), NOW)
    first, place = lines(cast.agent, None, 2, "mentions")
    rest, end = lines(cast.agent, place, 2, "mentions")
    assert [row.ticket_id for row in first + rest] == [tickets[2].pk, tickets[0].pk, tickets[1].pk]
    assert {row.kind for row in first + rest} == {"mention"}
    assert end is None
    assert [row.ticket_id for row in lines(cast.agent, None, 50, "unread")[0]] == [tickets[2].pk, tickets[0].pk]
    assert len(lines(cast.agent, None, 50)[0]) == 3


@pytest.mark.behaviour("B-322")
def test_each_is_told_as_they_wish(cast: Cast, mine: Ticket) -> None:
    wants(cast.agent, reply=Wish(app=False, browser=False, mail="now"))
    wants(cast.admin, reply=Wish(wide=False), note=Wish(browser=False, mail=""))
    casework.add_reply(cast.requester, mine.pk, says("Any news?"), NOW)
    add_note(cast.lead, mine.pk, "A note", NOW)
    assert told(cast.agent) == ["assigned", "reply"]
    assert told(cast.admin) == ["note"], "only what follows from following is left out"
    row = Notice.objects.get(person=cast.agent, kind="reply")
    assert (row.in_app, row.browser, row.mail_at) == (False, False, NOW)
    assert [one.kind for one in lines(cast.agent, None, 50)[0]] == ["assigned"]


@pytest.mark.behaviour("B-323")
def test_a_mail_names_who_and_where_and_repeats_nothing(cast: Cast, mine: Ticket) -> None:
    mark_read(cast.agent, None, NOW)
    wants(cast.agent, note=Wish(mail="now"), reply=Wish(mail="now"), mention=Wish(mail="now"))
    add_note(cast.lead, mine.pk, f"The {CANARY} sings", NOW)
    casework.add_reply(cast.requester, mine.pk, says(f"The {CANARY} sings"), NOW)
    data = {"number": mine.number, "who": "Priya Nair", "what": f"The {CANARY} sings"}
    tell([Notice(person=cast.agent, kind="mention", key="m", ticket_id=mine.pk, data=data, at=NOW)])
    mail_due(NOW + MINUTE)
    written = mails(cast.agent)
    assert [sent(row)[1] for row in written] == [
        f"Elin Berg wrote on #{mine.number}",
        f"Priya Nair mentioned you on #{mine.number}",
    ], "a note in which one is mentioned is told once"
    for row in written:
        message, _subject = sent(row)
        assert CANARY not in finished(row).decode()
        assert CANARY not in row.text + row.html
        assert f"http://portal.vendor.test/desk/tickets/{mine.number}" in row.text
        assert "Warehouse sync stopped" in row.text
        assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
        assert message["List-Unsubscribe"] == "<http://portal.vendor.test/desk/notices/wishes>"
        assert (message["Reply-To"], row.envelope_from) == (None, "")


@pytest.mark.behaviour("B-323")
def test_an_answer_to_such_a_mail_joins_no_request(cast: Cast) -> None:
    """E-31 to E-35: neither its id, nor an address, nor its subject finds one, whatever the customer is called."""
    inbox(trusted_authserv=("mx.vendor.test",))
    ticket = a_ticket(cast)
    Person.objects.filter(pk=cast.requester.pk).update(name=f"Elin [#{ticket.number}]")
    casework.assign(cast.lead, ticket.pk, cast.agent, None, NOW)
    mark_read(cast.agent, None, NOW)
    wants(cast.agent, reply=Wish(mail="now"))
    casework.add_reply(Person.objects.get(pk=cast.requester.pk), ticket.pk, says("Any news?"), NOW)
    mail_due(NOW + MINUTE)
    message, subject = sent(mails(cast.agent)[0])
    answer = PASS + mail(
        cast.agent.email,
        f"Re: {subject}",
        "I look at it on Monday, do not tell them",
        "support@vendor.test",
        In_Reply_To=str(message["Message-ID"]),
        References=str(message["Message-ID"]),
    )
    raw_id = store(answer, Arrival("support@vendor.test", "smtp", NOW, "x@y.test", ()), lambda _: None)
    receive(raw_id, NOW)
    row = RawMail.objects.get(pk=raw_id)
    assert (row.outcome, row.verdict) == ("new", "pass")
    assert row.ticket_id != ticket.pk
    assert not Reply.objects.filter(ticket=ticket, text__contains="Monday").exists()


@pytest.mark.behaviour("B-324")
def test_quiet_hours_end_in_one_digest(cast: Cast, mine: Ticket) -> None:
    mark_read(cast.agent, None, NOW)
    asleep(cast.agent)
    other = a_ticket(cast)
    casework.assign(cast.agent, other.pk, cast.agent, None, NOW)
    for ticket in (mine, other, other):
        casework.add_reply(cast.requester, ticket.pk, says("Any news?"), NOW)
    add_note(cast.lead, mine.pk, "A note", NOW)
    for minutes in (1, 60, 179):
        mail_due(NOW + minutes * MINUTE)
    assert not mails(cast.agent)
    mail_due(NOW + 3 * HOUR)
    assert [row.subject for row in mails(cast.agent)] == ["4 notices"]
    text = mails(cast.agent)[0].text
    assert f"#{mine.number} Warehouse sync stopped: Elin Berg wrote; A note by Priya Nair" in text
    assert "Elin Berg wrote (2×)" in text


@pytest.mark.behaviour("B-324")
def test_a_p0_is_told_at_any_hour(cast: Cast, mine: Ticket) -> None:
    mark_read(cast.agent, None, NOW)
    asleep(cast.agent)
    casework.add_reply(cast.requester, mine.pk, says("Any news?"), NOW)
    grave = a_ticket(cast, severity="P0")
    casework.assign(cast.agent, grave.pk, cast.agent, None, NOW)
    casework.add_reply(cast.requester, grave.pk, says("Everything is down"), NOW)
    mail_due(NOW + MINUTE)
    assert [row.subject for row in mails(cast.agent)] == [f"Elin Berg wrote on #{grave.number}"]


@pytest.mark.behaviour("B-325")
def test_a_digest_is_written_once_and_a_killed_run_leaves_it_waiting(
    cast: Cast, mine: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise ZeroDivisionError

    mail_due(NOW + 59 * MINUTE)
    assert not mails(cast.agent), "it is an hour's"
    with monkeypatch.context() as patched:
        patched.setattr(notice_mail_actions, "_post", dies)
        with pytest.raises(ZeroDivisionError):
            mail_due(NOW + HOUR)
    for minutes in (60, 61, 120):
        mail_due(NOW + minutes * MINUTE)
    assert len(mails(cast.agent)) == 1
    assert Notice.objects.get(person=cast.agent).mailed_at == NOW + HOUR


def test_what_was_read_or_is_theirs_no_longer_goes_in_no_mail(cast: Cast, mine: Ticket) -> None:
    mark_read(cast.agent, None, NOW)
    mail_due(NOW + HOUR)
    assert not mails(cast.agent)
    casework.add_reply(cast.requester, mine.pk, says("Any news?"), NOW)
    assert told(cast.admin) == ["reply"]
    Person.objects.filter(pk=cast.admin.pk).update(role="customer")
    Notice.objects.filter(person=cast.agent, kind="reply").update(ticket_id=0)
    mail_due(NOW + HOUR)
    assert not Delivery.objects.filter(kind="notice").exists()
    assert not Notice.objects.filter(mail_at__isnull=False).exists()


def test_access_is_asked_again_when_it_leaves(cast: Cast, mine: Ticket, run_jobs: Callable[[], int]) -> None:
    casework.add_reply(cast.requester, mine.pk, says("Any news?"), NOW)
    other = a_ticket(cast)
    casework.assign(cast.lead, other.pk, cast.agent, None, NOW)
    mail_due(NOW + HOUR)
    Team.objects.filter(pk=cast.cloud.pk).update(restricted=True)
    casework.assign(cast.lead, mine.pk, cast.lead, cast.product, NOW)
    deliver(mails(cast.agent)[0].pk, NOW + HOUR)
    mail_due(NOW + HOUR + MINUTE)
    first, again = mails(cast.agent)
    assert first.state == "suppressed"
    assert (f"#{other.number}" in again.text, f"#{mine.number}" in again.text) == (True, False)


def test_many_at_once_are_one_mail(cast: Cast) -> None:
    wants(cast.agent, assigned=Wish(mail="now"))
    for _ in range(6):
        casework.assign(cast.lead, a_ticket(cast).pk, cast.agent, None, NOW)
    mail_due(NOW + MINUTE)
    assert [row.subject for row in mails(cast.agent)] == ["6 notices"]


def test_held_mail_is_told_to_the_assignee(cast: Cast, mine: Ticket) -> None:
    """E-39."""
    reply_to = Delivery.objects.filter(address=cast.requester.email).latest("id").headers["reply_to"]
    raw = mail("stranger@kivu.test", "hello", CANARY, reply_to)
    raw_id = store(raw, Arrival("support@vendor.test", "smtp", NOW, "x@y.test", (reply_to,)), lambda _: None)
    receive(raw_id, NOW)
    assert told(cast.agent) == ["assigned", "held"]
    mail_due(NOW + HOUR)
    text = mails(cast.agent)[0].text
    assert "Mail of stranger@kivu.test waits for your decision" in text
    assert CANARY not in text


def test_times_in_a_mail_are_those_of_its_reader(cast: Cast) -> None:
    wish_so(cast.agent, {"warning": Wish(mail="now")}, None, "Europe/Stockholm", NOW)
    due = datetime.fromisoformat("2026-03-02T17:00:00+00:00")
    data = {"number": 1, "metric": "first_response", "due_at": due.isoformat()}
    ticket = a_ticket(cast)
    tell([Notice(person=cast.agent, kind="warning", key="w", ticket_id=ticket.pk, data=data, at=NOW)])
    mail_due(NOW + MINUTE)
    assert re.search(r"First response is due 2 Mar, 18:00 \(CET\)", mails(cast.agent)[0].text)
