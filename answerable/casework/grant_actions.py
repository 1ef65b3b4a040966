"""Grants, with what follows from ending one: open pages of that person hear nothing more."""

from datetime import datetime

from django.db import transaction

from answerable.live.actions import end_streams
from answerable.people import actions as people
from answerable.people.models import Grant, Person


def revoke(by: Person, grant: Grant, now: datetime) -> None:
    """End the grant, and every live stream that was opened under it. Raises Refused unless `by` may."""
    with transaction.atomic():
        people.revoke(by, grant, now)
        end_streams(grant.person_id)
