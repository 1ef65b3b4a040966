"""The version: the newest heading of CHANGELOG.md in a checkout, the package's own record once installed."""

import importlib.metadata
import re
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parents[2] / "CHANGELOG.md"
_HEADING = re.compile(r"^## (\d+\.\d+\.\d+)", re.MULTILINE)


def version() -> str:
    """For example "0.1.0"; "unknown" where neither a checkout nor an installed package says it."""
    try:
        found = _HEADING.search(CHANGELOG.read_text())
    except OSError:
        found = None
    if found:
        return found[1]
    try:
        return importlib.metadata.version("answerable")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
