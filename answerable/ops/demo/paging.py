"""Whoever is paged at the demo's vendor has it within a minute."""

from datetime import datetime, timedelta

from answerable.casework.paging_actions import acknowledge
from answerable.casework.paging_people import find
from answerable.escalation.alert_actions import look
from answerable.escalation.alert_queries import alert, pages, running
from answerable.escalation.alerts import Page

MINUTE = timedelta(minutes=1)


def answer(ticket_id: int, at: datetime) -> None:
    """If this request has just raised an alert: its first page, and the answer. No mail leaves."""
    pk = running(ticket_id)
    row = alert(pk) if pk is not None else None
    if row is None or row.state != "open":
        return
    # No event runs behind the request's last one.
    at = max(at, row.raised_at)
    look([row.pk], find, at)
    said = "the mail server took it"
    Page.objects.filter(alert=row).update(state="sent", due_at=None, done_at=at, result=said, tries=1)
    if paged := pages(row):
        acknowledge(paged[0].person, row.pk, "link", at + MINUTE)
