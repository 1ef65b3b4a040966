"""Access tokens of OAuth 2.0, by a refresh token or in the program's own name, kept until shortly before they end."""

import threading
import time
from dataclasses import dataclass, field, replace

from answerable.lib import http

# A token is not used in the last minute of its life.
_MARGIN = 60
_LIFE = 3600


@dataclass(frozen=True)
class Grant:
    """What we may ask a token for. Without a refresh token the program asks for itself (RFC 6749 §4.4)."""

    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    scope: str = ""


_lock = threading.Lock()
_tokens: dict[Grant, tuple[float, str]] = {}
# What a provider gave in place of a refresh token; the one in the environment may be used up then.
_newer: dict[Grant, str] = {}


def kept(grant: Grant) -> str:
    """The token that is still good; empty: there is none."""
    with _lock:
        until, token = _tokens.get(grant, (0.0, ""))
    return token if time.monotonic() < until else ""


def forget(grant: Grant) -> None:
    """The server does not take the token any more."""
    with _lock:
        _tokens.pop(grant, None)


def fetch(grant: Grant) -> str:
    """A new token. Raises ValueError in words for the operator."""
    with _lock:
        newer = _newer.get(grant)
    asked = replace(grant, refresh_token=newer) if newer else grant
    try:
        answer = http.outside().post(asked.token_url, data=_form(asked))
        told = answer.json()
    except http.Unreachable as error:
        raise ValueError(f"{grant.token_url} gives no token: {error}") from None
    token = told.get("access_token") if isinstance(told, dict) else None
    if not isinstance(token, str) or not token or not token.isascii():
        with _lock:
            _newer.pop(grant, None)
        raise ValueError(_refusal(grant, answer.status_code, told))
    life = told.get("expires_in", _LIFE)
    seconds = int(life) if isinstance(life, int | float) or (isinstance(life, str) and life.isdecimal()) else _LIFE
    with _lock:
        _tokens[grant] = (time.monotonic() + seconds - _MARGIN, token)
        if isinstance(told.get("refresh_token"), str):
            _newer[grant] = told["refresh_token"]
    return token


def _form(grant: Grant) -> dict[str, str]:
    wanted = {"client_id": grant.client_id, "client_secret": grant.client_secret, "scope": grant.scope}
    if grant.refresh_token:
        wanted |= {"grant_type": "refresh_token", "refresh_token": grant.refresh_token}
    else:
        wanted |= {"grant_type": "client_credentials"}
    return {name: value for name, value in wanted.items() if value}


def _refusal(grant: Grant, status: int, told: object) -> str:
    said = told if isinstance(told, dict) else {}
    why = " ".join(str(said[key]) for key in ("error", "error_description") if key in said)
    mend = ": agree again and set a new refresh token" if said.get("error") == "invalid_grant" else ""
    return f"{grant.token_url} refuses a token (HTTP {status}) {' '.join(why.split())[:300]}".rstrip() + mend
