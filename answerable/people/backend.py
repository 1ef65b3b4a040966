"""Log-in by allauth's rules; the person of a request comes with their teams."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from answerable.people.models import Person
from answerable.people.queries import with_teams


class Backend(AuthenticationBackend):
    """allauth's, with one query for what each page asks first."""

    def get_user(self, user_id: Any) -> Person | None:
        """The active person of a session."""
        person = with_teams(int(user_id))
        return person if person is not None and person.is_active else None
