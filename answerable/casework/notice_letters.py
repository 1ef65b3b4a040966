"""Mails that tell staff of notices, as outbox rows. They name who did what on which request, never what was written.

Nothing in them finds a request: no reply address, no id that we would know again, no tag in the subject. Whoever
answers one opens a request of their own (docs/decisions/0046).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answerable.casework.account_letters import account_letter
from answerable.casework.notice_words import sentence
from answerable.casework.wordings import several, words
from answerable.mail.wording import Value
from answerable.notify.models import Delivery, Notice
from answerable.people.models import Person
from answerable.people.queries import vendor
from answerable.tickets.queries import worked_titles

KIND = "notice"
Titles = Mapping[int, tuple[int, str]]
# A subject longer than this is cut where it is only mentioned.
_MENTIONED = 120
# A digest names so many, and counts the rest.
MOST_NAMED = 50


def one_letter(person: Person, rows: Sequence[Notice], titles: Titles, there: ZoneInfo, now: datetime) -> Delivery:
    """Notices of one kind about one request: the newest, and how many."""
    newest = rows[-1]
    said = sentence(newest.kind, newest.data, there)
    number = _number(newest, titles)
    title = _("%(news)s on #%(number)s") % {"news": said, "number": number} if number else said
    text, html = words(KIND, one_value(newest, titles, there, len(rows)), title)
    return _letter(person, title, (text, html), rows, now)


def digest(person: Person, rows: Sequence[Notice], titles: Titles, there: ZoneInfo, now: datetime) -> Delivery:
    """All of these in one mail, a line for each request."""
    title = ngettext("%(num)s notice", "%(num)s notices", len(rows)) % {"num": len(rows)}
    text, html = words("notices", many_values(rows, titles, there), title)
    return _letter(person, title, (text, html), rows, now)


def one_value(row: Notice, titles: Titles, there: ZoneInfo, count: int = 1) -> dict[str, Value]:
    """What the text `notice` may name."""
    number = _number(row, titles)
    desk = f"{vendor().portal_address}/desk"
    about = f"#{number} {_subject(row, titles)}" if number else ""
    if count > 1:
        about = f"{about} ({ngettext('%(num)s notice', '%(num)s notices', count) % {'num': count}})".strip()
    return {
        "vendor": Value(vendor().name),
        "news": Value(sentence(row.kind, row.data, there)),
        "about": Value(about),
        "link": Value(f"{desk}/tickets/{number}" if number else f"{desk}/notices"),
        "wishes": Value(wishes_page()),
    }


def many_values(rows: Sequence[Notice], titles: Titles, there: ZoneInfo) -> dict[str, Value]:
    """What the text `notices` may name."""
    lines = _lines(rows, titles, there)
    said = lines[:MOST_NAMED]
    if more := len(lines) - len(said):
        said.append(ngettext("And %(num)s more request", "And %(num)s more requests", more) % {"num": more})
    return {
        "vendor": Value(vendor().name),
        "news": several(said),
        "about": Value(),
        "link": Value(f"{vendor().portal_address}/desk/notices"),
        "wishes": Value(wishes_page()),
    }


def wishes_page() -> str:
    """Where a person says how they want to be told."""
    return f"{vendor().portal_address}/desk/notices/wishes"


def _lines(rows: Sequence[Notice], titles: Titles, there: ZoneInfo) -> list[str]:
    by_request: dict[int, list[str]] = {}
    heads: dict[int, str] = {}
    for row in rows:
        line = row.ticket_id or -row.pk
        number = _number(row, titles)
        heads[line] = f"#{number} {_subject(row, titles)}: " if number else ""
        by_request.setdefault(line, []).append(sentence(row.kind, row.data, there))
    return [heads[line] + _counted(said) for line, said in by_request.items()]


def _counted(said: Sequence[str]) -> str:
    """The same sentence often is said once, with how often."""
    counts = {one: said.count(one) for one in dict.fromkeys(said)}
    return "; ".join(one if count == 1 else f"{one} ({count}×)" for one, count in counts.items())


def _number(row: Notice, titles: Titles) -> int | None:
    title = titles.get(row.ticket_id or 0)
    return title[0] if title else None


def _subject(row: Notice, titles: Titles) -> str:
    return " ".join(titles[row.ticket_id or 0][1].split())[:_MENTIONED] or _("(no subject)")


def _letter(person: Person, title: str, body: tuple[str, str], rows: Sequence[Notice], now: datetime) -> Delivery:
    # A display name may hold anything: what looks like the tag of a request must not come back in an answer (E-34).
    subject = title.replace("[", "(").replace("]", ")")
    about = {
        "kind": KIND,
        "html": body[1],
        "notices": [row.pk for row in rows],
        "works": sorted({row.ticket_id for row in rows if row.ticket_id is not None}),
        "unsubscribe": wishes_page(),
    }
    return account_letter(person, subject, body[0], now, **about)


def still_works(delivery: Delivery, now: datetime) -> bool:
    """Whether the person of such a mail still works every request that it names."""
    named = delivery.headers.get("works", [])
    if delivery.kind != KIND:
        return True
    return delivery.person.is_staff and len(worked_titles(delivery.person, named, now)) == len(named)
