"""CC by name: who may add, leave, ask and answer; that access begins and ends with it, and who is told."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from answerable.casework import actions as casework
from answerable.casework import cc_actions, grant_actions
from answerable.casework.letters import finished
from answerable.casework.reception import receive
from answerable.casework.sensitive_actions import mark_sensitive
from answerable.casework.standing_actions import set_standing
from answerable.casework.work import deliver
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.mail.actions import Arrival, store
from answerable.mail.models import RawMail
from answerable.notify.models import Delivery
from answerable.people.actions import contact
from answerable.people.models import Grant, Person, Vendor
from answerable.people.queries import by_email
from answerable.tickets.access import visible_to
from answerable.tickets.models import Participant, Ticket
from answerable.tickets.queries import history
from tests.cast import NOW, Cast, a_ticket, says
from tests.running import mail


def told(person: Person) -> list[Delivery]:
    return list(Delivery.objects.filter(person=person, kind="people").order_by("id"))


def sees(person: Person, ticket: Ticket) -> bool:
    return visible_to(person, NOW).filter(pk=ticket.pk).exists()


def row_of(ticket: Ticket, person: Person) -> int:
    return Participant.objects.get(ticket=ticket, person=person, role="cc").pk


def refused(code: str, *args: object, **more: object) -> None:
    verb, *rest = args
    assert callable(verb)
    with pytest.raises(Refused) as error:
        verb(*rest, **more)
    assert error.value.code == code


def policy_says(**settings: str) -> None:
    Vendor.objects.update(settings=settings)
    forget_all()


def sentences(ticket: Ticket) -> list[str]:
    return [line.text for line in history(ticket, staff=False)]


@pytest.mark.behaviour("B-161")
def test_a_colleague_who_is_ccd_takes_part_at_once_and_is_told(cast: Cast) -> None:
    ticket = a_ticket(cast)
    assert not sees(cast.no_grant, ticket)
    assert cc_actions.add_cc(cast.requester, ticket.pk, " Nils@Norrland.test ", NOW)
    assert sees(cast.no_grant, ticket)
    (letter,) = told(cast.no_grant)
    assert "Elin Berg has CC'd you on this request." in letter.text
    assert f"[#{ticket.number}]" in letter.subject
    assert b"Auto-Submitted: auto-generated" in finished(letter)
    assert "Elin Berg CC'd nils@norrland.test" in sentences(ticket)
    casework.add_reply(cast.no_grant, ticket.pk, says("I see it too."), NOW)
    # A CC'd colleague may add somebody as well; nobody is added twice.
    assert cc_actions.add_cc(cast.no_grant, ticket.pk, "new@norrland.test", NOW)
    for address in ("new@norrland.test", cast.requester.email):
        refused("already", cc_actions.add_cc, cast.requester, ticket.pk, address, NOW)


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a b@norrland.test", "x@" + "y" * 260 + ".test", "support@vendor.test", '"a,b"@norrland.test'],
)
def test_what_is_no_address_of_a_person_is_refused(cast: Cast, address: str) -> None:
    refused("address", cc_actions.add_cc, cast.requester, a_ticket(cast).pk, address, NOW)


@pytest.mark.behaviour("B-162")
def test_who_is_named_from_outside_waits_for_staff_and_no_name_is_learnt(cast: Cast) -> None:
    ticket = a_ticket(cast)
    assert not cc_actions.add_cc(cast.requester, ticket.pk, cast.stranger.email, NOW)
    assert not sees(cast.stranger, ticket)
    assert not told(cast.stranger)
    assert not any(cast.stranger.name in text for text in sentences(ticket))
    page = Client()
    page.force_login(cast.requester)
    shown = page.get(reverse("portal:request", kwargs={"number": ticket.number})).content.decode()
    assert cast.stranger.email in shown
    assert cast.stranger.name not in shown
    # Nor by taking them off again.
    cc_actions.remove_cc(cast.requester, ticket.pk, row_of(ticket, cast.stranger), NOW)
    assert f"Elin Berg took {cast.stranger.email} off" in sentences(ticket)
    assert not any(cast.stranger.name in text for text in sentences(ticket))
    cc_actions.add_cc(cast.requester, ticket.pk, cast.stranger.email, NOW)
    row = row_of(ticket, cast.stranger)
    refused("waits", cc_actions.add_cc, cast.colleague, ticket.pk, cast.stranger.email, NOW)
    # Only staff let in whom a customer named.
    refused("not_allowed", cc_actions.answer_cc, cast.requester, ticket.pk, row, NOW, allowed=True)
    cc_actions.answer_cc(cast.agent, ticket.pk, row, NOW, allowed=True)
    assert sees(cast.stranger, ticket)
    assert len(told(cast.stranger)) == 1
    refused("settled", cc_actions.answer_cc, cast.agent, ticket.pk, row, NOW, allowed=False)


def test_the_policy_says_who_from_outside_is_let_in(cast: Cast) -> None:
    ticket = a_ticket(cast)
    policy_says(cc_outside="refuse")
    refused("outside", cc_actions.add_cc, cast.requester, ticket.pk, cast.stranger.email, NOW)
    assert cc_actions.add_cc(cast.agent, ticket.pk, cast.stranger.email, NOW)
    cc_actions.remove_cc(cast.agent, ticket.pk, row_of(ticket, cast.stranger), NOW)
    policy_says(cc_outside="allow")
    assert cc_actions.add_cc(cast.requester, ticket.pk, cast.stranger.email, NOW)


@pytest.mark.behaviour("B-161")
def test_who_may_be_taken_off_and_by_whom(cast: Cast) -> None:
    ticket = a_ticket(cast)
    mine, theirs = row_of(ticket, cast.colleague), "x@norrland.test"
    cc_actions.add_cc(cast.colleague, ticket.pk, theirs, NOW)
    added = by_email(theirs)
    assert added is not None
    refused("not_allowed", cc_actions.remove_cc, cast.requester, ticket.pk, row_of(ticket, added), NOW)
    refused("not_allowed", cc_actions.remove_cc, added, ticket.pk, mine, NOW)
    refused("not_found", cc_actions.remove_cc, cast.stranger, ticket.pk, mine, NOW)
    cc_actions.remove_cc(added, ticket.pk, row_of(ticket, added), NOW)
    assert not sees(added, ticket)
    casework.add_reply(cast.agent, ticket.pk, says("Look again."), NOW)
    queued = Delivery.objects.get(person=cast.colleague, kind="reply")
    cc_actions.remove_cc(cast.requester, ticket.pk, mine, NOW)
    assert not sees(cast.colleague, ticket)
    # What was queued before does not leave either.
    deliver(queued.pk, NOW)
    queued.refresh_from_db()
    assert queued.state == "suppressed"
    # Back again, by name: not by a mail that still has the address in its header.
    assert cc_actions.add_cc(cast.requester, ticket.pk, cast.colleague.email, NOW)
    assert sees(cast.colleague, ticket)
    assert "A. Lund is no longer CC'd" not in sentences(ticket)
    assert "Elin Berg took A. Lund off" in sentences(ticket)


def test_a_later_mail_does_not_bring_back_who_was_taken_off(cast: Cast) -> None:
    """E-27."""
    ticket = a_ticket(cast)
    cc_actions.remove_cc(cast.requester, ticket.pk, row_of(ticket, cast.colleague), NOW)
    to = Delivery.objects.get(person=cast.requester, kind="ack").headers["reply_to"]
    both = f"{cast.colleague.email}, {cast.no_grant.email}"
    raw = mail(cast.requester.email, "Re: it", "More.", to, Cc=both)
    arrival = Arrival("support@vendor.test", "smtp", NOW, envelope_from="x@y.test", envelope_to=(to,))
    raw_id = store(raw, arrival, lambda _: None)
    receive(raw_id, NOW)
    assert RawMail.objects.get(pk=raw_id).outcome == "reply"
    assert sees(cast.no_grant, ticket)
    assert not sees(cast.colleague, ticket)
    # But staff who let their mail in and CC them mean it.
    casework.add_approved(cast.agent, cast.colleague, ticket.pk, says("Me too."), NOW, join=True)
    assert sees(cast.colleague, ticket)


def test_a_standing_cc_brings_nobody_back_whom_somebody_took_off(cast: Cast) -> None:
    set_standing(cast.csm, cast.no_grant, cast.org, None, NOW, open_too=False)
    ticket = a_ticket(cast)
    assert sees(cast.no_grant, ticket)
    cc_actions.remove_cc(cast.agent, ticket.pk, row_of(ticket, cast.no_grant), NOW)
    for sensitive in (True, False):
        mark_sensitive(cast.requester, ticket.pk, NOW, sensitive=sensitive)
    assert not sees(cast.no_grant, ticket)


@pytest.mark.behaviour("B-162")
def test_an_address_that_was_merged_counts_as_both_and_tells_no_other(cast: Cast) -> None:
    ticket = a_ticket(cast)
    inside, outside = contact("left@norrland.test", "", NOW), contact("private@alias.test", "", NOW)
    Person.objects.filter(pk__in=[inside.pk, outside.pk]).update(merged_into=cast.stranger)
    for address in ("left@norrland.test", "private@alias.test"):
        assert not cc_actions.add_cc(cast.requester, ticket.pk, address, NOW)
        page = Client()
        page.force_login(cast.requester)
        shown = page.get(reverse("portal:request", kwargs={"number": ticket.number})).content.decode()
        assert address in shown
        assert cast.stranger.email not in shown
        refused("waits", cc_actions.add_cc, cast.requester, ticket.pk, address, NOW)
        cc_actions.remove_cc(cast.requester, ticket.pk, row_of(ticket, cast.stranger), NOW)
    assert not any(cast.stranger.email in text for text in sentences(ticket))


def test_who_may_only_read_does_not_learn_who_waits(cast: Cast) -> None:
    ticket = a_ticket(cast)
    cc_actions.add_cc(cast.requester, ticket.pk, cast.stranger.email, NOW)
    page = Client()
    page.force_login(cast.reader)
    assert cast.stranger.email not in page.get(f"/requests/{ticket.number}").content.decode()
    page.force_login(cast.colleague)
    assert cast.stranger.email in page.get(f"/requests/{ticket.number}").content.decode()


@pytest.mark.behaviour("B-163")
def test_a_reader_asks_and_the_requester_lets_them_in(cast: Cast) -> None:
    ticket = a_ticket(cast)
    refused("not_allowed", casework.add_reply, cast.reader, ticket.pk, says("May I?"), NOW)
    for person in (cast.requester, cast.colleague, cast.agent):
        refused("not_allowed", cc_actions.ask_for_cc, person, ticket.pk, NOW)
    refused("not_found", cc_actions.ask_for_cc, cast.no_grant, ticket.pk, NOW)
    cc_actions.ask_for_cc(cast.reader, ticket.pk, NOW)
    refused("waits", cc_actions.ask_for_cc, cast.reader, ticket.pk, NOW)
    (letter,) = told(cast.requester)
    assert "J. Holm (holm@norrland.test) can read this request and asks to be CC'd." in letter.text
    row = row_of(ticket, cast.reader)
    for person in (cast.colleague, cast.reader, cast.other_csm):
        refused("not_allowed", cc_actions.answer_cc, person, ticket.pk, row, NOW, allowed=True)
    refused("not_allowed", casework.set_status, cast.reader, ticket.pk, "solved", NOW)
    cc_actions.answer_cc(cast.requester, ticket.pk, row, NOW, allowed=True)
    assert "Elin Berg has CC'd you" in told(cast.reader)[0].text
    casework.add_reply(cast.reader, ticket.pk, says("Thank you."), NOW)
    casework.set_status(cast.reader, ticket.pk, "solved", NOW)
    # Whom the requester has let in, they may take off.
    cc_actions.remove_cc(cast.requester, ticket.pk, row, NOW)
    cc_actions.ask_for_cc(cast.reader, ticket.pk, NOW)
    cc_actions.answer_cc(cast.requester, ticket.pk, row, NOW, allowed=True)
    # They take part by themselves now: the end of the grant does not end it.
    Grant.objects.filter(person=cast.reader).update(expires_at=NOW)
    assert sees(cast.reader, ticket)


@pytest.mark.behaviour("B-163")
def test_a_refusal_is_told_and_may_be_asked_again(cast: Cast) -> None:
    ticket = a_ticket(cast)
    cc_actions.ask_for_cc(cast.reader, ticket.pk, NOW)
    cc_actions.answer_cc(cast.csm, ticket.pk, row_of(ticket, cast.reader), NOW, allowed=False)
    assert "which was not allowed" in told(cast.reader)[0].text
    refused("not_allowed", casework.add_reply, cast.reader, ticket.pk, says("Please."), NOW)
    cc_actions.ask_for_cc(cast.reader, ticket.pk, NOW)
    cc_actions.remove_cc(cast.reader, ticket.pk, row_of(ticket, cast.reader), NOW)
    assert "J. Holm asks to be CC'd" in sentences(ticket)
    assert "J. Holm no longer asks to be CC'd" in sentences(ticket)


def test_an_asking_is_void_once_its_reader_may_read_no_more(cast: Cast) -> None:
    ticket, hidden = a_ticket(cast), a_ticket(cast)
    for one in (ticket, hidden):
        cc_actions.ask_for_cc(cast.reader, one.pk, NOW)
    mark_sensitive(cast.agent, hidden.pk, NOW, sensitive=True)
    answer = cc_actions.answer_cc
    refused("no_reader", answer, cast.requester, hidden.pk, row_of(hidden, cast.reader), NOW, allowed=True)
    grant_actions.revoke(cast.csm, Grant.objects.get(person=cast.reader), NOW)
    refused("no_reader", answer, cast.agent, ticket.pk, row_of(ticket, cast.reader), NOW, allowed=True)
    answer(cast.agent, ticket.pk, row_of(ticket, cast.reader), NOW, allowed=False)
    # To whom may not see the request, not even that is said.
    letter = told(cast.reader)[-1]
    deliver(letter.pk, NOW)
    letter.refresh_from_db()
    assert letter.state == "suppressed"


def test_clicks_are_limited(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cc_actions, "ADDED_AN_HOUR", 2)
    monkeypatch.setattr(cc_actions, "ASKED_AN_HOUR", 1)
    monkeypatch.setattr(cc_actions, "MOST_ON_A_TICKET", 6)
    ticket = a_ticket(cast)
    for n in range(2):
        cc_actions.add_cc(cast.requester, ticket.pk, f"p{n}@norrland.test", NOW)
    refused("too_many", cc_actions.add_cc, cast.requester, ticket.pk, "p3@norrland.test", NOW)
    for n in range(3, 5):
        cc_actions.add_cc(cast.agent, ticket.pk, f"p{n}@norrland.test", NOW)
    refused("too_many", cc_actions.add_cc, cast.agent, ticket.pk, "p5@norrland.test", NOW)
    cc_actions.ask_for_cc(cast.reader, a_ticket(cast).pk, NOW)
    refused("too_many", cc_actions.ask_for_cc, cast.reader, a_ticket(cast).pk, NOW)


def test_a_closed_request_takes_nobody_in(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.set_status(cast.requester, ticket.pk, "solved", NOW)
    casework.close_for_good(ticket.pk, NOW + timedelta(days=15))
    refused("closed", cc_actions.add_cc, cast.requester, ticket.pk, cast.no_grant.email, NOW)
    refused("closed", cc_actions.ask_for_cc, cast.reader, ticket.pk, NOW)
