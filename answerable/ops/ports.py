"""Is a port free? Asked before anything starts: the web server shares a taken port in silence (SO_REUSEPORT)."""

import asyncio
import contextlib
import errno
import socket
from ipaddress import ip_address

from answerable.lib.errors import BadSetting

CERTIFICATE_VARIABLES = ("ANSWERABLE_SMTP_CERTIFICATE", "ANSWERABLE_SMTP_KEY")
_TICK = 0.05


def require_free(host: str, port: int, variable: str, host_variable: str = "ANSWERABLE_HOST") -> None:
    """Raises BadSetting, naming the variable to change, if nobody could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a closing connection is no tenant
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise BadSetting(variable, f"port {port} is taken by another program; set another port") from None
            if error.errno == errno.EACCES:
                raise BadSetting(variable, f"port {port} is only for root; set one above 1023") from None
            raise BadSetting(host_variable, f"cannot listen on {host}: {error.strerror}") from None


async def until_answers(host: str, port: int, path: str) -> None:
    """Wait for a web server to come up."""
    while True:
        if await answers(host, port, path):
            return
        await asyncio.sleep(_TICK)


async def answers(host: str, port: int, path: str) -> bool:
    """Whether a web server gives any answer there, however it may be worded."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(reachable(host), port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            line = await reader.readline()
            writer.close()
            return line.startswith(b"HTTP/")
    return False


def in_url(host: str) -> str:
    """The same, as a URL writes it."""
    return f"[{reachable(host)}]" if ":" in host else reachable(host)


def reachable(host: str) -> str:
    """The address to call for a server that listens on `host`."""
    if not ip_address(host).is_unspecified:
        return host
    return "::1" if ":" in host else "127.0.0.1"
