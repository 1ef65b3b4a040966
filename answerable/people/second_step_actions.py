"""A code of an authenticator app counts once, and none that is older than the last one does.

allauth remembers a code for half a minute, but takes it for a minute and a half, since a phone's clock may be off.
"""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt, encrypt
from django.db import transaction

from answerable.people.models import Person

LAST = "counter"


def was_used(person: Person, code: str) -> bool:
    """Whether this code of the person's app, or a later one, has let somebody in."""
    app = Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP).first()
    return app is not None and _counter(app, code) <= app.data.get(LAST, -2)


def use_code(app: Authenticator, code: str) -> bool:
    """Count it as used; False where it was, or where it is none of the app's."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=app.pk)
        counter = _counter(row, code)
        if counter <= row.data.get(LAST, -1):
            return False
        # Sealed anew: one from before anything was, or from under an older key, is so from now on.
        row.data |= {LAST: counter, "secret": encrypt(decrypt(row.data["secret"]))}
        row.save(update_fields=["data"])
    return True


def _counter(app: Authenticator, code: str) -> int:
    """Of which half minute the code is; -1 if of none that counts now."""
    secret = decrypt(app.data["secret"])
    found = (
        one for one in yield_hotp_counters_from_time() if compare_user_code(actual=code, expected=_shown(secret, one))
    )
    return max(found, default=-1)


def _shown(secret: str, counter: int) -> str:
    return str(format_hotp_value(hotp_value(secret, counter)))
