"""What people asked to be told, as stored; and what that makes of notices before they are stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from answerable.lib.fresh import Fresh
from answerable.notify.kinds import AT_ONCE, Wish, stored, wish_of
from answerable.notify.models import Notice, Wishes
from answerable.notify.quiet import Quiet, next_hour
from answerable.people.models import Person


@dataclass(frozen=True)
class Asked:
    """One person's wishes. `quiet` None: they may be told at any hour."""

    kinds: Mapping[str, Any] = field(default_factory=dict)
    quiet: Quiet | None = None
    zone: str = ""

    def wish(self, kind: str) -> Wish:
        """What they want of a notice of this kind."""
        return wish_of(self.kinds, kind)

    def quiet_until(self, now: datetime) -> datetime | None:
        """When their quiet hours end, None outside of them."""
        return self.quiet.until(now) if self.quiet else None


NOTHING_ASKED = Asked()


def _asked(row: Wishes) -> Asked:
    quiet = None
    if row.quiet_from is not None and row.quiet_to is not None:
        quiet = Quiet(row.zone, row.quiet_from, row.quiet_to, frozenset(row.quiet_days))
    return Asked(row.kinds, quiet, row.zone)


# Everybody's, at most a few seconds old: a few rows of staff, and each mail that comes in would ask for them.
_everybody: Fresh[dict[int, Asked]] = Fresh(lambda: {row.pk: _asked(row) for row in Wishes.objects.all()})


def asked_by(person_id: int) -> Asked:
    """What this person asked for: as good as now."""
    return _everybody().get(person_id, NOTHING_ASKED)


def wanted(notices: Iterable[Notice]) -> list[Notice]:
    """Those that their persons want to be told in any way, with how."""
    found = []
    for row in notices:
        wish = asked_by(row.person_id).wish(row.kind)
        if (row.wide and not wish.wide) or not (wish.app or wish.browser or wish.mail):
            continue
        row.in_app, row.browser, row.mail = wish.app, wish.browser, wish.mail
        if wish.mail:
            row.mail_at = row.at if wish.mail == AT_ONCE else next_hour(row.at)
        found.append(row)
    return found


def wish_so(person: Person, kinds: Mapping[str, Wish], quiet: Quiet | None, zone: str, now: datetime) -> None:
    """From now on, tell them so. What was told already keeps its way."""
    given = {
        "kinds": {line: stored(wish) for line, wish in kinds.items()},
        "zone": zone,
        "quiet_from": quiet.start if quiet else None,
        "quiet_to": quiet.end if quiet else None,
        "quiet_days": sorted(quiet.days) if quiet else [],
        "changed_at": now,
    }
    Wishes.objects.update_or_create(person=person, defaults=given)
    _everybody.forget()
