"""Alerts of Prometheus Alertmanager become alerts of ours: those that fire page the team that the policy names, those
that are over end theirs, and what is told again joins what is there.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import system
from answerable.casework.alert_news import tell_of
from answerable.escalation import alert_actions as escalation
from answerable.escalation import outside_alerts as known
from answerable.escalation.alert_actions import NewAlert
from answerable.escalation.alertmanager import Fired, Notification, Place, place_of
from answerable.escalation.alerts import Alert
from answerable.escalation.outside import OutsideTool
from answerable.escalation.outside_calls import SAID_IN
from answerable.escalation.paging_policy import policy_of
from answerable.live.actions import publish
from answerable.people.queries import teams_by_key, vendor

logger = logging.getLogger(__name__)

# So many of one source page at one time; what is more is one alert by itself, so that a storm can be worked on.
MOST_RUNNING = 100


@dataclass
class Taken:
    """What became of a message: how many alerts were raised, joined one that runs, were resolved, or did not fit."""

    raised: int = 0
    joined: int = 0
    resolved: int = 0
    left_off: int = 0


def take(tool: OutsideTool, message: Notification, now: datetime) -> Taken:
    """All of it or nothing; it is committed when this returns."""
    with transaction.atomic():
        known.one_at_a_time(tool)
        taking = _Taking(tool, known.running(tool), Taken(left_off=message.left_off), now)
        for one in message.alerts:
            taking.take(one)
        taking.finish(message)
        publish("alerts", "alerts")
    logger.info("%s: %s", tool.key, taking.taken)
    return taking.taken


@dataclass(frozen=True)
class _Taking:
    """A message of a tool, while it is taken in. `running`: its alerts that are not over, by key."""

    tool: OutsideTool
    running: dict[str, Alert]
    taken: Taken
    now: datetime

    def take(self, one: Fired) -> None:
        key = known.key_of(self.tool, one.fingerprint)
        there = self.running.get(key)
        if there is not None and one.is_firing:
            known.join(there, self.tool, self.now)
            self.taken.joined += 1
        elif there is not None and known.ended(there, one):
            self._end(key)
            self.taken.resolved += 1
        elif there is None and one.is_firing and len(self.running) >= MOST_RUNNING:
            self.taken.left_off += 1
        elif there is None and one.is_firing:
            self._raise(key, one.name, place_of(self.tool.rules, one.labels), one.facts())
            self.taken.raised += 1

    def finish(self, message: Notification) -> None:
        """What did not fit is one alert: somebody has to know that there is more than they see."""
        key, more = known.key_of(self.tool, f"more:{message.group}"), self.taken.left_off
        if not more:
            self._end(key)
        elif key in self.running:
            known.join(self.running[key], self.tool, self.now)
        else:
            name = _("%(number)s more alerts of %(tool)s") % {"number": more, "tool": self.tool.name}
            places = [place_of(self.tool.rules, one.labels) for one in message.alerts if one.is_firing]
            place = min(places, key=lambda one: one.severity, default=place_of(self.tool.rules, {}))
            self._raise(key, name, place, {"left_off": more})

    def _end(self, key: str) -> None:
        row = self.running.pop(key, None)
        if row is not None:
            how = f"{SAID_IN}{self.tool.key}"
            escalation.resolve(escalation.lock(row.pk), system(self.tool.name), how, self.now)
            tell_of(row.pk)

    def _raise(self, key: str, name: str, place: Place, facts: Mapping[str, object]) -> None:
        team = teams_by_key().get(place.team or vendor().settings.get("p0_team") or "")
        title = f"{place.severity}: {name}"
        new = NewAlert(key, title, place.severity, known.source(self.tool), team=team)
        row = escalation.raise_alert(new, policy_of(team), system(self.tool.name), self.now)
        if row is not None:
            known.note_facts(row, self.tool, facts, self.now)
            self.running[key] = row
