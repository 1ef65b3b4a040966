"""Django's sessions in the database, found by a statement of ours: each page asks for its session first."""

from typing import Any

from django.contrib.sessions.backends import db

from answerable.lib import clock, sql

_DATA = "SELECT session_data FROM django_session WHERE session_key = %(key)s AND expire_date > %(now)s"


class SessionStore(db.SessionStore):
    """Writes as its parent does. The class name is part of the signature's salt, so each reads what the other wrote."""

    def load(self) -> dict[str, Any]:
        """What is in the session; an unknown or expired key is forgotten, as Django does it."""
        found = sql.rows(_DATA, {"key": self.session_key, "now": clock.exact()})
        if not found:
            self._session_key = None
            return {}
        return self.decode(found[0][0])
