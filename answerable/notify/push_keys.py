"""The installation's key pair (RFC 8292): made when the first browser turns push on, and kept for good.

A browser takes pushes from nobody else. So it is made anew only where the secret key has changed: then the browsers'
own addresses cannot be read any more either.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.db import transaction

from answerable.audit.actions import record, system
from answerable.lib.sealed import Unreadable, seal, unseal
from answerable.notify.push_rows import PushKey


@dataclass(frozen=True)
class KeyPair:
    """`public` as browsers want it: the uncompressed point, in base64 without padding."""

    public: str
    private: EllipticCurvePrivateKey = field(repr=False)


def key_pair() -> KeyPair | None:
    """The one that there is; None before the first browser, or where the secret key has changed since."""
    row = PushKey.objects.first()
    return _read(row) if row else None


def _read(row: PushKey) -> KeyPair | None:
    try:
        private = load_pem_private_key(unseal(row.private).encode(), None)
    except Unreadable:
        return None
    assert isinstance(private, EllipticCurvePrivateKey)
    return KeyPair(row.public, private)


def make_key_pair(now: datetime) -> KeyPair:
    """The one that there is, or a new one. Two who make the first one at once agree."""
    if found := key_pair():
        return found
    new, values = _made(now)
    with transaction.atomic():
        PushKey.objects.get_or_create(pk=1, defaults=values)
        row = PushKey.objects.select_for_update().get(pk=1)
        found = _read(row)
        if found is None:
            PushKey.objects.filter(pk=1).update(**values)
        if found is None or found.public == new.public:
            record(system("push"), "make_push_key", ("push_key", 1), now, public=new.public)
        return found or new


def _made(now: datetime) -> tuple[KeyPair, dict[str, object]]:
    """A new one, and the row that keeps it."""
    private = generate_private_key(SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = urlsafe_b64encode(point).rstrip(b"=").decode()
    return KeyPair(public, private), {"private": seal(pem), "public": public, "made_at": now}
