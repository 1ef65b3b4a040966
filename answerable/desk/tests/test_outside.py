"""The address that outside tools call, their page for administrators, and alerts that are about no request."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client

from answerable.casework.page_links import page_token
from answerable.desk.tests.test_alerts import of, text
from answerable.desk.views import outside as views
from answerable.escalation.alerts import Alert
from answerable.escalation.outside import OutsideTool, OutsideWord
from answerable.escalation.outside_calls import dedup_key
from answerable.escalation.outside_policy import OutsideSpec, apply_outside
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.escalation.tests.test_outside_words import event, fired, message
from answerable.lib import clock
from answerable.lib.fresh import forget_all
from answerable.notify.models import Notice
from answerable.notify.webhook_out import signature
from answerable.ops.outside_check import examine
from tests.cast import Cast, a_ticket

TOKEN, SECRET, OWN = "am-t0ken", "pd-s3cret", "bridge-s3cret"
TESTS = {("admin", "pagerduty"): 302, ("admin", "prometheus"): 404, ("lead", "pagerduty"): 404}


@pytest.fixture
def tools(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("AM_TOKEN", TOKEN), ("PD_SECRET", SECRET), ("OWN_SECRET", OWN), ("PD_KEY", "x"), ("KEY", "y")):
        monkeypatch.setenv(name, value)
    now = clock.now()
    rules = {"team": "cloud", "severity": "P1", "routes": []}
    apply_paging([PagingSpec("night", Plan((Step((cast.lead.email,), 600),)), ("cloud",))], now)
    told = [
        ("events_v2", "pagerduty", "PagerDuty", "PD_KEY", "PD_SECRET"),
        ("webhook", "bridge", "Bridge", "KEY", "OWN_SECRET"),
    ]
    outward = [
        OutsideSpec(key, kind, name, f"https://{key}.example/", send, know, may_acknowledge=True, policies=("night",))
        for kind, key, name, send, know in told
    ]
    prometheus = OutsideSpec("prometheus", "alertmanager", "Prometheus", secret_variable="AM_TOKEN", rules=rules)
    apply_outside([*outward, prometheus], now)


def call(key: str, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    """As a program calls: no cookie, no token of ours."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = Client(enforce_csrf_checks=True).post(
        f"/desk/outside/{key}", body, content_type="application/json", headers=sent
    )
    return answer.status_code, answer.json()


def alertmanager(body: bytes, token: str = TOKEN) -> tuple[int, dict[str, Any]]:
    return call("prometheus", body, Authorization=f"Bearer {token}")


def pagerduty(body: bytes, *secrets: str) -> tuple[int, dict[str, Any]]:
    signed = [hmac.new(one.encode(), body, hashlib.sha256).hexdigest() for one in secrets or (SECRET,)]
    return call("pagerduty", body, X_PagerDuty_Signature=",".join(f"v1={one}" for one in signed))


def bridge(body: bytes, *, late: int = 0, secret: str = OWN) -> tuple[int, dict[str, Any]]:
    stamp = str(int(clock.now().timestamp()) - late)
    signed = f"sha256={signature(secret, stamp, body)}"
    return call("bridge", body, X_Answerable_Timestamp=stamp, X_Answerable_Signature=signed)


@pytest.mark.behaviour("B-396")
def test_alertmanager_gets_a_2xx_once_its_alerts_are_here(cast: Cast, tools: None) -> None:
    assert alertmanager(message(fired())) == (200, {"raised": 1, "joined": 0, "resolved": 0, "left_off": 0})
    assert Alert.objects.get().title == "P1: HighErrorRate, api-3:9090"
    assert OutsideTool.objects.get(key="prometheus").heard_at is not None


@pytest.mark.behaviour("B-397")
def test_what_is_malformed_gets_a_4xx_in_words(cast: Cast, tools: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for body in (b"", b"[" * 100_000, b"\xff", b'{"version": "4", "alerts": [{"labels": {"a": "\\ud800\\u0000"}}]}'):
        status, said = alertmanager(body)
        assert (status, bool(said["error"])) == (400, True), body[:40]
    hostile = fired("\ud800\u0000", labels={"instance": "\u0000"}, annotations={"summary": "\ud800\u0000"})
    assert alertmanager(message(hostile, groupKey="\ud800\u0000"))[0] == 200
    assert OutsideTool.objects.get(key="prometheus").hear_error.startswith("alerts[0].status: expected")
    assert alertmanager(b"x" * (views.MOST_BYTES + 1))[0] == 413
    monkeypatch.setattr(views, "MOST_CALLS", 6)
    assert alertmanager(b"[]")[0] == 400
    assert alertmanager(b"[]")[0] == 429


@pytest.mark.behaviour("B-395")
def test_what_a_tool_has_not_signed_changes_nothing(cast: Cast, tools: None, monkeypatch: pytest.MonkeyPatch) -> None:
    a_ticket(cast, severity="P0", now=clock.now())
    key = dedup_key(Alert.objects.get())
    said = event(key=key, occurred_at=clock.now().isoformat())
    own = json.dumps({"id": "1", "action": "acknowledge", "dedup_key": key, "by": {"name": "Ada"}}).encode()
    assert alertmanager(message(fired()), "wrong")[0] == 401
    assert alertmanager(message(fired()), "é")[0] == 401
    assert pagerduty(said, "another")[0] == 401
    assert call("pagerduty", said)[0] == 401
    assert bridge(own, secret="another")[0] == 401
    assert bridge(own, late=301)[0] == 401
    assert bridge(own, late=-301)[0] == 401
    assert call("nothing", own)[0] == 404
    assert Alert.objects.get().state == "open"
    assert "was not signed" in OutsideTool.objects.get(key="pagerduty").hear_error
    monkeypatch.setattr(views, "MOST_FORGED", 1)
    assert bridge(own, secret="another")[0] == 429

    # One of several signatures is enough, while a secret is being changed; and twice is once.
    assert pagerduty(said, "another", SECRET) == (200, {"outcome": "done", "alert": Alert.objects.get().pk})
    assert pagerduty(said)[1]["outcome"] == "known"
    assert Alert.objects.get().acked_label == "Ada Tenex (PagerDuty)"
    assert pagerduty(event("pagey.ping", id="2", agent=None, data={})) == (200, {"outcome": "nothing", "alert": None})
    assert bridge(own, late=299)[1]["outcome"] == "as_it_was"
    assert bridge(own.replace(key.encode(), b"other").replace(b'"1"', b'"2"'))[0] == 404
    assert OutsideWord.objects.count() == 3
    monkeypatch.delenv("PD_SECRET")
    assert pagerduty(said)[0] == 503


@pytest.mark.behaviour("B-398")
def test_an_alert_about_no_request_is_its_teams_and_administrators(cast: Cast, tools: None) -> None:
    facts = {
        "summary": "<b>5 %</b> fail",
        "runbook_url": "javascript:alert(1)",
        "dashboard": "https://g.acme.example/d",
    }
    alertmanager(message(fired(annotations=facts)))
    row = Alert.objects.get()
    cast.agent.teams.set([cast.cloud])
    cast.csm.teams.set([cast.product])
    forget_all()
    for person in (cast.agent, cast.admin, cast.lead):  # of the team; administers; is paged by it
        shown = text(person, f"/desk/alerts/{row.pk}")
        assert "HighErrorRate" in shown
    assert "&lt;b&gt;5 %&lt;/b&gt; fail" in shown
    assert 'href="https://g.acme.example/d"' in shown
    assert 'href="javascript' not in shown
    assert "no customer reads of it" in shown
    assert "HighErrorRate" in text(cast.agent, "/desk/alerts")
    listed = text(cast.csm, "/desk/alerts")
    assert "P1 of another team" in listed
    assert "HighErrorRate" not in listed
    for path in ("", "/seen", "/again", "/over"):
        ask = of(cast.csm).post if path else of(cast.csm).get
        assert ask(f"/desk/alerts/{row.pk}{path}").status_code == 404
    opened = Client().get(f"/desk/page/{page_token(row.pk, cast.lead.pk, clock.now())}").content.decode()
    assert "then nobody else is paged." in opened
    assert "customer" not in opened.partition("<main")[2]
    told = Notice(person=cast.lead, kind="alert_out", key="x", data={"path": f"/desk/alerts/{row.pk}"}, at=clock.now())
    told.save()
    assert of(cast.lead).post(f"/desk/notices/{told.pk}").headers["Location"] == f"/desk/alerts/{row.pk}"
    # It is no request: nothing is counted and nothing is listed.
    assert "HighErrorRate" not in text(cast.admin, "/desk/")
    assert of(cast.requester).get(f"/desk/alerts/{row.pk}").status_code == 404


@pytest.mark.behaviour("B-399")
def test_the_page_says_how_each_tool_is_and_tests_it(cast: Cast, tools: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PD_KEY")
    alertmanager(b"{}")
    shown = text(cast.admin, "/desk/outside")
    for words in (
        "http://portal.vendor.test/desk/outside/pagerduty",
        "http://portal.vendor.test/desk/outside/prometheus",
        "Set the environment variable PD_KEY",
        "are P1 for cloud",
        "version: expected",
        "alerts that are paged by night",
        "credentials_file",
    ):
        assert words in shown.replace("&#34;", '"'), words
    for secret in (TOKEN, SECRET, OWN):
        assert secret not in shown
    asked = {(who, key): of(getattr(cast, who)).post(f"/desk/outside/{key}/test").status_code for who, key in TESTS}
    assert asked == TESTS
    assert OutsideTool.objects.get(key="pagerduty").asked_at is not None
    assert "Is being tried" in of(cast.admin).get("/desk/outside", headers={"HX-Request": "true"}).content.decode()
    told = [finding.text for finding in examine() if finding.level == "wrong"]
    assert told == [
        "outside tool pagerduty: its secret is missing; set the environment variable PD_KEY where `web` and `worker` run"
    ]
    apply_outside([], clock.now())
    assert "No outside tool" in text(cast.admin, "/desk/outside")
