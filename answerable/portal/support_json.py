"""The support page for programs: /support.json. Its keys are a contract, in docs/support-json.md: add, never change.

Durations are seconds, moments ISO 8601 in UTC, shares strings as the policy and the page write them.
"""

from datetime import UTC, datetime
from typing import Any

from answerable.portal.support_hours import Opening
from answerable.portal.support_page import Page, Row
from answerable.reports.figures import Figures, floored
from answerable.reports.kept import DAYS, FEW

# Raised when a key changes its meaning or goes; not for a key that is added.
SCHEMA = "answerable.support/1"


def as_json(page: Page, address: str) -> dict[str, Any]:
    """All that the page says."""
    return {
        "schema": SCHEMA,
        "url": address,
        "vendor": page.vendor,
        "product": page.product,
        "sentence": page.sentence,
        "locale": page.locale,
        "time_zone": page.zone,
        "generated_at": _moment(page.at),
        "policy": {"version": page.version, "in_force_since": _moment(page.since)},
        "teams": [{"key": one.key, "name": one.name, "about": one.about} for one in page.teams],
        "uptime": {"promised": page.uptime, "promised_share": page.uptime_share, "measured": None},
        "responses_kept": _kept(page),
        "contact": [{"kind": way.kind, "name": way.name, "url": _absolute(page, way.address)} for way in page.ways],
        "hours": [_hours(one) for one in page.hours],
        "default_severity": page.default_level,
        "severities": [
            {"key": one.key, "name": one.name, "meaning": one.meaning, "examples": list(one.examples)}
            for one in page.levels
        ],
        "plans": [
            {
                "key": plan.key,
                "name": plan.name,
                "is_default": plan is page.plans[0],
                "promises": [_row(row) for row in plan.rows],
            }
            for plan in page.plans
        ],
        "escalation": _ladder(page),
        "resources": [
            {"name": one.name, "about": one.about, "url": _absolute(page, one.address)} for one in page.resources
        ],
    }


def _absolute(page: Page, address: str) -> str:
    return f"{page.address}{address}" if address.startswith("/") else address


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _row(row: Row) -> dict[str, Any]:
    return {
        "severity": row.level,
        **{f"{metric}_seconds": seconds for metric, seconds in row.seconds.items()},
        "calendar": row.calendar,
    }


def _kept(page: Page) -> dict[str, Any] | None:
    if page.kept is None:
        return None
    return {
        "days": DAYS,
        "until": _moment(page.kept.until),
        "counted_since": _moment(page.kept.since) if page.kept.since else None,
        "all": _figures(page.kept.whole),
        "severities": {level.key: _figures(level.kept) for level in page.levels},
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "kept": figures.kept,
        "broken": figures.broken,
        "excused": figures.excused,
        "kept_percent": floored(figures.share) if figures.kept + figures.broken >= FEW else None,
        "median_first_response_seconds": figures.median,
    }


def _hours(one: Opening) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "time_zone": one.tz,
        "severities": list(one.levels),
        "always_open": one.always_open,
        "weekly": {day: [list(pair) for pair in pairs] for day, pairs in one.weekly.items()},
        "other_days": [
            {"date": other.day.isoformat(), "hours": [list(pair) for pair in other.pairs]} for other in one.other_days
        ],
        "open_now": one.is_open,
        "changes_at": _moment(one.changes_at) if one.changes_at else None,
    }


def _ladder(page: Page) -> dict[str, Any]:
    rules = page.ladder
    return {
        "levels": [
            {"level": number, "name": one.name, "role": one.role} for number, one in enumerate(rules.levels, start=1)
        ],
        "confirm_seconds": dict(rules.confirm_timeout),
        "acknowledge_seconds": dict(rules.ack_timeout),
        "next_level_after_seconds": rules.min_interval,
        "customer_success_manager": rules.csm,
        "automatic": [
            {"metric": metric, "severity": severity, "level": level}
            for (metric, severity), level in rules.automatic.items()
        ],
    }
