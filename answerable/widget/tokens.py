"""A host's token read: signed by this product's key, meant for this product here, young, and complete (RFC 7519)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from answerable.people.widget_queries import Key, Product

LONGEST = timedelta(minutes=10)
# Two machines' clocks.
LEEWAY = timedelta(seconds=30)
MOST_LETTERS = 8_000
REQUIRED = ["aud", "exp", "iat", "jti", "sub", "email", "email_verified", "name"]


@dataclass(frozen=True)
class Claims:
    """What the token says. `organization`: the short name of the one its user works for, "" where it says none."""

    subject: str
    jti: str
    email: str
    name: str
    organization: str
    expires_at: datetime


class BadToken(Exception):
    """The token proves nothing. The words are for whoever builds the host's page."""


def read(product: Product, token: str) -> Claims:
    """The claims of a token of this product's host. Raises BadToken."""
    if not token or len(token) > MOST_LETTERS:
        raise BadToken("there is no token, or it is longer than any that is needed")
    return _claims(_verified(product, token))


def _verified(product: Product, token: str) -> dict[str, Any]:
    why = BadToken("this product has no key with us, so it signs nobody in")
    for key in _candidates(product, token):
        try:
            return jwt.decode(
                token,
                key.material,
                algorithms=[product.algorithm],
                audience=product.audience,
                leeway=LEEWAY,
                options={"require": REQUIRED, "strict_aud": True},
            )
        except jwt.InvalidSignatureError:
            why = BadToken("it is not signed with a key of this product")
        except jwt.InvalidAudienceError:
            raise BadToken(f"its aud must be {product.audience}") from None
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise BadToken(f"{error}"[:200]) from None
    raise why


def _candidates(product: Product, token: str) -> list[Key]:
    """The key that it names; each, where it names none. It may name one that is not there any more."""
    try:
        named = jwt.get_unverified_header(token).get("kid", "")
    except jwt.InvalidTokenError:
        raise BadToken("it is no JSON Web Token") from None
    known = [key for key in product.keys if key.material]
    found = [key for key in known if not named or key.id in {"", named}]
    if known and not found:
        raise BadToken("its kid names no key of this product")
    return found


def _claims(said: dict[str, Any]) -> Claims:
    began, ends = _moment(said, "iat"), _moment(said, "exp")
    if ends - began > LONGEST:
        raise BadToken("its exp must be at most 10 minutes after its iat")
    if said["email_verified"] is not True:
        raise BadToken("its email_verified must be true: it names nobody by an address that nobody has proven")
    return Claims(
        subject=_text(said, "sub", 200),
        jti=_text(said, "jti", 64),
        email=_address(_text(said, "email", 254)),
        name=_text(said, "name", 200),
        organization=_text(said, "organization", 64) if said.get("organization") else "",
        expires_at=ends,
    )


def _moment(said: dict[str, Any], name: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(said[name]), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise BadToken(f"its {name} must be seconds since 1970") from None


def _text(said: dict[str, Any], name: str, most: int) -> str:
    value = said[name]
    if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
        raise BadToken(f"its {name} must be a text of 1 to {most} letters")
    return value.strip()


def _address(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError:
        raise BadToken("its email must be an e-mail address") from None
    return email.lower()
