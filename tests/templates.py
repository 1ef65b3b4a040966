"""A pytest plugin: a template of ours that no test rendered fails a run of the whole suite.

Each process notes what it rendered (pages, includes, imports, frames); xdist's workers hand their notes over.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest

PACKAGE = Path(__file__).parent.parent / "answerable"
_rendered: set[str] = set()
_missed: list[str] = []


class Noted(jinja2.Template):
    """Jinja2 takes `root_render_func` from a template whenever it renders it, and never to load or compile it."""

    _root: Callable[..., Any]

    @property
    def root_render_func(self) -> Callable[..., Any]:
        """What Jinja2 calls."""
        _rendered.add(self.name or "")
        return self._root

    @root_render_func.setter
    def root_render_func(self, root: Callable[..., Any]) -> None:
        self._root = root


jinja2.Environment.template_class = Noted


def ours() -> set[str]:
    """Every template in a room, by the name that renders it."""
    folders = PACKAGE.glob("*/templates")
    return {str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*.*")}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker of xdist has ended. One that crashed says nothing, and fails the run by itself."""
    _rendered.update(getattr(node, "workeroutput", {}).get("rendered", ()))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Hand over in a worker; judge in the process that began, if everything ran and nothing else failed."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["rendered"] = sorted(_rendered)
    elif exitstatus == pytest.ExitCode.OK and _is_whole(session.config):
        _missed.extend(sorted(ours() - _rendered))
        if _missed:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


# What pyproject.toml says of every run.
_USUAL = "not looks"


def _is_whole(config: pytest.Config) -> bool:
    chosen = any(config.getoption(name) for name in ("keyword", "deselect", "collectonly"))
    is_usual = config.getoption("markexpr") in {"", _USUAL}
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and is_usual and not chosen


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each."""
    for name in _missed:
        terminalreporter.write_line(f"No test renders the template {name}", red=True)
