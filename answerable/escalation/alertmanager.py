"""What Prometheus Alertmanager posts to a webhook (version 4), read without trust; and which team it is for. Pure.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from answerable.lib.jsonlines import Malformed, listing, mapping, one_of
from answerable.lib.oneline import one_line, without_addresses
from answerable.lib.posted import moment, parsed, text

MOST_LABELS, LONGEST_NAME, LONGEST_VALUE = 40, 100, 500
_FINGERPRINT = re.compile(r"[0-9A-Za-z_-]{1,64}")


@dataclass(frozen=True)
class Fired:
    """One of its alerts. `labels` are as they came; what is shown of them is cleaned (`facts`)."""

    fingerprint: str
    is_firing: bool
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    url: str
    starts_at: datetime | None
    ends_at: datetime | None

    @property
    def name(self) -> str:
        """What it is called, for a telephone: no links, whatever a label says."""
        name = without_addresses(self.labels.get("alertname", ""), 100) or self.fingerprint
        instance = without_addresses(self.labels.get("instance", ""), 60)
        return f"{name}, {instance}" if instance else name

    def facts(self) -> dict[str, Any]:
        """What the alert's page shows of it, to be stored."""
        return {
            "labels": _shown(self.labels),
            "annotations": _shown(self.annotations),
            "url": one_line(self.url, LONGEST_VALUE),
            "starts_at": self.starts_at.isoformat() if self.starts_at else None,
        }


@dataclass(frozen=True)
class Notification:
    """A whole message. `left_off`: alerts of the group that Alertmanager did not put in (its `max_alerts`)."""

    group: str
    alerts: tuple[Fired, ...]
    left_off: int


@dataclass(frozen=True)
class Place:
    """Which team an alert is for (a key, or None), and how severe it is."""

    team: str | None
    severity: str


def read(body: bytes) -> Notification:
    """The message. Raises Malformed, in words for whoever sends it."""
    message = mapping(parsed(body), "the body")
    if message.get("version") != "4":
        raise Malformed('version: expected "4", the one that Alertmanager has sent since 0.6')
    alerts = [_fired(one, f"alerts[{n}]") for n, one in enumerate(listing(message.get("alerts"), "alerts"))]
    left_off = message.get("truncatedAlerts") or 0
    if not isinstance(left_off, int) or isinstance(left_off, bool) or not 0 <= left_off < 2**31:
        raise Malformed("truncatedAlerts: expected a whole number")
    group = hashlib.sha256(text(message, "groupKey", "", needed=False).encode()).hexdigest()[:16]
    # Two that tell of the same alerts at once lock them in one order.
    alerts.sort(key=lambda one: one.fingerprint)
    return Notification(group, tuple(alerts), left_off)


def _fired(shape: object, where: str) -> Fired:
    table = mapping(shape, where)
    labels = _words(table, "labels", where)
    return Fired(
        _fingerprint(table, labels, where),
        one_of(table.get("status"), f"{where}.status", "firing", "resolved") == "firing",
        labels,
        _words(table, "annotations", where),
        text(table, "generatorURL", where, needed=False),
        moment(table, "startsAt", where),
        moment(table, "endsAt", where),
    )


def _fingerprint(table: Mapping[str, object], labels: Mapping[str, str], where: str) -> str:
    """Versions before 0.20 send none: then what it is made of."""
    given = text(table, "fingerprint", where, needed=False)
    if not given:
        made = json.dumps(sorted(labels.items()), ensure_ascii=True)
        return hashlib.sha256(made.encode()).hexdigest()[:16]
    if not _FINGERPRINT.fullmatch(given):
        raise Malformed(f"{where}.fingerprint: expected up to 64 letters and digits")
    return given


def _words(table: Mapping[str, object], name: str, where: str) -> dict[str, str]:
    found = mapping(table.get(name) or {}, f"{where}.{name}")
    for value in found.values():
        if not isinstance(value, str):
            raise Malformed(f"{where}.{name}: expected texts alone")
    return {key: str(value) for key, value in found.items()}


def _shown(words: Mapping[str, str]) -> dict[str, str]:
    """Few and short enough to be stored and read."""
    some = list(words.items())[:MOST_LABELS]
    return {one_line(name, LONGEST_NAME): one_line(value, LONGEST_VALUE) for name, value in some}


def place_of(rules: Mapping[str, Any], labels: Mapping[str, str]) -> Place:
    """By the first route whose every label has one of its values; what that leaves open, the source itself says."""
    for route in rules.get("routes", ()):
        if all(labels.get(name) in values for name, values in route["match"].items()):
            return Place(route.get("team") or rules.get("team"), route.get("severity") or rules["severity"])
    return Place(rules.get("team"), rules["severity"])
