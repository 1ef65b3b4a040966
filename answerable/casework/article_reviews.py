"""A text waits for whoever may publish it, and goes back to its writer: each hears of it from the other."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from answerable.knowledge import actions, saving
from answerable.knowledge.access import may_publish
from answerable.knowledge.actions import Text
from answerable.knowledge.models import Translation
from answerable.knowledge.saving import Then
from answerable.lib.addresses import url
from answerable.notify.actions import tell
from answerable.notify.models import Notice
from answerable.people.models import Person
from answerable.people.queries import staff


def save_and(by: Person, pk: int, text: Text, then: Then, now: datetime) -> Translation:
    """As in knowledge.saving; who may publish hears where a review is what is wanted. Raises Refused."""
    with transaction.atomic():
        row = saving.save_and(by, pk, text, then, now)
        _tell_reviewers(by, row, now)
    return row


def ask_review(by: Person, pk: int, now: datetime) -> Translation:
    """The text waits for somebody who may publish it. Asked twice is asked, and told once."""
    with transaction.atomic():
        row = actions.ask_review(by, pk, now)
        _tell_reviewers(by, row, now)
    return row


def send_back(by: Person, pk: int, why: str, now: datetime) -> Translation:
    """Whoever asked for the review hears what should change."""
    with transaction.atomic():
        asked_by = actions.hold(pk).review_asked_by
        row = actions.send_back(by, pk, why, now)
        if asked_by is not None and asked_by.is_active and asked_by != by:
            _tell("article_back", [asked_by], by, row, now, what=why.strip()[:200] or "–")
    return row


def _tell_reviewers(by: Person, row: Translation, now: datetime) -> None:
    if (row.review_asked_at, row.review_asked_by_id) == (now, by.pk):
        _tell("article_review", (one for one in staff() if may_publish(one) and one != by), by, row, now)


def _tell(kind: str, people: Iterable[Person], by: Person, row: Translation, now: datetime, **more: str) -> None:
    path = f"{url('desk:article', pk=row.article_id)}?locale={row.locale}"
    data = {"who": by.label, "name": row.title, "path": path, **more}
    key = f"{kind}:{row.pk}:{now.isoformat()}"
    tell(Notice(person=one, kind=kind, key=key, data=data, at=now) for one in people)
