"""Certificates of identity providers, as they are pasted."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext as _

from answerable.lib.errors import Refused

_FRAME = re.compile(r"-----(BEGIN|END) CERTIFICATE-----")


@dataclass(frozen=True)
class Certificate:
    """As PEM, and until when it may be used."""

    pem: str
    until: datetime


def read(text: str) -> Certificate:
    """From PEM, or from the letters between its lines alone, as metadata has them. Raises Refused."""
    if "PRIVATE KEY" in text:
        raise Refused("invalid", _("This holds a private key, which nobody but the identity provider may have."))
    if text.count("BEGIN CERTIFICATE") > 1:
        raise Refused("invalid", _("These are several certificates. Enter the one that signs."))
    try:
        packed = base64.b64decode("".join(_FRAME.sub("", text).split()), validate=True)
        found = x509.load_der_x509_certificate(packed)
    except (binascii.Error, ValueError):
        words = _("This is no certificate. It begins with -----BEGIN CERTIFICATE----- or with MII.")
        raise Refused("invalid", words) from None
    return Certificate(found.public_bytes(Encoding.PEM).decode(), found.not_valid_after_utc)
