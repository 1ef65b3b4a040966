"""Alerts of Prometheus Alertmanager: they page, join and end by fingerprint, and a storm can be worked on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from answerable.casework import outside_in
from answerable.casework import paging_actions as paging
from answerable.casework.outside_in import Taken, take
from answerable.casework.tests.test_paging import page
from answerable.escalation.alertmanager import read
from answerable.escalation.alerts import Alert, AlertEntry, Page
from answerable.escalation.outside import OutsideTool
from answerable.escalation.outside_policy import OutsideSpec, apply_outside
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.escalation.tests.test_outside_words import fired, message
from answerable.notify.models import Delivery, Notice
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast

MINUTE = timedelta(minutes=1)
RULES = {
    "team": "product",
    "severity": "P2",
    "routes": [{"match": {"severity": ["critical"]}, "team": "cloud", "severity": "P1"}],
}


@pytest.fixture
def hear(cast: Cast) -> Callable[..., Taken]:
    """What Prometheus says is taken; critical alerts page the agent."""
    apply_paging([PagingSpec("night", Plan((Step((cast.agent.email,), 600),)), ("cloud",))], NOW)
    apply_outside([OutsideSpec("prometheus", "alertmanager", "Prometheus", rules=RULES)], NOW)

    def said(*alerts: dict[str, Any], now: Any = NOW, **more: Any) -> Taken:
        return take(OutsideTool.objects.get(), read(message(*alerts, **more)), now)

    return said


@pytest.mark.behaviour("B-396")
def test_what_fires_pages_what_is_told_again_joins_and_what_is_over_ends_it(
    cast: Cast, hear: Callable[..., Taken]
) -> None:
    assert hear(fired(), fired("Slow", fingerprint="0b", labels={"severity": "warning"})) == Taken(raised=2)
    high, slow = Alert.objects.order_by("severity")
    assert (high.title, high.team, high.policy) == ("P1: HighErrorRate, api-3:9090", cast.cloud, "night")
    assert (slow.title, slow.team, slow.policy) == ("P2: Slow, api-3:9090", cast.product, "")
    page(NOW)
    mail = Delivery.objects.get(person=cast.agent)
    assert (mail.subject, mail.ticket_id) == (high.title, None)
    assert f"/desk/alerts/{high.pk}" in mail.text

    for minutes in (5, 10, 70):
        hear(fired(), fired("Slow", fingerprint="0b"), now=NOW + minutes * MINUTE)
    assert Alert.objects.count() == 2
    assert AlertEntry.objects.filter(alert=high, kind="again").count() == 1  # noted once an hour
    page(NOW + MINUTE)
    assert Page.objects.filter(person=cast.agent).count() == 1

    # An end that came late, of one before this one, ends nothing.
    late = fired(status="resolved", endsAt="2026-03-01T00:00:00Z")
    assert hear(late, now=NOW + MINUTE) == Taken()
    over = fired(status="resolved", endsAt="2026-03-04T00:00:00Z")
    assert hear(over, fired("Never heard of", fingerprint="0c", status="resolved")) == Taken(resolved=1)
    high.refresh_from_db()
    assert (high.state, high.resolved_by) == ("resolved", "Prometheus")
    assert hear(over) == Taken()
    # It fires once more: another alert, which pages.
    assert hear(fired()) == Taken(raised=1)
    assert Alert.objects.filter(state="open", severity="P1").count() == 1
    assert not Ticket.objects.exists()


@pytest.mark.behaviour("B-397")
def test_what_does_not_fit_is_one_alert(
    cast: Cast, hear: Callable[..., Taken], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside_in, "MOST_RUNNING", 3)
    storm = [fired(fingerprint=f"{n:02}") for n in range(9)]
    assert hear(*storm, truncatedAlerts=40) == Taken(raised=3, left_off=46)
    assert Alert.objects.filter(title="P1: 46 more alerts of Prometheus", team=cast.cloud).count() == 1
    assert hear(*storm, truncatedAlerts=40, now=NOW + MINUTE) == Taken(joined=3, left_off=46)
    assert Alert.objects.count() == 4
    ended = [{**one, "status": "resolved", "endsAt": "2026-03-04T00:00:00Z"} for one in storm]
    assert hear(*ended) == Taken(resolved=3)
    assert not Alert.objects.exclude(state="resolved").exists()


def test_nobody_answers_and_those_who_lead_are_told_where_it_is(cast: Cast, hear: Callable[..., Taken]) -> None:
    cast.cloud.members.add(cast.lead)
    hear(fired())
    for minutes in (0, 11):
        page(NOW + minutes * MINUTE)
    alert = Alert.objects.get()
    notice = Notice.objects.get(person=cast.lead)
    assert (notice.kind, notice.ticket_id, notice.data["path"]) == ("alert_out", None, f"/desk/alerts/{alert.pk}")
    paging.acknowledge_at_desk(cast.agent, alert.pk, NOW + 12 * MINUTE)
    assert Alert.objects.get().state == "acked"
