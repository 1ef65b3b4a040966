"""Keep a new version of the text of one kind of mail. Who may, and whether it is right, casework has asked."""

from datetime import datetime

from django.db import connection, transaction

from answerable.audit.actions import Actor, record
from answerable.mail.models import Wording
from answerable.mail.queries import latest_wordings, wordings

# Any number will do, as long as nothing else in this database uses it: "wording" in ASCII.
_LOCK = 0x77_6F72_6469_6E67


def keep_wording(key: str, language: str, text: str, by: Actor, *, seen: int, now: datetime) -> Wording | None:
    """The next version; `seen`: the one that its author changed (0: none was there). None: somebody was quicker.

    What is already so is not said again, and the version that says it is given back.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        before = latest_wordings().get((key, language))
        if (before.pk if before else 0) != seen:
            return None
        if before is not None and before.text == text:
            return before
        row = Wording.objects.create(
            key=key, language=language, text=text, at=now, by_id=by.id or 0, by_label=by.label[:254]
        )
        record(by, "change_wording", ("wording", row.pk), now, key=key, language=language, built_in=not text)
    wordings.forget()
    return row
