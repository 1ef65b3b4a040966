"""Which of the processes of one run may be in a test: all side by side, or one alone."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class Turns:
    """Two locks on files that every process of a run has. `_door` is held by who waits to be alone, to get there."""

    def __init__(self) -> None:
        here = Path(__file__)
        self._door, self._room = (os.open(path, os.O_RDONLY) for path in (here, here.with_name("__init__.py")))

    @contextlib.contextmanager
    def beside_others(self) -> Iterator[None]:
        """Until nobody is alone."""
        self._enter()
        try:
            yield
        finally:
            fcntl.flock(self._room, fcntl.LOCK_UN)

    def _enter(self) -> None:
        fcntl.flock(self._door, fcntl.LOCK_SH)
        fcntl.flock(self._room, fcntl.LOCK_SH)
        fcntl.flock(self._door, fcntl.LOCK_UN)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Once the others have ended the test that they are in; they wait before their next one."""
        fcntl.flock(self._room, fcntl.LOCK_UN)
        fcntl.flock(self._door, fcntl.LOCK_EX)
        fcntl.flock(self._room, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._room, fcntl.LOCK_UN)
            fcntl.flock(self._door, fcntl.LOCK_UN)
            self._enter()


TURNS = Turns()
