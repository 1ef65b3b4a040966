"""Who on the staff is away, and until when."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from answerable.people.models import Absence, Person, Team


def away_until(person: Person, now: datetime) -> datetime | None:
    """Until when this person is away; None: they are here."""
    rows = Absence.objects.filter(person=person, ended_at__isnull=True, since__lte=now, until__gt=now)
    return rows.order_by("-until").values_list("until", flat=True).first()


def team_members(team_ids: Sequence[int], now: datetime) -> dict[int, list[tuple[int, str, datetime | None]]]:
    """By team: (id, name, away until) of its active members, by name."""
    through = Team.members.through
    rows = through.objects.filter(team_id__in=team_ids, person__is_active=True).select_related("person")
    away = dict(
        Absence.objects.filter(Q(ended_at__isnull=True), since__lte=now, until__gt=now)
        .order_by("until")
        .values_list("person_id", "until")
    )
    found: dict[int, list[tuple[int, str, datetime | None]]] = {pk: [] for pk in team_ids}
    for row in sorted(rows, key=lambda one: one.person.label.casefold()):
        found[row.team_id].append((row.person_id, row.person.label, away.get(row.person_id)))
    return found
