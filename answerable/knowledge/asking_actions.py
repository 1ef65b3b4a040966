"""What is noted while somebody is about to ask: suggestions shown and opened, the request sent, words searched.

A form carries `began(…)`, signed, and hands it to each of the others. A token that is none of ours or too old is
ignored: a figure is lost, never what somebody wrote.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils.crypto import get_random_string

from answerable.knowledge.asking import LONGEST, Asking, Searched
from answerable.lib import sql
from answerable.people.models import Person

KEEP = timedelta(days=90)
# How long a page may have been open.
OPEN_FOR = timedelta(days=7)
# Words that follow each other so closely are one search that is being typed.
TYPING = timedelta(minutes=2)
FEWEST = 3
MOST = 50
_SALT = "knowledge.asking"
_ADDRESS = re.compile(r"\S+@\S+")
_NOTE = """
INSERT INTO knowledge_asking AS kept
  (key, source, person_id, visitor, begun_at, shown, opened, opened_at, sent_at, ticket_id)
VALUES (%(key)s, %(source)s, %(person)s, %(visitor)s, %(begun_at)s, %(shown)s::bigint[], %(opened)s::bigint[],
  %(opened_at)s::timestamptz, %(sent_at)s::timestamptz, %(ticket)s::bigint)
ON CONFLICT (key) DO UPDATE SET
  person_id = COALESCE(kept.person_id, excluded.person_id),
  shown = ARRAY(SELECT DISTINCT unnest(kept.shown || excluded.shown) ORDER BY 1 LIMIT %(most)s),
  opened = ARRAY(SELECT DISTINCT unnest(kept.opened || excluded.opened) ORDER BY 1 LIMIT %(most)s),
  opened_at = COALESCE(kept.opened_at, excluded.opened_at),
  sent_at = COALESCE(kept.sent_at, excluded.sent_at),
  ticket_id = COALESCE(kept.ticket_id, excluded.ticket_id)
RETURNING id
"""


@dataclass(frozen=True)
class Who:
    """Who is about to ask: a person, or a visitor by their digest (`lib.visitors`)."""

    person: Person | None = None
    visitor: str = ""


@dataclass(frozen=True)
class _Token:
    key: str
    source: str
    begun_at: datetime
    searched: int = 0

    def __str__(self) -> str:
        return signing.dumps([self.key, self.source, int(self.begun_at.timestamp()), self.searched], salt=_SALT)


def began(source: str, now: datetime) -> str:
    """For one form that is handed out now. Nothing is stored before it shows something."""
    return str(_Token(get_random_string(22), source, now))


def shown(token: str, articles: Sequence[int], who: Who, now: datetime) -> None:
    """These were suggested."""
    if articles:
        _note(token, who, now, shown=list(articles))


def opened(token: str, article: int, who: Who, now: datetime) -> None:
    """One of them was opened; the caller has seen to it that they may read it."""
    read = _read(token, now)
    if read is None:
        return
    if read.key:
        _note(token, who, now, opened=[article], opened_at=now)
    if read.searched:
        Searched.objects.filter(pk=read.searched, opened=None).update(opened=article)


def sent(token: str, ticket_id: int, who: Who, now: datetime) -> None:
    """The request was sent all the same. In the transaction that opens it."""
    read = _read(token, now)
    if read is not None and read.key:
        _note(token, who, now, sent_at=now, ticket=ticket_id)
        Searched.objects.filter(trail=read.key).update(ticket_id=ticket_id)


@dataclass(frozen=True)
class Search:
    """What was looked for and how much was found. `trail`: who searches, where no token says it."""

    source: str
    locale: str
    text: str
    found: int
    trail: str = ""


def searched(what: Search, now: datetime, token: str = "") -> str:
    """Keep it. Gives the token that links to what was found carry, so that `opened` knows the search; may be ""."""
    read = _read(token, now)
    if read is not None:
        what = replace(what, trail=read.key, source=read.source)
    text = _ADDRESS.sub("…", " ".join(what.text.replace("\x00", "").lower().split()))[:LONGEST].strip()
    if len(text) < FEWEST:
        return token
    pk = _keep(replace(what, text=text), now)
    return str(replace(read, searched=pk) if read else _Token("", what.source, now, pk))


def forget(now: datetime) -> int:
    """What people typed goes after a while, and who they were; what is counted of them stays. How many rows went."""
    old = now - KEEP
    gone, _each = Searched.objects.filter(at__lt=old).delete()
    Asking.objects.filter(begun_at__lt=old).exclude(person=None, visitor="").update(person=None, visitor="")
    return gone


def _keep(what: Search, now: datetime) -> int:
    with transaction.atomic():
        # Two requests of one page at once take turns.
        before = (
            Searched.objects.select_for_update().filter(trail=what.trail, at__gt=now - TYPING).order_by("-at").first()
            if what.trail
            else None
        )
        if before is None or before.opened_id is not None or not _goes_on(before.text, what.text):
            row = Searched(at=now, source=what.source, trail=what.trail, text=what.text, found=what.found)
            row.locale = what.locale[:8]
            row.save()
            return row.pk
        # What is taken back letter by letter was meant once.
        if len(what.text) >= len(before.text):
            before.text, before.found, before.at = what.text, what.found, now
            before.save(update_fields=["text", "found", "at"])
    return before.pk


def _goes_on(before: str, after: str) -> bool:
    return after.startswith(before) or before.startswith(after)


def _note(token: str, who: Who, now: datetime, **what: object) -> None:
    read = _read(token, now)
    if read is None or not read.key:
        return
    values: dict[str, object] = {
        "key": read.key,
        "source": read.source,
        "person": who.person.pk if who.person else None,
        "visitor": "" if who.person else who.visitor,
        "begun_at": read.begun_at,
        "shown": [],
        "opened": [],
        "opened_at": None,
        "sent_at": None,
        "ticket": None,
        "most": MOST,
    }
    sql.rows(_NOTE, values | what)


def _read(token: str, now: datetime) -> _Token | None:
    try:
        key, source, begun, pk = signing.loads(token, salt=_SALT)
        read = _Token(str(key), str(source), datetime.fromtimestamp(int(begun), UTC), int(pk))
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return read if now - read.begun_at < OPEN_FOR else None
