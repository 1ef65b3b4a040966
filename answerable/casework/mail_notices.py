"""What administrators are told of the mail room itself."""

from datetime import datetime

from answerable.notify.actions import tell
from answerable.notify.models import Notice
from answerable.people.models import Role
from answerable.people.queries import staff


def tell_admins(kind: str, key: str, now: datetime, **data: object) -> None:
    """One notice to each administrator, once for each `key`. Nothing that a stranger wrote goes into `data`."""
    admins = staff().filter(role=Role.ADMIN)
    tell(Notice(person=admin, kind=kind, key=key, data=data, at=now) for admin in admins)
