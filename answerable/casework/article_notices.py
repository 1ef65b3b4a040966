"""Whoever looks after an article is told once when its date to be looked at again has come."""

from datetime import datetime

from answerable.knowledge.review_queries import due_for_review
from answerable.lib.addresses import url
from answerable.notify.actions import tell
from answerable.notify.models import Notice


def tell_owners(now: datetime) -> int:
    """Those whose date came; a date is told once, another date anew. How many there were."""
    found = due_for_review(now.date())
    tell(
        Notice(
            person_id=one.owner,
            kind="article_due",
            key=f"article:{one.article}:{one.review_on.isoformat()}",
            data={"name": one.title, "path": url("desk:article", pk=one.article)},
            at=now,
        )
        for one in found
    )
    return len(found)
