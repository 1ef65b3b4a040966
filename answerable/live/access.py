"""Who may hear which streams: a signed token, made by a page's view and read by `/live` without any database."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core import signing

from answerable.lib import clock

MOST_SECONDS = 600
_SALT = "live"


class BadToken(Exception):
    """Not ours, changed on its way, or too old."""


@dataclass(frozen=True)
class Pass:
    """What a token grants. Times are seconds since 1970; `issued` is floored to the second."""

    streams: tuple[str, ...]
    person_id: int
    issued: int
    expires: int


def sign(streams: Sequence[str], person_id: int, seconds: int = MOST_SECONDS) -> str:
    """The token for `/live?t=…`: this person may hear these streams for so long, ten minutes at most.

    A view that calls this has checked access. `seconds` is shorter where a grant ends earlier.
    """
    issued = int(clock.now().timestamp())
    lifetime = max(0, min(seconds, MOST_SECONDS))
    return signing.dumps({"s": list(streams), "p": person_id, "i": issued, "n": lifetime}, salt=_SALT)


def read(token: str) -> Pass:
    """What the token grants. Raises BadToken."""
    try:
        data = signing.loads(token, salt=_SALT, max_age=MOST_SECONDS)
    except signing.BadSignature:
        raise BadToken from None
    result = Pass(tuple(data["s"]), data["p"], data["i"], data["i"] + data["n"])
    if result.expires <= clock.exact().timestamp():
        raise BadToken
    return result
