"""House rules that no linter knows (STYLE.md): small, and each with a reason to exist."""

import inspect
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver
from procrastinate.contrib.django import app

from answerable.people.access import DOORS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "answerable"
FACES = ("desk", "portal", "widget/views")


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from (
            path
            for path in (PACKAGE / room).rglob("*.py")
            if "tests" not in path.parts and "migrations" not in path.parts
        )


@pytest.mark.parametrize("path", list(sources(*FACES)), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_face_reads_through_queries(path: Path) -> None:
    assert ".objects" not in path.read_text()


def views(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        elif (pattern.callback.__module__ or "").startswith("answerable."):
            yield pattern


def doors_of(view: object) -> list[str]:
    found = []
    while view is not None:
        if view in DOORS:
            found.append(DOORS[view])
        view = getattr(view, "__wrapped__", None)
    return found


def test_each_view_has_exactly_one_door() -> None:
    patterns = list(views(get_resolver().url_patterns))
    assert len(patterns) > 20
    assert {str(p.pattern): doors_of(p.callback) for p in patterns if len(doors_of(p.callback)) != 1} == {}


def test_each_template_compiles() -> None:
    paths = [(room, path) for room in PACKAGE.iterdir() if room.is_dir() for path in (room / "templates").rglob("*.*")]
    assert len(paths) > 20
    for room, path in paths:
        get_template(str(path.relative_to(room / "templates")))


KEY = re.compile(r'data-key="([^"{]+)"')


def test_no_page_takes_a_key_that_every_page_has() -> None:
    """The first element with a key is the one pressed; a page's own `g` would be pressed by whoever begins `g q`."""
    frame = [PACKAGE / "ui/templates/ui" / name for name in ("desk.html", "_palette.html")]
    everywhere = {key[0] for path in frame for key in KEY.findall(path.read_text())}
    assert everywhere >= {"c", "i", "g"}
    pages = sorted((PACKAGE / "desk/templates").rglob("*.html"))
    taken = {(path.name, key) for path in pages for key in KEY.findall(path.read_text()) if key in everywhere}
    assert taken == set()


def test_tasks_take_ids_only() -> None:
    ours = {name: task for name, task in app.tasks.items() if name.startswith("answerable.")}
    assert ours
    for name, task in ours.items():
        kinds = [parameter.annotation for parameter in inspect.signature(task.func).parameters.values()]
        assert all(kind is int for kind in kinds), name


def comments() -> Iterator[tuple[str, str]]:
    for path in [*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py"), ROOT / "conftest.py"]:
        if "migrations" in path.parts:
            continue
        with tokenize.open(path) as file:
            for token in tokenize.generate_tokens(file.readline):
                if token.type == tokenize.COMMENT:
                    yield f"{path.relative_to(ROOT)}:{token.start[0]}", token.string


def test_the_checks_are_hardly_ever_silenced() -> None:
    silenced = [(where, text) for where, text in comments() if re.search(r"noqa|type: *ignore|pragma: no cover", text)]
    assert len(silenced) < 10, silenced
    for where, text in silenced:
        assert len(re.sub(r"#|noqa(:[ A-Z0-9,]+)?|type: *ignore(\[[a-z, -]+\])?", "", text).strip()) > 10, (
            f"{where}: say why"
        )


def test_nothing_is_skipped_for_good() -> None:
    """Tests with parts from Debian are left out by conftest, in one line that says so; nothing else is."""
    marks = [
        path
        for path in [*PACKAGE.rglob("test_*.py"), *(ROOT / "tests").glob("test_*.py")]
        if re.search(r"mark\.(xfail|skip\b)", path.read_text()) and path != Path(__file__)
    ]
    assert marks == []


def test_the_lock_file_names_no_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"^\s*(--(extra-)?index-url|--find-links|-i )|https?://", text, re.MULTILINE)


def test_each_promised_behaviour_has_its_test() -> None:
    promised = set(re.findall(r"^\| (B-\d+) ", (ROOT / "docs" / "behaviours.md").read_text(), re.MULTILINE))
    tests = [*PACKAGE.rglob("test_*.py"), *(ROOT / "tests").glob("test_*.py")]
    proven = {found for path in tests for found in re.findall(r'behaviour\("(B-\d+)"\)', path.read_text())}
    assert promised
    assert proven == promised
