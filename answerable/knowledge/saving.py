"""Saving and what is wanted of the saved text, in one transaction: nobody publishes words that they have not seen."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from answerable.knowledge.actions import Text, ask_review, publish, save, schedule
from answerable.knowledge.models import Translation
from answerable.people.models import Person


@dataclass(frozen=True)
class Then:
    """What follows the saving: "" (nothing), "review", "publish", or "schedule" with its moment.

    `seen`: as in `save`.
    """

    seen: int
    what: str = ""
    at: datetime | None = None


def save_and(by: Person, pk: int, text: Text, then: Then, now: datetime) -> Translation:
    """Save the text, and do with it what is wanted; all of it or nothing. Raises Refused."""
    with transaction.atomic():
        row = save(by, pk, text, then.seen, now)
        if then.what == "review":
            return ask_review(by, pk, now)
        if then.what == "publish":
            return publish(by, pk, now, number=row.revision)
        if then.what == "schedule" and then.at is not None:
            return schedule(by, pk, then.at, now)
    return row
