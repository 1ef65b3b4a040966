"""The browser that the tests of this room share."""

from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from answerable.ui.tests.gallery import address_of, open_page
from tests.axe import bring_axe
from tests.chromium import CHROMIUM


class Look(Protocol):
    """Opens a page of the gallery."""

    def __call__(self, name: str, **how: Any) -> Page: ...


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def look(browser: Browser) -> Iterator[Look]:
    """Opens pages, and fails if one complains in the console: also of what the content policy refuses."""
    opened: list[Page] = []
    complaints: list[str] = []

    def open_one(name: str, **how: Any) -> Page:
        page = open_page(browser, name, heard=complaints.append, **how)
        opened.append(page)
        return page

    yield open_one
    for page in opened:
        page.context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def _tabs(browser: Browser) -> Iterator[dict[tuple[int, bool], tuple[Page, list[str]]]]:
    tabs: dict[tuple[int, bool], tuple[Page, list[str]]] = {}
    yield tabs
    for page, _ in tabs.values():
        page.context.close()


@pytest.fixture
def tab(browser: Browser, _tabs: dict[tuple[int, bool], tuple[Page, list[str]]]) -> Iterator[Look]:
    """`look`, in one tab for all pages of a size: for looking, not for doing."""

    def open_one(name: str, **how: Any) -> Page:
        key = how["width"], how["dark"]
        if key not in _tabs:
            heard: list[str] = []
            _tabs[key] = open_page(browser, name, heard=heard.append, **how), heard
            bring_axe(_tabs[key][0])
            return _tabs[key][0]
        page, _ = _tabs[key]
        page.goto(address_of(name))
        return page

    yield open_one
    for page, heard in _tabs.values():
        page.goto("about:blank")  # what a page does later must not be taken for the next one's
        complaints = heard[:]
        heard.clear()
        assert complaints == []
