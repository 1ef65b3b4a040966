"""Paging: what is due is paged, and somebody says that they have seen it. Locks the request first, then its alert."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.casework import ladder_actions
from answerable.casework.alert_news import tell_of, tell_paged
from answerable.casework.later import PAGE_PRIORITY, deliver
from answerable.casework.page_letters import call, letter, test_call, test_letter
from answerable.casework.page_links import read_page_token
from answerable.casework.paging_people import find
from answerable.casework.settle import settle
from answerable.escalation import alert_actions as escalation
from answerable.escalation import alert_queries as queries
from answerable.escalation import page_actions as pages
from answerable.escalation.alerts import Alert
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.jobs import defer
from answerable.live.actions import Event, publish_many
from answerable.notify.actions import post, summon
from answerable.notify.channel_actions import new_id, test_next
from answerable.notify.models import Notice
from answerable.people.models import Person, Role
from answerable.people.queries import actor_of, staff
from answerable.tickets import actions as tickets
from answerable.tickets.actions import Change

logger = logging.getLogger(__name__)

# A page goes before everything else that waits.
PRIORITY = PAGE_PRIORITY
PICK = 50
MAIL_WAY = "mail"


def page_due(now: datetime) -> None:
    """Look at the alerts whose time has come, many in a transaction; one that fails keeps no other from it."""
    seen: set[int] = set()
    while ids := queries.due(now, PICK, seen):
        seen.update(ids)
        _each(lambda some: _look(some, now), ids, "alert")


def _look(alert_ids: Sequence[int], now: datetime) -> None:
    # A thousand alerts at once mostly page the same people.
    known: dict[str, tuple[int, ...]] = {}

    def once(name: str, at: datetime) -> tuple[int, ...]:
        if name not in known:
            known[name] = find(name, at)
        return known[name]

    with transaction.atomic():
        if escalation.look(alert_ids, once, now):
            publish_many([Event("alerts", "alerts")])


def _each(act: Callable[[Sequence[int]], None], ids: Sequence[int], what: str) -> None:
    """All of them together; if that fails, each by itself, so that the others are done."""
    try:
        act(ids)
    except Exception:
        logger.exception("%ss %s could not be handled together", what, ids)
        if len(ids) > 1:
            for pk in ids:
                _each(act, [pk], what)


def hand_over(later: Callable[[list[int]], None], now: datetime) -> bool:
    """Take the pages that are due: those by mail go into the outbox, `later` defers a job for each other one. False:
    there are no more."""
    with transaction.atomic():
        taken = pages.take_due(now, PICK)
        others = [one.id for one in taken if one.way != MAIL_WAY]
        if others:
            later(others)
    _each(lambda some: send_mails(some, now), [one.id for one in taken if one.way == MAIL_WAY], "page")
    return len(taken) == PICK


def send_mails(page_ids: Sequence[int], now: datetime) -> None:
    """Put these pages into the outbox, which they leave before everything else."""
    if not page_ids:
        return
    with transaction.atomic():
        rows = pages.lock_waiting(page_ids, now)
        posted = post([letter(page, now) for page in rows])
        pages.handed(rows, posted)
        defer(deliver, *({"delivery_id": row.pk} for row in posted), priority=PRIORITY)
        tell_paged(page.person_id for page in rows)


def send_page(page_id: int, now: datetime) -> None:
    """Hand one page to a channel of its person, and note what became of it."""
    with transaction.atomic():
        pages.begin(page_id, now)
    with transaction.atomic():
        for page in pages.lock_waiting([page_id], now):
            pages.send(page, call(page, now), now)
            tell_paged([page.person_id])


def send_tests(now: datetime) -> None:
    """The next test of a channel that somebody asked for: one at a time, since a worker waits for its answer."""
    test_next(test_call(new_id()), now)


def test_mail(person: Person, now: datetime) -> None:
    """A test by mail leaves like every page."""
    with transaction.atomic():
        delivery = post([test_letter(person, now)])[0]
        defer(deliver, {"delivery_id": delivery.pk}, priority=PRIORITY)


@dataclass(frozen=True)
class Seen:
    """What became of somebody's word. `outcome`: "" (they have it now), seen (somebody had it), over, not_allowed."""

    outcome: str
    alert: Alert | None = None

    @property
    def ticket_id(self) -> int | None:
        """The request that it is about."""
        return self.alert.ticket_id if self.alert else None


def acknowledge(person: Person, alert_id: int, how: str, now: datetime) -> Seen:
    """The person has seen it; nobody is paged any more, and everybody on the request reads so. Again: as it was."""
    with transaction.atomic():
        change, alert = _begin(person, alert_id, now)
        if not queries.may_acknowledge(person, alert, find, now):
            return Seen("not_allowed", alert)
        if alert.state != "open":
            return Seen("seen" if alert.state == "acked" else "over", alert)
        if alert.level is not None:
            return _acknowledge_level(person, alert, how, now)
        escalation.acknowledge(alert, actor_of(person), how, now)
        if change is not None:
            change.event("alert_acked", label=person.label, alert=alert.pk)
        _settle(change, "acknowledge_alert", alert)
        return Seen("", alert)


def _acknowledge_level(person: Person, alert: Alert, how: str, now: datetime) -> Seen:
    """A level of the ladder is acknowledged there, and its alert follows."""
    assert alert.ticket_id is not None
    try:
        ladder_actions.acknowledge(person, alert.ticket_id, now, "" if how == "desk" else how)
    except Refused:
        return Seen("not_allowed", alert)
    return Seen("", escalation.lock(alert.pk))


def acknowledge_by_mail(person: Person, alert_id: int, now: datetime) -> Seen:
    """By an answer to a page; one to an alert that is gone changes nothing."""
    try:
        return acknowledge(person, alert_id, "mail", now)
    except Refused:
        return Seen("over")


def acknowledge_at_desk(person: Person, alert_id: int, now: datetime) -> Seen:
    """With a click at the desk. Raises Refused."""
    return _allowed(acknowledge(person, alert_id, "desk", now))


def acknowledge_by_link(token: str, now: datetime) -> Seen:
    """With the button on the page that a link opens. Raises Refused."""
    person, alert = read_link(token, now)
    return _allowed(acknowledge(person, alert.pk, "link", now))


def _allowed(seen: Seen) -> Seen:
    if seen.outcome == "not_allowed":
        raise Refused("not_allowed", _("Only who was paged, or is on call now, can say that they have it."))
    return seen


def read_link(token: str, now: datetime) -> tuple[Person, Alert]:
    """Whose link this is, and to which alert. Raises Refused on a bad or old one, or where its person has left."""
    link = read_page_token(token, now)
    person = Person.objects.filter(pk=link.person_id).first() if link else None
    alert = queries.alert(link.alert_id) if link else None
    if person is None or alert is None or not person.is_staff:
        raise Refused("not_found", _("This link is not valid (any more). The alert is at the desk, under Alerts."))
    return person, alert


def page_again(person: Person, alert_id: int, now: datetime) -> Alert:
    """Nobody has it after all: whoever is next is paged at once. Raises Refused."""
    with transaction.atomic():
        change, alert = _begin(person, alert_id, now)
        _require_resolver(person, alert, now)
        if escalation.reopen(alert, actor_of(person), now):
            if change is not None:
                change.event("alert_reopened", alert=alert.pk)
            _settle(change, "page_again", alert)
        return alert


def resolve(person: Person, alert_id: int, now: datetime) -> Alert:
    """It is over, whatever becomes of the request. Raises Refused."""
    with transaction.atomic():
        _change, alert = _begin(person, alert_id, now)
        _require_resolver(person, alert, now)
        if escalation.resolve(alert, actor_of(person), "resolved", now):
            _settle(None, "resolve_alert", alert)
        return alert


def _require_resolver(person: Person, alert: Alert, now: datetime) -> None:
    if alert.level is not None:
        raise Refused("not_allowed", _("The ladder moves this one. On the request it can be taken back, or closed."))
    may_ack = queries.may_acknowledge(person, alert, find, now)
    if not queries.may_resolve(person, may_ack=may_ack):
        raise Refused("not_allowed", _("Only who was paged, is on call now, or leads can do this."))


def _begin(person: Person, alert_id: int, now: datetime) -> tuple[Change | None, Alert]:
    """The request, if there is one, and the alert, both locked."""
    known = queries.alert(alert_id)
    change = None
    if known is not None and known.ticket_id is not None:
        change = tickets.begin(known.ticket_id, actor_of(person), now, closed_too=True)
    return change, escalation.lock(alert_id)


def _settle(change: Change | None, verb: str, alert: Alert) -> None:
    if change is not None:
        settle(change, verb)
    tell_of(alert.pk)


# What opens a level of the ladder for a request whose pages nobody answered: ticket, level, cause, moment.
OpenLevel = Callable[[int, int, str, datetime], object]


def act_on_exhausted(open_level: OpenLevel | None, now: datetime) -> None:
    """Whose policy ran out: the request says so, its leads and administrators are told, and the ladder opens."""
    for alert_id, ticket_id in queries.out(PICK):
        try:
            _run_out(alert_id, ticket_id, open_level, now)
        except Exception:
            logger.exception("alert %s ran out, and nothing came of it", alert_id)


def _run_out(alert_id: int, ticket_id: int | None, open_level: OpenLevel | None, now: datetime) -> None:
    with transaction.atomic():
        change = None
        if ticket_id is not None:
            change = tickets.begin(ticket_id, escalation.PAGING, now, closed_too=True)
        alert = escalation.lock(alert_id)
        if alert.out_told_at is not None:
            return
        escalation.out_told(alert, now)
        if alert.state != "open" or alert.is_drill:  # a drill ends, and says itself what came of it
            return
        if alert.level is not None:
            _no_page_arrived(alert, open_level, now)
            return
        if change is not None:
            change.event("alert_out", alert=alert.pk)
            settle(change, "alert_out")
            if open_level is not None and change.ticket.is_open:
                open_level(change.ticket.pk, 1, "paging", now)
        summon(_alarm(alert, change, now))


def _no_page_arrived(alert: Alert, open_level: OpenLevel | None, now: datetime) -> None:
    """Of a level of the ladder: the next one is asked at once; above the top, whoever leads is told."""
    assert alert.level is not None
    went_on = open_level is not None and open_level(alert.ticket_id or 0, alert.level + 1, "unreached", now)
    if not went_on:
        summon(_alarm(alert, None, now))


def _alarm(alert: Alert, change: Change | None, now: datetime) -> list[Notice]:
    """To leads of its team and to administrators."""
    leads = staff().filter(role=Role.LEAD, teams=alert.team) if alert.team_id else staff().none()
    people = {person.pk: person for person in (*leads, *staff().filter(role=Role.ADMIN))}
    data: dict[str, Any] = {"number": change.ticket.number} if change else {"path": url("desk:alert", pk=alert.pk)}
    return [
        Notice(
            person=person,
            kind="alert_out",
            # Another team's plan that runs out is told anew.
            key=f"alert_out:{alert.pk}:{alert.out_at or now:%Y%m%d%H%M%S}",
            ticket_id=alert.ticket_id,
            data={**data, "what": alert.title},
            at=now,
        )
        for person in people.values()
    ]
