"""The signed link of a ladder mail: one person's page with the buttons that answer it. Opening it changes nothing."""

from typing import NamedTuple

from django.core import signing

from answerable.escalation import episodes
from answerable.escalation.episodes import Episode
from answerable.people.models import Person
from answerable.people.queries import vendor

_SALT = "casework.ladder"
DAYS = 30


class Answering(NamedTuple):
    """Who may answer, and in which episode."""

    episode: Episode
    person: Person


def answer_page(episode: Episode, person: Person) -> str:
    """The address for this person."""
    return f"{vendor().portal_address}/ladder/{signing.dumps([episode.pk, person.pk], salt=_SALT)}"


def read_answering(token: str) -> Answering | None:
    """What the link opens; None for a bad or an old one."""
    try:
        episode_id, person_id = signing.loads(token, salt=_SALT, max_age=DAYS * 86_400)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    row, person = episodes.episode(episode_id), Person.objects.filter(pk=person_id, is_active=True).first()
    return Answering(row, person) if row and person else None
