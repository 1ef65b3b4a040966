"""Bytes on disk, each content once under its own digest: whole or not at all."""

import os
import tempfile
from pathlib import Path


def write(target: Path, content: bytes) -> None:
    """Written beside its place, flushed to disk, then renamed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
