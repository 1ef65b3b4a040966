"""Tasks that verbs defer: ids only, one line each; work does the work."""

from procrastinate.contrib.django import app

from answerable.casework import work
from answerable.lib import clock


@app.task(queue="mail-out", pass_context=False)
def deliver(delivery_id: int) -> None:
    """Send one mail of the outbox; a relay that is away is asked again later."""
    wait = work.deliver(delivery_id, clock.now())
    if wait is not None:
        deliver.configure(schedule_in={"seconds": wait}).defer(delivery_id=delivery_id)
