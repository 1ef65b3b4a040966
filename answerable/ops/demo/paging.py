"""Whoever is paged at the demo's vendor has it within a minute."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from answerable.casework.paging_actions import acknowledge
from answerable.casework.paging_people import find
from answerable.escalation.alert_actions import look
from answerable.escalation.alert_queries import alert, pages, running
from answerable.escalation.alerts import Page

MINUTE = timedelta(minutes=1)
_LEFT: dict[str, Any] = {"state": "sent", "due_at": None, "result": "the mail server took it", "tries": 1}


def answer(ticket_id: int, at: datetime) -> None:
    """If this request has just raised an alert: its first page, and the answer. No mail leaves."""
    pk = running(ticket_id)
    row = alert(pk) if pk is not None else None
    if row is None or row.state != "open":
        return
    # No event runs behind the request's last one.
    at = max(at, row.raised_at)
    look([row.pk], find, at)
    Page.objects.filter(alert=row).update(done_at=at, **_LEFT)
    if paged := pages(row):
        acknowledge(paged[0].person, row.pk, "link", at + MINUTE)


def all_left() -> None:
    """Levels of the ladder have paged as well: what would still wait has left at its time."""
    Page.objects.filter(state="waiting").update(done_at=F("made_at"), **_LEFT)
