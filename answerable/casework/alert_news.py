"""Live news of alerts: to the pages that show them, and to the rail of whoever they page."""

from collections.abc import Iterable

from answerable.escalation.alert_queries import paged
from answerable.live.actions import Event, publish_many


def tell_of(alert_id: int) -> None:
    """Something became of it: it was seen, is over, or is paged anew."""
    tell_paged(paged(alert_id))


def tell_paged(people: Iterable[int]) -> None:
    """Pages leave for these."""
    each = (Event(f"person:{pk}:staff", "notices") for pk in sorted(set(people)))
    publish_many([Event("alerts", "alerts"), *each])
