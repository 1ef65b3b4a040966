"""Drills by themselves: a worker looks each two seconds whether one is due, unsent, answered, or stands still."""

from procrastinate.contrib.django import app

from answerable.casework import drill_actions as drills
from answerable.lib import clock


@app.periodic(cron="* * * * * */2")
@app.task(queue="pages", queueing_lock="follow_drills")
def follow_drills(timestamp: int) -> None:
    """Begin what the policy plans, send it, follow it."""
    now = clock.now()
    drills.begin_weekly(now)
    drills.send_waiting(now)
    drills.look(now)
