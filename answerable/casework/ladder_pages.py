"""A level that waits on a P0 or P1 pages whoever it asks, by their own channels, until it is acknowledged.

The level's alert follows the ladder's log once that is stored, in the same transaction: it has no will of its own.
"""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from answerable.casework import ladder_rules
from answerable.casework.alert_news import tell_of
from answerable.casework.ladder_steps import AROUND_THE_CLOCK, rows_of
from answerable.escalation import alert_actions as alerts
from answerable.escalation import episodes, ladder
from answerable.escalation import ladder_pages as pages
from answerable.escalation.alert_actions import NewAlert
from answerable.escalation.alerts import Alert
from answerable.escalation.episodes import LadderStep
from answerable.escalation.ladder import TAKEN, WAITING, Ladder
from answerable.escalation.ladder_pages import Asked
from answerable.lib.addresses import url
from answerable.tickets.actions import Change
from answerable.tickets.ladder_words import title
from answerable.tickets.models import Ticket

_TURNS = {"paged": pages.HOLDERS, "fallback": pages.CONTACTS}


def is_paged(ticket: Ticket) -> bool:
    """Whether its levels page; at others their people look into their list and their mail."""
    return ticket.severity in AROUND_THE_CLOCK


def follow(change: Change) -> None:
    """After the rows are stored. Costs nothing where the ladder did not move, nor the severity of what is on it."""
    rows = rows_of(change)
    if not rows and (change.severity_was is None or not change.ticket.escalation_level):
        return
    log = episodes.log_of(change.ticket.pk)
    where = ladder.state(log)
    alert = _still(change, where, pages.running(change.ticket.pk))
    if where.stage == WAITING and is_paged(change.ticket):
        _ask(change, where, alert, log)
    elif where.stage == TAKEN and alert is not None:
        how = next((row.cause for row in reversed(rows) if row.kind == "acked"), "")
        alerts.acknowledge(alert, change.actor, how or "desk", change.at)
        tell_of(alert.pk)


def _still(change: Change, where: Ladder, alert: Alert | None) -> Alert | None:
    """The alert, if it is that of the level where the ladder stands; else it is over, and its pages are void."""
    if alert is None:
        return None
    why = _over(change.ticket, where, alert)
    if not why:
        return alert
    alerts.resolve(alert, change.actor, why, change.at)
    tell_of(alert.pk)
    return None


def _over(ticket: Ticket, where: Ladder, alert: Alert) -> str:
    """As the alert keeps it; "" where it is not over."""
    if not where.is_open or where.episode != alert.episode:
        return "the escalation is over"
    if where.level != alert.level:
        return "the ladder went on" if where.level > (alert.level or 0) else "the ladder was taken back"
    return "" if is_paged(ticket) else "neither P0 nor P1 any more"


def _ask(change: Change, where: Ladder, alert: Alert | None, log: Sequence[LadderStep]) -> None:
    here = (where.episode, where.level)
    due = [row for row in rows_of(change) if row.kind in _TURNS and (row.episode, row.level) == here]
    if not due and alert is None:
        # The severity was raised while somebody is waited for: whoever was asked last is paged now.
        due = [row for row in log if row.kind in _TURNS and (row.episode, row.level) == here][-1:]
    if not due:
        return
    if alert is None:
        alert = pages.open_level(_new(change.ticket, where), change.actor, change.at)
    pages.name_team(alert, change.ticket.team)
    alerts.reopen(alert, change.actor, change.at)
    for asked in _each_once(due):
        pages.page(alert, asked, change.actor, change.at)
    tell_of(alert.pk)


def _each_once(rows: Sequence[LadderStep]) -> Iterator[Asked]:
    """Whoever holds the top and is a contact, too, is paged once."""
    seen: set[int] = set()
    for row in rows:
        people = [pk for pk in row.people if pk not in seen]
        seen.update(people)
        yield Asked(_TURNS[row.kind], row.attempt, people)


def _new(ticket: Ticket, where: Ladder) -> NewAlert:
    return NewAlert(
        dedup_key=f"ladder:{ticket.pk}:{where.episode}:{where.level}",
        title=_title(ticket, where.level),
        severity=ticket.severity,
        source=f"ladder:{ticket.pk}",
        link=url("desk:ticket", number=ticket.number),
        ticket_id=ticket.pk,
        team=ticket.team,
        episode=where.episode,
        level=where.level,
    )


def _title(ticket: Ticket, level: int) -> str:
    """What a telephone shows: no customer's words."""
    words = {
        "severity": ticket.severity,
        "number": ticket.number,
        "organization": ticket.organization.name if ticket.organization else "",
        "level": title(level, ladder_rules.rules().name(level)),
    }
    if not ticket.organization:
        return _("%(severity)s escalated to %(level)s: request %(number)s") % words
    return _("%(severity)s escalated to %(level)s: request %(number)s, %(organization)s") % words
