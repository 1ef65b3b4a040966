"""The key with which outgoing mail is signed (DKIM), as the environment gives it."""

import base64
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

# Shorter keys are refused by receivers (RFC 8301 and what the large ones ask for).
SHORTEST_RSA = 2048


class BadKey(Exception):
    """Why a key cannot be used, for the operator."""


@dataclass(frozen=True)
class SigningKey:
    """`private` is as dkimpy wants it, `public` the p= of the record in the DNS. Shown without the secret."""

    domain: str
    selector: str
    algorithm: str
    public: str
    private: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """Where the DNS must have the record."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """What stands there."""
        return f"v=DKIM1; k={self.algorithm.partition('-')[0]}; p={self.public}"


def read_key(domain: str, selector: str, pem: bytes) -> SigningKey:
    """An RSA or Ed25519 key in PEM, without a password. Raises BadKey with words that hold nothing of the key."""
    try:
        key = load_pem_private_key(pem, None)
    except (TypeError, ValueError):
        raise BadKey("is no private key in PEM, or it has a password") from None
    if isinstance(key, Ed25519PrivateKey):
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        seed = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return SigningKey(domain, selector, "ed25519-sha256", _text(raw), base64.b64encode(seed))
    if not isinstance(key, RSAPrivateKey):
        raise BadKey("must be an RSA or an Ed25519 key")
    if key.key_size < SHORTEST_RSA:
        raise BadKey(f"has {key.key_size} bits: an RSA key must have at least {SHORTEST_RSA}")
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return SigningKey(domain, selector, "rsa-sha256", _text(public), private)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
