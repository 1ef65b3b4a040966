"""What a browser says of its push subscription: read strictly, and only at the services of those who make browsers."""

import re
from base64 import b64decode
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django.conf import settings
from django.utils.translation import gettext as _

from answerable.lib.errors import Refused

# By host; "*." stands for one or more names before it. `settings.PUSH_SERVICES` has what the operator added.
SERVICES = {
    "fcm.googleapis.com": "Google",
    "*.push.services.mozilla.com": "Mozilla",
    "*.push.apple.com": "Apple",
    "*.notify.windows.com": "Microsoft",
}
# The whole address in one pattern: what is called is exactly what was judged, and no second parser reads another host.
_ADDRESS = re.compile(r"https://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?P<port>:[0-9]{1,5})?/[!$-\[\]-_a-z~]{0,900}")
_AUTH_BYTES = 16


@dataclass(frozen=True)
class Subscription:
    """Where a browser is pushed to, its public key, and the secret that it shares with us alone (RFC 8291)."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)

    @property
    def mark(self) -> str:
        """By which a browser knows itself again, without telling its address: SHA-256 in hex."""
        return sha256(self.endpoint.encode()).hexdigest()

    @property
    def public_key(self) -> EllipticCurvePublicKey:
        """Raises ValueError."""
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), decoded(self.p256dh))

    @property
    def origin(self) -> str:
        """Scheme, host and port of the service."""
        return "/".join(self.endpoint.split("/", 3)[:3])


def decoded(text: str) -> bytes:
    """Base64 as browsers write it, with or without padding. Raises ValueError."""
    bare = text.rstrip("=")
    return b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)


def read(endpoint: str, p256dh: str, auth: str) -> Subscription:
    """What can be pushed to. Raises Refused."""
    given = Subscription(endpoint, p256dh, auth)
    service_of(given)
    try:
        fits = bool(given.public_key) and len(decoded(auth)) == _AUTH_BYTES
    except ValueError:
        fits = False
    if not fits:
        raise Refused("bad_subscription", _("This browser's subscription cannot be used: turn push on once more."))
    return given


def service_of(given: Subscription) -> str:
    """Whose service it is. Raises Refused for one that is not listed."""
    found = _ADDRESS.fullmatch(given.endpoint)
    host = found["host"] if found else ""
    for pattern, name in (*SERVICES.items(), *((one, "") for one in settings.PUSH_SERVICES)):
        if host and (host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:]))):
            return name or host
    raise Refused(
        "unknown_service",
        _("This browser's push service is not among those that may be used. Your operator can add it."),
    )
