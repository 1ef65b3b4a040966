"""What was scheduled is published by itself."""

from procrastinate.contrib.django import app

from answerable.knowledge.actions import publish_due
from answerable.lib import clock

AT_ONCE = 50


@app.periodic(cron="* * * * * */10")
@app.task(queue="promises", queueing_lock="publish_articles")
def publish_articles(timestamp: int) -> None:
    """Every ten seconds: costs by what is due."""
    while publish_due(clock.now(), AT_ONCE) == AT_ONCE:
        pass
