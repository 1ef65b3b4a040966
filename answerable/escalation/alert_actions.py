"""Alerts: raise, page on, acknowledge, open again, resolve. Each change is a line of the log, under its lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from answerable.audit.actions import Actor, line, system
from answerable.escalation.alerts import Alert, AlertEntry, Page
from answerable.escalation.outside_calls import call_again, call_first, call_moved
from answerable.escalation.paging import Entry, Find, Move, Plan, move
from answerable.escalation.paging_policy import read, stored
from answerable.lib.errors import Refused
from answerable.lib.rows import insert, update_many
from answerable.notify.channel_queries import Contact, rules_of
from answerable.people.models import Team

PAGING = system("paging")
MAIL = "mail"


@dataclass(frozen=True)
class NewAlert:
    """What is to be raised. `dedup_key`: as long as one with it is not resolved, there is no second."""

    dedup_key: str
    title: str
    severity: str
    source: str
    link: str = ""
    ticket_id: int | None = None
    team: Team | None = None
    # Of the ladder: then it is paged by that, and by no policy.
    episode: int | None = None
    level: int | None = None


def raise_alert(new: NewAlert, policy: tuple[str, Plan], actor: Actor, now: datetime) -> Alert | None:
    """In the caller's transaction; the first page follows in seconds. None: there is one already, which notes it."""
    key, plan = policy
    row = Alert(
        dedup_key=new.dedup_key,
        title=new.title[:300],
        link=new.link,
        severity=new.severity,
        source=new.source,
        ticket_id=new.ticket_id,
        episode=new.episode,
        level=new.level,
        team=new.team,
        policy=key,
        plan=stored(plan),
        raised_at=now,
        due_at=_next(new, now),
    )
    insert([row], once=Alert)
    if row.pk is not None:
        write(row, [Entry("raised", now, 0, {"policy": key, "level": new.level})], actor, now)
        call_first(row, now)
        return row
    same = Alert.objects.select_for_update().filter(dedup_key=new.dedup_key).exclude(state="resolved").first()
    if same is not None:
        write(same, [Entry("again", now)], actor, now)
    return None


def _next(of: NewAlert | Alert, now: datetime) -> datetime | None:
    """At once, by its plan; the ladder looks after its own levels."""
    return now if of.level is None else None


def write(alert: Alert, entries: Sequence[Entry], actor: Actor, now: datetime) -> None:
    """Add lines to the log."""
    insert([_row(alert, entry, actor, now) for entry in entries])


def _row(alert: Alert, entry: Entry, actor: Actor, now: datetime) -> AlertEntry:
    return AlertEntry(
        alert=alert,
        kind=entry.kind,
        at=entry.at,
        written_at=now,
        turn=entry.turn,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        data=entry.data or {},
    )


def logs_of(alert_ids: Sequence[int]) -> dict[int, list[Entry]]:
    """Their lines, as the pure function reads them."""
    found: dict[int, list[Entry]] = {pk: [] for pk in alert_ids}
    for row in AlertEntry.objects.filter(alert__in=alert_ids).order_by("id"):
        found[row.alert_id].append(Entry(row.kind, row.at, row.turn, row.data))
    return found


def lock(alert_id: int) -> Alert:
    """The alert, for a change. Raises Refused."""
    row = Alert.objects.select_for_update(of=("self",)).select_related("team").filter(pk=alert_id).first()
    if row is None:
        raise Refused("not_found", _("There is no such alert."))
    return row


def look(alert_ids: Sequence[int], find: Find, now: datetime) -> list[Alert]:
    """Do what is due of these, in the caller's transaction: lines, and a page for each person and channel. Which they
    were: others had nothing to do, or another worker does it."""
    rows = Alert.objects.select_for_update(skip_locked=True).filter(pk__in=alert_ids, state="open", due_at__lte=now)
    alerts = list(rows.order_by("pk"))
    logs = logs_of([alert.pk for alert in alerts])
    moves = [(alert, move(read(alert.plan), logs[alert.pk], now, find, alert.due_at)) for alert in alerts]
    rules = rules_of({pk for _alert, found in moves for pk in found.people or ()})
    pages = [page for alert, found in moves for page in pages_for(alert, found, rules, now)]
    passed = [alert.pk for alert, found in moves if any(entry.kind == "passed" for entry in found.said)]
    void(passed, "the next step was reached", now)
    said = [_row(alert, entry, PAGING, now) for alert, found in moves for entry in _said(found, now)]
    insert([*pages, *said], once=Page)
    for alert, found in moves:
        alert.due_at, alert.out_at = found.due_at, now if found.exhausted else alert.out_at
    update_many(alerts, ("due_at", "out_at"))
    return alerts


def _said(found: Move, now: datetime) -> list[Entry]:
    if found.people is None:
        return list(found.said)
    told = {"people": list(found.people), "number": found.number}
    return [*found.said, Entry("paged", now, found.turn, told)]


def pages_for(alert: Alert, found: Move, rules: Mapping[int, list[Contact]], now: datetime) -> list[Page]:
    """A row for each person and channel, by the person's own rules."""
    return [_a_page(alert, found, pk, rule, now) for pk in found.people or () for rule in rules[pk]]


def _a_page(alert: Alert, found: Move, person_id: int, rule: Contact, now: datetime) -> Page:
    return Page(
        alert=alert,
        turn=found.turn,
        number=found.number,
        person_id=person_id,
        way=f"channel:{rule.channel_id}" if rule.channel_id else MAIL,
        channel=rule.channel,
        label=rule.channel.name if rule.channel else MAIL,
        made_at=now,
        due_at=now + timedelta(seconds=rule.after_seconds),
    )


def void(alert_ids: Sequence[int], why: str, now: datetime, *, handed_too: bool = False) -> None:
    """What has not left is not sent any more. What a worker is just sending is left to it: it looks again itself.

    `handed_too`: also mails that are still in the outbox. Where the alert pages nobody any more, those look by
    themselves.
    """
    if not alert_ids:
        return
    states = ["waiting", "handed"] if handed_too else ["waiting"]
    waiting = Page.objects.select_for_update(skip_locked=True).filter(alert__in=alert_ids, state__in=states)
    ids = list(waiting.values_list("pk", flat=True))
    if ids:
        Page.objects.filter(pk__in=ids).update(state="void", result=why, due_at=None, done_at=now)


def acknowledge(alert: Alert, actor: Actor, how: str, now: datetime) -> bool:
    """Somebody has seen it: it pages nobody any more. The caller has locked it. Again, or when it is over: False."""
    if alert.state != "open":
        return False
    alert.state, alert.due_at = "acked", None
    alert.acked_at, alert.acked_by_id, alert.acked_label = now, actor.id, actor.label[:254]
    alert.save(update_fields=["state", "due_at", "acked_at", "acked_by", "acked_label"])
    _say(alert, "acked", actor, now, how=how)
    call_again(alert, "acknowledge", now, how)
    void([alert.pk], "somebody has seen it", now)
    return True


def reopen(alert: Alert, actor: Actor, now: datetime, how: str = "") -> bool:
    """Page again, at once, where it stood. The caller has locked it."""
    if alert.state != "acked":
        return False
    alert.state, alert.due_at, alert.acked_at, alert.acked_by = "open", _next(alert, now), None, None
    alert.acked_label = ""
    alert.save(update_fields=["state", "due_at", "acked_at", "acked_by", "acked_label"])
    _say(alert, "reopened", actor, now, **({"how": how} if how else {}))
    call_again(alert, "trigger", now, how)
    return True


def hand_on(alert: Alert, team: Team | None, policy: tuple[str, Plan], actor: Actor, now: datetime) -> bool:
    """Another team has it: from its own first step on, and nobody is paged by the old plan any more. Who has seen it
    has it still. The caller has locked it. False where the plan stays the same."""
    key, plan = policy
    was, is_over = alert.policy, alert.state == "resolved"
    alert.team, alert.policy = team, key
    is_other = not is_over and read(alert.plan) != plan
    if is_other:
        alert.plan, alert.out_at, alert.out_told_at = stored(plan), None, None
        alert.due_at = now if alert.state == "open" else None
        _say(alert, "moved", actor, now, policy=key, team=team.name if team else "")
        void([alert.pk], "another team has it", now, handed_too=True)
    if key != was and not is_over:
        call_moved(alert, now)
    alert.save(update_fields=["team", "policy", "plan", "due_at", "out_at", "out_told_at"])
    return is_other


def resolve(alert: Alert, actor: Actor, why: str, now: datetime) -> bool:
    """It is over. The caller has locked it."""
    if alert.state == "resolved":
        return False
    alert.state, alert.due_at, alert.resolved_at, alert.resolved_by = "resolved", None, now, actor.label
    alert.save(update_fields=["state", "due_at", "resolved_at", "resolved_by"])
    _say(alert, "resolved", actor, now, why=why)
    call_again(alert, "resolve", now, why)
    void([alert.pk], why, now)
    return True


def out_told(alert: Alert, now: datetime) -> None:
    """What follows from its policy having run out is done."""
    alert.out_told_at = now
    alert.save(update_fields=["out_told_at"])


def _say(alert: Alert, kind: str, actor: Actor, now: datetime, **data: Any) -> None:
    write(alert, [Entry(kind, now, 0, data)], actor, now)
    insert([line(actor, f"alert_{kind}", ("alert", alert.pk), now, **data)])
