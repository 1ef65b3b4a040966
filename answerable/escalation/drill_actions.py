"""Drills: plan, begin, note what comes, end. One at a time: the database refuses a second."""

import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min

from answerable.audit.actions import Actor, record
from answerable.escalation.alerts import Page
from answerable.escalation.drill_queries import course_of, rule
from answerable.escalation.drilling import PAGE, after_acceptance, is_in_time
from answerable.escalation.drills import Drill, DrillLeg, DrillRule
from answerable.lib.rows import insert
from answerable.people.models import Team


@dataclass(frozen=True)
class DrillSpec:
    """[drill]: `team` by its key, "" for the one that P0s without a team page."""

    enabled: bool
    day: str
    at: str
    zone: str
    team: str = ""


def apply_drill(spec: DrillSpec, now: datetime) -> None:
    """This is the plan from now on. One that stays as it was keeps its beginning."""
    before = DrillRule.objects.select_for_update().first()
    if before is not None and asdict(spec) == {name: getattr(before, name) for name in asdict(spec)}:
        return
    DrillRule.objects.update_or_create(pk=before.pk if before else 1, defaults={**asdict(spec), "since": now})
    rule.forget()


def begin(channels: Collection[str], team: Team | None, actor: Actor, now: datetime, **planned: Any) -> Drill | None:
    """A run with its legs, in the caller's transaction; None while another one runs."""
    row = Drill(team=team, by_label=actor.label, began_at=now, **planned)
    insert([row], once=Drill)
    if row.pk is None:
        return None
    insert([DrillLeg(drill=row, channel=one, token=_token(), begun_at=now) for one in channels])
    record(actor, "begin_drill", ("drill", row.pk), now, team=team.key if team else "", channels=list(channels))
    return row


def _token() -> str:
    return secrets.token_hex(16)


def skip(planned_at: datetime, team: Team | None, actor: Actor, why: str, now: datetime) -> bool:
    """The weekly run that is not to be, and why. False: that is known."""
    row = Drill(
        team=team, by_label=actor.label, planned_at=planned_at, began_at=now, ended_at=now, state="skipped", why=why
    )
    insert([row], once=Drill)
    if row.pk is None:
        return False
    record(actor, "skip_drill", ("drill", row.pk), now, why=why)
    return True


def lock_running() -> Drill | None:
    """The one that runs, if nobody else looks at it just now."""
    rows = Drill.objects.select_for_update(of=("self",), skip_locked=True).select_related("team")
    return rows.filter(state="running").first()


def lock(drill_id: int) -> Drill | None:
    """One of them, for a change."""
    return Drill.objects.select_for_update(of=("self",)).select_related("team").filter(pk=drill_id).first()


def lock_leg(leg_id: int) -> DrillLeg:
    """For what comes in by its door."""
    return DrillLeg.objects.select_for_update(of=("self",)).select_related("drill", "drill__team").get(pk=leg_id)


def lock_legs(drill: Drill) -> list[DrillLeg]:
    """Those that are not over, with their alerts."""
    rows = DrillLeg.objects.select_for_update(of=("self",)).select_related("alert", "alert__acked_by")
    return list(rows.filter(drill=drill, ended_at__isnull=True).order_by("id"))


def take(leg_id: int, now: datetime) -> DrillLeg | None:
    """The leg, to be sent by the caller and nobody else; None: somebody does, or it is over."""
    rows = DrillLeg.objects.filter(pk=leg_id, sent_at__isnull=True, ended_at__isnull=True, drill__state="running")
    return DrillLeg.objects.get(pk=leg_id) if rows.update(sent_at=now) else None


def note_accepted(leg_id: int, now: datetime) -> None:
    """Its door said that it has it."""
    DrillLeg.objects.filter(pk=leg_id, accepted_at__isnull=True).update(accepted_at=now)


def arrived(leg: DrillLeg, ticket_id: int, alert_id: int | None, accepted_at: datetime, now: datetime) -> None:
    """It became a request, and an alert; without one nobody waited for it any more. The caller has locked it."""
    leg.ticket_id = ticket_id
    if alert_id is None:
        leg.late_at = now
    else:
        leg.alert_id, leg.accepted_at, leg.raised_at = alert_id, accepted_at, now
        leg.sent_at = leg.sent_at or accepted_at
    leg.save()


def follow(leg: DrillLeg) -> bool:
    """Take over from its alert who was paged and who answered. Whether that was news. The caller has locked it."""
    if leg.alert is None:
        return False
    before = (leg.paged_at, leg.acked_at)
    if leg.paged_at is None:
        leg.paged_at = Page.objects.filter(alert=leg.alert, state="sent").aggregate(at=Min("done_at"))["at"]
    if leg.acked_at is None and leg.alert.acked_at is not None:
        leg.acked_at, leg.acked_by = leg.alert.acked_at, leg.alert.acked_label
    if (leg.paged_at, leg.acked_at) == before:
        return False
    leg.save(update_fields=["paged_at", "acked_at", "acked_by"])
    return True


def end_leg(leg: DrillLeg, now: datetime, *, stood_at: str = "", error: str = "") -> None:
    """Nothing more is waited for. The caller has locked it."""
    leg.ended_at, leg.stood_at, leg.error = now, stood_at, error[:500]
    leg.save(update_fields=["ended_at", "stood_at", "error"])


def end(drill: Drill, actor: Actor, state: str, now: datetime) -> None:
    """The run is over. The caller has locked it."""
    drill.state, drill.ended_at, drill.ended_by = state, now, actor.label
    drill.save(update_fields=["state", "ended_at", "ended_by"])
    record(actor, "end_drill", ("drill", drill.pk), now, state=state, legs=_figures(drill))


def _figures(drill: Drill) -> dict[str, object]:
    found: dict[str, object] = {}
    for leg in drill.legs.select_related("alert").order_by("id"):
        course = course_of(leg)
        found[leg.channel] = {
            "paged": after_acceptance(course, leg.paged_at),
            "answered": after_acceptance(course, leg.acked_at),
            "stood_at": leg.stood_at or ("" if is_in_time(course) else PAGE),
        }
    return found
