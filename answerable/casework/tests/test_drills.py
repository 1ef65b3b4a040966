"""A drill goes in by the doors of customers, pages as a real P0 would, is measured, and reaches nobody else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from pytest_django.live_server_helper import LiveServer
from time_machine import travel

from answerable.audit.models import Record
from answerable.casework import drill_actions as drills
from answerable.casework import paging_actions as paging
from answerable.casework.drill_jobs import follow_drills
from answerable.casework.ladder_actions import open_level
from answerable.casework.mail_check import check
from answerable.casework.page_links import page_token
from answerable.casework.reception import receive
from answerable.casework.tests.test_page_replies import answer
from answerable.casework.tests.test_paging import page
from answerable.escalation import drill_queries as queries
from answerable.escalation.alerts import Alert, AlertEntry, Page
from answerable.escalation.drill_actions import DrillSpec, apply_drill
from answerable.escalation.drills import Drill, DrillLeg
from answerable.escalation.episodes import Episode
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.mail.actions import Arrival, store
from answerable.mail.models import Probe, RawMail
from answerable.mail.probe_out import message
from answerable.mail.room_actions import probe_address
from answerable.mail.room_queries import health
from answerable.mail.tests.listening import listening
from answerable.notify.models import Delivery, Notice
from answerable.people.models import Vendor
from answerable.reports.wall import picture
from answerable.sla.models import Leg
from answerable.tickets.models import Reply, Ticket
from answerable.tickets.view_queries import page as rows_of_view
from answerable.tickets.viewing import built_in
from tests.cast import NOW, Cast, a_ticket, assemble, inbox, ladder
from tests.running import free_port

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def night(cast: Cast) -> Cast:
    """Everybody; a P0 of Cloud support pages the agent, then the lead, ten minutes each."""
    steps = (Step((cast.agent.email,), 600), Step((cast.lead.email,), 600))
    apply_paging([PagingSpec("night", Plan(steps), ("cloud",))], NOW)
    ladder()
    return cast


@pytest.fixture
def everything_down(settings: LazySettings) -> None:
    """Neither intake nor web server."""
    settings.SMTP_PORT, settings.WEB_PORT = free_port(), free_port()


def begun(cast: Cast, now: datetime = NOW) -> Drill:
    return drills.begin_at_desk(cast.lead, cast.cloud, now)


def legs() -> dict[str, DrillLeg]:
    return {leg.channel: leg for leg in DrillLeg.objects.filter(drill=Drill.objects.latest("id"))}


def lies_there(leg: DrillLeg, at: datetime) -> int:
    """The test P0 by mail as our intake keeps it; its raw id."""
    one = Probe(token=leg.token, sent_at=leg.begun_at)
    raw = bytes(message(one, "Drill"))
    return store(raw, Arrival("support@vendor.test", "smtp", at, "", (probe_address(one),)), lambda _: None)


def by_mail(leg: DrillLeg, at: datetime, handled: datetime | None = None) -> RawMail:
    raw_id = lies_there(leg, at)
    receive(raw_id, handled or at)
    return RawMail.objects.get(pk=raw_id)


def by_portal(leg: DrillLeg, at: datetime) -> int:
    with travel(at, tick=False):
        return Client().post("/drill", {"token": leg.token, "text": "A drill."}).status_code


def paged(at: datetime, run_jobs: Callable[[], int]) -> None:
    """What workers do in a second: pages leave by mail."""
    with travel(at, tick=False):
        page(at)
        run_jobs()


def arrives(cast: Cast, now: datetime = NOW) -> list[Alert]:
    """A drill that has come in by both doors a second later."""
    begun(cast, now)
    by_mail(legs()["mail"], now + SECOND)
    assert by_portal(legs()["portal"], now + SECOND) == 200
    return list(Alert.objects.filter(state="open").order_by("id"))


@pytest.mark.behaviour("B-385")
def test_a_drill_comes_in_by_both_doors_pages_who_is_on_call_and_is_measured(
    night: Cast, run_jobs: Callable[[], int]
) -> None:
    alerts = arrives(night)
    assert [(one.severity, one.policy, one.team, one.ticket_id) for one in alerts] == [
        ("P0", "night", night.cloud, None)
    ] * 2
    paged(NOW + 3 * SECOND, run_jobs)
    drills.look(NOW + 4 * SECOND)
    assert {leg.channel: (leg.accepted_at, leg.raised_at, leg.paged_at) for leg in legs().values()} == dict.fromkeys(
        ("mail", "portal"), (NOW + SECOND, NOW + SECOND, NOW + 3 * SECOND)
    )
    for alert in alerts:
        assert paging.acknowledge_at_desk(night.agent, alert.pk, NOW + MINUTE).outcome == ""
    drills.look(NOW + MINUTE + SECOND)
    row = Drill.objects.get()
    assert (row.state, row.by, row.ended_at) == ("passed", night.lead, NOW + MINUTE + SECOND)
    assert {leg.acked_by for leg in legs().values()} == {"Tomas Kral"}
    assert set(Alert.objects.values_list("state", "resolved_by")) == {("resolved", "drill")}
    ended = Record.objects.get(verb="end_drill")
    assert ended.data["legs"]["mail"] == {"paged": 2, "answered": 59, "stood_at": ""}
    assert Record.objects.filter(verb="begin_drill", actor_label="Priya Nair").exists()
    assert not Notice.objects.exists()


@pytest.mark.behaviour("B-386")
def test_a_page_says_that_it_is_a_drill_in_title_and_text(night: Cast, run_jobs: Callable[[], int]) -> None:
    arrives(night)
    paged(NOW + 3 * SECOND, run_jobs)
    mails = list(Delivery.objects.order_by("id"))
    assert {(mail.kind, mail.address) for mail in mails} == {("page", night.agent.email)}
    assert [mail.subject for mail in mails] == ["DRILL: a test P0 by mail", "DRILL: a test P0 by the portal"]
    assert all("This is a DRILL (Cloud support). No customer waits" in mail.text for mail in mails)


def test_it_is_answered_by_mail_and_by_the_link_as_every_page(night: Cast, run_jobs: Callable[[], int]) -> None:
    inbox(trusted_authserv=["mx.vendor.test"])
    forget_all()
    alerts = arrives(night)
    paged(NOW + 3 * SECOND, run_jobs)
    first = Delivery.objects.order_by("id")[0]
    raw = answer(night, first.headers["reply_to"])
    raw_id = store(
        raw,
        Arrival("support@vendor.test", "smtp", NOW + MINUTE, "x@y.test", (first.headers["reply_to"],)),
        lambda _: None,
    )
    receive(raw_id, NOW + MINUTE)
    row = RawMail.objects.get(pk=raw_id)
    assert (row.outcome, row.reason, row.flags, row.trace, row.verdict) == ("ack", "", [], "", "pass")
    paging.acknowledge_by_link(page_token(alerts[1].pk, night.agent.pk, NOW), NOW + MINUTE)
    drills.look(NOW + MINUTE)
    assert Drill.objects.get().state == "passed"
    assert {leg.acked_by for leg in legs().values()} == {"Tomas Kral"}
    assert check(NOW + MINUTE) == []


@pytest.mark.behaviour("B-387")
def test_a_drill_reaches_neither_customers_nor_queues_nor_figures(night: Cast, run_jobs: Callable[[], int]) -> None:
    a_ticket(night)
    before = _seen(night)
    arrives(night)
    paged(NOW + 3 * SECOND, run_jobs)
    assert _seen(night) == before
    tickets = Ticket.objects.filter(channel="drill")
    assert {
        (one.status, one.number < 0, one.sensitive, one.organization.slug) for one in tickets if one.organization
    } == {("solved", True, True, "_internal")}
    assert not Leg.objects.filter(ticket_id__in=tickets.values("pk")).exists()
    assert {mail.person.is_staff for mail in Delivery.objects.filter(kind="page")} == {True}
    assert health(NOW).probe is None
    assert check(NOW + MINUTE) == []


def _seen(cast: Cast) -> list[object]:
    everybody = (cast.admin, cast.lead, cast.agent, cast.csm, cast.requester, cast.stranger)
    views = [
        [row.id for row in rows_of_view(person, view, "", NOW).rows]
        for person in everybody
        for view in built_in().values()
    ]
    return [views, picture(cast.admin, NOW), Leg.objects.count(), Delivery.objects.exclude(kind="page").count()]


@pytest.mark.behaviour("B-388")
def test_a_drill_that_nobody_answers_ends_with_the_plan_and_climbs_nothing(
    night: Cast, run_jobs: Callable[[], int]
) -> None:
    arrives(night)
    for minutes in (0, 5, 10, 15, 20, 25, 30):
        at = NOW + 3 * SECOND + minutes * MINUTE
        paged(at, run_jobs)
        paging.act_on_exhausted(open_level, at)
        drills.look(at)
    assert set(legs().values()) == {leg for leg in legs().values() if queries.unanswered(leg)}
    assert Drill.objects.get().state == "failed"
    # Two pages a step, two steps, two alerts; none after the plan.
    assert Page.objects.count() == 8
    assert set(Alert.objects.values_list("state", flat=True)) == {"resolved"}
    assert not Episode.objects.exists()
    assert [(row.person, row.kind) for row in Notice.objects.all()] == [(night.admin, "drill")]
    assert AlertEntry.objects.filter(kind="exhausted").count() == 2


@pytest.mark.behaviour("B-388")
def test_who_ends_the_alert_without_an_answer_has_not_answered(night: Cast, run_jobs: Callable[[], int]) -> None:
    alerts = arrives(night)
    paged(NOW + 3 * SECOND, run_jobs)
    paging.resolve(night.lead, alerts[0].pk, NOW + MINUTE)
    paging.acknowledge(night.agent, alerts[1].pk, "link", NOW + MINUTE)
    drills.look(NOW + MINUTE)
    assert {leg.channel: leg.stood_at for leg in legs().values()} == {"mail": "answer", "portal": ""}


@pytest.mark.behaviour("B-389")
@pytest.mark.usefixtures("everything_down")
def test_a_door_that_is_shut_is_named(night: Cast) -> None:
    begun(night)
    drills.send_waiting(NOW)
    drills.look(NOW + SECOND)
    assert Drill.objects.get().state == "failed"
    for leg in legs().values():
        assert leg.stood_at == "accept"
        assert "127.0.0.1" in leg.error
        assert "refused" in leg.error


@pytest.mark.behaviour("B-389")
def test_what_lies_unhandled_is_named_and_coming_late_pages_nobody(night: Cast, run_jobs: Callable[[], int]) -> None:
    begun(night)
    mail, portal = legs()["mail"], legs()["portal"]
    for leg in (mail, portal):
        DrillLeg.objects.filter(pk=leg.pk).update(sent_at=NOW, accepted_at=NOW)
    raw_id = lies_there(mail, NOW)
    by_portal(portal, NOW)
    drills.look(NOW + 59 * SECOND)
    assert legs()["mail"].ended_at is None
    drills.look(NOW + 61 * SECOND)
    assert legs()["mail"].stood_at == "raise"
    # Nothing pages either: two minutes are enough for that, too.
    drills.look(NOW + 121 * SECOND)
    assert (legs()["portal"].stood_at, Drill.objects.get().state) == ("page", "failed")
    assert Alert.objects.get().state == "resolved"

    again = begun(night, NOW + 5 * MINUTE)
    receive(raw_id, NOW + 6 * MINUTE)
    mail.refresh_from_db()
    assert (mail.late_at, mail.alert_id, mail.stood_at) == (NOW + 6 * MINUTE, None, "raise")
    assert RawMail.objects.get(pk=raw_id).outcome == "probe"
    assert mail.ticket_id is not None
    assert Ticket.objects.get(pk=mail.ticket_id).status == "solved"
    assert not Alert.objects.exclude(state="resolved").exists()
    assert check(NOW + 6 * MINUTE) == []
    by_mail(legs()["mail"], NOW + 6 * MINUTE)
    paged(NOW + 6 * MINUTE, run_jobs)
    paging.acknowledge(night.agent, Alert.objects.get(state="open").pk, "mail", NOW + 7 * MINUTE)
    drills.look(NOW + 7 * MINUTE)
    assert queries.went_well(DrillLeg.objects.get(drill=again, channel="mail"))


@pytest.mark.behaviour("B-389")
def test_where_nobody_is_there_to_be_paged_it_says_so(cast: Cast, run_jobs: Callable[[], int]) -> None:
    apply_paging([PagingSpec("night", Plan((Step(("gone@vendor.test",), 600),)), ("cloud",))], NOW)
    arrives(cast)
    paged(NOW + 2 * SECOND, run_jobs)
    drills.look(NOW + 2 * SECOND)
    assert {leg.stood_at for leg in legs().values()} == {"page"}


@pytest.mark.behaviour("B-390")
def test_there_is_one_drill_at_a_time_and_none_while_a_real_p0_waits(night: Cast) -> None:
    begun(night)
    with pytest.raises(Refused, match="running already, begun at 09:00 UTC by Priya Nair"):
        begun(night, NOW + 20 * SECOND)
    drills.stop(night.admin, Drill.objects.get().pk, NOW + MINUTE)
    assert (Drill.objects.get().state, Drill.objects.get().ended_by) == ("stopped", "Ada Lind")
    assert by_portal(legs()["portal"], NOW + MINUTE) == 200
    assert not Alert.objects.exists()
    ticket = a_ticket(night, severity="P0")
    with pytest.raises(Refused, match="A real P0 waits"):
        begun(night, NOW + 2 * MINUTE)
    paging.acknowledge(night.agent, Alert.objects.get(ticket_id=ticket.pk).pk, "desk", NOW + 2 * MINUTE)
    assert begun(night, NOW + 3 * MINUTE).state == "running"


def test_what_the_policy_has_closed_is_no_way_in(night: Cast) -> None:
    Vendor.objects.update(settings={"channels": {"mail": False, "form": True}})
    forget_all()
    begun(night)
    assert list(legs()) == ["portal"]


def test_only_leads_and_administrators_run_and_stop_one(night: Cast) -> None:
    with pytest.raises(Refused):
        drills.begin_at_desk(night.agent, None, NOW)
    row = drills.begin_at_desk(night.admin, None, NOW)
    with pytest.raises(Refused):
        drills.stop(night.csm, row.pk, NOW)


def test_a_drill_that_nothing_has_followed_for_long_keeps_no_other_from_beginning(night: Cast) -> None:
    begun(night)
    assert begun(night, NOW + 10 * MINUTE).state == "running"
    assert list(Drill.objects.order_by("id").values_list("state", flat=True)) == ["failed", "running"]
    assert {leg.stood_at for leg in DrillLeg.objects.filter(drill__state="failed")} == {"send"}


def weekly(**more: Any) -> DrillSpec:
    return replace(DrillSpec(True, "mon", "10:00", "Europe/Stockholm", "cloud"), **more)


@pytest.mark.behaviour("B-390")
@pytest.mark.usefixtures("everything_down")
def test_the_weekly_drill_begins_once_at_its_hour(night: Cast) -> None:
    """NOW is a Monday, 10:00 in Stockholm."""
    apply_drill(weekly(), NOW - timedelta(days=1))
    drills.begin_weekly(NOW - SECOND)
    assert not Drill.objects.exists()
    for at in (NOW + MINUTE, NOW + 2 * MINUTE):
        with travel(at, tick=False):
            follow_drills(0)
    row = Drill.objects.get()
    assert (row.planned_at, row.team, row.by_label, row.state) == (NOW, night.cloud, "drill", "failed")


@pytest.mark.behaviour("B-390")
def test_the_weekly_drill_is_skipped_and_says_why(night: Cast) -> None:
    apply_drill(weekly(), NOW - timedelta(days=1))
    ticket = a_ticket(night, severity="P0")
    drills.begin_weekly(NOW + MINUTE)
    drills.begin_weekly(NOW + 2 * MINUTE)
    assert [(row.state, row.why) for row in Drill.objects.all()] == [("skipped", "burns")]
    paging.acknowledge(night.agent, Alert.objects.get(ticket_id=ticket.pk).pk, "desk", NOW)
    drills.begin_weekly(NOW + timedelta(days=7, hours=3))
    begun(night, NOW + timedelta(days=14))
    drills.begin_weekly(NOW + timedelta(days=14))
    skipped = Drill.objects.filter(state="skipped").order_by("id")
    assert list(skipped.values_list("why", flat=True)) == ["burns", "late", "running"]
    assert not Notice.objects.filter(kind="drill").exists()


def test_what_was_planned_before_the_policy_said_so_is_not_made_up_for(night: Cast) -> None:
    apply_drill(weekly(), NOW + MINUTE)
    drills.begin_weekly(NOW + 2 * MINUTE)
    apply_drill(weekly(enabled=False), NOW + MINUTE)
    drills.begin_weekly(NOW + timedelta(days=7))
    assert not Drill.objects.exists()


def test_a_token_opens_its_door_once_and_a_made_up_one_none(night: Cast) -> None:
    begun(night)
    token = legs()["portal"]
    assert [by_portal(token, NOW), by_portal(token, NOW)] == [200, 404]
    assert Client().post("/drill", {"token": "0" * 32}).status_code == 404
    assert Client().get("/drill").status_code == 405
    mail = legs()["mail"]
    by_mail(mail, NOW)
    again = by_mail(mail, NOW + MINUTE)
    assert (again.outcome, again.reason) == ("quarantine", "loop")
    assert Reply.objects.filter(raw_id__isnull=False, ticket__channel="drill").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("real_transactions")
@pytest.mark.behaviour("B-385")
def test_it_is_handed_to_our_own_intake_and_web_server(settings: LazySettings, live_server: LiveServer) -> None:
    night = assemble()
    begun(night, clock.now())
    stored: list[int] = []
    with listening(stored.append) as door:
        settings.SMTP_HOST, settings.SMTP_PORT = "0.0.0.0", door.port
        settings.WEB_HOST, settings.WEB_PORT = "0.0.0.0", int(live_server.url.rpartition(":")[2])
        drills.send_waiting(clock.now())
    assert legs()["mail"].accepted_at is not None
    assert legs()["mail"].raised_at is None
    assert legs()["portal"].raised_at is not None
    receive(stored[0], clock.now())
    assert legs()["mail"].raised_at is not None
    assert RawMail.objects.get().subject == "Drill"
