"""Tasks that verbs defer: ids only, one line each; work does the work."""

from django.db import transaction
from procrastinate.contrib.django import app

from answerable.casework import work
from answerable.lib import clock

# Tasks of higher priority run first: mail that came in never waits for mail that goes out.
DELIVER_PRIORITY = -10


@app.task(queue="mail-out", pass_context=False)
def deliver(delivery_id: int) -> None:
    """Send one mail of the outbox; a relay that is away is asked again later."""
    wait = work.deliver(delivery_id, clock.now())
    if wait is not None:
        deliver.configure(schedule_in={"seconds": wait}).defer(delivery_id=delivery_id)


@app.task(queue="mail-out", pass_context=False)
def send_link(asked_id: int) -> None:
    """Write the mail that somebody asked for, if there is anybody to get it; it leaves like every other one."""
    with transaction.atomic():
        delivery = work.write_link(asked_id, clock.now())
        if delivery is not None:
            deliver.configure(priority=DELIVER_PRIORITY).defer(delivery_id=delivery.pk)


@app.task(queue="mail-out", pass_context=False)
def forget_files(redaction_id: int) -> None:
    """Take away the bytes of files that were removed, once the rows are gone for good."""
    work.forget_files(redaction_id, clock.now())
