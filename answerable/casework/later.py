"""Tasks that verbs defer: ids only, one line each; work does the work."""

import logging
import time
from collections.abc import Callable

from django.db import transaction
from procrastinate.contrib.django import app

from answerable.casework import work
from answerable.escalation import page_actions as pages
from answerable.lib import clock
from answerable.lib.jobs import take

logger = logging.getLogger(__name__)

# Tasks of higher priority run first: mail that came in never waits for mail that goes out, and a page for nothing else.
DELIVER_PRIORITY, PAGE_PRIORITY = -10, 30
# Seconds after which a job makes room for others.
AT_MOST = 1.0


@app.task(queue="mail-out", pass_context=False)
def deliver(delivery_id: int) -> None:
    """Send one mail of the outbox; a relay that is away is asked again later.

    A page takes those behind it along for a while: a thousand of them are to leave in seconds, and the queue's own work
    for each would cost as much as the mail.
    """
    end = time.monotonic() + AT_MOST
    found = _deliver(lambda: delivery_id)
    while found and found.kind == pages.KIND and time.monotonic() < end:
        try:
            found = _deliver(_next_page)
        except Exception:
            # Its job waits as before, and will fail by itself: this one has done its own.
            logger.exception("the page behind mail %s could not be taken along", delivery_id)
            return


def _next_page() -> int | None:
    return take(deliver, "delivery_id", PAGE_PRIORITY)


def _deliver(which: Callable[[], int | None]) -> work.Delivered | None:
    # One transaction: the job that was taken along is gone with it, so the next try must be there with it.
    with transaction.atomic():
        found = work.deliver_next(which, clock.now())
        if found and found.wait is not None:
            priority = PAGE_PRIORITY if found.kind == pages.KIND else DELIVER_PRIORITY
            deliver.configure(schedule_in={"seconds": found.wait}, priority=priority).defer(delivery_id=found.id)
    return found


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
