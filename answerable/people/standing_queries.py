"""Standing CCs for those who go on with them."""

from datetime import datetime

from django.db.models import Q

from answerable.lib.errors import Refused
from answerable.people.models import Organization, StandingCC


def standing(organization: Organization, pk: int) -> StandingCC:
    """One of the organization's. Raises Refused."""
    row = StandingCC.objects.filter(organization=organization, pk=pk).select_related("person").first()
    if row is None:
        raise Refused("not_found", "There is no such standing CC.")
    return row


def lock_standing(pk: int) -> StandingCC:
    """The row, locked; not its key, which each row that it puts on a request refers to."""
    rows = StandingCC.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("person", "organization", "set_by", "ended_by").get(pk=pk)


def over(now: datetime, limit: int) -> list[int]:
    """Those whose last moment has come, the oldest first."""
    rows = StandingCC.objects.filter(ended_at__isnull=True, until__lte=now)
    return list(rows.order_by("until").values_list("pk", flat=True)[:limit])


def unfinished(limit: int) -> list[int]:
    """Those that are still put on open requests, or whose end is not yet in the history of all of theirs."""
    to_do = Q(fill_after__isnull=False) | Q(ended_at__isnull=False, cleared_at__isnull=True)
    return list(StandingCC.objects.filter(to_do).order_by("pk").values_list("pk", flat=True)[:limit])


def is_standing(pk: int, now: datetime) -> bool:
    """Whether it holds at `now`."""
    rows = StandingCC.objects.filter(Q(until__isnull=True) | Q(until__gt=now), pk=pk, ended_at__isnull=True)
    return rows.exists()
