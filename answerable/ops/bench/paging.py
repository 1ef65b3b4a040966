"""Measures paging: a thousand alerts raised at once, and how long it takes until each first page has left by mail."""

import time
from collections.abc import Callable, Sequence
from threading import Event

from django.db import transaction
from django.db.models import Max

from answerable.audit.actions import system
from answerable.escalation.alert_actions import NewAlert, raise_alert
from answerable.escalation.alerts import Page
from answerable.escalation.paging import Plan, Step
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.models import Person, Role

ALERTS, WARM = 1000, 40
_PATIENCE = 120.0


def measure(say: Callable[[str], None]) -> dict[str, float]:
    """Seconds from the commit that raises them until half of them, and all, have paged somebody."""
    people = list(Person.objects.filter(role=Role.AGENT, is_active=True).order_by("id").values_list("email", flat=True))
    if not people:
        raise Refused("bench_failed", "there is nobody to page")
    # Workers that have paged before, as in an installation that runs.
    _until(_raised(people, WARM), WARM, time.monotonic())
    say(f"paging: {ALERTS} alerts at once")
    last = _raised(people, ALERTS)
    began = time.monotonic()
    half = _until(last, ALERTS // 2, began)
    return {"alerts": ALERTS, "half_s": round(half, 2), "all_s": round(_until(last, ALERTS, began), 2)}


def _raised(people: Sequence[str], count: int) -> int:
    """The last page before those of so many alerts, which one commit has raised."""
    last: int = Page.objects.aggregate(last=Max("id"))["last"] or 0
    with transaction.atomic():
        now = clock.now()
        for number in range(count):
            plan = Plan((Step((people[number % len(people)],), 3600),), 3600)
            new = NewAlert(f"bench:{last}:{number}", f"P0: bench {number}", "P0", "bench")
            raise_alert(new, ("bench", plan), system("bench"), now)
    return last


def _until(last: int, count: int, began: float) -> float:
    pause = Event()
    while time.monotonic() - began < _PATIENCE:
        found = Page.objects.filter(pk__gt=last, state="sent").count()
        if found >= count:
            return time.monotonic() - began
        pause.wait(0.05)
    raise Refused("bench_failed", f"only {found} of {count} pages left in {_PATIENCE:.0f} s")
