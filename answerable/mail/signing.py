"""Sign what we send (DKIM, RFC 6376 and 8463), so that receivers can tell it from a forgery."""

import dkim

from answerable.lib.errors import Undeliverable
from answerable.lib.signing import SigningKey

# Reply-To and what threads by are signed too: nobody on the way turns answers to themselves.
SIGNED = (
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Reply-To", "MIME-Version",
    "Content-Type",
)  # fmt: skip


def signed(raw: bytes, key: SigningKey | None) -> bytes:
    """The message with its signature on top; as it is where there is no key. Raises Undeliverable.

    Each field is named once more than it stands there, so that nobody can add another one below the signature.
    """
    if key is None:
        return raw
    signer = dkim.DKIM(raw)
    present = {name.lower() for name, _ in signer.headers}
    there = [name for name in SIGNED if name.lower().encode("ascii") in present]
    try:
        signature = signer.sign(
            key.selector.encode("ascii"),
            key.domain.encode("ascii"),
            key.private,
            signature_algorithm=key.algorithm.encode("ascii"),
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*there, *SIGNED],
        )
    except dkim.DKIMException as error:
        raise Undeliverable(f"it could not be signed: {error}", permanent=False) from error
    return bytes(signature) + raw
