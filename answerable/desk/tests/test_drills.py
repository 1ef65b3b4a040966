"""Drills at the desk: their times for staff, one more by leads and administrators, and what the link says."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from time_machine import travel

from answerable.casework import drill_actions as drills
from answerable.casework import paging_actions as paging
from answerable.casework.page_links import page_token
from answerable.casework.tests.test_drills import by_mail, by_portal, legs
from answerable.casework.tests.test_paging import page
from answerable.escalation.alerts import Alert, Page
from answerable.escalation.drill_actions import DrillSpec, apply_drill, skip
from answerable.escalation.drills import Drill, DrillLeg
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.notify.models import Notice
from answerable.people.models import Person
from answerable.tickets.words import read_some
from tests.cast import NOW, Cast

SECOND = timedelta(seconds=1)


def of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(person: Person, path: str) -> str:
    answer = of(person).get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def night(cast: Cast) -> Cast:
    apply_paging([PagingSpec("night", Plan((Step((cast.agent.email,), 600),)), ("cloud",))], NOW)
    return cast


@pytest.mark.behaviour("B-385")
def test_a_drill_is_begun_with_a_confirmation_and_its_times_are_there_for_staff(night: Cast) -> None:
    with travel(NOW, tick=False):
        assert "No drill yet" in text(night.agent, "/desk/drills")
        assert "Cloud support: pages Tomas Kral first" in text(night.lead, "/desk/drills/new")
        answer = of(night.lead).post("/desk/drills/begin", {"team": "cloud"}, follow=True)
        assert "The drill has begun" in answer.content.decode()
        assert "is running already" in of(night.admin).post("/desk/drills/begin").content.decode()
        assert "Begun by Priya Nair · Cloud support" in text(night.csm, "/desk/drills")
        assert "Stop it" not in text(night.csm, "/desk/drills")
    by_mail(legs()["mail"], NOW + SECOND)
    by_portal(legs()["portal"], NOW + SECOND)
    page(NOW + 2 * SECOND)
    Page.objects.update(state="sent", done_at=NOW + 4 * SECOND)
    first, second = Alert.objects.order_by("id")
    paging.acknowledge(night.agent, first.pk, "link", NOW + 31 * SECOND)
    paging.resolve(night.lead, second.pk, NOW + 40 * SECOND)
    drills.look(NOW + 41 * SECOND)
    with travel(NOW + 60 * SECOND, tick=False):
        shown = text(night.agent, "/desk/drills")
    assert "By mail Paged in time, answered Accepted 09:00:01 Alert 0 s First page 3 s Answer 30 s, Tomas Kral" in shown
    assert "By the portal Nobody answered Accepted 09:00:01 Alert 0 s First page 3 s Answer no" in shown
    assert "Priya Nair ended the alert without saying that they have it." in shown


@pytest.mark.behaviour("B-386")
def test_the_alert_and_the_link_in_its_page_say_that_it_is_a_drill(night: Cast) -> None:
    with travel(NOW, tick=False):
        of(night.lead).post("/desk/drills/begin", {"team": "cloud"})
        by_mail(legs()["mail"], NOW)
        page(NOW)
        row = Alert.objects.get()
        assert "DRILL: a test P0 by mail" in text(night.agent, "/desk/alerts")
        # Nobody on the staff takes it for somebody else's P0.
        assert "DRILL: a test P0 by mail" in text(night.csm, "/desk/alerts")
        shown = text(night.agent, f"/desk/alerts/{row.pk}")
        assert "This is a drill: no customer waits." in shown
        assert "everybody on the request" not in shown
        link = text(night.agent, f"/desk/page/{page_token(row.pk, night.agent.pk, NOW)}")
        assert "This is a drill: no customer waits." in link
        assert "the customer reads" not in link


@pytest.mark.behaviour("B-389")
def test_what_stands_still_is_said_although_no_worker_runs(night: Cast) -> None:
    drills.begin_at_desk(night.lead, None, NOW)
    DrillLeg.objects.filter(channel="portal").update(sent_at=NOW, accepted_at=NOW)
    with travel(NOW + 70 * SECOND, tick=False):
        shown = text(night.agent, "/desk/drills")
        assert "Nothing has sent it: is a worker running?" in shown
        assert "It was accepted and lies there" in shown
        assert of(night.lead).post(f"/desk/drills/{Drill.objects.get().pk}/stop").status_code == 302
        assert "Priya Nair stopped it." in text(night.agent, "/desk/drills")


@pytest.mark.behaviour("B-387")
def test_no_search_finds_one_and_administrators_read_that_it_failed(night: Cast) -> None:
    drills.begin_at_desk(night.lead, night.cloud, NOW)
    by_mail(legs()["mail"], NOW)
    by_portal(legs()["portal"], NOW)
    while read_some():
        pass
    drills.look(NOW + 180 * SECOND)
    with travel(NOW + 180 * SECOND, tick=False):
        assert "The drill has arrived" not in text(night.admin, "/desk/search?q=arrived")
        assert "DRILL" not in text(night.agent, "/desk/search?q=drill")
        assert "DRILL" not in text(night.admin, "/desk/views/solved")
        assert "A drill failed: a P0 may reach nobody in time" in text(night.admin, "/desk/notices")
        told = Notice.objects.get(person=night.admin)
        assert of(night.admin).post(f"/desk/notices/{told.pk}").headers["Location"] == "/desk/drills"


@pytest.mark.behaviour("B-390")
def test_the_plan_and_what_was_skipped_are_there(night: Cast) -> None:
    apply_drill(DrillSpec(True, "mon", "10:00", "Europe/Stockholm"), NOW)
    skip(NOW, None, drills.DRILL, "burns", NOW)
    with travel(NOW, tick=False):
        shown = text(night.agent, "/desk/drills?before=x")
        assert "Weekly: Mondays at 10:00 (Europe/Stockholm), next" in shown
        assert "Skipped Weekly · P0 without a team A real P0 was waiting for an answer." in shown
        assert "No drill yet" in text(night.agent, "/desk/drills?before=1")
