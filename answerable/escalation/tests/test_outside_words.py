"""What Alertmanager and other tools post is read without trust: what is wrong is said, what is hostile is harmless."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from answerable.escalation.alertmanager import MOST_LABELS, Place, place_of, read
from answerable.escalation.outside_words import read_own, read_pagerduty
from answerable.lib.jsonlines import Malformed
from answerable.lib.oneline import one_line, without_addresses


def fired(name: str = "HighErrorRate", **more: Any) -> dict[str, Any]:
    """An alert as Alertmanager 0.28 writes it."""
    labels = {"alertname": name, "instance": "api-3:9090", "severity": "critical"} | more.pop("labels", {})
    base = {
        "status": "firing",
        "labels": labels,
        "annotations": {"summary": "5 % of requests fail"},
        "startsAt": "2026-03-03T02:10:59.739266876Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.acme.example/graph?g0.expr=up",
        "fingerprint": "1a30ba71cca2921f",
    }
    return base | more


def message(*alerts: Any, **more: Any) -> bytes:
    base = {"version": "4", "groupKey": '{}:{alertname="x"}', "truncatedAlerts": 0, "status": "firing"}
    return json.dumps(base | {"alerts": list(alerts)} | more).encode()


def test_a_message_is_read() -> None:
    found = read(message(fired(), fired(fingerprint="0b", status="resolved", endsAt="2026-03-03T03:00:00+01:00")))
    over, one = found.alerts  # in the order of their fingerprints
    assert (one.fingerprint, one.is_firing, one.name) == ("1a30ba71cca2921f", True, "HighErrorRate, api-3:9090")
    assert (one.starts_at, one.ends_at) == (datetime(2026, 3, 3, 2, 10, 59, 739266, tzinfo=UTC), None)
    assert (over.is_firing, over.ends_at) == (False, datetime(2026, 3, 3, 2, tzinfo=UTC))
    assert one.facts()["annotations"] == {"summary": "5 % of requests fail"}
    older = read(message(fired(fingerprint=""), fired("Other", fingerprint="")))
    assert len({one.fingerprint for one in older.alerts}) == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is not JSON"),
        (b"\xff\xfe", "the body is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' * 100_000, "nested too deeply"),
        (b"[]", "the body: expected an object"),
        (b"1" * 5000, "the body is not JSON"),
        (message(version="3"), 'version: expected "4"'),
        (message(alerts={}), "alerts: expected a list"),
        (message("x"), "alerts[0]: expected an object"),
        (message(fired(), fired(status="pending")), "alerts[1].status: expected one of firing, resolved"),
        (message(fired(labels={"n": 1})), "alerts[0].labels: expected texts alone"),
        (message(fired(startsAt="yesterday")), "alerts[0].startsAt: expected a time"),
        (message(fired(startsAt="2026-03-03T02:11:00")), "alerts[0].startsAt: expected a time"),
        (message(fired(fingerprint="x" * 99)), "alerts[0].fingerprint"),
        (message(fired(), truncatedAlerts=-1), "truncatedAlerts: expected a whole number"),
        (message(fired(), truncatedAlerts=True), "truncatedAlerts: expected a whole number"),
    ],
)
@pytest.mark.behaviour("B-397")
def test_what_is_malformed_is_said(body: bytes, said: str) -> None:
    with pytest.raises(Malformed) as wrong:
        read(body)
    assert said in str(wrong.value)


@pytest.mark.behaviour("B-397")
def test_hostile_labels_are_made_harmless() -> None:
    evil = "Disk\x00full\n\u202e\ud800 see https://evil.example/x www.evil.example javascript:alert(1) " + "x" * 5000
    many = {f"l{n}": "v" * 5000 for n in range(500)}
    one = read(message(fired(evil, labels=many, generatorURL="https://\x00evil"))).alerts[0]
    assert one.name == f"Disk full see … … … {'x' * 80}, api-3:9090"
    facts = one.facts()
    assert len(facts["labels"]) == MOST_LABELS
    assert max(len(value) for value in facts["labels"].values()) <= 500
    written = json.dumps(facts, ensure_ascii=False).encode()
    assert b"\x00" not in written
    assert one_line("a\u200b\r\n\tb\x1b[31m", 20) == "a b [31m"
    assert without_addresses("//evil.example/a HTTP://B c", 50) == "… … c"


def test_the_first_route_whose_every_label_matches_says_where_it_goes() -> None:
    rules = {
        "team": "devops",
        "severity": "P2",
        "routes": [
            {"match": {"severity": ["critical"], "service": ["api", "web"]}, "team": "cloud", "severity": "P0"},
            {"match": {"severity": ["critical"]}, "team": None, "severity": "P1"},
        ],
    }
    assert place_of(rules, {"severity": "critical", "service": "web"}) == Place("cloud", "P0")
    assert place_of(rules, {"severity": "critical", "service": "db"}) == Place("devops", "P1")
    assert place_of(rules, {"service": "web"}) == Place("devops", "P2")


def event(kind: str = "incident.acknowledged", key: str = "our-key", **more: Any) -> bytes:
    """An event as PagerDuty's webhooks of version 3 write it."""
    agent = {"id": "PLH1HKV", "summary": "Ada Tenex", "type": "user_reference"}
    base = {"id": "5ac64822", "event_type": kind, "resource_type": "incident", "agent": agent}
    base |= {"occurred_at": "2026-03-03T02:14:00.169Z", "data": {"id": "PGR0VU2", "incident_key": key}}
    return json.dumps({"event": base | more}).encode()


def test_events_of_pagerduty_are_read() -> None:
    word = read_pagerduty(event())
    assert (word.id, word.action, word.dedup_key) == ("5ac64822", "acknowledge", "our-key")
    assert (word.who.name, word.who.known_by) == ("Ada Tenex", ("PLH1HKV",))
    assert read_pagerduty(event("incident.resolved")).action == "resolve"
    assert read_pagerduty(event("incident.unacknowledged", agent=None)).action == "reopen"
    assert read_pagerduty(event("pagey.ping", data={"message": "Hello"}, agent=None)).action == ""
    assert read_pagerduty(event("incident.workflow.started", data={"incident": {}})).action == ""
    # A service or an integration is nobody: our own acknowledgement comes back as one.
    assert (
        read_pagerduty(event(agent={"type": "events_api_v2_inbound_integration_reference", "id": "P"})).who.name == ""
    )


@pytest.mark.parametrize(
    ("read_one", "body", "said"),
    [
        (read_pagerduty, b"{}", "event: expected an object"),
        (read_pagerduty, event(id=None), "event.id: expected a text"),
        (read_pagerduty, event(id="x" * 101), "event.id: expected at most 100"),
        (read_pagerduty, event(occurred_at="now"), "event.occurred_at: expected a time"),
        (read_pagerduty, event(data=[1]), "event.data: expected an object"),
        (read_own, b'{"id": "1", "action": "trigger", "dedup_key": "k"}', "action: expected one of"),
        (read_own, b'{"id": "1", "action": "resolve", "dedup_key": "k"}', "by: expected who says it"),
        (read_own, b'{"id": "1", "action": "resolve", "by": {"name": "Ada"}}', "dedup_key: expected a text"),
    ],
)
def test_what_is_wrong_with_a_word_is_said(read_one: Any, body: bytes, said: str) -> None:
    with pytest.raises(Malformed) as wrong:
        read_one(body)
    assert said in str(wrong.value)
