"""Drills: begun by the policy's plan or by somebody, sent to each door, followed until answered or standing still.

Whoever looks (a worker each two seconds, the command that began it) does what is due, under the drill's lock: so a
drill needs no worker to end, and says which step did not come about.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import Actor, system
from answerable.casework.alert_news import tell_of
from answerable.casework.drill_doors import hand_over
from answerable.casework.mail_notices import tell_admins
from answerable.escalation import alert_actions as alerts
from answerable.escalation import drill_actions as drills
from answerable.escalation import drill_queries as queries
from answerable.escalation.alert_queries import last_trouble
from answerable.escalation.drill_queries import Drill, DrillLeg, course_of, went_well
from answerable.escalation.drilling import ACCEPT, ANSWER, AT_MOST_LATE, PAGE, due, stands_still, waits_for
from answerable.lib.errors import Refused
from answerable.live.actions import publish
from answerable.people.models import Person, Role, Team
from answerable.people.queries import actor_of, teams_by_key, vendor

DRILL = system("drill")
# How the command says that it did not begin one.
NOT_BEGUN = 3


def may_run(person: Person) -> bool:
    """Leads and administrators."""
    return person.is_staff and person.role in {Role.LEAD, Role.ADMIN}


def channels() -> list[str]:
    """The ways in that there are."""
    mail = vendor().settings.get("channels", {}).get("mail", True)
    return ["mail", "portal"] if mail else ["portal"]


def begin_at_desk(by: Person, team: Team | None, now: datetime) -> Drill:
    """For a lead or an administrator; a worker sends it within seconds. Raises Refused."""
    if not may_run(by):
        raise Refused("not_allowed", _("Only leads and administrators may run a drill."))
    return begin(team, actor_of(by), by, now)


def begin(team: Team | None, actor: Actor, by: Person | None, now: datetime) -> Drill:
    """A run for this team's paging (None: that of P0s without a team). Raises Refused while another one runs, or a real
    P0 waits for the same people."""
    look(now)  # what stood still while nothing ran is over now
    if queries.burns():
        words = _("A real P0 waits for an answer. Run the drill once somebody has it.")
        raise Refused("burns", words, exit=NOT_BEGUN)
    with transaction.atomic():
        row = drills.begin(channels(), team, actor, now, by=by)
        if row is None:
            raise _runs_already()
        publish("alerts", "alerts")
    return row


def _runs_already() -> Refused:
    other = queries.running()
    words = _("A drill is running already: wait until it has ended, or stop it at the desk, under Drills.")
    if other is not None:
        words = _(
            "A drill is running already, begun at %(time)s UTC by %(who)s: wait until it has ended, or stop it at the "
            "desk, under Drills."
        ) % {"time": f"{other.began_at:%H:%M}", "who": other.by_label}
    return Refused("running", words, exit=NOT_BEGUN)


def begin_weekly(now: datetime) -> None:
    """Begin what the policy plans for this hour, once; or say why it is skipped."""
    plan = queries.rule()
    if plan is None:
        return
    at = due(queries.weekly_of(plan), now)
    if at < plan.since or queries.has_planned(at):
        return
    team = teams_by_key().get(plan.team)
    with transaction.atomic():
        why = _obstacle(at, now)
        if not why and drills.begin(channels(), team, DRILL, now, planned_at=at) is None:
            why = "running"
        if why:
            drills.skip(at, team, DRILL, why, now)
        publish("alerts", "alerts")


def _obstacle(at: datetime, now: datetime) -> str:
    if now - at > AT_MOST_LATE:
        return "late"
    return "burns" if queries.burns() else ""


def send_waiting(now: datetime) -> None:
    """Send what nobody has sent yet of the drill that runs."""
    for leg_id in queries.unsent():
        send(leg_id, now)


def send(leg_id: int, now: datetime) -> None:
    """Send one test P0 to its door, once."""
    leg = drills.take(leg_id, now)
    if leg is None:
        return
    trouble = hand_over(leg, now)
    with transaction.atomic():
        leg = drills.lock_leg(leg_id)
        if trouble and leg.ticket_id is None and leg.ended_at is None:
            drills.end_leg(leg, now, stood_at=ACCEPT, error=trouble)
        elif not trouble:
            drills.note_accepted(leg_id, now)
        publish("alerts", "alerts")


def look(now: datetime) -> None:
    """Note how far the drill that runs has come, and end what is answered or stands still."""
    with transaction.atomic():
        drill = drills.lock_running()
        if drill is None:
            return
        legs = drills.lock_legs(drill)
        news = [_look(leg, now) for leg in legs]
        if all(leg.ended_at is not None for leg in legs):
            _end(drill, now)
        if any(news) or drill.ended_at is not None:
            publish("alerts", "alerts")


def _look(leg: DrillLeg, now: datetime) -> bool:
    """Whether there was news."""
    news = drills.follow(leg)
    stood_at = _stood_at(leg, now)
    if stood_at or leg.acked_at is not None:
        error = last_trouble(leg.alert) if leg.alert and stood_at == PAGE else ""
        _over(leg, now, stood_at, error)
    return news or leg.ended_at is not None


def _stood_at(leg: DrillLeg, now: datetime) -> str:
    course = course_of(leg)
    alert = leg.alert
    if leg.acked_at is not None:
        return ""
    if alert is not None and (alert.state == "resolved" or alert.out_at is not None):
        return ANSWER if leg.paged_at is not None else PAGE
    return waits_for(course) if stands_still(course, now) else ""


def _over(leg: DrillLeg, now: datetime, stood_at: str = "", error: str = "") -> None:
    if leg.alert_id is not None:
        alerts.resolve(alerts.lock(leg.alert_id), DRILL, "the drill is over", now)
        tell_of(leg.alert_id)
    drills.end_leg(leg, now, stood_at=stood_at, error=error)


def _end(drill: Drill, now: datetime) -> None:
    run = queries.one(drill.pk)
    assert run is not None
    failed = [leg.channel for leg in run.legs if not went_well(leg)]
    drills.end(drill, DRILL, "failed" if failed else "passed", now)
    if failed:
        tell_admins("drill", f"drill:{drill.pk}", now, what=", ".join(failed))


def stop(by: Person, drill_id: int, now: datetime) -> Drill:
    """It pages nobody any more, and counts as neither passed nor failed. Raises Refused."""
    if not may_run(by):
        raise Refused("not_allowed", _("Only leads and administrators may stop a drill."))
    with transaction.atomic():
        drill = drills.lock(drill_id)
        if drill is None:
            raise Refused("not_found", _("There is no such drill."))
        if drill.state == "running":
            for leg in drills.lock_legs(drill):
                drills.follow(leg)
                _over(leg, now, waits_for(course_of(leg)))
            drills.end(drill, actor_of(by), "stopped", now)
            publish("alerts", "alerts")
    return drill
