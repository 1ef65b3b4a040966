"""What collectstatic makes of our files."""

import re
import shutil
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage

from answerable.ui.storage import HTMX, PACKAGE, Paths, StaticFiles, StaticFinder, joined


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE / "ui/static", tmp_path / "sources")
    return tmp_path / "sources"


def collect(sources: Path, target: Path) -> StaticFiles:
    storage = StaticFiles(location=str(target), base_url="/static/")
    source = FileSystemStorage(location=str(sources))
    names = [str(path.relative_to(sources)) for path in sources.rglob("*.*")]
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(sources / name, target / name)
    problems = [
        result
        for _, _, result in storage.post_process({name: (source, name) for name in names})
        if isinstance(result, Exception)
    ]
    assert problems == []
    return storage


def served(storage: StaticFiles, name: str) -> str:
    return Path(storage.path(storage.stored_name(name))).read_text()


def test_there_is_one_sheet(sources: Path, tmp_path: Path) -> None:
    sheet = served(collect(sources, tmp_path / "static"), "ui/app.css")
    assert "@import" not in sheet
    assert ".composer" in sheet
    assert sheet.strip().startswith("@layer reset, base, components, modules, utilities;")


def test_modules_import_each_other_by_hashed_names(sources: Path, tmp_path: Path) -> None:
    storage = collect(sources, tmp_path / "static")
    imported = re.findall(r'"\./([\w.-]+)"', served(storage, "ui/main.js"))
    assert len(imported) > 5
    for name in imported:
        assert re.search(r"\.[0-9a-f]{12}\.js$", name)
        assert (tmp_path / "static/ui" / name).exists()


def test_a_changed_part_changes_the_sheets_name(sources: Path, tmp_path: Path) -> None:
    before = collect(sources, tmp_path / "static").stored_name("ui/app.css")
    (sources / "ui/button.css").write_text("@layer components { .changed { gap: 0; } }")
    storage = collect(sources, tmp_path / "static")
    assert storage.stored_name("ui/app.css") != before
    assert ".changed" in served(storage, "ui/app.css")


def test_what_a_page_loads_is_light(sources: Path, tmp_path: Path) -> None:
    storage = collect(sources, tmp_path / "static")

    def scripts(folder: str) -> int:
        names = [str(path.relative_to(sources)) for path in (sources / folder).glob("*.js")]
        return sum(_size(storage, name) for name in names)

    assert _size(storage, "ui/app.css") + scripts("ui") < 30_000
    # And, for some kinds of page:
    assert scripts("ui/desk") < 10_000
    assert scripts("ui/compose") < 14_000
    assert scripts("ui/articles") < 2_500
    assert scripts("ui/ticket") < 3_000
    assert scripts("ui/wall") < 1_500
    assert scripts("ui/account") < 1_500
    assert scripts("ui/push") < 4_000
    assert scripts("ui/widget") + _size(storage, "ui/widget/widget.css") < 11_000


def _size(storage: StaticFiles, name: str) -> int:
    return Path(storage.path(storage.stored_name(name) + ".gz")).stat().st_size


def test_the_sheet_loses_only_comments_and_indentation(sources: Path) -> None:
    source = FileSystemStorage(location=str(sources))
    # Of pages of a kind of their own, besides: the support center in other products.
    names = [str(path.relative_to(sources)) for path in (sources / "ui").glob("*.css")]
    paths: Paths = {name: (source, name) for name in names}
    sheet = joined(paths).decode()
    bare = [re.sub(r"/\*.*?\*/", "", (sources / name).read_text(), flags=re.DOTALL) for name in names]
    assert "/*" not in sheet
    assert sheet.count("{") == sum(text.count("{") for text in bare)


def test_libraries_bring_htmx_and_nothing_else() -> None:
    theirs = [name for name, at in StaticFinder().list(None) if not Path(at.location).is_relative_to(PACKAGE)]
    assert theirs == [HTMX]
