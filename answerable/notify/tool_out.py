"""Hand what happened to an alert to an outside tool: as an event of PagerDuty's Events API v2, or as a webhook of ours.

https://developer.pagerduty.com/docs/events-api-v2-overview
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime

from answerable.lib.errors import Undeliverable
from answerable.notify import webhook_out

# By its region; every other address is given whole.
REGIONS = {"us": "https://events.pagerduty.com/v2/enqueue", "eu": "https://events.eu.pagerduty.com/v2/enqueue"}
_SEVERITIES = {"P0": "critical", "P1": "error", "P2": "warning"}
_MOST_SUMMARY = 1024


@dataclass(frozen=True)
class Told:
    """`action`: trigger, acknowledge or resolve. No customer's words are in it. The same `id` on every try."""

    id: str
    action: str
    dedup_key: str
    title: str
    severity: str
    team: str
    link: str
    house: str
    raised_at: datetime
    is_test: bool = False


@dataclass(frozen=True)
class Target:
    """Where it goes; `variable` names the environment variable with the routing key, or what we sign with."""

    kind: str
    url: str
    variable: str


def secret_of(variable: str) -> str:
    """What the environment holds by this name; "" for nothing."""
    return os.environ.get(variable, "").strip() if variable else ""


def tell(target: Target, told: Told, now: datetime) -> str:
    """What became of it, in words. Raises Undeliverable."""
    secret = secret_of(target.variable)
    if not secret:
        raise Undeliverable(f"the environment variable {target.variable} is not set", permanent=False)
    if target.kind == "events_v2":
        return webhook_out.hand(target.url, _json(_event(told, secret)), {})
    body = _json(_own(told))
    return webhook_out.hand(target.url, body, {"Idempotency-Key": told.id, **webhook_out.signed(secret, body, now)})


def _json(shape: dict[str, object]) -> bytes:
    return json.dumps(shape, ensure_ascii=False).encode()


def _event(told: Told, routing_key: str) -> dict[str, object]:
    event: dict[str, object] = {
        "routing_key": routing_key,
        "event_action": told.action,
        "dedup_key": told.dedup_key,
    }
    if told.action != "trigger":
        return event
    return event | {
        "payload": {
            "summary": told.title[:_MOST_SUMMARY],
            "source": told.house,
            "severity": "info" if told.is_test else _SEVERITIES.get(told.severity, "info"),
            "timestamp": told.raised_at.isoformat(),
            "group": told.team,
            "class": "test" if told.is_test else "alert",
            "custom_details": {"severity": told.severity, "team": told.team},
        },
        "links": [{"href": told.link, "text": "Answerable"}],
        "client": "Answerable",
        "client_url": told.link,
    }


def _own(told: Told) -> dict[str, object]:
    return {
        "id": told.id,
        "event": told.action,
        "dedup_key": told.dedup_key,
        "test": told.is_test,
        "title": told.title,
        "severity": told.severity,
        "team": told.team,
        "link": told.link,
        "raised_at": told.raised_at.isoformat(),
    }
