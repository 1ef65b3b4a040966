"""A person's channels, and in which order a page reaches them."""

from collections.abc import Collection
from datetime import datetime, timedelta

from answerable.notify.channel_rows import Channel, Contact
from answerable.people.models import Person

__all__ = ["Channel", "Contact", "channel_of", "channels_of", "lost_of", "rules_of"]

# How long a channel that was lost is shown.
LOST_FOR = timedelta(days=7)


def channels_of(person: Person) -> list[Channel]:
    """Those that hold, the oldest first."""
    return list(Channel.objects.filter(person=person, removed_at__isnull=True).order_by("id"))


def channel_of(person: Person, pk: int) -> Channel | None:
    """One of them."""
    return Channel.objects.filter(person=person, pk=pk, removed_at__isnull=True).first()


def lost_of(person: Person, now: datetime) -> list[Channel]:
    """Those that were taken away of late, and not by the person; none whose name holds again."""
    rows = Channel.objects.filter(person=person, removed_at__gt=now - LOST_FOR).exclude(lost="").order_by("-removed_at")
    by_name = {row.name: row for row in reversed(rows)}
    held = {one.name for one in channels_of(person)}
    return [row for name, row in by_name.items() if name not in held]


def rules_of(person_ids: Collection[int]) -> dict[int, list[Contact]]:
    """By person, the soonest first; whoever made no rules gets mail at once."""
    found: dict[int, list[Contact]] = {pk: [] for pk in person_ids}
    rows = Contact.objects.filter(person__in=person_ids).select_related("channel").order_by("after_seconds", "id")
    for row in rows:
        found[row.person_id].append(row)
    for pk, rules in found.items():
        if not rules:
            rules.append(Contact(person_id=pk, channel=None, after_seconds=0))
    return found
