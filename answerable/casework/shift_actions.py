"""Hand a team over to its next shift: a note that must be read, and who has the shift. For staff alone."""

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.errors import Refused
from answerable.lib.html import from_markdown
from answerable.live.actions import Event, publish_many
from answerable.notify.actions import tell
from answerable.notify.models import Notice
from answerable.people.models import Person, Role, Team
from answerable.people.queries import actor_of, on_duty, teams_of
from answerable.tickets.handover import HandOver, HandOverRead, Shift, as_it_stands, current, unread
from answerable.tickets.models import NO_PROMISE
from answerable.tickets.queries import COUNT_CAP

# Where "#123" in a note leads until a page says where requests are: a name that can never be a real one.
TICKET = "https://request.invalid/"
_NUMBER = re.compile(r"(`[^`]*`)|(?<![\w#&/\[])#(\d{1,18})\b")
MOST_TEXT = 20_000


def may_shift(person: Person, team: Team) -> bool:
    """Whether this person may have the team's shift, and hand it over: its members, leads and administrators."""
    if not person.is_staff or person.role == Role.CSM:
        return False
    return team.pk in teams_of(person).ids or person.role in {Role.LEAD, Role.ADMIN}


def may_read(person: Person, team: Team) -> bool:
    """Whether this person may read its hand-overs: who may see its requests."""
    return person.is_staff and (not teams_of(person).shut_in or team.pk in teams_of(person).ids)


def write_hand_over(author: Person, team: Team, text: str, now: datetime) -> HandOver:
    """Leave a note to the next shift, with what is open as it stands. The team's members are told."""
    _require(may_shift(author, team))
    if not text.strip():
        raise Refused("empty", _("Write something first: what is under way, and what to watch."))
    if len(text) > MOST_TEXT:
        raise Refused("too_long", _("At most %(most)s characters.") % {"most": MOST_TEXT})
    attached, count = as_it_stands(team.pk, NO_PROMISE, COUNT_CAP)
    with transaction.atomic():
        runs = _lock(team)
        # Whoever took the shift while this waited could not read it: it is of their shift.
        at = max(now, runs.since) if runs else now
        row = HandOver.objects.create(
            team=team, author=author, at=at, text=text, html=_html(text), open_count=count, attached=attached
        )
        record(actor_of(author), "hand_over", ("team", team.pk), now, hand_over=row.pk)
        members = [one for one in on_duty(team.pk, []) if one.pk != author.pk]
        tell(_notice(row, team, author, one, now) for one in members)
    return row


def _html(text: str) -> str:
    """ "#123" is a link to that request, but for what stands between backticks."""
    return from_markdown(_NUMBER.sub(lambda found: found[1] or f"[#{found[2]}]({TICKET}{found[2]})", text))


def _notice(row: HandOver, team: Team, author: Person, to: Person, now: datetime) -> Notice:
    data = {"who": author.label, "what": team.name, "team": team.key}
    return Notice(person=to, kind="hand_over", key=f"hand_over:{row.pk}", data=data, at=now)


def read_hand_over(person: Person, hand_over: HandOver, now: datetime) -> None:
    """The person says that they have read it; saying so twice is once."""
    _require(may_read(person, hand_over.team))
    with transaction.atomic():
        _row, is_new = HandOverRead.objects.get_or_create(hand_over=hand_over, person=person, defaults={"at": now})
        if is_new:
            record(actor_of(person), "read_hand_over", ("team", hand_over.team_id), now, hand_over=hand_over.pk)
            _tell_pages([person.pk])


def take_shift(person: Person, team: Team, now: datetime) -> Shift:
    """The team's shift is this person's from now on, and nobody else's. Raises Refused before all notes that they must
    know are read."""
    _require(may_shift(person, team))
    with transaction.atomic():
        before = _lock(team)
        if before is not None and before.person_id == person.pk:
            return before
        if unread([team.pk], person.pk):
            raise Refused(
                "unread", _("Read the hand-over first, and say that you have: then the shift is yours to take.")
            )
        _end(before, person, now)
        row = Shift.objects.create(team=team, person=person, since=now)
        record(actor_of(person), "take_shift", ("team", team.pk), now)
        _tell_team(team, before)
    return row


def end_shift(person: Person, team: Team, now: datetime) -> None:
    """Nobody has the shift any more: by who has it, a lead or an administrator."""
    with transaction.atomic():
        row = _lock(team)
        if row is None:
            return
        _require(row.person_id == person.pk or person.role in {Role.LEAD, Role.ADMIN})
        _end(row, person, now)
        record(actor_of(person), "end_shift", ("team", team.pk), now, of=row.person_id)
        _tell_team(team, row)


def _lock(team: Team) -> Shift | None:
    """The shift that runs. Two who take it at once, or write a note meanwhile, take turns."""
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    return next(iter(current([team.pk])), None)


def _end(row: Shift | None, by: Person, now: datetime) -> None:
    if row is not None:
        row.ended_at, row.ended_by = now, by
        row.save(update_fields=["ended_at", "ended_by"])


def _tell_team(team: Team, before: Shift | None) -> None:
    _tell_pages({one.pk for one in on_duty(team.pk, [before.person_id if before else None])})


def _tell_pages(people: set[int] | list[int]) -> None:
    publish_many(Event(f"person:{pk}:staff", "shift") for pk in sorted(people))


def _require(allowed: bool) -> None:
    if not allowed:
        raise Refused("not_allowed", _("That is for the team's members, leads and administrators."))
