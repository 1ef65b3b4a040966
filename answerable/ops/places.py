"""Where the embedded PostgreSQL keeps its cluster and its socket. Pure questions, so settings can ask them too.

PostgreSQL refuses to run as root, so under root it runs as `nobody`, who must be able to reach both. A data folder
that is closed to others (below /root, say) then gets its cluster in /var/lib/answerable, and `postgres` in the data
folder is a symbolic link to it: made with the cluster, it settles the question for good.
"""

import hashlib
import os
import stat
from pathlib import Path
from typing import IO

from answerable.lib.errors import BadSetting

SHARED = Path("/var/lib/answerable")
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 107  # bytes: sun_path holds 108 with its closing zero


def as_root() -> bool:
    return os.geteuid() == 0


def cluster_folder(data: Path) -> Path:
    """The PostgreSQL data directory that belongs to this data folder, whether it exists yet or not."""
    inside = data.resolve() / "postgres"
    if inside.exists() or inside.is_symlink():
        return inside.resolve()
    if as_root() and closed_at(data):
        return SHARED / _name(data) / "postgres"
    return inside


def socket_folder(data: Path) -> Path:
    """Where it listens: beside the cluster, or where the path is short enough for a socket."""
    beside = cluster_folder(data).parent / "run"
    if len(os.fsencode(beside / SOCKET)) <= LONGEST_SOCKET:
        return beside
    # Not tempfile's choice: TMPDIR may differ between the shells of one operator.
    return SHARED / _name(data) / "run" if as_root() else Path("/", "tmp", f"answerable-{_name(data)}")


def closed_at(folder: Path) -> Path | None:
    """The highest folder on this path that a stranger such as `nobody` may not pass, None if the way is open."""
    for part in reversed([folder.resolve(), *folder.resolve().parents]):
        if part.exists() and not part.stat().st_mode & stat.S_IXOTH:
            return part
    return None


def make_data_folder(data: Path) -> None:
    """Create it if missing: nobody else may look inside; under root they may pass through, as PostgreSQL must."""
    mode = 0o711 if as_root() else 0o700
    for part in reversed([data, *data.parents]):
        if not part.exists():
            part.mkdir(exist_ok=True)
            part.chmod(mode)


def lock_file(data: Path, name: str) -> IO[str]:
    """A file in the data folder to hold a lock on. Raises BadSetting where that folder is not ours to write in."""
    try:
        make_data_folder(data)
        return (data / name).open("a+")
    except OSError as error:
        raise BadSetting("ANSWERABLE_DATA", f"cannot write in {data}: {error.strerror}; set another folder") from None


def _name(data: Path) -> str:
    return f"data-{hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]}"
