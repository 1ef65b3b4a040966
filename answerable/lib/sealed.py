"""Secrets that we must be able to read again, kept so that a copy of the database alone does not tell them."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

# Text without it is from before anything was sealed.
MARK = "sealed:"


class Unreadable(Exception):
    """It was sealed under a secret key that this installation no longer has."""


def _keys() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    made = [salted_hmac(__name__, "", secret=one, algorithm="sha256").digest() for one in secrets]
    return MultiFernet([Fernet(urlsafe_b64encode(one)) for one in made])


def seal(text: str) -> str:
    """The text, unreadable without the secret key."""
    return MARK + _keys().encrypt(text.encode()).decode()


def unseal(stored: str) -> str:
    """The text that was sealed. Raises Unreadable."""
    if not stored.startswith(MARK):
        return stored
    try:
        return _keys().decrypt(stored.removeprefix(MARK).encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error
