"""Old mail becomes history (E-84): threads and tickets in the past, and nobody is told, paged, answered or owed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from answerable.casework import actions as casework
from answerable.casework import clock_actions
from answerable.casework.held_actions import held_since
from answerable.casework.jobs import find_lost_mail
from answerable.casework.reception import receive
from answerable.casework.tests.test_reception import arrives
from answerable.lib.errors import Refused
from answerable.mail import parse
from answerable.mail.actions import Arrival, store
from answerable.mail.models import RawMail
from answerable.notify.models import Delivery, Notice
from answerable.people.models import Membership, Person
from answerable.sla.models import Leg
from answerable.sla.queries import due_tickets
from answerable.tickets.access import visible_to
from answerable.tickets.models import Event, Participant, Reply, Status, Ticket
from tests.cast import NOW, Cast, a_ticket, says
from tests.running import mail

pytestmark = pytest.mark.django_db

SUPPORT, ELIN, TOMAS = "support@vendor.test", "elin@norrland.test", "agent@vendor.test"
OLD = NOW - timedelta(days=200)


def past(sender: str, days: float = 200, to: str = SUPPORT, text: str = "Words", **more: str) -> RawMail:
    """A message of so many days ago, imported now."""
    at = NOW - timedelta(days=days)
    raw = mail(sender, more.pop("subject", "Sync stopped"), text, to, Date=format_datetime(at), **more)
    arrival = Arrival(SUPPORT, "import", at, fingerprint=parse.read(raw).fingerprint)
    raw_id = store(raw, arrival, lambda _: None)
    receive(raw_id, NOW)
    return RawMail.objects.get(pk=raw_id)


def thread() -> Ticket:
    """A question, the team's answer from its own mailbox, thanks."""
    past(ELIN, 200, Message_ID="<1@norrland.test>", Cc="A. Lund <lund@norrland.test>")
    past(SUPPORT, 199, ELIN, Message_ID="<2@vendor.test>", In_Reply_To="<1@norrland.test>")
    past(ELIN, 198, Message_ID="<3@norrland.test>", References="<1@norrland.test> <2@vendor.test>")
    return Ticket.objects.get()


@pytest.mark.behaviour("B-215")
def test_old_mail_is_history_and_nobody_hears_of_it_e84(cast: Cast) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        ticket = thread()
    assert not [one for one in queries if "pg_notify" in (one["sql"] or "")], "no open page is told"
    assert (ticket.requester, ticket.organization, ticket.status) == (cast.requester, cast.org, Status.CLOSED)
    assert ticket.unverified, "nobody has proven that these senders were who they said"
    assert (ticket.created_at, ticket.solved_at) == (OLD, OLD + timedelta(days=2))
    assert [(one.from_staff, one.at) for one in Reply.objects.order_by("at")] == [
        (False, OLD),
        (True, OLD + timedelta(days=1)),
        (False, OLD + timedelta(days=2)),
    ]
    on = Participant.objects.filter(ticket=ticket).values_list("person__email", "role", "pending")
    assert sorted(on) == [(ELIN, "requester", False), ("lund@norrland.test", "cc", False)]
    for nothing in (Delivery, Notice, Leg, ProcrastinateJob):
        assert not nothing.objects.exists()
    assert due_tickets(NOW, 10) == []
    assert clock_actions.look(ticket.pk, NOW) in (None, False)
    assert not Leg.objects.exists(), "no figure counts what nobody promised"


def test_the_people_of_old_mail_are_contacts_and_no_more(cast: Cast) -> None:
    members = Membership.objects.count()
    ticket_id = past("new@norrland.test").ticket_id or 0
    person = Person.objects.get(email="new@norrland.test")
    assert (person.email_verified_at, person.has_usable_password()) == (None, False)
    assert Membership.objects.count() == members
    assert visible_to(cast.requester, NOW).filter(pk=ticket_id).count() == 0
    assert visible_to(cast.agent, NOW).filter(pk=ticket_id).count() == 1


def test_a_recent_one_is_solved_and_gets_its_clock_when_it_is_opened_again(cast: Cast) -> None:
    past(ELIN, 3, Message_ID="<1@norrland.test>")
    ticket = Ticket.objects.get()
    assert ticket.status == Status.SOLVED
    row = arrives(mail(ELIN, "Re: Sync stopped", "Again", In_Reply_To="<1@norrland.test>"), hours=1)
    ticket.refresh_from_db()
    assert (row.outcome, row.ticket_id, ticket.status) == ("reply", ticket.pk, Status.OPEN)
    leg = Leg.objects.get(metric="first_response")
    assert (leg.start, leg.state) == (NOW + timedelta(hours=1), "running")
    assert ticket.next_due_at == NOW + timedelta(hours=9)
    casework.add_reply(cast.agent, ticket.pk, says("Look now"), NOW + timedelta(hours=2))
    assert Leg.objects.get(metric="first_response").breached_at is None
    assert Event.objects.filter(ticket=ticket, kind="targets").count() == 1


def test_a_closed_one_is_referred_to(cast: Cast) -> None:
    ticket = thread()
    row = arrives(mail(ELIN, "Re: Sync stopped", "Again", In_Reply_To="<2@vendor.test>"))
    new = Ticket.objects.get(pk=row.ticket_id or 0)
    assert (row.outcome, new.follow_up_of) == ("new", ticket)


def test_whoever_wrote_first_or_in_whatever_order(cast: Cast) -> None:
    """Our side began; the customer's answer was imported first, and the message between them is lost."""
    past(ELIN, 10, References="<1@vendor.test> <lost@vendor.test>", Message_ID="<3@norrland.test>")
    past("Tomas Kral <support@vendor.test>", 12, ELIN, Message_ID="<1@vendor.test>")
    past(TOMAS, 9, ELIN, Message_ID="<4@vendor.test>", In_Reply_To="<lost@vendor.test>")
    ticket = Ticket.objects.get()
    authors = list(Reply.objects.order_by("at").values_list("author__email", "from_staff"))
    assert authors == [(TOMAS, True), (ELIN, False), (TOMAS, True)]
    assert (ticket.requester, ticket.preview) == (cast.requester, "Words")
    assert ticket.solved_at == NOW - timedelta(days=9)


def test_mail_to_a_customer_that_we_began_is_the_customers(cast: Cast) -> None:
    row = past(TOMAS, 20, "Elin Berg <elin@norrland.test>")
    assert (row.outcome, Ticket.objects.get().requester) == ("new", cast.requester)


def test_onto_a_request_that_goes_on_only_those_who_take_part(cast: Cast) -> None:
    row = arrives(mail(ELIN, "Export", "fails", Message_ID="<live@norrland.test>"))
    live = Ticket.objects.get()
    before = (live.status, live.next_due_at, live.waits_for, live.last_event_at, live.preview)
    mails, legs = Delivery.objects.count(), Leg.objects.count()
    assert past(ELIN, 40, In_Reply_To="<live@norrland.test>").ticket_id == row.ticket_id
    stranger = past("x@stranger.test", 40, In_Reply_To="<live@norrland.test>")
    assert (stranger.outcome, stranger.ticket_id != row.ticket_id) == ("new", True)
    live.refresh_from_db()
    assert (live.status, live.next_due_at, live.waits_for, live.last_event_at, live.preview) == before
    assert Delivery.objects.count() == mails
    assert held_since(live, OLD) == 0
    clock_actions.look(live.pk, NOW + timedelta(minutes=1))
    assert Leg.objects.count() == legs


@pytest.mark.parametrize(
    ("sender", "to", "more", "outcome"),
    [
        (TOMAS, "lead@vendor.test", {}, ("auto", "internal")),
        (ELIN, SUPPORT, {"Auto_Submitted": "auto-replied", "In_Reply_To": "<1@x.test>"}, ("auto", "vacation")),
        (
            "MAILER-DAEMON@norrland.test",
            SUPPORT,
            {"subject": "Undelivered Mail", "Return_Path": "<>"},
            ("bounce", "past"),
        ),
        ("nobody", SUPPORT, {}, ("quarantine", "no_sender")),
    ],
)
def test_what_is_no_request_is_kept_and_left_aside(
    cast: Cast, sender: str, to: str, more: dict[str, str], outcome: tuple[str, str]
) -> None:
    row = past(sender, 100, to, **more)
    assert (row.outcome, row.reason) == outcome
    assert not Ticket.objects.exists()


def test_what_we_sent_ourselves_is_here_already(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Done", "desk"), NOW)
    sent = Delivery.objects.latest("id")
    row = past(SUPPORT, 1, ELIN, Message_ID=sent.message_id)
    assert (row.outcome, row.reason) == ("auto", "ours")


def test_a_copy_of_what_came_alive_is_a_duplicate(cast: Cast) -> None:
    first = arrives(mail(ELIN, "Sync stopped", "Words", SUPPORT, Date=format_datetime(OLD), Message_ID="<1@n.test>"))
    again = past(ELIN, 200, Message_ID="<1@n.test>")
    assert (again.outcome, again.duplicate_of) == ("duplicate", first)


def test_old_mail_does_not_count_as_much_mail_of_today(cast: Cast, run_jobs: Callable[[], int]) -> None:
    for number in range(25):
        past("many@kivu.test", 100, subject=str(number))
    assert arrives(mail("many@kivu.test", "Now", "Help", SUPPORT)).outcome == "new"


def test_a_message_whose_import_died_is_taken_up_as_history(cast: Cast, run_jobs: Callable[[], int]) -> None:
    raw = mail(ELIN, "Sync stopped", "Words", SUPPORT)
    store(raw, Arrival(SUPPORT, "import", datetime.fromisoformat("2020-01-01T00:00:00Z")), lambda _: None)
    find_lost_mail(0)
    run_jobs()
    assert Ticket.objects.get().status == Status.CLOSED
    assert not Delivery.objects.exists()


def test_a_closed_one_stays_closed(cast: Cast) -> None:
    ticket = thread()
    with pytest.raises(Refused):
        casework.add_reply(cast.requester, ticket.pk, says("Again"), NOW)
