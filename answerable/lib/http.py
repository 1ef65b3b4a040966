"""Outgoing HTTP to addresses that others chose: by TLS alone, and never into our own network."""

import io
import ipaddress
import socket
from time import monotonic
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError

# To connect, and again for each piece of an answer.
MOST_SECONDS = 5
MOST_BYTES = 2**20
_PIECE = 2**16
# What a request raises that got no answer, or none that can be read.
Unreachable = requests.RequestException


def _is_outside(address: str) -> bool:
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        # Addresses that stand for one of the older kind are judged by that one.
        found = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1] or found
    return found.is_global and not found.is_multicast


class _Connection(HTTPSConnection):
    """Looks the name up itself, and connects to what it has judged: a second look-up could say something else."""

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        found = socket.getaddrinfo(name, self.port, type=socket.SOCK_STREAM)
        addresses = [str(address[0]) for *_rest, address in found]
        # One inside is enough: a name that means both is set up to slip through.
        if not addresses or not all(map(_is_outside, addresses)):
            raise NewConnectionError(self, f"{name} is not an address outside of our network")
        # Its certificate is that of the name, which is looked at afterwards.
        self._dns_host = addresses[0]
        try:
            return super()._new_conn()
        finally:
            self._dns_host = name


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Outside(HTTPAdapter):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            answer = super().send(request, *args, **kwargs | {"timeout": self.seconds, "stream": True})
            return _whole(answer, 2 * self.seconds)
        except (HTTPError, UnicodeError) as error:
            # urllib3's own while the body is read; Python's of a name that cannot be one ("a..b").
            raise requests.ConnectionError(error) from error

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool, "http": _NoPool}


def _whole(response: requests.Response, seconds: float = 2 * MOST_SECONDS) -> requests.Response:
    """The same with its body read, unless it is too long in size or time."""
    end, body = monotonic() + seconds, io.BytesIO()
    while part := response.raw.read1(_PIECE, decode_content=True):
        body.write(part)
        if body.tell() > MOST_BYTES or monotonic() > end:
            response.close()
            raise requests.exceptions.ContentDecodingError("the answer is too long")
    body.seek(0)
    response.raw = body
    return response


class _NoPool(HTTPConnectionPool):
    def urlopen(self, *_args: Any, **_kwargs: Any) -> Any:
        raise requests.exceptions.InvalidSchema("only https is asked")


def outside(seconds: float = MOST_SECONDS) -> requests.Session:
    """A session of requests that reaches the world and nothing else. It follows redirects by the same rule.

    `seconds`: to connect and for each piece of an answer; twice as long for all of it.
    """
    session = requests.Session()
    # Neither a proxy nor passwords from the environment: a proxy would look names up where nobody judges them.
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Outside(seconds))
    return session
