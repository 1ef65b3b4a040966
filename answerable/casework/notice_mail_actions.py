"""Write the mails of notices that wait for one: at once, by the hour, or when somebody's quiet hours are over.

A person's notices are locked, put into mails and marked in one transaction: a run that is killed leaves them waiting,
and of two runs at once one finds nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from answerable.casework.automatic import is_stopped
from answerable.casework.later import DELIVER_PRIORITY, deliver
from answerable.casework.notice_letters import KIND, Titles, digest, one_letter
from answerable.lib.jobs import defer
from answerable.lib.zones import zone
from answerable.mail.queries import addresses
from answerable.notify.actions import mail_later, mailed, post
from answerable.notify.kinds import AT_ONCE
from answerable.notify.models import Delivery, Notice
from answerable.notify.notice_queries import lock_to_mail, tickets_of, to_mail
from answerable.notify.wishes import asked_by
from answerable.people.access import administers
from answerable.people.models import Person
from answerable.people.queries import vendor, with_teams
from answerable.tickets.queries import urgent, worked_titles

PICK, MOST = 200, 500
# More mails than this at once are none that anybody reads: they are one.
MOST_AT_ONCE = 5


def mail_due(now: datetime) -> None:
    """Everybody's whose time has come."""
    for person_id in to_mail(now, PICK):
        mail_to(person_id, now)


def mail_to(person_id: int, now: datetime) -> None:
    """One person's: what they have read meanwhile, or may no longer see, goes in no mail."""
    with transaction.atomic():
        rows = list(lock_to_mail(person_id, now, MOST))
        person = with_teams(person_id) if rows else None
        if person is None or not _gets_mail(person):
            mailed(rows, None)
            return
        waiting = [row for row in rows if row.read_at is None]
        titles = worked_titles(person, tickets_of(waiting), now)
        theirs = _without_twice([row for row in waiting if _is_theirs(row, person, titles)])
        kept = _kept_for_later(person, theirs, now)
        sent = [row for row in theirs if row not in kept]
        known = {row.pk for row in theirs}
        mailed([row for row in rows if row.pk not in known], None)
        mailed(sent, now)
        _post(_letters(person, sent, titles, now))


def _gets_mail(person: Person) -> bool:
    return person.is_staff and not addresses().is_own(person.email) and not is_stopped(person, KIND)


def _is_theirs(row: Notice, person: Person, titles: Titles) -> bool:
    if row.ticket_id is not None:
        return row.ticket_id in titles
    return not row.kind.startswith(("mail_", "probe_")) or administers(person)


def _without_twice(rows: Sequence[Notice]) -> list[Notice]:
    """Who is mentioned in a note is not told of the note as well."""
    mentioned = {(row.ticket_id, row.at) for row in rows if row.kind == "mention"}
    return [row for row in rows if row.kind != "note" or (row.ticket_id, row.at) not in mentioned]


def _kept_for_later(person: Person, rows: Sequence[Notice], now: datetime) -> list[Notice]:
    """In quiet hours, everything that is not of a P0."""
    until = asked_by(person.pk).quiet_until(now)
    if until is None:
        return []
    at_once = urgent(tickets_of(rows))
    kept = [row for row in rows if row.ticket_id not in at_once]
    mail_later(kept, until)
    return kept


def _letters(person: Person, rows: Sequence[Notice], titles: Titles, now: datetime) -> list[Delivery]:
    asked = asked_by(person.pk)
    there = zone(asked.zone, person.zone, vendor().zone)
    at_once: dict[tuple[str, int], list[Notice]] = {}
    for row in rows:
        at_once.setdefault((row.kind, row.ticket_id or -row.pk), []).append(row)
    if len(at_once) <= MOST_AT_ONCE and all(row.mail == AT_ONCE for row in rows):
        return [one_letter(person, group, titles, there, now) for group in at_once.values()]
    return [digest(person, rows, titles, there, now)]


def _post(letters: Iterable[Delivery]) -> None:
    posted = post(letters)
    if posted:
        defer(deliver, *({"delivery_id": row.pk} for row in posted), priority=DELIVER_PRIORITY)
