"""Who on the staff is away, and until when."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest, Least

from answerable.audit.queries import moments
from answerable.people.models import Absence, Person, Role, Team

EVER = datetime(1970, 1, 1, tzinfo=UTC)
Away = tuple[int, datetime, datetime | None]  # person, from, until (None: for good)


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


def time_off(people: Iterable[int], since: datetime) -> list[Absence]:
    """What of these people's time off is not over at `since`, the next first; planned ones too."""
    rows = Absence.objects.filter(person__in=list(people)).annotate(over=Least("until", Coalesce("ended_at", "until")))
    return list(rows.filter(over__gt=Greatest(F("since"), since)).select_related("person").order_by("since", "id"))


def off_duty(people: Sequence[Person], since: datetime) -> list[Away]:
    """When these people were, are and will be away: time off, and for who is no active member of the staff, always or
    from the deactivation on."""
    rows = time_off([person.pk for person in people], since)
    found: list[Away] = [(row.person_id, row.since, min(row.until, row.ended_at or row.until)) for row in rows]
    found += [(person.pk, EVER, None) for person in people if person.role == Role.CUSTOMER]
    return [*found, *_inactive(people)]


def _inactive(people: Sequence[Person]) -> Iterator[Away]:
    """From the trail: when an account was suspended and restored. Of who is inactive without a word of it: always."""
    verbs = {"suspend_person": True, "merge_person": True, "restore_person": False}
    said = moments("person", [person.pk for person in people], list(verbs))
    for person in people:
        since: datetime | None = None
        for verb, at in said.get(person.pk, []):
            if verbs[verb] and since is None and (verb != "merge_person" or not person.is_active):
                since = at
            elif not verbs[verb] and since is not None:
                yield person.pk, since, at
                since = None
        if not person.is_active:
            yield person.pk, since or EVER, None


def by_address(addresses: Iterable[str]) -> dict[str, Person]:
    """Who has these addresses, on the staff or not; of a merged account, the one that it is now."""
    rows = Person.objects.filter(email__in={address.lower() for address in addresses}).select_related("merged_into")
    return {row.email: row.merged_into or row for row in rows}
