"""[widget.*] of support.toml: what must agree in it, and what the rooms below get of it."""

from collections.abc import Iterator
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from answerable.people.widget_queries import DEMO, EVERYBODY
from answerable.policy.lines import Place
from answerable.policy.schema import Policy, Widget

Disagreement = tuple[Place, str, object]
LEAST_BITS = 2048


def disagreements(policy: Policy) -> Iterator[Disagreement]:
    """(where, what was expected there, what stands there)."""
    for key, one in policy.widget.items():
        place: Place = ("widget", key)
        if key == DEMO:
            yield place, f'another key ("{DEMO}" is the page that comes with demo data)', key
        if one.keys and not one.vouches_for:
            expected = f'vouches_for: e-mail domains whose people this product signs in, or ["{EVERYBODY}"]'
            yield (*place, "vouches_for"), expected, []
        if len(one.origins) != len(set(one.origins)):
            yield (*place, "origins"), "each origin once", list(one.origins)
        yield from _keys(place, one)


def _keys(place: Place, one: Widget) -> Iterator[Disagreement]:
    shared = one.algorithm == "HS256"
    for number, key in enumerate(one.keys):
        here = (*place, "keys", number)
        if shared and key.secret_variable is None:
            yield here, 'secret_variable, since its algorithm is "HS256"', None
        if not shared and not _is_rsa(key.public_key):
            expected = f'public_key, an RSA public key in PEM of {LEAST_BITS} bits or more: its algorithm is "RS256"'
            yield (*here, "public_key"), expected, key.public_key
        foreign = "public_key" if shared else "secret_variable"
        if getattr(key, foreign) is not None:
            yield (*here, foreign), f'no {foreign}, since its algorithm is "{one.algorithm}"', getattr(key, foreign)
    for name in ("id", "secret_variable", "public_key"):
        said = [getattr(key, name) for key in one.keys if getattr(key, name) is not None]
        if len(said) != len(set(said)):
            yield (*place, "keys", 1, name), f"each {name} once", said[1]


def _is_rsa(pem: str | None) -> bool:
    try:
        key = load_pem_public_key((pem or "").encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPublicKey) and key.key_size >= LEAST_BITS


def products(policy: Policy) -> list[dict[str, Any]]:
    """As `people.widget_queries` reads them."""
    return [{"key": key, **one.model_dump(mode="json")} for key, one in policy.widget.items()]
