"""A reader of mail that misbehaves when a message asks it to, for the tests of `bounded`."""

import os
import signal
import sys
import threading

from answerable.mail import parse, reader


def read(raw: bytes, sender: str | None) -> object:
    if b"Subject: hangs" in raw:
        threading.Event().wait(60)
    if b"Subject: spins" in raw:
        while True:
            pass
    if b"Subject: grows" in raw:
        list(range(10**9))
    if b"Subject: breaks" in raw:
        raise LookupError("no such charset")
    if b"Subject: crashes" in raw or (b"Subject: dies once" in raw and _first_time(raw)):
        os.kill(os.getpid(), signal.SIGSEGV)
    if b"Subject: names" in raw:
        return os.system
    return parse.read(raw, envelope_from=sender)


def _first_time(raw: bytes) -> bool:
    """By a pipe that the test holds open: the first time there is a byte in it."""
    number = int(raw.rpartition(b"once ")[2].split()[0])
    return os.read(os.open(f"/proc/{os.getppid()}/fd/{number}", os.O_RDONLY), 1) == b"1"


if __name__ == "__main__":
    reader.main(read, sys.argv[1:])
