"""Made-up outside tools, and an alert that came from one, for the gallery: (template, context) by name."""

from datetime import timedelta
from types import SimpleNamespace

from answerable.desk.alert_words import Line
from answerable.desk.outside_page import shown
from answerable.desk.outside_words import facts
from answerable.escalation.outside import OutsideTool
from answerable.ui.tests.paging import RISK, alert
from answerable.ui.tests.paging import pages as paging_pages
from answerable.ui.tests.people import LONG_WORD, NOW, RAIL

MINUTE = timedelta(minutes=1)
PAGERDUTY = OutsideTool(
    key="pagerduty", kind="events_v2", name="PagerDuty", url="https://events.eu.pagerduty.com/v2/enqueue",
    key_variable="PATH", secret_variable="PATH", may_acknowledge=True, policies=["night", "weekend"],
    sent_at=NOW - 20 * MINUTE, heard_at=NOW - 19 * MINUTE, tested_at=NOW - MINUTE, works=True, test_result="taken (202)",
)  # fmt: skip
BRIDGE = OutsideTool(
    key="bridge", kind="webhook", name=f"Phone bridge {LONG_WORD}", url="https://bridge.acme.example/alerts",
    key_variable="BRIDGE_KEY_THAT_NOBODY_HAS_SET", sent_at=NOW - 90 * MINUTE, send_failed_at=NOW - 3 * MINUTE,
    send_error="cannot be reached", tested_at=NOW - MINUTE, works=False, test_result="trigger: cannot be reached",
)  # fmt: skip
PROMETHEUS = OutsideTool(
    key="prometheus", kind="alertmanager", name="Prometheus", secret_variable="PATH",
    rules={"team": "devops", "severity": "P1", "routes": []}, hear_failed_at=NOW - 5 * MINUTE,
    hear_error="alerts[3].startsAt: expected a time such as 2026-03-03T02:11:00Z",
)  # fmt: skip
FACTS = {
    "tool": "prometheus",
    "labels": {"alertname": "HighErrorRate", "instance": "api-3:9090", "path": LONG_WORD * 3},
    "annotations": {"summary": "5 % of requests fail", "runbook_url": "https://runbooks.acme.example/high-error-rate"},
    "url": "http://prometheus.acme.example/graph?g0.expr=rate(http_requests_total%5B5m%5D)",
}


def _call(action: str, state: tuple[str, str], **more: object) -> tuple[SimpleNamespace, str, tuple[str, str]]:
    values = {"tool": PAGERDUTY, "tries": 1, "result": "", "done_at": None, "due_at": NOW, "made_at": NOW} | more
    return SimpleNamespace(**values), action, state


def _alert() -> tuple[str, dict[str, object]]:
    """As of a request, without one, and with what the tool said of it."""
    template, context = paging_pages()["alert"]
    row = alert(4, "open", ticket_id=None, title="P1: HighErrorRate, api-3:9090", severity="P1")
    told = _call("alert", ("told", "is-kept"), result="taken (202)", done_at=NOW - 11 * MINUTE)
    late = _call("acknowledged", ("tried again", ""), tries=3, result="no answer in time")
    log = [
        Line(NOW - 12 * MINUTE, "Raised, to be paged by “night”", "raised"),
        Line(NOW - 12 * MINUTE, "It came from Prometheus", "outside_facts"),
        Line(NOW - 11 * MINUTE, "PagerDuty: alert, taken (202)", "outside"),
    ]
    more = {"alert": row, "view_title": row.title, "state": RISK, "about": "", "about_url": "", "log": log}
    return template, context | more | {"facts": facts(FACTS, "Prometheus"), "calls": [told, late]}


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """By name."""
    here = "https://support.acme.example"
    tools = [shown(tool, here) for tool in (PAGERDUTY, BRIDGE, PROMETHEUS)]
    context = {"view_title": "Outside tools", "rail": RAIL, "waits": False}
    return {
        "outside": ("desk/outside.html", context | {"tools": tools}),
        "outside-empty": ("desk/outside.html", context | {"tools": []}),
        "alert-outside": _alert(),
    }
