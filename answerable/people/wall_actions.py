"""Addresses that show the wall page to a screen without a log-in: made, used and revoked."""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.errors import Refused
from answerable.people.models import Person, WallLink
from answerable.people.person_actions import require_admin
from answerable.people.queries import actor_of

_SALT = "wall"
MOST = 50
# How exactly it is known when an address was last used.
NOTED_EVERY = timedelta(minutes=10)


def make_wall_link(by: Person, name: str, now: datetime, *, initials: bool, theme: str) -> WallLink:
    """An address for one screen."""
    require_admin(by)
    if WallLink.objects.filter(revoked_at__isnull=True).count() >= MOST:
        raise Refused("too_many", _("There are %(most)s such addresses already. Revoke one first.") % {"most": MOST})
    with transaction.atomic():
        row = WallLink.objects.create(name=name, initials=initials, theme=theme, made_by=by, made_at=now)
        record(actor_of(by), "make_wall_link", ("wall_link", row.pk), now, name=name, initials=initials)
    return row


def revoke_wall_link(by: Person, pk: int, now: datetime) -> None:
    """Whoever opens it from now on finds nothing. Revoked twice is revoked."""
    require_admin(by)
    with transaction.atomic():
        row = WallLink.objects.select_for_update().filter(pk=pk, revoked_at__isnull=True).first()
        if row is None:
            return
        row.revoked_at, row.revoked_by = now, by
        row.save(update_fields=["revoked_at", "revoked_by"])
        record(actor_of(by), "revoke_wall_link", ("wall_link", row.pk), now)


def token_of(row: WallLink) -> str:
    """What stands in its address."""
    return signing.dumps(row.pk, salt=_SALT)


def use_wall_link(token: str, now: datetime) -> WallLink:
    """The link of this token, with whose eyes it looks. Raises Refused for one that is not ours, or not any more."""
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        pk = None
    row = WallLink.objects.filter(pk=pk, revoked_at__isnull=True).select_related("made_by").first() if pk else None
    if row is None or not row.made_by.is_active or row.made_by.role != "admin":
        raise Refused("not_found", _("This address shows nothing (any more). An administrator can make a new one."))
    if row.used_at is None or row.used_at < now - NOTED_EVERY:
        WallLink.objects.filter(pk=row.pk).update(used_at=now)
    return row
