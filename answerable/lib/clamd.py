"""Asks a ClamAV daemon about a file, over its socket: INSTREAM, in pieces with their length before them."""

import re
import socket
import struct
from pathlib import Path

# To connect, and for each piece and the verdict.
_SECONDS = 30
_PIECE = 2**16
_LONGEST_ANSWER = 4_096
_FOUND = re.compile(r"stream: (.{1,200}) FOUND")


class NotScanned(Exception):
    """The daemon has no verdict on this very file, and never will: it is too large for it."""


def virus_in(address: str, path: Path) -> str:
    """What the daemon calls the virus in the file; "" for none. `address`: the path of its socket, or host:port.

    Raises OSError while the daemon is away or the file cannot be read.
    """
    with _connected(address) as daemon, path.open("rb") as file:
        daemon.sendall(b"zINSTREAM\0")
        try:
            while piece := file.read(_PIECE):
                daemon.sendall(struct.pack(">I", len(piece)) + piece)
            daemon.sendall(struct.pack(">I", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has said why, unless it is gone
        answer = _answer(daemon)
    if answer == "stream: OK":
        return ""
    if found := _FOUND.fullmatch(answer):
        return found[1]
    if "size limit exceeded" in answer:
        raise NotScanned(answer)
    raise OSError(f"clamd answered {answer!r}")


def answers(address: str) -> bool:
    """Whether a daemon is there."""
    try:
        with _connected(address) as daemon:
            daemon.sendall(b"zPING\0")
            return _answer(daemon) == "PONG"
    except OSError:
        return False


def _connected(address: str) -> socket.socket:
    if not address.startswith("/"):
        host, _colon, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), _SECONDS)
    daemon = socket.socket(socket.AF_UNIX)
    daemon.settimeout(_SECONDS)
    try:
        daemon.connect(address)
    except BaseException:
        daemon.close()
        raise
    return daemon


def _answer(daemon: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < _LONGEST_ANSWER and (part := daemon.recv(_LONGEST_ANSWER)):
        said += part
    return said.rstrip(b"\0").decode("utf-8", "replace").strip()
