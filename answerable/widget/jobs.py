"""What opens by itself: old sessions and used tokens are let go of."""

from procrastinate.contrib.django import app

from answerable.lib import clock
from answerable.widget import actions


@app.periodic(cron="31 * * * *")
@app.task(queue="promises", queueing_lock="forget_widget_sessions", priority=-5)
def forget_widget_sessions(timestamp: int) -> None:
    """Tokens that are too old to be used, and sessions that are over."""
    actions.forget(clock.now())
