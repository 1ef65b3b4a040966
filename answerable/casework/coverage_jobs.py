"""What comes about by itself: administrators hear of times ahead in which a severity reaches nobody."""

from procrastinate.contrib.django import app

from answerable.casework.coverage_actions import tell_holes
from answerable.lib import clock


@app.periodic(cron="11 * * * *")
@app.task(queue="promises", queueing_lock="tell_holes")
def look_ahead(timestamp: int) -> None:
    """Every hour, since whoever is ill today is missing tonight."""
    tell_holes(clock.now())
