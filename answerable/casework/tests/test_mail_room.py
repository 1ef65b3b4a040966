"""The mail room looks after itself: probes, what administrators are told, and that no message is lost count of."""

import logging
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from answerable.casework import mail_watch, probes
from answerable.casework import quarantine_actions as quarantine
from answerable.casework.jobs import send_probe
from answerable.casework.mail_check import check
from answerable.casework.moving_actions import Target, move
from answerable.casework.reception import receive
from answerable.casework.tests.test_reception import ELIN, SUPPORT, arrives, from_elin, last_mail, ticket_of
from answerable.lib.errors import Refused
from answerable.mail.actions import Arrival, note_collection, store
from answerable.mail.models import Mailbox, Probe, RawMail
from answerable.mail.probe_out import message, send
from answerable.mail.room_actions import new_probe, probe_address
from answerable.mail.room_queries import health
from answerable.mail.tests.listening import listening
from answerable.notify.models import Delivery, Notice
from answerable.people.models import Vendor
from answerable.people.organization_queries import search as organizations
from answerable.sla.models import Leg
from answerable.tickets.models import Reply, Ticket
from answerable.tickets.view_queries import page
from answerable.tickets.viewing import built_in
from tests.cast import NOW, Cast, a_ticket, assemble, inbox
from tests.running import mail

MINUTE = timedelta(minutes=1)


@pytest.fixture
def probing(cast: Cast) -> Cast:
    """Everybody, under a policy that asks for probes."""
    Vendor.objects.update_or_create(
        pk=1,
        defaults={
            "name": "Vendor",
            "product": "It",
            "support_address": SUPPORT,
            "portal_address": "https://x.test",
            "zone": "UTC",
            "settings": {"mail": {"probe": True}},
        },
    )
    return cast


def comes(probe: Probe, minutes: float = 0) -> RawMail:
    """The probe as our intake would keep it."""
    at = probe.sent_at + timedelta(minutes=minutes)
    raw_id = store(bytes(message(probe)), Arrival(SUPPORT, "smtp", at, "", (probe_address(probe),)), lambda _: None)
    receive(raw_id, at)
    return RawMail.objects.get(pk=raw_id)


def told(cast: Cast) -> list[str]:
    return list(Notice.objects.filter(person=cast.admin).order_by("id").values_list("kind", flat=True))


@pytest.mark.behaviour("B-204")
def test_a_probe_goes_the_whole_way_and_nobody_sees_it(probing: Cast) -> None:
    row = comes(new_probe(NOW))
    assert (row.state, row.outcome) == ("done", "probe")
    ticket = ticket_of(row)
    assert (ticket.status, ticket.number < 0, ticket.channel) == ("solved", True, "probe")
    assert list(Reply.objects.filter(ticket=ticket).order_by("id").values_list("from_staff", flat=True)) == [
        False,
        True,
    ]
    assert not Leg.objects.exists()
    assert not Delivery.objects.exists()
    assert not Notice.objects.exists()
    for person in (probing.admin, probing.agent, probing.requester):
        assert not [row for view in built_in().values() for row in page(person, view, "", NOW).rows]
    assert "internal" not in " ".join(one.name for one in organizations("", None).rows)
    assert check(NOW) == []


def test_one_ticket_serves_for_a_day(probing: Cast) -> None:
    first, second = comes(new_probe(NOW)), comes(new_probe(NOW + 5 * MINUTE))
    tomorrow = comes(new_probe(NOW + timedelta(days=1)))
    assert first.ticket_id == second.ticket_id != tomorrow.ticket_id
    assert Reply.objects.filter(ticket=first.ticket_id).count() == 4


def test_a_token_is_good_once_and_a_made_up_one_never(probing: Cast) -> None:
    probe = new_probe(NOW)
    comes(probe)
    again = comes(probe, minutes=1)
    assert (again.outcome, again.reason) == ("quarantine", "loop")
    forged = arrives(from_elin("Hello"), to="probe+00000000000000000000000000000000@vendor.test")
    assert forged.outcome == "new"


def test_a_late_probe_still_counts_as_one(probing: Cast) -> None:
    assert comes(new_probe(NOW), minutes=59).outcome == "probe"
    assert comes(new_probe(NOW), minutes=61).reason == "loop"


@pytest.mark.behaviour("B-205")
def test_a_probe_that_does_not_arrive_is_told_once_and_so_is_the_next_that_does(probing: Cast) -> None:
    new_probe(NOW)
    mail_watch.look(NOW + MINUTE)
    assert told(probing) == []
    for minutes in (3, 4, 5):
        mail_watch.look(NOW + minutes * MINUTE)
    new_probe(NOW + 5 * MINUTE)
    mail_watch.look(NOW + 8 * MINUTE)
    assert told(probing) == ["probe_failed"]
    found = health(NOW).probe
    assert found is not None
    assert found.failed_at is not None
    comes(new_probe(NOW + 10 * MINUTE))
    comes(new_probe(NOW + 15 * MINUTE))
    assert told(probing) == ["probe_failed", "probe_back"]
    found = health(NOW).probe
    assert found is not None
    assert found.failed_at is None


def test_no_probe_is_wanted_unless_the_policy_says_so(cast: Cast) -> None:
    assert not probes.is_wanted()
    new_probe(NOW)
    mail_watch.look(NOW + 5 * MINUTE)
    assert told(cast) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("real_transactions")
def test_a_probe_is_handed_over_by_smtp(settings: LazySettings) -> None:
    assemble()
    probe = new_probe(NOW)
    stored: list[int] = []
    with listening(stored.append) as running:
        settings.SMTP_HOST, settings.SMTP_PORT = "0.0.0.0", running.port
        assert send(probe) == ""
    receive(stored[0], NOW)
    assert RawMail.objects.get().outcome == "probe"
    settings.SMTP_HOST = "127.0.0.1"
    assert "refused" in send(new_probe(NOW))


@pytest.mark.behaviour("B-203")
def test_quarantine_is_told_once_an_hour_at_most(cast: Cast) -> None:
    inbox(known_contacts_only=True)

    def set_aside(minutes: float) -> None:
        arrives(mail("m@elsewhere.test", f"Hello {minutes}", "x", SUPPORT), hours=minutes / 60)
        mail_watch.look(NOW + minutes * MINUTE + MINUTE)

    set_aside(0)
    mail_watch.look(NOW + 2 * MINUTE)
    set_aside(30)
    assert told(cast) == ["mail_quarantine"]
    mail_watch.look(NOW + 59 * MINUTE)
    set_aside(62)
    assert told(cast) == ["mail_quarantine"] * 2
    mail_watch.look(NOW + 200 * MINUTE)  # nothing new since
    assert told(cast) == ["mail_quarantine"] * 2
    assert Notice.objects.filter(person=cast.agent).count() == 0


def test_too_much_mail_of_one_sender_is_told(cast: Cast) -> None:
    for number in range(22):
        arrives(mail("bulk@elsewhere.test", f"No {number}", "x", SUPPORT))
    assert RawMail.objects.filter(reason="rate_limited").count() == 2
    mail_watch.look(NOW + MINUTE)
    mail_watch.look(NOW + 2 * MINUTE)
    assert sorted(told(cast)) == ["mail_quarantine", "mail_rate_limited"]


@pytest.mark.behaviour("B-206")
def test_a_mailbox_that_fails_and_mail_that_waits_are_told_once_until_they_recover(cast: Cast) -> None:
    box = Mailbox.objects.create(
        name="Support", host="imap.vendor.test", user="s", password_variable="X", inbox=SUPPORT
    )
    note_collection(box, NOW, "the log-in is refused")
    mail_watch.look(NOW + 14 * MINUTE)
    assert told(cast) == []
    note_collection(box, NOW + 15 * MINUTE, "the log-in is refused")
    for minutes in (16, 17):
        mail_watch.look(NOW + minutes * MINUTE)
    assert told(cast) == ["mail_mailbox"]
    door = health(NOW + 17 * MINUTE).doors[1]
    assert (door.name, door.failing_since, door.error) == ("Support", NOW, "the log-in is refused")
    note_collection(box, NOW + 18 * MINUTE, "")
    mail_watch.look(NOW + 18 * MINUTE)
    note_collection(box, NOW + 20 * MINUTE, "away")
    mail_watch.look(NOW + 36 * MINUTE)
    assert told(cast) == ["mail_mailbox"] * 2

    store(from_elin(), Arrival(SUPPORT, "smtp", NOW + 40 * MINUTE), lambda _: None)
    mail_watch.look(NOW + 49 * MINUTE)
    assert told(cast) == ["mail_mailbox"] * 2
    for minutes in (51, 52):
        mail_watch.look(NOW + minutes * MINUTE)
    assert told(cast) == ["mail_mailbox"] * 2 + ["mail_waiting"]
    found = health(NOW + 52 * MINUTE)
    assert found.oldest_at == found.doors[0].oldest_at == NOW + 40 * MINUTE
    assert found.doors[0].messages == 1


@pytest.mark.behaviour("B-207")
def test_after_a_mixed_batch_each_message_has_one_outcome(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    ticket = a_ticket(cast)
    address = str(last_mail(ELIN)["Reply-To"])
    rows = [
        arrives(from_elin("new", Message_ID="<1@norrland.test>")),
        arrives(from_elin("new", Message_ID="<1@norrland.test>")),
        arrives(from_elin("more", to=address), to=address),
        arrives(mail("mallory@elsewhere.test", "let me in", "x", address), to=address),
        arrives(from_elin("Out of office", Auto_Submitted="auto-replied")),
        arrives(from_elin("Away", Auto_Submitted="auto-replied", to=address), to=address),
        arrives(b" "),
        arrives(b"no field at all\r\n\r\nx"),
        arrives(mail("MAILER-DAEMON@mx.test", "Undelivered Mail Returned to Sender", "x"), path=""),
        arrives(bytes(last_mail(ELIN).as_bytes())),
    ]
    kinds = [row.outcome for row in rows]
    assert kinds == ["new", "duplicate", "reply", "held", "auto", "event", *["quarantine"] * 2, "bounce", "quarantine"]
    quarantine.release(cast.admin, rows[6].pk, NOW, requester=ELIN)
    quarantine.discard(cast.admin, rows[7].pk, NOW)
    quarantine.make_ticket(cast.admin, rows[4].pk, NOW)
    move(cast.agent, rows[2].pk, Target(), NOW)
    move(cast.agent, rows[0].pk, Target(ticket.number), NOW)
    move(cast.agent, rows[3].pk, Target(ticket_of(RawMail.objects.get(pk=rows[2].pk)).number), NOW)
    assert check(NOW + timedelta(hours=1)) == []
    call_command("mail_check")
    # And it sees what is wrong.
    Reply.objects.filter(raw_id=rows[6].pk).update(raw_id=None)
    Reply.objects.filter(raw_id=rows[2].pk).update(raw_id=10**9)
    RawMail.objects.filter(pk=rows[8].pk).update(outcome="")
    store(b"x", Arrival(SUPPORT, "smtp", NOW), lambda _: None)
    assert {(one.what, one.count) for one in check(NOW + timedelta(hours=1))} == {
        ("nobody has handled it", 1),
        ("it was handled, and has no outcome", 1),
        ("it became an entry that is not there", 2),
        ("an entry of a message that is not there", 1),
    }
    with pytest.raises(Refused, match="no outcome"):
        call_command("mail_check")


def test_the_job_that_sends_asks_the_policy(probing: Cast, run_jobs: Callable[[], int]) -> None:
    send_probe.func(0)
    probe = Probe.objects.get()
    assert "refused" in probe.error
    assert message_from_bytes(bytes(message(probe)))["To"] == probe_address(probe)
    assert Ticket.objects.count() == 0
