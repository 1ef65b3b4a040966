"""Rules of the mail contract about who brings whom along, which inbox counts, and how much is too much."""

from datetime import timedelta
from typing import Any

import pytest

from answerable.casework import rates
from answerable.casework.inbound import Envelope, InboundResult, process_inbound
from answerable.mail.actions import InboxSpec, apply_inboxes
from answerable.people.models import Person
from answerable.people.queries import by_email
from answerable.tickets.access import visible_to
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast, a_ticket
from tests.running import mail

SUPPORT, URGENT = "support@vendor.test", "urgent@vendor.test"
ELIN = "elin@norrland.test"


@pytest.fixture(autouse=True)
def _inboxes(cast: Cast) -> None:
    trusted = ("mx.vendor.test",)
    apply_inboxes(
        [
            InboxSpec(key="support", address=SUPPORT, trusted_authserv=trusted),
            InboxSpec(key="urgent", address=URGENT, severity="P0", trusted_authserv=trusted),
        ],
        "vendor.test",
        NOW,
    )


def comes(sender: str, subject: str = "It stops", to: str = SUPPORT, *, hours: float = 0, **more: Any) -> InboundResult:
    inbox = more.pop("inbox", SUPPORT)
    raw = mail(sender, subject, f"Words of {subject} at {hours}.", to, **more)
    return process_inbound(raw, inbox, Envelope("x@y.test"), NOW + timedelta(hours=hours))


def says(word: str, domain: str = "norrland.test") -> dict[str, Any]:
    return {"Authentication_Results": f"mx.vendor.test; dmarc={word} header.from={domain}"}


@pytest.mark.behaviour("B-190")
def test_whose_sender_may_be_somebody_else_brings_nobody_along_e26(cast: Cast) -> None:
    named: dict[str, Any] = {"Cc": "nils@norrland.test"}
    forged = comes(ELIN, "forged", **named, **says("fail"))
    assert (forged.kind, forged.collaborators_added) == ("new", [])
    assert not Ticket.objects.filter(participants__person__email="nils@norrland.test").exists()
    assert comes(ELIN, "hers", **named, **says("pass")).collaborators_added == ["nils@norrland.test"]


def test_more_than_twenty_people_in_one_message_are_too_many_e26() -> None:
    many = ", ".join(f"p{n}@norrland.test" for n in range(25))
    found = comes(ELIN, Cc=many)
    assert found.collaborators_added == [f"p{n}@norrland.test" for n in range(20)]
    assert "cc_capped" in found.flags
    assert "cc_capped" not in comes(ELIN, "few", Cc="p1@norrland.test").flags


def test_the_inbox_that_is_named_first_counts_e38(cast: Cast) -> None:
    raw: dict[str, Any] = {"to": f"{URGENT}, {SUPPORT}", "Message_ID": "<1@norrland.test>"}
    first = comes(ELIN, inbox=SUPPORT, **raw)
    again = comes(ELIN, inbox=URGENT, **raw)
    assert (first.kind, again.kind) == ("new", "duplicate")
    assert first.ticket is not None
    ticket = Ticket.objects.get(pk=first.ticket)
    assert (ticket.severity, ticket.inbox) == ("P0", URGENT)
    assert again.duplicate_of == first.inbound_id


def test_a_stranger_with_a_staff_members_name_is_marked_e23(cast: Cast) -> None:
    assert "name_spoof" in comes(f'"{cast.agent.name.upper()}" <mallory@elsewhere.test>').flags
    for sender in (f'"{cast.agent.name}" <{cast.agent.email}>', '"Tom" <mallory@elsewhere.test>'):
        assert "name_spoof" not in comes(sender, "again").flags


def test_a_machines_request_is_marked_e47() -> None:
    found = comes("alerts@norrland.test", Auto_Submitted="auto-generated")
    assert (found.kind, found.created_ticket, found.ack) == ("auto", True, False)
    assert "automatic" in found.flags


def test_the_sixth_acknowledgement_of_an_hour_is_left_out_and_said_so_e95() -> None:
    found = [comes(ELIN, f"number {n}") for n in range(6)]
    assert [one.ack for one in found] == [True] * 5 + [False]
    assert ["ack_suppressed" in one.flags for one in found] == [False] * 5 + [True]


@pytest.mark.behaviour("B-191")
@pytest.mark.parametrize(
    ("most", "senders"),
    [
        (rates.Most(new=3), ["a@loud.test"] * 4),
        (rates.Most(messages=3), ["a@loud.test"] * 4),
        (rates.Most(of_a_domain=3), [f"{n}@loud.test" for n in range(4)]),
    ],
)
def test_too_much_new_mail_of_one_sender_waits_for_staff_e95(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, most: rates.Most, senders: list[str]
) -> None:
    monkeypatch.setattr(rates, "MOST", most)
    found = [comes(sender, f"number {n}") for n, sender in enumerate(senders)]
    assert [one.kind for one in found] == ["new", "new", "new", "quarantine"]
    assert found[-1].quarantine_reason == "rate_limited"
    assert not found[-1].outgoing
    # An hour later the same sender is heard again.
    assert comes(senders[-1], "later", hours=1.1).kind == "new"


@pytest.mark.behaviour("B-191")
def test_known_people_and_agents_never_wait_e95(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST", rates.Most(new=1, messages=1, of_a_domain=1))
    # A member with an address that is proven; an agent whose server vouches for it; who takes part, on that request.
    assert [comes(ELIN, f"number {n}").kind for n in range(3)] == ["new"] * 3
    proven = says("pass", "vendor.test")
    assert [comes(cast.agent.email, f"agent {n}", **proven).kind for n in range(3)] == ["new"] * 3
    ticket = a_ticket(cast, requester=cast.stranger, organization=None)
    Person.objects.filter(pk=cast.stranger.pk).update(email_verified_at=None)
    tag = f"Re: [#{ticket.number}]"
    kinds = [comes(cast.stranger.email, f"{tag} {n}", **says("pass", "kivu.test")).kind for n in range(3)]
    assert kinds == ["reply"] * 3
    assert comes(cast.stranger.email, "anew").kind == "quarantine"


def test_free_mail_has_no_limit_of_its_domain_e95(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST", rates.Most(of_a_domain=1))
    assert [comes(f"p{n}@gmail.com", f"number {n}").kind for n in range(3)] == ["new"] * 3


def test_strangers_cannot_fill_a_request_with_held_mail_e95(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("answerable.casework.reception.MOST", rates.Most(on_a_ticket=2))
    first = comes(ELIN, "hers")
    to = first.outgoing[0]["headers"]["Reply-To"]
    found = [comes("eve@elsewhere.test", f"number {n}", to=to) for n in range(3)]
    assert [(one.kind, one.visibility) for one in found] == [("reply", "held")] * 2 + [("quarantine", "none")]


def test_what_a_result_tells_is_what_happened(cast: Cast) -> None:
    """E-2."""
    found = comes(ELIN, "hers", **says("pass"))
    elin = by_email(ELIN)
    assert elin is not None
    assert found.ticket is not None
    assert visible_to(elin, NOW).filter(pk=found.ticket).exists()
    told = found.as_json()
    assert (told["sender"], told["subject"], told["to"]) == (ELIN, "hers", [SUPPORT])
    assert told["outgoing"][0]["headers"]["Auto-Submitted"] == "auto-replied"
    assert [told[key] for key in ("duplicate_of", "bounce", "quarantine_reason", "auto_class")] == [None] * 4
