"""The browser that the tests of this room share."""

from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from answerable.ui.tests.gallery import open_page


class Look(Protocol):
    """Opens a page of the gallery."""

    def __call__(self, name: str, **how: Any) -> Page: ...


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium")
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
