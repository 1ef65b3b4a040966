"""What readers leave behind: that an article was opened, and whether it helped."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from answerable.knowledge.access import Reader, readable
from answerable.knowledge.asking import Feedback
from answerable.knowledge.asking_actions import Who
from answerable.lib import sql
from answerable.lib.errors import Refused

LONGEST = 1000
_VIEW = """
INSERT INTO knowledge_articleday AS kept (translation_id, day, views) VALUES (%(pk)s, %(day)s, 1)
ON CONFLICT (translation_id, day) DO UPDATE SET views = kept.views + 1 RETURNING 1
"""


@dataclass(frozen=True)
class Answer:
    """Whether it helped; what was missing, where it did not."""

    helpful: bool
    comment: str = ""


def viewed(translation: int, now: datetime) -> None:
    """Somebody who is not of the team opened it."""
    sql.rows(_VIEW, {"pk": translation, "day": now.date()})


def say_helpful(reader: Reader, translation: int, who: Who, answer: Answer, now: datetime) -> Feedback:
    """Whether it helped this person or visitor: their one answer, which replaces an earlier one. Raises Refused."""
    assert who.person or who.visitor
    row = readable(reader).only("published").filter(pk=translation).first()
    if row is None or row.published is None:
        raise Refused("not_found", _("There is no such article."))
    comment = "" if answer.helpful else answer.comment.replace("\x00", "").strip()[:LONGEST]
    values = {"helpful": answer.helpful, "comment": comment, "at": now, "revision": row.published}
    found, _made = Feedback.objects.update_or_create(translation=row, **_by(who), defaults=values)
    return found


def answer_of(translation: int, who: Who) -> Feedback | None:
    """What they said before."""
    if who.person is None and not who.visitor:
        return None
    return Feedback.objects.filter(translation=translation, **_by(who)).first()


def _by(who: Who) -> dict[str, Any]:
    return {"person": who.person, "visitor": ""} if who.person else {"person": None, "visitor": who.visitor}
