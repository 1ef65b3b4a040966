"""Whose turns a change moves, and telling them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4

from answerable.audit.actions import Actor
from answerable.escalation.schedule_queries import Span, rota, shifts_of
from answerable.escalation.schedules import Schedule
from answerable.notify.actions import tell
from answerable.notify.models import Notice
from answerable.people.queries import staff

Turns = Mapping[int | None, list[Span]]


def turns(schedule: Schedule, start: datetime, end: datetime) -> Turns:
    """When each is on call in [start, end); None: when nobody is."""
    found: dict[int | None, list[Span]] = defaultdict(list)
    for shift in shifts_of(rota(schedule, start), start, end):
        found[shift.person].append((shift.start, shift.end))
    return found


@contextmanager
def telling(
    schedule: Schedule, span: Span, who: Actor, what: str, now: datetime, *, also: int | None = None
) -> Iterator[None]:
    """Around a change: tells everybody whose turns in the span it moves, and `also` this person, but not its maker."""
    before = turns(schedule, *span)
    yield
    after = turns(schedule, *span)
    moved = {pk for pk in before.keys() | after.keys() if before.get(pk) != after.get(pk)}
    tell_shift(schedule, (moved | {also}) - {who.id}, {"who": who.label, "what": what}, f"turns:{uuid4()}", now)


def tell_shift(
    schedule: Schedule, people: Iterable[int | None], data: Mapping[str, str], key: str, now: datetime
) -> None:
    """Tell these members of the staff of what concerns their shifts; the notice leads to the schedule."""
    more = {"name": schedule.name, "schedule": schedule.key}
    ids = [pk for pk in people if pk is not None]
    rows = staff().filter(pk__in=ids)
    tell(Notice(person=one, kind="on_call", key=key, data={**data, **more}, at=now) for one in rows)
