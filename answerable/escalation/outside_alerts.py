"""Alerts that came from a tool: how they are found again, and what was said of them. They have no request."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from answerable.audit.actions import system
from answerable.escalation.alertmanager import Fired
from answerable.escalation.alerts import Alert, AlertEntry
from answerable.escalation.outside import OutsideTool
from answerable.escalation.outside_calls import log_line
from answerable.lib import sql
from answerable.lib.rows import insert

FACTS, AGAIN = "outside_facts", "again"
# A tool repeats itself every few minutes: the log notes so at most this often.
NOTED_EVERY = timedelta(hours=1)


def source(tool: OutsideTool) -> str:
    """What the alerts of a tool name as their source."""
    return f"outside:{tool.key}"


def key_of(tool: OutsideTool, fingerprint: str) -> str:
    """As long as one with it runs there is no second."""
    return f"{source(tool)}:{fingerprint}"


def one_at_a_time(tool: OutsideTool) -> None:
    """Two of a cluster say the same at the same time: they take turns, until the transaction ends."""
    sql.rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", {"key": f"taking:{tool.key}"})


def running(tool: OutsideTool) -> dict[str, Alert]:
    """Its alerts that are not over, by key."""
    rows = Alert.objects.filter(source=source(tool)).exclude(state="resolved")
    return {row.dedup_key: row for row in rows}


def join(alert: Alert, tool: OutsideTool, now: datetime) -> None:
    """It is told again: that pages nobody."""
    last = AlertEntry.objects.filter(alert=alert, kind__in=[AGAIN, "raised"]).order_by("-id").first()
    if last is None or now - last.at >= NOTED_EVERY:
        insert([log_line(alert.pk, AGAIN, system(tool.name), now)])


def ended(alert: Alert, one: Fired) -> bool:
    """Whether this is the end of what the alert is about. One that was over before it began is an older one's, late."""
    said = AlertEntry.objects.filter(alert=alert, kind=FACTS).order_by("id").values_list("data", flat=True).first()
    began = (said or {}).get("starts_at")
    return not began or one.ends_at is None or one.ends_at >= datetime.fromisoformat(began)


def note_facts(alert: Alert, tool: OutsideTool, facts: Mapping[str, object], now: datetime) -> None:
    """Labels and annotations, for the alert's page: a line of its log."""
    insert([log_line(alert.pk, FACTS, system(tool.name), now, tool=tool.key, **facts)])
