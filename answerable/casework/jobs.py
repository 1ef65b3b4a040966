"""Doors that open by themselves: mail that came in, promises that fall due, requests that stayed solved."""

from datetime import timedelta

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from answerable.casework import actions
from answerable.casework.reception import receive
from answerable.lib import clock
from answerable.mail.actions import give_up
from answerable.mail.imap_in import fetch_new
from answerable.mail.queries import mailboxes, waiting
from answerable.sla.queries import due_tickets
from answerable.tickets.queries import long_solved

# A raw mail that nobody handled for so long lost its worker (E-5).
LOST_AFTER = timedelta(minutes=2)
MOST_TRIES = 5


@app.task(
    queue="mail-in",
    retry=RetryStrategy(
        max_attempts=MOST_TRIES, exponential_wait=2, retry_exceptions=[OperationalError, InterfaceError, OSError]
    ),
)
def receive_mail(raw_id: int) -> None:
    """Handle one message that was stored."""
    receive(raw_id, clock.now())


@app.periodic(cron="* * * * *")
@app.task(queue="mail-in", queueing_lock="find_lost_mail")
def find_lost_mail(timestamp: int) -> None:
    """Take up what a dead worker left; what killed five of them goes to quarantine."""
    for raw_id in waiting(clock.now() - LOST_AFTER):
        if not give_up(raw_id, MOST_TRIES, clock.now()):
            receive_mail.defer(raw_id=raw_id)


@app.periodic(cron="* * * * * */30")
@app.task(queue="mail-in", queueing_lock="collect_mail")
def collect_mail(timestamp: int) -> None:
    """Look into every IMAP mailbox."""
    for mailbox in mailboxes():
        fetch_new(mailbox, lambda raw_id: receive_mail.defer(raw_id=raw_id), clock.now())


@app.periodic(cron="* * * * * */2")
@app.task(queue="promises", queueing_lock="sweep_promises")
def sweep_promises(timestamp: int) -> None:
    """Record each promise that was broken since the last look: costs by what is due, not by what is open."""
    for ticket_id in due_tickets(clock.now(), 200):
        actions.record_breaches(ticket_id, clock.now())


@app.periodic(cron="*/10 * * * *")
@app.task(queue="promises", queueing_lock="close_solved")
def close_solved(timestamp: int) -> None:
    """Close for good what stayed solved for the reopening window."""
    for ticket_id in long_solved(clock.now() - actions.reopen_window(), 500):
        actions.close_for_good(ticket_id, clock.now())
