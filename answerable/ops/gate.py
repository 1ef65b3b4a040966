"""While an instance is brought up to date, its programs may load already, side by side, but wait here before they work.

Loading is most of a start: on two cores this is a second less until the first page.
"""

import fcntl
from pathlib import Path
from typing import IO

from answerable.ops.places import lock_file


def close(data: Path) -> IO[str]:
    """Nobody passes until this file is closed, or the process that holds it has ended."""
    file = lock_file(data, "prepare.lock")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def wait(data: Path) -> None:
    """Until it is open. No instance is being brought up to date here: at once."""
    try:
        with (data / "prepare.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH)
    except FileNotFoundError:
        return
