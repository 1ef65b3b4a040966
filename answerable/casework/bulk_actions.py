"""Change many tickets at once: previewed as rows, confirmed once, done ticket by ticket, undone as a run of its own.

A row of the run and its ticket change in one transaction, so whoever is killed in between leaves both or neither, and
the next one goes on (decision 0040).
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.casework import actions as casework
from answerable.casework import incident_updates, sending
from answerable.casework.bulk_verbs import VERBS, judge
from answerable.casework.undo_actions import caused, facts_of, undo, undone_of
from answerable.lib.clock import exact
from answerable.lib.errors import Refused
from answerable.live.actions import publish
from answerable.people.models import Person, Role
from answerable.people.queries import actor_of
from answerable.tickets import access
from answerable.tickets.models import Ticket
from answerable.tickets.runs import BulkItem, BulkRun, EventCause
from answerable.tickets.undoing import Fact, is_undoable, whys

logger = logging.getLogger(__name__)

# How many tickets a run may have; and how many it may have to be done while its person waits.
MOST = 1000
AT_ONCE = 20
# Of so many tickets the histories are read together.
READ_TOGETHER = 250
# A preview that nobody confirmed is forgotten.
FORGOTTEN_AFTER = timedelta(days=1)
UNDO = "undo"


def prepare(
    person: Person, verb: str, args: Mapping[str, Any], ids: Iterable[int], now: datetime, *, left_out: int = 0
) -> BulkRun:
    """The preview: what would become of each of these tickets. Nothing is changed. Raises Refused where none is left.

    Tickets that the person does not work are left out, as if they had not been named.
    """
    if person.seen_by is not None:
        raise Refused("not_allowed", _("You are looking as somebody else: nothing can be changed."))
    wanted = list(dict.fromkeys(ids))
    rows = access.visible_to(person, now).filter(access.worked_by(person), pk__in=wanted[:MOST])
    tickets = list(rows.select_related("organization", "team", "assignee", "requester").order_by("pk"))
    if not tickets:
        raise Refused("none", _("Tick the requests to change first."))
    with transaction.atomic():
        run = BulkRun.objects.create(
            by=person, verb=verb, args=dict(args), created_at=now, left_out=left_out + len(wanted) - len(tickets)
        )
        BulkItem.objects.bulk_create(_item(run, person, ticket, now) for ticket in tickets)
    return run


def _item(run: BulkRun, person: Person, ticket: Ticket, now: datetime) -> BulkItem:
    code, why = judge(run.verb, access.standing(person, ticket, now), ticket, run.args)
    verb = VERBS[run.verb]
    return BulkItem(
        run=run,
        ticket=ticket,
        seen=verb.seen(ticket),
        was=verb.was(ticket)[:300],
        state=BulkItem.LEFT if code else BulkItem.TODO,
        code=code,
        why=why,
    )


def prepare_undo(person: Person, run_id: int, now: datetime) -> BulkRun:
    """The preview of taking a run back: of those tickets whose changed thing was not changed since. Raises Refused."""
    run = BulkRun.objects.filter(pk=run_id, state=BulkRun.DONE).first()
    if run is None or person.seen_by is not None:
        raise Refused("not_found", _("There is no such change, or it is not done yet."))
    done = {row.ticket_id: row for row in run.items.filter(state=BulkItem.DONE)}
    rows = access.visible_to(person, now).filter(access.worked_by(person), pk__in=list(done)).order_by("pk")
    tickets = list(rows)
    if not tickets:
        raise Refused("none", _("This change did nothing that could be undone."))
    with transaction.atomic():
        undoing = BulkRun.objects.create(
            by=person, verb=UNDO, undoes=run, created_at=now, left_out=len(done) - len(tickets)
        )
        for start_at in range(0, len(tickets), READ_TOGETHER):
            some = [ticket.pk for ticket in tickets[start_at : start_at + READ_TOGETHER]]
            found = _to_undo(run.pk, some)
            BulkItem.objects.bulk_create(_undo_item(undoing, ticket_id, *found[ticket_id]) for ticket_id in some)
    return undoing


def _undo_item(undoing: BulkRun, ticket_id: int, events: list[int], why: str) -> BulkItem:
    state = BulkItem.LEFT if why else BulkItem.TODO
    return BulkItem(
        run=undoing, ticket_id=ticket_id, seen=events, state=state, code="overtaken" if why else "", why=why
    )


def _to_undo(run_id: int, ids: Sequence[int]) -> dict[int, tuple[list[int], str]]:
    """Of each of these tickets the run's events that can be undone, latest first, and why one of them cannot."""
    mine = set(EventCause.objects.filter(ticket__in=ids, run=run_id).values_list("event", flat=True))
    undone = undone_of(ids)
    return {ticket_id: _undoable(events, undone, mine) for ticket_id, events in facts_of(ids).items()}


def _undoable(events: list[Fact], undone: Mapping[int, int], mine: set[int]) -> tuple[list[int], str]:
    own = {event.id: undone[event.id] for event in events if event.id in undone}
    reasons = whys(events, own)
    wanted = [event.id for event in reversed(events) if event.id in mine and is_undoable(event)]
    why = next((reasons[pk] for pk in wanted if reasons[pk]), "" if wanted else _("There is nothing to undo."))
    return wanted, why


def start(person: Person, run_id: int, now: datetime) -> BulkRun:
    """Confirm a preview of one's own. Pressed twice it starts once; a few tickets are done before this returns."""
    with transaction.atomic():
        run = BulkRun.objects.select_for_update(of=("self",)).filter(pk=run_id, by=person).first()
        if run is None or person.seen_by is not None:
            raise Refused("not_found", _("There is no such preview (any more). Choose the requests again."))
        if run.state != BulkRun.PREVIEW:
            return run
        todo = run.items.filter(state=BulkItem.TODO).count()
        run.state, run.started_at = BulkRun.RUNNING, now
        run.begins_at = incident_updates.begins_at(run, now) if run.verb == incident_updates.UPDATE else None
        run.save(update_fields=["state", "started_at", "begins_at"])
        record(actor_of(person), "bulk_run", ("bulk_run", run.pk), now, what=run.verb, undoes=run.undoes_id, count=todo)
    if todo <= AT_ONCE and run.begins_at is None:
        while _step(run.pk, now):
            pass
        _finish(run.pk, now)
    run.refresh_from_db()
    return run


def discard(person: Person, run_id: int) -> None:
    """Throw a preview of one's own away."""
    BulkRun.objects.filter(pk=run_id, by=person, state=BulkRun.PREVIEW).delete()


def go_on(until: datetime, now: datetime) -> None:
    """Do the next tickets of every run that is under way, a ticket of each in turn, until that moment."""
    begun = Q(begins_at__isnull=True) | Q(begins_at__lte=now)
    running = list(BulkRun.objects.filter(begun, state=BulkRun.RUNNING).order_by("pk").values_list("pk", flat=True))
    while running and exact() < until:
        for run_id in list(running):
            if not _step(run_id, now):
                running.remove(run_id)
                _finish(run_id, now)


def forget_previews(now: datetime) -> None:
    """Those that nobody confirmed."""
    BulkRun.objects.filter(state=BulkRun.PREVIEW, created_at__lt=now - FORGOTTEN_AFTER).delete()


def _step(run_id: int, now: datetime) -> bool:
    """Do one ticket of the run; False where none is left that another worker does not hold."""
    with transaction.atomic():
        rows = BulkItem.objects.select_for_update(of=("self",), skip_locked=True)
        item = rows.filter(run=run_id, state=BulkItem.TODO).select_related("run__by").order_by("pk").first()
        if item is None:
            return False
        item.code, item.why = _done(item, now)
        item.state, item.at = BulkItem.LEFT if item.code else BulkItem.DONE, now
        item.save(update_fields=["state", "code", "why", "at"])
        return True


def _done(item: BulkItem, now: datetime) -> tuple[str, str]:
    """Change one ticket, or say why it was left as it was: one that fails stops no other."""
    try:
        with transaction.atomic():
            _DOES.get(item.run.verb, _change)(item, now)
    except Refused as refused:
        return refused.code[:32], refused.message[:500]
    except (OperationalError, InterfaceError):
        raise  # the database, and not the ticket: the next look tries again
    except Exception:
        logger.exception("ticket %s of bulk run %s", item.ticket_id, item.run_id)
        return "failed", _("Something went wrong on our side; it was left as it was.")
    return "", ""


def _change(item: BulkItem, now: datetime) -> None:
    """The ordinary verb, on the ticket as it is now: asked again what was asked for the preview."""
    run, verb = item.run, VERBS[item.run.verb]
    ticket = access.lock(item.ticket_id)
    code, why = judge(run.verb, access.standing(run.by, ticket, now), ticket, run.args)
    if code:
        raise Refused(code, why)
    if not verb.adds and verb.seen(ticket) != item.seen:
        raise Refused("changed", _changed(verb.was(ticket), item.was))
    if ticket.waiting_drafts and run.verb == "status":
        # What waits is its author's doing, and is not undone with the run.
        sending.release(ticket, casework.send_now, now)
        ticket = access.lock(item.ticket_id)
    with caused(ticket.pk, run):
        verb.do(run.by, ticket, run.args, now)


def _changed(now_is: str, was: str) -> str:
    if now_is == was:
        return _("Somebody wrote on it since the preview. Look at it first.")
    return _("It was changed since the preview: it was %(was)s and is %(now)s.") % {"was": was, "now": now_is}


def _take_back(item: BulkItem, now: datetime) -> None:
    run = item.run
    assert run.undoes_id is not None
    access.lock(item.ticket_id)
    events, why = _to_undo(run.undoes_id, [item.ticket_id])[item.ticket_id]
    if why:
        raise Refused("overtaken", why)
    for event_id in events:
        undo(run.by, item.ticket_id, event_id, now, run)


# What is done on a ticket, where it is no verb of `bulk_verbs`.
_DOES = {UNDO: _take_back, incident_updates.UPDATE: incident_updates.send}


def stop(person: Person, run_id: int, now: datetime) -> BulkRun:
    """Do nothing more: what is not done yet is left as it is. Whoever began it may, leads and administrators."""
    with transaction.atomic():
        run = BulkRun.objects.select_for_update(of=("self",)).filter(pk=run_id, state=BulkRun.RUNNING).first()
        if run is None:
            raise Refused("conflict", _("It is done already: there is nothing left to stop."))
        access.require(
            person.seen_by is None and (run.by_id == person.pk or person.role in {Role.LEAD, Role.ADMIN}),
            _("Whoever began it can stop it, and leads and administrators."),
        )
        # Waits for those that are being done; they are done then, and not among these.
        todo = run.items.filter(state=BulkItem.TODO)
        left = todo.update(state=BulkItem.LEFT, code="stopped", why=_("It was stopped before its turn."), at=now)
        record(actor_of(person), "bulk_stop", ("bulk_run", run.pk), now, count=left)
    _finish(run_id, now)
    run.refresh_from_db()
    return run


def _finish(run_id: int, now: datetime) -> None:
    """The run is done once no ticket is left to do, also none that another worker is at."""
    todo = BulkItem.objects.filter(run=run_id, state=BulkItem.TODO)
    with transaction.atomic():
        if not todo.exists() and BulkRun.objects.filter(pk=run_id, state=BulkRun.RUNNING).update(
            state=BulkRun.DONE, done_at=now
        ):
            publish("desk", "bulk", id=run_id)
