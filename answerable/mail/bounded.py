"""The one way to read a message that came from outside: in a process of its own, which may take no more than so much
time and memory (email contract E-4, E-8). What takes more is killed, and says why; whoever asked goes on.
"""

import atexit
import contextlib
import os
import pickle
import queue
import select
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from answerable.mail.incoming import Incoming
from answerable.mail.limits import MIB

_PATIENCE = 60.0  # seconds for the program to start and for a message to be carried over: that is no message's fault
_LARGE = 2 * MIB  # after such a message a reader goes, and takes its memory with it
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONHASHSEED", "VIRTUAL_ENV", "TZ")  # no secret among them
_CLASSES = frozenset({"Attachment", "Incoming", "Recipient", "Report", "Trace"})


class Unreadable(Exception):
    """A message that could not be read within its bounds, or broke the parser."""


@dataclass(frozen=True)
class Bound:
    """What reading one message may take: seconds of the wall clock, and bytes of address space."""

    seconds: float = 10.0
    memory: int = 512 * MIB


class _Gone(Exception):
    """The reader ended in the middle of a message."""


class Readers:
    """The reading processes of this one: as many as were ever needed at once, begun when needed, used again."""

    def __init__(self, bound: Bound = Bound(), program: str = "answerable.mail.reader") -> None:
        self.bound, self.program = bound, program
        self.idle: queue.LifoQueue[_Reader] = queue.LifoQueue()

    def read(self, raw: bytes, envelope_from: str | None = None) -> Incoming:
        """Raises Unreadable about the message; OSError when no reader can be started, which is not its fault."""
        try:
            kind, found = self._asked(self._take(), raw, envelope_from)
        except _Gone:
            # Perhaps somebody else ended it, or it went for want of work: once more, in a new one.
            try:
                kind, found = self._asked(_Reader(self.bound, self.program), raw, envelope_from)
            except _Gone as gone:
                raise Unreadable(f"its reader ended ({gone}), twice") from None
        if isinstance(found, Incoming):
            return found
        if kind == "memory":
            raise Unreadable(f"reading it took more than {self.bound.memory // MIB} MB of memory")
        raise Unreadable(f"the parser failed:\n{found}")

    def _asked(self, reader: "_Reader", raw: bytes, envelope_from: str | None) -> tuple[str, object]:
        """What the reader answers. It is used again only after an answer that leaves it as it was."""
        fit = False
        try:
            kind, found = reader.ask(raw, envelope_from)
            fit = kind != "memory" and len(raw) <= _LARGE
        except (OSError, EOFError):
            raise _Gone(reader.end()) from None
        finally:
            if fit:
                self.idle.put(reader)
            else:
                reader.end()
        return kind, found

    def _take(self) -> "_Reader":
        with contextlib.suppress(queue.Empty):
            return self.idle.get_nowait()
        return _Reader(self.bound, self.program)

    def end(self) -> None:
        """End those that wait. They end by themselves when this process does."""
        with contextlib.suppress(queue.Empty):
            while True:
                self.idle.get_nowait().end()


class _Reader:
    """One reading process and the line to it."""

    def __init__(self, bound: Bound, program: str) -> None:
        self.bound = bound
        self.line, theirs = socket.socketpair()
        words = (str(theirs.fileno()), str(os.getpid()), str(bound.memory))
        with theirs:
            try:
                self.process = _STARTER.submit(
                    subprocess.Popen,
                    (sys.executable, "-m", program, *words),
                    env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                ).result()
            except OSError:
                self.line.close()
                raise
        self.line.settimeout(_PATIENCE)
        self.stream = self.line.makefile("rwb")
        if self._first() != b"+":
            raise OSError(f"the mail reader did not start: {self.end()}")

    def _first(self) -> bytes:
        try:
            return self.stream.read(1)
        except OSError:
            return b""

    def ask(self, raw: bytes, envelope_from: str | None) -> tuple[str, object]:
        """What it answers: "read" and an Incoming, "memory", or "error" and a traceback."""
        # Straight into the socket and out of it: a large file is not copied on its way.
        pickle.Pickler(self.stream, pickle.HIGHEST_PROTOCOL).dump((envelope_from, raw))
        self.stream.flush()
        if not self._answers():
            self.process.kill()
            raise Unreadable(f"reading it took more than {self.bound.seconds:g} s")
        try:
            kind, found = _Answer(self.stream).load()
        except (pickle.UnpicklingError, ValueError, TypeError) as strange:
            raise Unreadable(f"its reader answered strangely: {strange}") from None
        return kind, found

    def _answers(self) -> bool:
        asked = select.poll()
        asked.register(self.line, select.POLLIN)
        return bool(asked.poll(self.bound.seconds * 1000))

    def end(self) -> str:
        """End it, if it has not ended by itself; how, in words."""
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError, ValueError):
            self.stream.close()
        self.line.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.2)  # one that is ending of itself tells us how
        self.process.kill()
        code = self.process.wait()
        return f"exit {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


class _Answer(pickle.Unpickler):
    """What a reader says is made of our own values alone: were it taken over by a message, it could name nothing else
    to be made here."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("answerable.mail.") and name in _CLASSES:
            return super().find_class(module, name)
        if module == "datetime" and name in {"datetime", "timezone", "timedelta"}:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"a reader named {module}.{name}")


# The kernel ends a reader with the thread that started it, and the threads of a web server or a job come and go: this
# one lives as long as this process.
_STARTER = ThreadPoolExecutor(1, "starts mail readers")
_READERS = Readers()
atexit.register(_READERS.end)


def read(raw: bytes, *, envelope_from: str | None = None) -> Incoming:
    """Everything that a message says, as `parse.read` finds it. Raises what `Readers.read` raises."""
    return _READERS.read(raw, envelope_from)
