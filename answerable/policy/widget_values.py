"""The small words of [widget.*]: as values.py, a ValueError completes the sentence "expected …"."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StringConstraints

from answerable.lib.colours import is_colour
from answerable.people.widget_queries import EVERYBODY
from answerable.policy.values import read_domain

_AT_HOME = {"localhost", "127.0.0.1", "::1"}


def _origin(value: str) -> str:
    """`https://app.acme.example`, with a port where it is not the usual one, exactly as browsers write it."""
    wanted = 'an origin such as "https://app.acme.example" (http only at localhost), without a path'
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(wanted) from None
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    shown = f"[{host}]" if ":" in host else host
    exact = f"{parts.scheme}://{shown}" + (f":{port}" if port not in {None, usual} else "")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _AT_HOME)
    if not host or not is_safe or value != exact or not host.isascii() or set(host) & set("*'\";, "):
        raise ValueError(wanted)
    return value


def _vouched(value: str) -> str:
    return value if value == EVERYBODY else read_domain(value)


def _colour(value: str) -> str:
    if not is_colour(value):
        raise ValueError('a colour such as "#0b5fff"')
    return value.lower()


Origin = Annotated[str, AfterValidator(_origin)]
Vouched = Annotated[str, AfterValidator(_vouched)]
Colour = Annotated[str, AfterValidator(_colour)]
Pem = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]
