"""The signed link of a ladder mail: one person's page with the buttons that answer it. Opening it changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.core import signing

from answerable.escalation import episodes
from answerable.escalation.episodes import Episode
from answerable.people.models import Person
from answerable.people.queries import vendor
from answerable.tickets.link_queries import ended_at

_SALT = "casework.ladder"
GOOD_FOR = timedelta(days=30)


class Answering(NamedTuple):
    """Who may answer, and in which episode."""

    episode: Episode
    person: Person


def answer_page(episode: Episode, person: Person, now: datetime) -> str:
    """The address for this person."""
    token = signing.dumps([episode.pk, person.pk, int(now.timestamp())], salt=_SALT)
    return f"{vendor().portal_address}/ladder/{token}"


def read_answering(token: str, now: datetime) -> Answering | None:
    """What the link opens; None for a bad or an old one, and where the links in mails were ended since."""
    try:
        episode_id, person_id, made = signing.loads(token, salt=_SALT)
        made_at = datetime.fromtimestamp(made, UTC)
    except (signing.BadSignature, ValueError, TypeError, OverflowError):
        return None
    row, person = episodes.episode(episode_id), Person.objects.filter(pk=person_id, is_active=True).first()
    if row is None or person is None or now > made_at + GOOD_FOR:
        return None
    end = ended_at(row.ticket_id, person_id)
    return Answering(row, person) if end is None or made_at > end else None


def asks_to_log_in() -> bool:
    """Whether what links in mails show and do is for who is logged in alone, by the policy."""
    return bool(vendor().settings.get("mail_links", "read") == "log_in")
