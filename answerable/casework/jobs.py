"""Doors that open by themselves: mail that came in, promises that fall due, requests that stayed solved."""

import logging
import time
from datetime import timedelta

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from answerable.casework import (
    actions,
    bounced,
    bulk_actions,
    clock_actions,
    csat_actions,
    draft_actions,
    grant_actions,
    ladder_actions,
    mail_watch,
    notice_mail_actions,
    probes,
    scanning,
    snooze_actions,
    standing_actions,
    walk,
)
from answerable.casework.mail_watch import kept
from answerable.casework.reception import receive, receive_next
from answerable.escalation import episodes
from answerable.lib import clock
from answerable.lib.jobs import JobOf
from answerable.mail.actions import give_up, lock_raw_of
from answerable.mail.models import RawMail
from answerable.mail.probe_out import send
from answerable.mail.queries import waiting
from answerable.mail.room_actions import forget_probes, new_probe, probe_trouble, purge
from answerable.notify.queries import untold
from answerable.people.organization_queries import ended_grants
from answerable.people.sessions import SessionStore
from answerable.people.standing_queries import over, unfinished
from answerable.sla.actions import ask_replan
from answerable.sla.queries import due_tickets, zones_moved
from answerable.tickets.queries import long_solved, oversleeping
from answerable.tickets.words import read_mail, read_some

logger = logging.getLogger(__name__)

# A raw mail that nobody handled for so long lost its worker (E-5).
LOST_AFTER = timedelta(minutes=2)
MOST_TRIES = 5
# A promise that falls due does not queue up behind a thousand mails.
SOON, LATER = 10, -5
PICK = 20
# How long one run of a walk may take: the next one goes on two seconds later.
AT_A_TIME = timedelta(seconds=1.5)
KEEP_PROBES = timedelta(days=7)
# Seconds after which a job makes room for others.
AT_MOST = 1.0


@app.task(
    queue="mail-in",
    retry=RetryStrategy(
        max_attempts=MOST_TRIES, exponential_wait=2, retry_exceptions=[OperationalError, InterfaceError, OSError]
    ),
)
def receive_mail(raw_id: int) -> None:
    """Handle one message that was stored, and for a while those behind it: a job costs as much as half a message."""
    end = time.monotonic() + AT_MOST
    receive(raw_id, clock.now())
    while time.monotonic() < end and receive_next(take_job, clock.now()):
        pass


# A job for a message that is stored, in the transaction that stores it.
take_up = JobOf(receive_mail, "raw_id")

_TAKE = """
WITH job AS (
  DELETE FROM procrastinate_jobs WHERE id = (
    SELECT id FROM procrastinate_jobs
    WHERE status = 'todo' AND priority >= 0 AND task_name = $1 AND scheduled_at IS NULL AND attempts = 0
    ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED
  ) RETURNING (args->>'raw_id')::bigint AS raw_id
)
"""


def take_job() -> RawMail | None:
    """The raw mail of the job that is next, locked, and the job is done with: if this transaction is committed.

    If it is rolled back, or the worker dies, the job waits as before. One that the queue had to hand out again is left
    to it, so that a message that kills its worker does so alone. Mail that goes out has a lower priority: it is not
    even looked at, however much of it waits.
    """
    return lock_raw_of(_TAKE, receive_mail.name)


@app.periodic(cron="* * * * *")
@app.task(queue="mail-in", queueing_lock="find_lost_mail")
def find_lost_mail(timestamp: int) -> None:
    """Take up what a dead worker left; what killed five of them goes to quarantine."""
    for raw_id in waiting(clock.now() - LOST_AFTER):
        if not give_up(raw_id, MOST_TRIES, clock.now()):
            take_up(raw_id)


@app.periodic(cron="* * * * *")
@app.task(queue="mail-in", queueing_lock="watch_mail")
def watch_mail(timestamp: int) -> None:
    """Tell administrators of mail that does not get through."""
    mail_watch.look(clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(queue="mail-in", queueing_lock="send_probe")
def send_probe(timestamp: int) -> None:
    """Send a message to ourselves, if the policy asks for it: `watch_mail` looks whether it arrives."""
    if probes.is_wanted():
        probe = new_probe(clock.now())
        if trouble := send(probe):
            probe_trouble(probe, trouble)


@app.periodic(cron="47 3 * * *")
@app.task(queue="mail-in", queueing_lock="purge_mail", priority=LATER)
def purge_mail(timestamp: int) -> None:
    """Let go of what was discarded, and of what machines said, when its term is over; and of old probes."""
    now = clock.now()
    while purge(now - kept("keep_discarded", 30), now - kept("keep_automatic", 90), now):
        pass
    forget_probes(now - KEEP_PROBES)


@app.periodic(cron="* * * * * */2")
@app.task(queue="promises", queueing_lock="sweep_promises", priority=SOON)
def sweep_promises(timestamp: int) -> None:
    """Record what fell due since the last look, and warn: costs by what is due, not by what is open.

    A few at a time, so that what another worker has recorded meanwhile is not picked again.
    """
    seen: set[int] = set()
    while found := [ticket_id for ticket_id in due_tickets(clock.now(), PICK) if ticket_id not in seen]:
        seen.update(found)
        for ticket_id in found:
            clock_actions.look(ticket_id, clock.now())


@app.periodic(cron="* * * * * */2")
@app.task(queue="promises", queueing_lock="sweep_ladders", priority=SOON)
def sweep_ladders(timestamp: int) -> None:
    """Move on what nobody acknowledged in time: as `sweep_promises`, by an index on what is due."""
    seen: set[int] = set()
    while found := episodes.due(clock.now(), PICK, seen):
        seen.update(found)
        for ticket_id in found:
            try:
                ladder_actions.lapse(ticket_id, clock.now())
            except Exception:  # one that cannot move keeps no other from being asked
                logger.exception("the ladder of ticket %s cannot move", ticket_id)


@app.periodic(cron="* * * * * */2")
@app.task(queue="mail-in", queueing_lock="read_words", priority=LATER)
def read_words(timestamp: int) -> None:
    """Make what came by mail found by its words, and what is there from before the search; a second at a time."""
    end = time.monotonic() + AT_MOST
    while (read_mail() or read_some()) and time.monotonic() < end:
        pass


@app.periodic(cron="* * * * * *")
@app.task(queue="promises", queueing_lock="release_drafts", priority=SOON)
def release_drafts(timestamp: int) -> None:
    """Send the replies that can no longer be taken back."""
    draft_actions.release_due(clock.now())


@app.periodic(cron="* * * * * *")
@app.task(queue="promises", queueing_lock="run_bulk", priority=LATER)
def run_bulk(timestamp: int) -> None:
    """Go on with changes of many tickets at once; their rows say how far they are."""
    bulk_actions.go_on(clock.exact() + AT_A_TIME, clock.now())


@app.periodic(cron="23 * * * *")
@app.task(queue="promises", queueing_lock="forget_previews", priority=LATER)
def forget_previews(timestamp: int) -> None:
    """Let go of previews of bulk changes that nobody confirmed."""
    bulk_actions.forget_previews(clock.now())


@app.periodic(cron="* * * * * */2")
@app.task(queue="mail-in", queueing_lock="tell_given_up", priority=LATER)
def tell_given_up(timestamp: int) -> None:
    """Say of mails that will not arrive that they will not, on their requests and to those who wait for them."""
    for delivery_id in untold(PICK):
        bounced.tell_given_up(delivery_id, clock.now())


@app.periodic(cron="* * * * * */5")
@app.task(queue="mail-out", queueing_lock="mail_notices", priority=LATER)
def mail_notices(timestamp: int) -> None:
    """Write the mails of notices that wait for one, and the digests whose hour has come."""
    notice_mail_actions.mail_due(clock.now())


@app.periodic(cron="* * * * * */2")
@app.task(queue="promises", queueing_lock="replan", priority=LATER)
def replan(timestamp: int) -> None:
    """Go on with the walk over open clocks that a changed calendar or policy asked for; a row says how far it is."""
    walk.go_on(clock.exact() + AT_A_TIME, clock.now())


@app.periodic(cron="* * * * * */5")
@app.task(queue="mail-in", queueing_lock="scan_files", priority=LATER)
def scan_files(timestamp: int) -> None:
    """Have new files looked at for viruses, where there is a scanner."""
    scanning.scan_new(clock.exact() + AT_A_TIME)


@app.periodic(cron="17 3 * * *")
@app.task(queue="promises", queueing_lock="audit_clocks")
def audit_clocks(timestamp: int) -> None:
    """Each night every open clock is computed anew from its events (sla contract §3), by today's time zone data."""
    ask_replan("tzdata" if zones_moved() else "audit", "", "nightly", clock.now())


@app.periodic(cron="*/10 * * * *")
@app.task(queue="promises", queueing_lock="close_solved")
def close_solved(timestamp: int) -> None:
    """Close for good what stayed solved for the reopening window."""
    for ticket_id in long_solved(clock.now() - actions.reopen_window(), 500):
        actions.close_for_good(ticket_id, clock.now())


@app.periodic(cron="* * * * *")
@app.task(queue="promises", queueing_lock="wake_snoozed")
def wake_snoozed(timestamp: int) -> None:
    """Put back into its assignee's view what was snoozed until now."""
    for ticket_id in oversleeping(clock.now(), 500):
        snooze_actions.wake_up(ticket_id, clock.now())


@app.periodic(cron="* * * * *")
@app.task(queue="promises", queueing_lock="end_grants", priority=LATER)
def end_grants(timestamp: int) -> None:
    """Tell of grants that ended by themselves; they hold no more since the second that they named."""
    for grant_id in ended_grants(clock.now(), 100):
        grant_actions.end_grant(grant_id, clock.now())


@app.periodic(cron="* * * * *")
@app.task(queue="promises", queueing_lock="end_standing", priority=LATER)
def end_standing(timestamp: int) -> None:
    """End the standing CCs whose last moment has come."""
    for standing_id in over(clock.now(), 100):
        standing_actions.end_standing(None, standing_id, clock.now())


@app.periodic(cron="* * * * * */2")
@app.task(queue="promises", queueing_lock="follow_standing", priority=LATER)
def follow_standing(timestamp: int) -> None:
    """Put standing CCs on open requests, and their end into histories: a step at a time, for a second or so."""
    until = clock.exact() + AT_A_TIME
    for standing_id in unfinished(100):
        while clock.exact() < until and standing_actions.go_on(standing_id, clock.now()):
            pass


@app.periodic(cron="*/10 * * * *")
@app.task(queue="promises", queueing_lock="forget_sessions", priority=LATER)
def forget_sessions(timestamp: int) -> None:
    """Take away the sessions that are over: every browser that begins to sign in leaves one."""
    SessionStore.clear_expired()


@app.periodic(cron="* * * * *")
@app.task(queue="promises", queueing_lock="ask_how_it_was", priority=LATER)
def ask_how_it_was(timestamp: int) -> None:
    """Ask requesters of what was solved some time ago, where the policy says so."""
    for ticket_id in csat_actions.due(clock.now()):
        try:
            csat_actions.ask(ticket_id, clock.now())
        except Exception:  # one that cannot be asked about keeps nobody else from being asked
            logger.exception("nobody can be asked about ticket %s", ticket_id)
