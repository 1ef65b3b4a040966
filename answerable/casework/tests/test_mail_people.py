"""Rules of the mail contract about whose request a mail is, who comes along, and where its answers go."""

from datetime import timedelta
from typing import Any

import pytest

from answerable.casework import actions as casework
from answerable.casework import rates
from answerable.casework.inbound import Envelope, InboundResult, process_inbound
from answerable.casework.merge_actions import merge
from answerable.casework.organization_actions import mark_incident
from answerable.casework.sender_actions import block_sender, unblock_sender
from answerable.desk.conversation import conversation
from answerable.lib.errors import Refused
from answerable.mail import tokens
from answerable.mail.actions import InboxSpec, apply_inboxes
from answerable.mail.queries import token_keys
from answerable.notify.models import Delivery
from answerable.people.models import Organization
from answerable.people.queries import by_email
from answerable.tickets.models import Participant, Reply, Ticket
from tests.cast import NOW, Cast, a_ticket, says
from tests.running import mail

SUPPORT = "support@vendor.test"
ELIN = "elin@norrland.test"
FORWARD = """Please look at this.

---------- Forwarded message ---------
From: Elin Berg <elin@norrland.test>
Date: Mon, Mar 2, 2026 at 9:12 AM
Subject: Export fails
To: Ann <ann@vendor.test>

413 again, since this morning.
""".replace("\n", "\r\n")


def opens(**more: Any) -> None:
    apply_inboxes(
        [InboxSpec(key="support", address=SUPPORT, trusted_authserv=("mx.vendor.test",), **more)], "vendor.test", NOW
    )


@pytest.fixture(autouse=True)
def _inbox(cast: Cast) -> None:
    opens()


def comes(sender: str, subject: str = "It stops", text: str = "", *, hours: float = 0, **more: Any) -> InboundResult:
    raw = mail(sender, subject, text or f"Words of {subject} at {hours}.", more.pop("to", SUPPORT), **more)
    return process_inbound(raw, SUPPORT, Envelope("x@y.test"), NOW + timedelta(hours=hours))


def proven(address: str) -> dict[str, Any]:
    domain = address.rpartition("@")[2]
    return {"Authentication_Results": f"mx.vendor.test; dmarc=pass header.from={domain}"}


def ticket(found: InboundResult) -> Ticket:
    assert found.ticket is not None
    return Ticket.objects.select_related("requester", "organization").get(pk=found.ticket)


def answered_at(one: Ticket, hours: float = 5) -> set[str]:
    """Where an answer of staff goes."""
    reply = casework.add_reply(_agent(), one.pk, says("Try again."), NOW + timedelta(hours=hours))
    return set(Delivery.objects.filter(entry_id=reply.pk).values_list("address", flat=True))


def _agent() -> Any:
    return by_email("agent@vendor.test")


@pytest.mark.behaviour("B-244")
def test_what_an_agent_forwards_is_the_writers_request_e97(cast: Cast) -> None:
    found = comes(cast.agent.email, "Fwd: Export fails", FORWARD, **proven(cast.agent.email))
    one = ticket(found)
    assert (one.requester, one.subject, one.organization, one.unverified) == (
        cast.requester,
        "Export fails",
        cast.org,
        True,
    )
    reply = Reply.objects.get(ticket=one)
    assert (reply.author, reply.new_text, reply.from_staff) == (
        cast.requester,
        "413 again, since this morning.",
        False,
    )
    assert "forwarded_by_agent" in found.flags
    assert not found.ack
    assert one.waits_for == "us"
    notes = [entry for entry in conversation(one) if "Please look at this." in str(entry)]
    assert len(notes) == 1
    assert "Please look at this." not in reply.text


def test_the_inbox_may_say_that_its_writer_is_told_e97(cast: Cast) -> None:
    opens(acknowledge_forwards=True)
    found = comes(cast.agent.email, "Fwd: Export fails", FORWARD, **proven(cast.agent.email))
    assert [one["to"] for one in found.outgoing] == [ELIN]


@pytest.mark.parametrize(("word", "flag"), [("none", "unverified"), ("fail", "auth_fail")])
def test_whoever_only_seems_to_be_an_agent_forwards_nothing_e97(cast: Cast, word: str, flag: str) -> None:
    results = f"mx.vendor.test; dmarc={word} header.from=vendor.test"
    found = comes(cast.agent.email, "Fwd: Export fails", FORWARD, Authentication_Results=results)
    assert ticket(found).requester == cast.agent
    assert flag in found.flags
    assert "forwarded_by_agent" not in found.flags
    assert not Ticket.objects.filter(requester=cast.requester).exists()


@pytest.mark.parametrize("whose", [SUPPORT, "not an address"])
def test_a_forward_of_nobodys_mail_is_the_agents_own_e97(cast: Cast, whose: str) -> None:
    text = FORWARD.replace("elin@norrland.test", whose)
    assert ticket(comes(cast.agent.email, "Fwd: x", text, **proven(cast.agent.email))).requester == cast.agent


def test_a_customers_forward_stays_theirs_whole_e98(cast: Cast) -> None:
    text = FORWARD.replace("elin@norrland.test", "boss@elsewhere.test")
    found = comes(ELIN, "Fwd: Export fails", text, **proven(ELIN))
    assert ticket(found).requester == cast.requester
    assert "413 again" in found.reply_text
    assert by_email("boss@elsewhere.test") is None


@pytest.mark.parametrize(
    ("headers", "whose"),
    [
        ({"X_Original_From": "Elin <elin@norrland.test>", "Reply_To": "other@norrland.test"}, ELIN),
        ({"Reply_To": ELIN}, ELIN),
        ({}, "team@lists.norrland.test"),
    ],
)
def test_mail_by_a_group_is_its_writers_where_the_inbox_trusts_the_group_e99(
    cast: Cast, headers: dict[str, Any], whose: str
) -> None:
    group = "'Elin Berg' via Team <team@lists.norrland.test>"
    assert ticket(comes(group, "before", **headers)).requester.email == "team@lists.norrland.test"
    opens(trusted_relays=("team@lists.norrland.test",))
    found = comes(group, "after", **headers)
    assert ticket(found).requester.email == whose


@pytest.mark.behaviour("B-245")
def test_answers_go_where_the_requesters_mail_asked_for_them_e24(cast: Cast) -> None:
    found = comes(ELIN, Reply_To="Desk <desk@norrland.test>")
    one = ticket(found)
    assert one.requester == cast.requester, "it says nothing about who they are"
    assert [sent["to"] for sent in found.outgoing] == ["desk@norrland.test"]
    assert answered_at(one) == {"desk@norrland.test"}
    assert by_email("desk@norrland.test") is None
    assert answered_at(ticket(comes(ELIN, "ours", Reply_To=SUPPORT))) == {ELIN}
    assert answered_at(ticket(comes(ELIN, "failed", Reply_To="x@y.test", **failed()))) == {ELIN}


def failed() -> dict[str, Any]:
    return {"Authentication_Results": "mx.vendor.test; dmarc=fail header.from=norrland.test"}


def test_nobody_has_the_answers_sent_to_themselves_by_borrowing_a_name_e24(cast: Cast) -> None:
    one = a_ticket(cast)
    ours = Delivery.objects.get(ticket_id=one.pk, person=cast.requester).message_id
    forged = comes(ELIN, "Re: hello", In_Reply_To=ours, Reply_To="mallory@elsewhere.test")
    assert (forged.kind, forged.visibility) == ("reply", "public")
    assert answered_at(one) == {ELIN, cast.colleague.email}
    comes(ELIN, "Re: again", In_Reply_To=ours, Reply_To="desk@norrland.test", hours=6, **proven(ELIN))
    assert answered_at(one, 7) == {"desk@norrland.test", cast.colleague.email}
    comes(ELIN, "Re: back", In_Reply_To=ours, hours=8, **proven(ELIN))
    assert answered_at(one, 9) == {ELIN, cast.colleague.email}


@pytest.mark.behaviour("B-246")
def test_a_blocked_senders_mail_waits_and_is_handled_again_once_unblocked_e10(cast: Cast) -> None:
    block_sender(cast.agent, "Mallory@Elsewhere.test", NOW)
    block_sender(cast.agent, "mallory@elsewhere.test", NOW)
    found = comes("mallory@elsewhere.test")
    assert (found.kind, found.quarantine_reason, found.outgoing) == ("quarantine", "sender_blocked", [])
    assert comes(ELIN, Cc="mallory@elsewhere.test, nils@norrland.test").collaborators_added == ["nils@norrland.test"]
    unblock_sender(cast.agent, "mallory@elsewhere.test", NOW)
    assert comes("mallory@elsewhere.test", "again").kind == "new"


@pytest.mark.parametrize("address", [SUPPORT, "agent@vendor.test", "nobody", ""])
def test_whom_nobody_can_block(cast: Cast, address: str) -> None:
    with pytest.raises(Refused):
        block_sender(cast.lead, address, NOW)
    with pytest.raises(Refused):
        block_sender(cast.requester, "mallory@elsewhere.test", NOW)


def test_a_list_seen_once_brings_nobody_later_e26(cast: Cast) -> None:
    comes("bot@norrland.test", List_Post="<mailto:all@norrland.test>", List_Id="<all.norrland.test>")
    assert comes(ELIN, Cc="all@norrland.test, nils@norrland.test").collaborators_added == ["nils@norrland.test"]


def test_a_signed_address_under_another_domain_is_nobody_e26(cast: Cast) -> None:
    token = tokens.make("reply", 1, cast.requester.pk, token_keys()).partition("+")[2]
    found = comes(ELIN, Cc=f"anything+{token}@norrland.test, nils+detail@norrland.test")
    assert found.collaborators_added == ["nils+detail@norrland.test"]


def test_fifty_people_are_on_a_request_at_most_e26(cast: Cast) -> None:
    one = a_ticket(cast)
    ours = Delivery.objects.get(ticket_id=one.pk, person=cast.requester).message_id
    for start in (0, 20, 40):
        many = ", ".join(f"p{n}@norrland.test" for n in range(start, start + 20))
        found = comes(ELIN, f"Re: {start}", In_Reply_To=ours, Cc=many, hours=start)
    assert Participant.objects.filter(ticket=one).count() == 50
    assert "cc_capped" in found.flags
    # Those who are on it already are none too many.
    assert "cc_capped" not in comes(ELIN, "Re: same", In_Reply_To=ours, Cc="p1@norrland.test", hours=70).flags


def test_a_colleague_finds_a_request_by_its_mail_where_the_inbox_lets_them_e33(cast: Cast) -> None:
    first = comes(ELIN, Message_ID="<one@norrland.test>")
    colleague = cast.no_grant.email
    assert comes(colleague, "Re: a", In_Reply_To="<one@norrland.test>", hours=1).created_ticket
    opens(members_find=True)
    held = comes(colleague, "Re: b", In_Reply_To="<one@norrland.test>", hours=2)
    assert (held.ticket, held.visibility) == (first.ticket, "held")
    assert "non_participant" in held.flags
    assert comes(cast.stranger.email, "Re: c", In_Reply_To="<one@norrland.test>", hours=3).created_ticket


def test_during_an_incident_nobodys_mail_waits_for_its_rate_e95(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST", rates.Most(new=1))
    new = "new@norrland.test"
    assert [comes(new, f"n{n}").kind for n in range(2)] == ["new", "quarantine"]
    mark_incident(Organization.objects.get(pk=cast.org.pk), NOW + timedelta(hours=1), NOW)
    assert comes(new, "down").kind == "new"
    assert comes("new@kivu.test", "k1").kind == "new"
    assert comes("new@kivu.test", "k2").kind == "quarantine"
    mark_incident(Organization.objects.get(pk=cast.org.pk), None, NOW)
    assert comes(new, "over").kind == "quarantine"


def test_what_machines_send_counts_where_the_inbox_says_so_e47(cast: Cast) -> None:
    machine: dict[str, Any] = {"Auto_Submitted": "auto-generated"}
    opens(severity="P0")
    quiet = ticket(comes("alerts@norrland.test", "one", **machine))
    assert (quiet.severity, quiet.due_at) == ("P2", None)
    opens(severity="P3")
    assert ticket(comes("alerts@norrland.test", "two", **machine)).severity == "P3"
    opens(severity="P0", generated_counts=True, acknowledge_generated=True)
    loud = comes("alerts@norrland.test", "three", **machine)
    assert (ticket(loud).severity, ticket(loud).due_at) == ("P0", NOW + timedelta(minutes=30))
    assert loud.ack
    assert "automatic" in loud.flags
    assert not comes("list@norrland.test", "four", List_Id="<l.norrland.test>").ack


def test_an_event_about_a_merged_request_is_put_where_it_goes_on(cast: Cast) -> None:
    away, into = a_ticket(cast), a_ticket(cast)
    merge(cast.agent, away.pk, into.pk, NOW)
    ours = Delivery.objects.filter(ticket_id=away.pk, person=cast.requester).latest("id").message_id
    found = comes(ELIN, "Away", In_Reply_To=ours, Auto_Submitted="auto-replied")
    assert (found.kind, found.ticket) == ("auto", into.pk)
