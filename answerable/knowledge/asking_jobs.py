"""What comes about by itself in the knowledge base."""

from procrastinate.contrib.django import app

from answerable.knowledge.asking_actions import forget
from answerable.lib import clock


@app.periodic(cron="23 3 * * *")
@app.task(queue="promises", queueing_lock="forget_searches")
def forget_searches(timestamp: int) -> None:
    """Every night: what people typed long ago is deleted."""
    forget(clock.now())
