"""What comes about by itself around articles: their owners hear that a date has come."""

from procrastinate.contrib.django import app

from answerable.casework.article_notices import tell_owners
from answerable.lib import clock


@app.periodic(cron="7 5 * * *")
@app.task(queue="promises", queueing_lock="tell_article_owners")
def look_for_reviews(timestamp: int) -> None:
    """Every day."""
    tell_owners(clock.now())
