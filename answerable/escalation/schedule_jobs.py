"""What comes about by itself: swaps that nobody answered lapse, and administrators hear of gaps ahead."""

from procrastinate.contrib.django import app

from answerable.escalation.gap_actions import tell_gaps
from answerable.escalation.swap_actions import lapse_swaps
from answerable.lib import clock


@app.periodic(cron="* * * * *")
@app.task(queue="promises", queueing_lock="lapse_swaps")
def lapse(timestamp: int) -> None:
    """Every minute: a swap that was not answered in time is over."""
    lapse_swaps(clock.now())


@app.periodic(cron="7 * * * *")
@app.task(queue="promises", queueing_lock="tell_gaps")
def look_ahead(timestamp: int) -> None:
    """Every hour: whoever is newly missing in the weeks ahead."""
    tell_gaps(clock.now())
