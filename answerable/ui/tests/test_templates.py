"""Every template compiles, every page renders, and what people wrote stays text."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from answerable.desk.recipients import Recipient
from answerable.desk.view_words import Section
from answerable.ui.tests.gallery import BARE, ON_IT, PACKAGE, Shown, gallery_environment, html, pages, rendered
from answerable.ui.tests.people import ENTRIES, ROWS
from answerable.ui.tests.queues import lines

TEMPLATES = sorted(
    str(path.relative_to(folder)) for folder in PACKAGE.glob("*/templates") for path in folder.rglob("*.*")
)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(name: str) -> None:
    gallery_environment().get_template(name)


@pytest.mark.parametrize("name", [*pages(), *BARE])
def test_it_renders_a_whole_page(name: str) -> None:
    page = html(name)
    assert page.lstrip().startswith("<!doctype html>")
    assert page.count("<h1") == 1
    assert re.search(r"<title>[^<]+</title>", page)
    assert "None" not in re.sub(r"<[^>]+>", "", page)


@pytest.mark.parametrize("name", [*pages(), *BARE])
def test_it_carries_no_inline_script_style_or_handler(name: str) -> None:
    page = html(name)
    # What search engines read stands in an element called script, and is data.
    assert re.findall(r"<script(?![^>]*\bsrc=| type=\"application/ld\+json\">)|<style|\sstyle=|\son[a-z]+=", page) == []


@pytest.mark.parametrize("name", pages())
def test_every_post_carries_its_token(name: str) -> None:
    page = html(name)
    forms = re.findall(r'<form[^>]*method="post".*?</form>', page, flags=re.DOTALL)
    assert all("csrfmiddlewaretoken" in form for form in forms)


def test_ids_are_unique_on_a_page() -> None:
    for name in pages():
        ids = re.findall(r'\sid="([^"]+)"', html(name))
        assert len(ids) == len(set(ids)), name


EVIL = "<img src=x onerror=alert(1)>\"'"


def test_subjects_and_names_are_escaped() -> None:
    row = replace(ROWS[0], subject=EVIL, preview=EVIL, organization=EVIL, requester=EVIL, assignee=EVIL)
    entry = replace(ENTRIES[3], author=EVIL, organization=EVIL, attachments=((1, EVIL, 1, "/x"),))
    given: dict[str, dict[str, object]] = {
        "queue": {"sections": [Section(EVIL, lines([row]))]},
        "my-requests": {"rows": [row], "why": [(EVIL, None)]},
        "ticket": {"entries": [entry], "recipients": [Recipient(EVIL, EVIL)], "people": [(1, EVIL, EVIL, "cc")]},
        "request": {"entries": [entry], "people": [replace(ON_IT[1], name=EVIL)]},
    }
    for name, evil in given.items():
        page = rendered(name, _with(name, evil))
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


def _with(name: str, more: dict[str, object]) -> Shown:
    shown = pages()[name]
    return replace(shown, context={**shown.context, **more})


@pytest.mark.parametrize("name", ["ticket", "request"])
def test_html_that_nobody_marked_safe_is_shown_as_text(name: str) -> None:
    entry = replace(ENTRIES[3], html="<p>raw</p>", quoted_html="<p>raw</p>")
    assert rendered(name, _with(name, {"entries": [entry]})).count("&lt;p&gt;raw") == 2


def test_values_in_a_sentence_are_escaped() -> None:
    env = gallery_environment()
    assert env.from_string("{{ _('To %(name)s', name=name) }}").render(name="<b>") == "To &lt;b&gt;"
    assert env.from_string("{{ ngettext('%(num)s day', '%(num)s days', 2) }}").render() == "2 days"


def test_text_mails_are_not_escaped() -> None:
    env = gallery_environment()
    assert env.autoescape is not True
    assert callable(env.autoescape)
    assert env.autoescape("letter.txt") is False
    assert env.autoescape("page.html") is True


SCRIPTS = PACKAGE / "ui/static/ui"
# What every page loads, and what is for one kind of page.
KINDS_OF_PAGE = [SCRIPTS, *sorted(path.parent for path in SCRIPTS.glob("*/main.js"))]


@pytest.mark.parametrize("folder", KINDS_OF_PAGE, ids=lambda folder: folder.name)
def test_scripts_that_main_loads_are_all_there_are(folder: Path) -> None:
    # A service worker is asked for by its own address.
    text = {path.name: path.read_text() for path in folder.glob("*.js") if path.name != "worker.js"}
    reached, found = {"main.js"}, {"main.js"}
    while found:
        found = {name for source in found for name in re.findall(r'(?:from|import) "\./([\w-]+\.js)";', text[source])}
        found -= reached
        reached |= found
    assert reached == set(text)


# The composer's are older than the rule.
@pytest.mark.parametrize("folder", [one for one in KINDS_OF_PAGE if one.name != "compose"], ids=lambda one: one.name)
def test_a_script_is_one_short_behaviour(folder: Path) -> None:
    for path in folder.glob("*.js"):
        if not path.name.startswith("live"):
            assert len(path.read_text().splitlines()) <= 70, path.name


def test_a_folder_of_scripts_has_a_main_that_some_page_loads() -> None:
    pages = "".join(path.read_text() for path in PACKAGE.glob("*/templates/**/*.html"))
    for folder in {path.parent for path in SCRIPTS.rglob("*.js")}:
        assert f'static("{(folder / "main.js").relative_to(SCRIPTS.parent)}")' in pages
