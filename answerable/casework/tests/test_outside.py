"""Outside tools are told what becomes of an alert, by a receiver over TLS on this machine; and what they say back."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from answerable.audit.actions import system
from answerable.casework import outside_actions as outside
from answerable.casework import paging_actions as paging
from answerable.casework.outside_back import Answer, hear
from answerable.casework.outside_jobs import outside_due
from answerable.casework.tests.test_paging import page
from answerable.desk.alert_words import line_of, state_words
from answerable.escalation import outside_calls as calls
from answerable.escalation import outside_tests
from answerable.escalation.alert_actions import hand_on, resolve
from answerable.escalation.alerts import Alert, AlertEntry, Page
from answerable.escalation.outside import OutsideCall, OutsideTool, OutsideWord
from answerable.escalation.outside_policy import OutsideSpec, apply_outside, tools_by_key
from answerable.escalation.outside_words import Who, Word, read_own, read_pagerduty
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.escalation.tests.test_outside_words import event
from answerable.lib import clock
from answerable.lib.tests.test_http import server
from answerable.notify import tool_out
from answerable.notify.tests.test_channels import receiver, took
from answerable.tickets.models import Event
from tests.cast import NOW, Cast, a_ticket

__all__ = ["receiver", "server"]

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
KEY = "R0UT1NGKEYR0UT1NGKEYR0UT1NGKEY00"


@pytest.fixture
def tools(cast: Cast, receiver: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """PagerDuty, that takes events, and a webhook of ours; the night policy tells both."""
    monkeypatch.setenv("PD_KEY", KEY)
    monkeypatch.setenv("BRIDGE_KEY", "what-we-sign-with")
    monkeypatch.setattr(clock, "now", lambda: NOW)
    apply_paging([PagingSpec("night", Plan((Step((cast.agent.email,), 600),)), ("cloud",))], NOW)

    def put(*, path: str = "202", may_acknowledge: bool = False, names: tuple[str, ...] = ("night",)) -> None:
        pagerduty = OutsideSpec("pagerduty", "events_v2", "PagerDuty", f"{receiver}{path}", "PD_KEY", "PD_SECRET")
        people = {"PLH1HKV": cast.agent.email}
        pagerduty = replace(pagerduty, may_acknowledge=may_acknowledge, people=people, policies=names)
        bridge = OutsideSpec("bridge", "webhook", "Bridge", f"{receiver}200", "BRIDGE_KEY", "BRIDGE_SECRET")
        apply_outside([pagerduty, replace(bridge, policies=names)], NOW)

    put()
    return put


def p0(cast: Cast) -> Alert:
    a_ticket(cast, severity="P0", subject="Our warehouse in Oslo burns")
    page(NOW)
    return Alert.objects.get()


def send(now: Any = NOW) -> None:
    """What the jobs do until nothing is due."""
    for tool in OutsideTool.objects.order_by("key"):
        while outside.call_next(tool.pk, now):
            pass


def events() -> list[tuple[str, str]]:
    """What PagerDuty took: action and key."""
    bodies = [json.loads(body) for _headers, body in took]
    return [(one["event_action"], one["dedup_key"]) for one in bodies if "routing_key" in one]


def log(alert: Alert) -> list[str]:
    rows = AlertEntry.objects.filter(alert=alert).order_by("id")
    return [line_of(row, alert.plan, {}).text for row in rows if row.kind.startswith("outside")]


@pytest.mark.behaviour("B-392")
def test_a_tool_is_told_of_an_alert_its_acknowledgement_and_its_end(
    cast: Cast, tools: Callable[..., None], run_jobs: Callable[[], int]
) -> None:
    alert = p0(cast)
    outside_due(0)
    run_jobs()
    key = f"http://portal.vendor.test/alerts/{alert.pk}"
    first = next(json.loads(body) for _headers, body in took if b"routing_key" in body)
    assert first["routing_key"] == KEY
    assert (first["payload"]["severity"], first["payload"]["summary"]) == ("critical", alert.title)
    assert first["links"][0]["href"] == f"http://portal.vendor.test/desk/alerts/{alert.pk}"
    headers, body = next((head, body) for head, body in took if b"routing_key" not in body)
    assert (json.loads(body)["event"], json.loads(body)["dedup_key"]) == ("trigger", key)
    assert headers["X-Answerable-Signature"].startswith("sha256=")
    assert headers["Idempotency-Key"] == str(OutsideCall.objects.get(tool__key="bridge").uuid)
    assert not any(b"Oslo" in body or b"warehouse" in body for _headers, body in took)
    # It is nobody who was paged.
    assert Page.objects.count() == 1

    paging.acknowledge_at_desk(cast.agent, alert.pk, NOW + MINUTE)
    paging.page_again(cast.lead, alert.pk, NOW + 2 * MINUTE)
    paging.acknowledge_at_desk(cast.agent, alert.pk, NOW + 3 * MINUTE)
    paging.resolve(cast.lead, alert.pk, NOW + 4 * MINUTE)
    send(NOW + 4 * MINUTE)
    # What had not left by its end is not said any more, but that it is over.
    assert events() == [("trigger", key), ("resolve", key)]
    for _ in range(3):
        send(NOW + 5 * MINUTE)
    assert len(events()) == 2
    assert "PagerDuty: alert, taken (202)" in log(alert)
    assert "PagerDuty: over, taken (202)" in log(alert)
    assert OutsideTool.objects.get(key="pagerduty").sent_at == NOW + 4 * MINUTE
    assert set(OutsideCall.objects.values_list("state", flat=True)) == {"sent", "void"}


def test_each_turn_of_an_alert_is_told(cast: Cast, tools: Callable[..., None]) -> None:
    alert = p0(cast)
    for act in (
        lambda: paging.acknowledge_at_desk(cast.agent, alert.pk, NOW),
        lambda: paging.page_again(cast.lead, alert.pk, NOW),
        lambda: paging.acknowledge_at_desk(cast.agent, alert.pk, NOW),
        lambda: paging.resolve(cast.lead, alert.pk, NOW),
    ):
        send()
        act()
    send()
    assert [action for action, _key in events()] == ["trigger", "acknowledge", "trigger", "acknowledge", "resolve"]
    assert len({key for _action, key in events()}) == 1


def test_an_alert_that_goes_to_another_team_is_over_for_the_tools_of_the_first(
    cast: Cast, tools: Callable[..., None]
) -> None:
    alert = p0(cast)
    plan = Plan((Step((cast.lead.email,), 600),))
    apply_paging([PagingSpec("day", plan, ("product",)), PagingSpec("night", plan, ("cloud",))], NOW)
    send()
    OutsideTool.objects.filter(key="bridge").update(policies=["night", "day"])
    tools_by_key.forget()
    # The steps of both are the same: the tools are not.
    for policy in ("day", "night", "day"):
        hand_on(alert, cast.product, (policy, plan), system("test"), NOW)
        send()
    assert hear(tool(), word(alert, name="Lead", email=cast.lead.email), NOW).outcome == "unknown"
    hand_on(alert, cast.cloud, ("night", plan), system("test"), NOW)
    resolve(alert, system("test"), "resolved", NOW)
    send()
    assert [action for action, _key in events()] == ["trigger", "resolve", "trigger", "resolve"]
    bridge = OutsideCall.objects.filter(tool__key="bridge").order_by("id")
    assert list(bridge.values_list("action", "state")) == [("trigger", "sent"), ("resolve", "sent")]


@pytest.mark.behaviour("B-393")
def test_a_tool_that_does_not_answer_is_tried_again_and_nothing_is_overtaken(
    cast: Cast, tools: Callable[..., None]
) -> None:
    tools(path="503")
    alert = p0(cast)
    send()
    paging.acknowledge_at_desk(cast.agent, alert.pk, NOW + SECOND)
    send(NOW + SECOND)
    assert [action for action, _key in events()] == ["trigger"]  # left alone for five seconds
    send(NOW + 6 * SECOND)
    assert [action for action, _key in events()] == ["trigger", "trigger"]
    call = OutsideCall.objects.get(tool__key="pagerduty", action="trigger")
    assert (call.state, call.tries, call.due_at) == ("waiting", 2, NOW + 21 * SECOND)
    assert log(alert).count("PagerDuty: alert did not get through: answered 503; it is tried again") == 2
    tool = OutsideTool.objects.get(key="pagerduty")
    assert (tool.send_error, tool.sent_at, calls.tools_due(NOW + 7 * SECOND)) == ("answered 503", None, [])
    # The bridge is another tool: it has heard of all that meanwhile.
    assert OutsideCall.objects.filter(tool__key="bridge", state="sent").count() == 2

    tools()
    took.clear()
    send(NOW + 30 * SECOND)
    assert [action for action, _key in events()] == ["trigger", "acknowledge"]

    tools(path="400")
    paging.resolve(cast.lead, alert.pk, NOW + MINUTE)
    send(NOW + MINUTE)
    last = OutsideCall.objects.filter(tool__key="pagerduty").latest("id")
    assert (last.action, last.state, last.result) == ("resolve", "failed", "answered 400")


def test_whoever_dies_leaves_it_to_the_next_worker_under_the_same_key(
    cast: Cast, tools: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = p0(cast)
    whole = tool_out.tell

    def and_die(*given: Any) -> str:
        whole(*given)
        raise SystemExit

    monkeypatch.setattr(outside, "tell", and_die)
    with pytest.raises(SystemExit):
        outside.call_next(tool().pk, NOW)
    monkeypatch.setattr(outside, "tell", whole)
    send()
    assert events() == [("trigger", calls.dedup_key(alert))] * 2
    assert OutsideCall.objects.get(tool__key="pagerduty").tries == 1


def test_one_worker_at_a_time_tells_a_tool(cast: Cast, tools: Callable[..., None]) -> None:
    p0(cast)
    here = connection.settings_dict
    with psycopg.connect(
        dbname=here["NAME"], user=here["USER"], host=here["HOST"], port=here["PORT"], password=here["PASSWORD"]
    ) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"outside:{tool().pk}"])
        assert not outside.call_next(tool().pk, NOW)
        assert outside.call_next(tool("bridge").pk, NOW)
        assert events() == []
    send()
    assert len(events()) == 1


def test_what_waits_for_a_tool_that_the_policy_names_no_more_is_not_sent(
    cast: Cast, tools: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PD_KEY")
    alert = p0(cast)
    send()
    missing = "the environment variable PD_KEY is not set"
    assert f"PagerDuty: alert did not get through: {missing}; it is tried again" in log(alert)
    apply_outside([], NOW)
    send(NOW + MINUTE)
    states = OutsideCall.objects.order_by("tool__key").values_list("tool__key", "state")
    assert list(states) == [("bridge", "sent"), ("pagerduty", "void")]


def word(alert: Alert, action: str = "acknowledge", name: str = "Ada", **more: Any) -> Word:
    key = OutsideCall.objects.filter(alert=alert).earliest("id").dedup_key
    who = Who(name, more.pop("number", ""), more.pop("email", ""))
    return Word(more.pop("id", f"{action} {name}"), action, action, key, who, more.pop("at", None))


def tool(key: str = "pagerduty") -> OutsideTool:
    return OutsideTool.objects.get(key=key)


@pytest.mark.behaviour("B-394")
def test_who_acknowledges_there_does_so_here_if_they_may(cast: Cast, tools: Callable[..., None]) -> None:
    alert = p0(cast)
    send()
    key = OutsideCall.objects.earliest("id").dedup_key
    assert hear(tool(), read_pagerduty(event(key=key, occurred_at=NOW.isoformat())), NOW + MINUTE) == Answer(
        "done", alert.pk
    )
    alert.refresh_from_db()
    assert (alert.state, alert.acked_by, alert.acked_at) == ("acked", cast.agent, NOW + MINUTE)
    entry = AlertEntry.objects.get(kind="acked")
    assert line_of(entry, alert.plan, {}).text == "Tomas Kral has seen it, in PagerDuty"
    assert Event.objects.get(kind="alert_acked").data["label"] == "Tomas Kral"
    # PagerDuty is not told what it said itself; the bridge is.
    send(NOW + MINUTE)
    told = OutsideCall.objects.filter(action="acknowledge").values_list("tool__key", flat=True)
    assert list(told) == ["bridge"]
    # Again is no second time, and what it takes back is paged again.
    assert hear(tool(), read_pagerduty(event(key=key)), NOW + MINUTE).outcome == "known"
    back = event("incident.unacknowledged", key, id="2", agent=None, occurred_at=NOW.isoformat())
    assert hear(tool(), read_pagerduty(back), NOW + 2 * MINUTE).outcome == "done"
    alert.refresh_from_db()
    assert (alert.state, alert.acked_label) == ("open", "")
    # It was said before somebody had it paged again: it means nothing any more.
    assert hear(tool(), word(alert, number="PLH1HKV", id="3", at=NOW + MINUTE), NOW + 3 * MINUTE).outcome == "old"
    over = word(alert, "resolve", number="PLH1HKV")
    assert hear(tool(), over, NOW + 4 * MINUTE).outcome == "done"
    send(NOW + 4 * MINUTE)
    assert [action for action, _key in events()] == ["trigger"]
    alert.refresh_from_db()
    assert (alert.state, alert.resolved_by) == ("resolved", "Tomas Kral")


@pytest.mark.behaviour("B-394")
def test_somebody_unknown_counts_only_where_the_policy_says_so(cast: Cast, tools: Callable[..., None]) -> None:
    alert = p0(cast)
    send()
    # Of the staff, and neither paged nor on call (decision 0049); and somebody who is no one of ours.
    assert hear(tool(), word(alert, "acknowledge", "Priya", email=cast.lead.email), NOW).outcome == "not_allowed"
    assert hear(tool(), word(alert, "acknowledge", "Eve", email=cast.requester.email), NOW).outcome == "not_allowed"
    assert "Eve, in PagerDuty: acknowledged. It does not count: they were not paged here" in log(alert)
    assert Alert.objects.get().state == "open"
    tools(may_acknowledge=True)
    assert hear(tool(), word(alert, name=""), NOW).outcome == "nobody"
    assert hear(tool(), word(alert), NOW).outcome == "done"
    alert = Alert.objects.get()
    assert (alert.state, alert.acked_by, state_words(alert)[0]) == ("acked", None, "Ada (PagerDuty) has seen it")
    assert Event.objects.get(kind="alert_acked").data["label"] == "Ada (PagerDuty)"
    # The other tool may not, and takes nothing back that it did not say.
    assert hear(tool("bridge"), word(alert, "reopen"), NOW).outcome == "not_allowed"
    assert hear(tool("bridge"), word(alert, "resolve"), NOW).outcome == "not_allowed"
    assert hear(tool(), word(alert, "reopen"), NOW).outcome == "done"
    row = AlertEntry.objects.get(kind="reopened")
    assert line_of(row, alert.plan, {}).text == "Ada (PagerDuty) has it paged again"


@pytest.mark.behaviour("B-395")
def test_a_tool_has_a_say_in_what_it_was_told_of_and_once(cast: Cast, tools: Callable[..., None]) -> None:
    tools(names=(), may_acknowledge=True)
    alert = p0(cast)
    assert not OutsideCall.objects.exists()
    own = json.dumps({"id": "1", "action": "acknowledge", "dedup_key": calls.dedup_key(alert), "by": {"name": "Ada"}})
    assert hear(tool(), read_own(own.encode()), NOW) == Answer("unknown")
    assert hear(tool(), read_own(own.encode()), NOW).outcome == "known"
    old = read_pagerduty(event(occurred_at=(NOW - timedelta(days=2)).isoformat()))
    assert hear(tool(), old, NOW).outcome == "old"
    assert OutsideWord.objects.count() == 1
    assert Alert.objects.get().state == "open"


@pytest.mark.behaviour("B-399")
def test_a_test_is_marked_and_resolved(
    cast: Cast, tools: Callable[..., None], run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BRIDGE_KEY")
    for key in ("pagerduty", "bridge"):
        outside_tests.ask_test(cast.admin, key, NOW)
    for _ in range(2):
        outside_due(0)
        run_jobs()
    (trigger, key), (resolve, same) = events()
    assert (trigger, resolve, key == same) == ("trigger", "resolve", True)
    first = json.loads(took[0][1])["payload"]
    assert (first["severity"], first["class"]) == ("info", "test")
    found = OutsideTool.objects.order_by("key").values_list("key", "works", "test_result", "asked_at")
    assert list(found) == [
        ("bridge", False, "trigger: the environment variable BRIDGE_KEY is not set", None),
        ("pagerduty", True, "taken (202)", None),
    ]
    assert not Alert.objects.exists()
