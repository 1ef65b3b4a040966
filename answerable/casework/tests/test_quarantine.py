"""What administrators decide on mail that was set aside, and a message that goes to another request."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from answerable.audit.models import Record
from answerable.casework import actions as casework
from answerable.casework import quarantine_actions as quarantine
from answerable.casework.held_actions import dismiss
from answerable.casework.moving_actions import Target, move, split
from answerable.casework.tests.test_reception import ELIN, SUPPORT, arrives, from_elin, last_mail, ticket_of
from answerable.lib.errors import Refused
from answerable.mail.models import MessageRef, RawMail
from answerable.mail.room_actions import purge
from answerable.mail.room_queries import counts, search, shelf
from answerable.notify.models import Delivery
from answerable.people.models import Person
from answerable.sla.models import Leg
from answerable.tickets.entry_queries import replies
from answerable.tickets.held import Held
from answerable.tickets.models import Attachment, Participant, Reply, Status, Ticket
from answerable.tickets.moving import course
from answerable.tickets.queries import histories, history
from tests.cast import NOW, Cast, a_ticket, inbox
from tests.cast import says as words
from tests.running import mail

MALLORY = "mallory@elsewhere.test"
LATER = NOW + timedelta(hours=1)


def set_aside(raw: bytes | None = None) -> RawMail:
    """A message of somebody unknown, where only known people are let in."""
    inbox(known_contacts_only=True)
    row = arrives(raw or mail(MALLORY, "Hello", "may I?", SUPPORT))
    assert (row.state, row.outcome, row.reason) == ("quarantined", "quarantine", "sender_blocked")
    return row


def says(person: Person, ticket: Ticket, text: str, at: datetime) -> None:
    casework.add_reply(person, ticket.pk, words(text), at)


def legs(ticket: Ticket) -> dict[tuple[str, int], str]:
    return {(leg.metric, leg.index): leg.state for leg in Leg.objects.filter(ticket=ticket)}


@pytest.mark.behaviour("B-200")
def test_a_released_message_is_a_request_of_its_sender_whose_promise_counts_from_now(cast: Cast) -> None:
    row = set_aside()
    assert not Delivery.objects.exists()
    done = quarantine.release(cast.admin, row.pk, LATER)
    ticket = ticket_of(done)
    assert (done.state, done.outcome, ticket.requester.email) == ("done", "new", MALLORY)
    assert ticket.created_at == Leg.objects.get(ticket=ticket, metric="first_response").start == LATER
    assert f"[#{ticket.number}]" in str(last_mail(MALLORY)["Subject"])
    said = Record.objects.get(subject_kind="mail", subject_id=row.pk)
    assert (said.verb, said.actor_label, said.data["was"]) == ("mail_released", "Ada Lind", "sender_blocked")


def test_a_release_may_tell_nobody(cast: Cast) -> None:
    quarantine.release(cast.admin, set_aside().pk, LATER, acknowledge=False)
    assert not Delivery.objects.exists()


def test_machines_are_not_acknowledged_when_they_are_released(cast: Cast) -> None:
    row = set_aside(mail(MALLORY, "Alert", "disk full", SUPPORT, Auto_Submitted="auto-generated"))
    assert quarantine.release(cast.admin, row.pk, LATER).outcome == "new"
    assert not Delivery.objects.exists()


def test_what_somebody_else_settled_is_refused(cast: Cast) -> None:
    row = set_aside()
    quarantine.release(cast.admin, row.pk, LATER)
    for verb in (quarantine.release, quarantine.discard, quarantine.restore, quarantine.retry, quarantine.make_ticket):
        with pytest.raises(Refused, match="meanwhile"):
            verb(cast.admin, row.pk, LATER + timedelta(minutes=1))
    assert Ticket.objects.count() == 1


def test_only_administrators_decide(cast: Cast) -> None:
    row = set_aside()
    with pytest.raises(Refused, match="administrators"):
        quarantine.release(cast.agent, row.pk, LATER)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b" \r\n", "empty"),
        (b"just words, no field\r\n\r\n", "no_headers"),
        (b"Subject: Hi\r\n\r\nwho am I?", "no_sender"),
    ],
)
def test_where_nobody_is_named_the_administrator_says_whose_it_is(cast: Cast, raw: bytes, reason: str) -> None:
    row = arrives(raw, path="nobody")
    assert row.reason == reason
    with pytest.raises(Refused, match="Say whose"):
        quarantine.release(cast.admin, row.pk, LATER)
    for wrong in ("nobody", SUPPORT):
        with pytest.raises(Refused, match=r"could be answered"):
            quarantine.release(cast.admin, row.pk, LATER, requester=wrong)
    done = quarantine.release(cast.admin, row.pk, LATER, requester=ELIN)
    assert (done.outcome, ticket_of(done).requester) == ("new", cast.requester)
    assert ticket_of(done).unverified  # what a person typed proves nothing to the organization's readers


def test_on_a_ticket_a_participant_is_heard_and_a_stranger_is_held(cast: Cast) -> None:
    ticket = a_ticket(cast)
    row = set_aside()
    assert quarantine.attach(cast.admin, row.pk, ticket.number, LATER).outcome == "held"
    assert Held.objects.get(raw_id=row.pk).reason == "non_participant"
    theirs = arrives(b"From: lund@norrland.test\r\nX-Answerable-Instance: x\r\n\r\nme too")
    RawMail.objects.filter(pk=theirs.pk).update(state="quarantined", outcome="quarantine", reason="error")
    Reply.objects.filter(raw_id=theirs.pk).update(raw_id=None)
    done = quarantine.attach(cast.admin, theirs.pk, ticket.number, LATER)
    assert (done.outcome, done.ticket_id) == ("reply", ticket.pk)
    assert Reply.objects.get(raw_id=theirs.pk).author == cast.colleague


def test_on_a_ticket_a_stranger_may_be_let_in_by_name(cast: Cast) -> None:
    ticket = a_ticket(cast)
    row = set_aside()
    assert quarantine.attach(cast.admin, row.pk, ticket.number, LATER, join=True).outcome == "reply"
    assert Participant.objects.get(ticket=ticket, person__email=MALLORY).role == "cc"
    assert Reply.objects.get(raw_id=row.pk).at == LATER


def test_nothing_joins_a_closed_ticket(cast: Cast) -> None:
    ticket = a_ticket(cast)
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")
    row = set_aside()
    with pytest.raises(Refused, match="closed for good"):
        quarantine.attach(cast.admin, row.pk, ticket.number, LATER)


@pytest.mark.behaviour("B-201")
def test_a_discarded_message_can_be_restored_until_its_term_is_over(cast: Cast) -> None:
    row = set_aside()
    quarantine.discard(cast.admin, row.pk, LATER)
    assert (counts()["quarantine"], counts()["discarded"]) == (0, 1)
    quarantine.restore(cast.admin, row.pk, LATER)
    assert (counts()["quarantine"], counts()["discarded"]) == (1, 0)
    quarantine.discard(cast.admin, row.pk, LATER)
    assert purge(LATER, NOW, LATER) == 0
    assert purge(LATER + timedelta(seconds=1), NOW, LATER) == 1
    row.refresh_from_db()
    assert (bytes(row.body), row.size > 0) == (b"", True)
    with pytest.raises(Refused, match="let go"):
        quarantine.restore(cast.admin, row.pk, LATER)


def test_a_retry_goes_by_the_rules_of_now(cast: Cast) -> None:
    row = set_aside()
    assert quarantine.retry(cast.admin, row.pk, LATER).reason == "sender_blocked"
    inbox(known_contacts_only=False)
    done = quarantine.retry(cast.admin, row.pk, LATER)
    assert (done.state, done.outcome) == ("done", "new")


def test_what_still_breaks_the_program_stays_with_its_trace(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = set_aside()

    def broken(*_args: object, **_more: object) -> None:
        raise LookupError("no such charset")

    monkeypatch.setattr(casework, "open_ticket", broken)
    with pytest.raises(Refused, match="stays in quarantine"):
        quarantine.release(cast.admin, row.pk, LATER)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("quarantined", "sender_blocked")
    assert "no such charset" in row.trace
    assert not Ticket.objects.exists()


def test_one_click_makes_a_ticket_of_automatic_mail(cast: Cast) -> None:
    row = arrives(from_elin("Out of office", Auto_Submitted="auto-replied"))
    assert (row.outcome, counts()["auto"]) == ("auto", 1)
    done = quarantine.make_ticket(cast.admin, row.pk, LATER)
    assert (done.outcome, ticket_of(done).requester, counts()["auto"]) == ("new", cast.requester, 0)
    assert not Delivery.objects.exists()
    assert set(legs(ticket_of(done)).values()) <= {"running"}
    assert ticket_of(done).next_due_at.year == 9999


def test_search_finds_by_the_beginning_of_sender_subject_and_message_id(cast: Cast) -> None:
    one = arrives(from_elin("50% of exports_fail", Message_ID="<Case.Sensitive@norrland.test>"))
    arrives(mail(MALLORY, "Other", "words", SUPPORT))
    for text in ("elin@norr", "50% OF exports_", "Case.Sens", "<Case.Sensitive@NORRLAND.test>"):
        assert [row.pk for row in search(text, None)] == [one.pk], text
    assert not search("exports", None).exists()
    assert not search("50_ of", None).exists()


# A message on the wrong request


def test_held_mail_leaves_its_tab_when_it_is_settled(cast: Cast) -> None:
    ticket = a_ticket(cast)
    row = set_aside()
    quarantine.attach(cast.admin, row.pk, ticket.number, LATER)
    assert [one.pk for one in shelf("held", None)] == [row.pk]
    dismiss(cast.agent, Held.objects.get(raw_id=row.pk).pk, LATER)
    assert not shelf("held", None).exists()


@pytest.mark.behaviour("B-202")
def test_a_moved_reply_leaves_nothing_behind_but_the_fact(cast: Cast) -> None:
    wrong, right = a_ticket(cast), a_ticket(cast, subject="The other one")
    says(cast.agent, wrong, "done", LATER)
    casework.set_status(cast.agent, wrong.pk, "solved", LATER)
    ours = str(Delivery.objects.filter(ticket_id=wrong.pk, kind="reply").latest("id").message_id)
    row = arrives(from_elin("Re: it", "SECRET of the other", In_Reply_To=ours, Message_ID="<9@norrland.test>"), hours=2)
    wrong.refresh_from_db()
    assert (row.ticket_id, wrong.status, wrong.waits_for) == (wrong.pk, Status.OPEN, "us")
    was = row.entry_id
    assert was is not None

    done = move(cast.agent, row.pk, Target(right.number), NOW + timedelta(hours=3))
    assert (done.outcome, done.ticket_id) == ("reply", right.pk)
    wrong.refresh_from_db()
    assert (wrong.status, wrong.waits_for) == (Status.SOLVED, "")
    assert wrong.solved_at == LATER
    assert "SECRET" not in wrong.preview
    rows = Reply.objects.filter(ticket=wrong).order_by("id").values_list("pk", flat=True)
    assert [entry.id for entry in replies(wrong)] == [pk for pk in rows if pk != was]
    stub = Reply.objects.get(pk=was)
    assert (stub.text, stub.new_text, stub.html, stub.raw_id) == ("", "", "", None)
    assert replies(right)[-1].html.count("SECRET") == 1
    staff, customers = (history(wrong, staff=flag)[-1].text for flag in (True, False))
    assert staff == f"Tomas Kral moved a message of Elin Berg to #{right.number}"
    assert str(right.number) not in customers
    assert MessageRef.objects.get(message_id="9@norrland.test").ticket_id == right.pk
    # Clocks: carried where it was, running from its arrival where it is.
    assert legs(wrong)["next_response", 0] == "carried"
    assert course(histories([wrong.pk])[wrong.pk], {was}).status == Status.SOLVED


def test_moving_it_back_undoes_it(cast: Cast) -> None:
    wrong, right = a_ticket(cast), a_ticket(cast, subject="The other one")
    says(cast.agent, wrong, "done", LATER)
    ours = str(Delivery.objects.filter(ticket_id=wrong.pk, kind="reply").latest("id").message_id)
    row = arrives(from_elin("Re: it", "mine", In_Reply_To=ours), hours=2)
    move(cast.agent, row.pk, Target(right.number), NOW + timedelta(hours=3))
    done = move(cast.agent, row.pk, Target(wrong.number), NOW + timedelta(hours=4))
    assert (done.outcome, done.ticket_id) == ("reply", wrong.pk)
    assert replies(wrong)[-1].html.count("mine") == 1
    assert "mine" not in "".join(entry.html for entry in replies(right))
    assert legs(wrong)["next_response", 0] == "running"
    wrong.refresh_from_db()
    assert wrong.waits_for == "us"


def test_what_was_answered_here_keeps_its_clock(cast: Cast) -> None:
    wrong, right = a_ticket(cast), a_ticket(cast, subject="The other one")
    first = RawMail.objects.filter(ticket_id=wrong.pk).first()
    assert first is None  # a_ticket comes by the form
    row = arrives(from_elin("A new one"))
    opened = ticket_of(row)
    says(cast.agent, opened, "answered", LATER)
    before = legs(opened)
    move(cast.agent, row.pk, Target(right.number), NOW + timedelta(hours=3))
    assert legs(opened) == before
    opened.refresh_from_db()
    assert (opened.status, opened.waits_for) == (Status.OPEN, "customer")


def test_a_ticket_that_nothing_is_left_of_is_solved_and_its_mails_lead_on(cast: Cast) -> None:
    right = a_ticket(cast)
    row = arrives(from_elin("A new one", "for the first", Message_ID="<1@norrland.test>"))
    emptied = ticket_of(row)
    ack = str(last_mail(ELIN)["Message-ID"])
    move(cast.agent, row.pk, Target(right.number), LATER)
    emptied.refresh_from_db()
    assert (emptied.status, emptied.next_due_at.year) == (Status.SOLVED, 9999)
    assert set(legs(emptied).values()) == {"carried"}
    again = arrives(from_elin("Re: A new one", "and more", In_Reply_To=ack), hours=2)
    assert (again.outcome, again.ticket_id) == ("reply", right.pk)


def test_a_message_becomes_a_request_of_its_own(cast: Cast) -> None:
    row = arrives(mail(ELIN, "First", "one", SUPPORT))
    ours = str(last_mail(ELIN)["Message-ID"])
    second = arrives(from_elin("And now for something else", "two", In_Reply_To=ours), hours=1)
    assert second.ticket_id == row.ticket_id
    sent = Delivery.objects.count()
    done = move(cast.agent, second.pk, Target(), NOW + timedelta(hours=2))
    assert (done.outcome, ticket_of(done).subject) == ("new", "And now for something else")
    assert done.ticket_id != row.ticket_id
    assert Delivery.objects.count() == sent  # they know already that it came
    assert Leg.objects.get(ticket=done.ticket_id, metric="first_response").start == NOW + timedelta(hours=1)


def test_on_a_request_where_its_sender_takes_no_part_it_is_held(cast: Cast) -> None:
    row = arrives(mail(MALLORY, "Mine", "words", SUPPORT))
    theirs = a_ticket(cast)
    done = move(cast.agent, row.pk, Target(theirs.number), LATER)
    assert (done.outcome, Held.objects.get(raw_id=row.pk).ticket_id) == ("held", theirs.pk)
    assert Held.objects.get(raw_id=row.pk).reason == "non_participant"
    done = move(cast.agent, row.pk, Target(a_ticket(cast).number, join=True), LATER)
    assert done.outcome == "reply"


def test_who_may_not_work_both_requests_moves_nothing(cast: Cast) -> None:
    row = arrives(from_elin("One"))
    right = a_ticket(cast)
    with pytest.raises(Refused):
        move(cast.requester, row.pk, Target(right.number), LATER)
    with pytest.raises(Refused):
        move(cast.csm, row.pk, Target(right.number), LATER)
    with pytest.raises(Refused, match="already"):
        move(cast.agent, row.pk, Target(ticket_of(row).number), LATER)


def test_queued_copies_are_not_sent_any_more(cast: Cast) -> None:
    ticket = a_ticket(cast)
    ours = str(Delivery.objects.filter(ticket_id=ticket.pk).latest("id").message_id)
    row = arrives(from_elin("Re: it", "SECRET", In_Reply_To=ours))
    copy = Delivery.objects.get(entry_id=row.entry_id, person=cast.colleague)
    move(cast.agent, row.pk, Target(), LATER)
    copy.refresh_from_db()
    assert copy.state == "suppressed"
    assert not Attachment.objects.filter(reply=row.entry_id).exists()


def test_held_mail_becomes_a_request_of_its_sender(cast: Cast) -> None:
    ticket = a_ticket(cast)
    row = set_aside()
    quarantine.attach(cast.admin, row.pk, ticket.number, LATER)
    held = Held.objects.get(raw_id=row.pk)
    done = split(cast.agent, held.pk, LATER)
    assert (done.outcome, ticket_of(done).requester.email) == ("new", MALLORY)
    held.refresh_from_db()
    assert (held.settled_as, held.text, held.ticket_id) == ("split", "", ticket.pk)
    assert ticket.subject not in last_mail(MALLORY).as_string()
    with pytest.raises(Refused):
        split(cast.agent, held.pk, LATER)


def test_events_lead_to_the_status_that_is_stored(cast: Cast) -> None:
    ticket = a_ticket(cast)
    steps: list[Callable[[], object]] = [
        lambda: says(cast.agent, ticket, "hm", LATER),
        lambda: casework.set_status(cast.agent, ticket.pk, "pending", LATER),
        lambda: says(cast.requester, ticket, "well", LATER),
        lambda: says(cast.agent, ticket, "so", LATER),
        lambda: casework.set_status(cast.agent, ticket.pk, "hold", LATER, "the vendor"),
        lambda: casework.set_status(cast.agent, ticket.pk, "open", LATER),
        lambda: casework.assign(cast.agent, ticket.pk, cast.agent, cast.cloud, LATER),
        lambda: casework.set_status(cast.agent, ticket.pk, "solved", LATER),
        lambda: casework.set_status(cast.requester, ticket.pk, "open", LATER),
    ]
    for step in steps:
        step()
        ticket.refresh_from_db()
        found = course(histories([ticket.pk])[ticket.pk])
        now = (ticket.status, ticket.hold_reason, ticket.solved_at, ticket.waits_for)
        assert (found.status, found.hold_reason, found.solved_at, found.waits_for) == now
