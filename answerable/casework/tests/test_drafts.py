"""An agent's reply before it leaves: taken back, sent once and in order, kept where it cannot be sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from answerable.casework import actions as casework
from answerable.casework import sending
from answerable.casework.draft_actions import Written, discard, put_aside, release_due, send_later, undo
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.notify.models import Delivery, Notice
from answerable.people.models import Person, Vendor
from answerable.sla.models import Leg
from answerable.tickets.drafts import Draft, DraftFile
from answerable.tickets.models import Attachment, Event, Participant, Reply, Ticket
from tests.cast import NOW, Cast, a_file, a_ticket, says

LATER = NOW + timedelta(seconds=5)


def waits(cast: Cast, ticket: Ticket, text: str = "Done.", who: Person | None = None, **more: Any) -> Draft:
    """Sent at the desk, and on its way."""
    written = Written(says(text, "desk", **more), casework.Next(status="pending"))
    assert send_later(who or cast.agent, ticket.pk, written, NOW) == LATER
    return Draft.objects.latest("id")


def answers(ticket: Ticket) -> list[str]:
    return list(Reply.objects.filter(ticket=ticket).order_by("id").values_list("text", flat=True))[1:]


@pytest.mark.behaviour("B-230")
def test_a_reply_leaves_after_its_seconds_whole_and_counts_from_then(cast: Cast) -> None:
    ticket = a_ticket(cast)
    draft = waits(cast, ticket, files=(a_file("log.txt", b"lines"),))
    Draft.objects.filter(pk=draft.pk).update(cc=[cast.reader.pk])
    release_due(NOW + timedelta(seconds=4))
    assert answers(ticket) == []
    assert not Delivery.objects.filter(kind="reply").exists()
    assert Ticket.objects.get(pk=ticket.pk).waits_for == "us"

    release_due(LATER)
    reply = Reply.objects.get(ticket=ticket, from_staff=True)
    assert (reply.text, reply.at, reply.author) == ("Done.", LATER, cast.agent)
    assert Attachment.objects.get(reply=reply).name == "log.txt"
    stored = Ticket.objects.get(pk=ticket.pk)
    assert (stored.status, stored.assignee, stored.waiting_drafts) == ("pending", cast.agent, 0)
    assert Leg.objects.get(ticket=ticket, metric="first_response").fulfilled_at == LATER
    sent = set(Delivery.objects.filter(kind="reply").values_list("address", flat=True))
    assert sent == {cast.requester.email, cast.colleague.email, cast.reader.email}
    assert not Draft.objects.exists()
    release_due(LATER)
    assert answers(ticket) == ["Done."]


@pytest.mark.behaviour("B-230")
def test_what_is_taken_back_is_sent_to_nobody_and_kept_for_its_author(cast: Cast) -> None:
    ticket = a_ticket(cast)
    draft = waits(cast, ticket, files=(a_file("a.txt", b"a"), a_file("b.txt", b"b")))
    with pytest.raises(Refused, match="Only who wrote it"):
        undo(cast.lead, ticket.pk, draft.pk, NOW)
    undo(cast.agent, ticket.pk, draft.pk, NOW)
    undo(cast.agent, ticket.pk, draft.pk, NOW)
    assert Ticket.objects.get(pk=ticket.pk).waiting_drafts == 0
    release_due(LATER)
    assert answers(ticket) == []

    keeps = DraftFile.objects.get(name="b.txt").pk
    again = Written(says("Really done.", "desk", files=(a_file("c.txt", b"c"),)), aside=draft.pk, files=(keeps,))
    send_later(cast.agent, ticket.pk, again, LATER)
    release_due(LATER + timedelta(seconds=5))
    assert answers(ticket) == ["Really done."]
    assert [row.name for row in Attachment.objects.order_by("position")] == ["b.txt", "c.txt"]
    assert not Draft.objects.exists()
    with pytest.raises(Refused, match="sent already"):
        undo(cast.agent, ticket.pk, draft.pk, LATER)


@pytest.mark.behaviour("B-231")
def test_a_message_that_joins_meanwhile_is_not_answered_by_it(cast: Cast) -> None:
    ticket = a_ticket(cast)
    waits(cast, ticket)
    at = NOW + timedelta(seconds=2)
    casework.add_reply(cast.requester, ticket.pk, says("One more thing.", received_at=NOW), at)
    assert answers(ticket) == ["Done.", "One more thing."]
    kinds = Event.objects.filter(ticket=ticket, kind__in=["agent_reply", "customer_message"]).order_by("id")
    assert [event.kind for event in kinds] == ["customer_message", "agent_reply", "customer_message"]
    stored = Ticket.objects.get(pk=ticket.pk)
    assert (stored.waits_for, stored.status, stored.waiting_drafts) == ("us", "open", 0)


@pytest.mark.behaviour("B-231")
def test_a_draft_that_cannot_be_sent_does_not_keep_a_customer_out(cast: Cast) -> None:
    ticket = a_ticket(cast)
    waits(cast, ticket)
    Person.objects.filter(pk=cast.agent.pk).update(is_active=False)
    casework.add_reply(cast.requester, ticket.pk, says("Hello?"), NOW)
    assert answers(ticket) == ["Hello?"]
    assert "suspended" in Draft.objects.get().failure


def test_what_customers_write_asks_nothing_more_while_no_draft_waits(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = a_ticket(cast)
    monkeypatch.setattr(sending, "release", None)
    casework.add_reply(cast.requester, ticket.pk, says("Hello?"), NOW)
    assert answers(ticket) == ["Hello?"]


def test_two_keep_their_order_and_a_second_of_the_same_agent_sends_the_first(cast: Cast) -> None:
    ticket = a_ticket(cast)
    waits(cast, ticket, "first")
    waits(cast, ticket, "second", cast.lead)
    assert answers(ticket) == []
    waits(cast, ticket, "third", cast.lead)
    assert answers(ticket) == ["first", "second"]
    assert Ticket.objects.get(pk=ticket.pk).waiting_drafts == 1
    casework.set_status(cast.agent, ticket.pk, "solved", NOW)
    assert answers(ticket) == ["first", "second", "third"]
    assert Ticket.objects.get(pk=ticket.pk).status == "solved"


@pytest.mark.behaviour("B-232")
def test_no_promise_waits_for_the_seconds_in_which_one_may_undo(cast: Cast) -> None:
    due = NOW - timedelta(hours=8)
    close = a_ticket(cast, due + timedelta(seconds=14))
    assert send_later(cast.agent, close.pk, Written(says("At once.", "desk")), NOW) is None
    assert answers(close) == ["At once."]
    far = a_ticket(cast, due + timedelta(seconds=30))
    waits(cast, far)
    late = a_ticket(cast, due - timedelta(seconds=30))
    waits(cast, late)
    Vendor.objects.update(settings={"undo_seconds": 0})
    forget_all()
    assert send_later(cast.lead, far.pk, Written(says("And this.", "desk")), NOW) is None
    assert answers(far) == ["Done.", "And this."]


def suspend(cast: Cast, ticket: Ticket) -> None:
    Person.objects.filter(pk=cast.agent.pk).update(is_active=False)


def shut_out(cast: Cast, ticket: Ticket) -> None:
    cast.cloud.restricted = True
    cast.cloud.save()
    Ticket.objects.filter(pk=ticket.pk).update(team=cast.product)
    # On it as a customer: what they wrote as staff is not sent as theirs.
    Participant.objects.create(ticket=ticket, person=cast.agent, role="cc", since=NOW, source="test")


def close(cast: Cast, ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")


@pytest.mark.parametrize(
    ("meanwhile", "why"), [(suspend, "suspended"), (shut_out, "may not work on"), (close, "closed for good")]
)
@pytest.mark.behaviour("B-233")
def test_access_is_asked_again_and_what_cannot_be_sent_is_kept_and_told(
    meanwhile: Callable[[Cast, Ticket], None], why: str, cast: Cast
) -> None:
    ticket, other = a_ticket(cast), a_ticket(cast)
    draft = waits(cast, ticket, "Kept words.")
    waits(cast, other, "Sent all the same.", cast.lead)
    meanwhile(cast, ticket)
    release_due(LATER)
    assert (answers(ticket), answers(other)) == ([], ["Sent all the same."])
    kept = Draft.objects.get()
    assert (kept.text, kept.send_at) == ("Kept words.", None)
    assert why in kept.failure
    told = Notice.objects.get(kind="unsent")
    assert (told.person, told.ticket_id, told.data["what"]) == (cast.agent, ticket.pk, kept.failure)
    assert Ticket.objects.get(pk=ticket.pk).waiting_drafts == 0
    if why == "suspended":
        discard(cast.lead, draft.pk, LATER)
    else:
        with pytest.raises(Refused, match="Only who wrote it"):
            discard(cast.lead, draft.pk, LATER)
        discard(cast.agent, draft.pk, LATER)
    assert not Draft.objects.exists()


@pytest.mark.behaviour("B-233")
def test_a_fault_of_ours_in_one_stops_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, other = a_ticket(cast), a_ticket(cast)
    waits(cast, ticket, "breaks")
    waits(cast, other, "goes")
    whole = casework.send_now

    def breaks(draft: sending.Outgoing, now: Any) -> Reply:
        reply = whole(draft, now)
        if draft.message.text == "breaks":
            raise ZeroDivisionError
        return reply

    monkeypatch.setattr(casework, "send_now", breaks)
    release_due(LATER)
    assert (answers(ticket), answers(other)) == ([], ["goes"])
    assert Draft.objects.get().failure == "Through a fault of ours."


@pytest.mark.behaviour("B-230")
def test_a_worker_that_dies_half_way_has_sent_nothing_and_the_next_one_sends_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, other = a_ticket(cast), a_ticket(cast)
    waits(cast, ticket)
    waits(cast, other)
    whole = casework.send_now

    def dies(draft: sending.Outgoing, now: Any) -> Reply:
        whole(draft, now)
        raise OperationalError("the connection is gone")

    with monkeypatch.context() as patched:
        patched.setattr(casework, "send_now", dies)
        release_due(LATER)
    assert (answers(ticket), Draft.objects.count()) == ([], 2)
    release_due(LATER)
    assert (answers(ticket), answers(other), Draft.objects.count()) == (["Done."], ["Done."], 0)


def test_whoever_may_not_answer_may_not_let_it_wait_either(cast: Cast) -> None:
    ticket = a_ticket(cast)
    for who, code in [(cast.stranger, "not_found"), (cast.reader, "not_allowed")]:
        with pytest.raises(Refused) as refused:
            send_later(who, ticket.pk, Written(says("May I?")), NOW)
        assert refused.value.code == code
    with pytest.raises(Refused, match="Write something"):
        send_later(cast.agent, ticket.pk, Written(says(" ")), NOW)
    # Staff on a request of their own write as who asks: nothing to wait for.
    own = a_ticket(cast, requester=cast.agent)
    assert send_later(cast.agent, own.pk, Written(says("Me again.")), NOW) is None


def test_one_takes_along_only_files_of_ones_own_draft(cast: Cast) -> None:
    ticket = a_ticket(cast)
    put_aside(cast.lead, ticket.pk, Written(says("Hers.", files=(a_file("secret.txt", b"s"),))), NOW)
    theirs = Draft.objects.get()
    written = Written(says("Mine."), aside=theirs.pk, files=(DraftFile.objects.get().pk,))
    send_later(cast.agent, ticket.pk, written, NOW)
    release_due(LATER)
    assert not Attachment.objects.exists()
    assert Draft.objects.get() == theirs


@pytest.mark.usefixtures("real_transactions")
def test_a_ticket_in_other_hands_has_its_turn_later(cast: Cast) -> None:
    ticket, other = a_ticket(cast), a_ticket(cast)
    waits(cast, ticket)
    waits(cast, other)
    peer = connection.copy()
    with peer.cursor() as cursor:
        peer.set_autocommit(False)
        cursor.execute("SELECT 1 FROM tickets_ticket WHERE id = %s FOR UPDATE", [ticket.pk])
        with transaction.atomic():
            release_due(LATER)
        assert (answers(ticket), answers(other)) == ([], ["Done."])
        peer.rollback()
    peer.close()
    release_due(LATER)
    assert answers(ticket) == ["Done."]
