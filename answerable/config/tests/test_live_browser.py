"""Live pages in a real browser: one connection for all tabs, which heals by itself."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from answerable.config.tests.serving import Server, serving
from answerable.live import access, actions
from tests.chromium import CHROMIUM

pytestmark = pytest.mark.browser


@dataclass
class Desk:
    """A browser with tabs that all show one desk, and the site that changes it."""

    site: Server
    context: BrowserContext
    stream: str
    aside: ThreadPoolExecutor
    person: int = 1

    def token(self) -> str:
        """A token as a page's view makes it."""
        return access.sign([self.stream], self.person)

    def renewable(self, token: str) -> None:
        """What the site answers to those who ask for a fresh token; "": no more."""
        (self.site.files / "token").write_text(token)

    def visit(self, token: str = "") -> Page:
        """One more tab."""
        page = self.context.new_page()
        query = f"stream={self.stream}&token={token or self.token()}"
        page.goto(f"http://127.0.0.1:{self.site.port}/browser?{query}")
        return page

    def publish(self, kind: str, stream: str = "") -> None:
        """Something happens. In another thread: Django refuses to work beside Playwright's loop."""
        self.aside.submit(actions.publish, stream or self.stream, kind, ticket=1).result()

    def revoke(self) -> None:
        """The person's access ends."""
        self.aside.submit(actions.end_streams, self.person).result()


def eventually(true: Callable[[], object], seconds: float = 30) -> None:
    """Asks until it is so."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def kinds(page: Page) -> list[str]:
    """What the page has heard."""
    return list(page.evaluate("window.heard.events.map((event) => event.k)"))


def wait_for(page: Page, kind: str) -> None:
    """Until the page has heard it, and its parts have been told."""
    eventually(lambda: kind in kinds(page) and fetches(page) >= 1)


def fetches(page: Page) -> int:
    """How often the page's part was told to look again."""
    return int(page.evaluate("window.heard.desk"))


@pytest.fixture(scope="module")
def chromium(live_site: Server) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def desk(chromium: Browser, live_site: Server, desk: str) -> Iterator[Desk]:
    eventually(lambda: live_site.streams() == 0)
    context = chromium.new_context()
    with ThreadPoolExecutor(1) as aside:
        made = Desk(live_site, context, desk, aside)
        made.renewable(made.token())
        yield made
        aside.submit(connections.close_all).result()
    context.close()


@pytest.mark.behaviour("B-50")
def test_ten_tabs_share_one_connection_and_stay_live(desk: Desk) -> None:
    pages = [desk.visit() for _ in range(10)]
    eventually(lambda: desk.site.streams() == 1)
    desk.publish("opened")
    for page in pages:
        wait_for(page, "opened")
    assert desk.site.streams() == 1


def test_another_tab_leads_when_the_first_is_closed(desk: Desk) -> None:
    pages = [desk.visit() for _ in range(3)]
    time.sleep(1.5)
    pages.pop(0).close()
    for page in pages:
        wait_for(page, "refresh")
    desk.publish("replied")
    for page in pages:
        wait_for(page, "replied")
    assert desk.site.streams() == 1


def test_an_event_between_page_and_stream_is_heard(desk: Desk) -> None:
    desk.visit()
    eventually(lambda: desk.site.streams() == 1)
    token = desk.token()
    desk.publish("early")
    time.sleep(0.5)
    page = desk.visit(token)
    wait_for(page, "early")


def test_many_events_make_few_fetches(desk: Desk) -> None:
    page = desk.visit()
    eventually(lambda: desk.site.streams() == 1)
    for number in range(100):
        desk.publish(f"changed {number}")
        desk.publish("changed", stream="elsewhere")
    eventually(lambda: len(set(kinds(page))) == 100)
    time.sleep(1.5)
    assert 1 <= fetches(page) <= 10
    assert "changed" not in kinds(page)


def test_tokens_are_renewed_before_they_end(desk: Desk) -> None:
    desk.context.clock.install()
    page = desk.visit()
    eventually(lambda: desk.site.streams() == 1)
    asked = desk.site.runs().count("/token")
    page.clock.fast_forward("06:50")
    time.sleep(0.3)
    assert desk.site.runs().count("/token") == asked
    page.clock.fast_forward("01:00")
    eventually(lambda: desk.site.runs().count("/token") == asked + 1)
    desk.publish("later")
    wait_for(page, "later")
    assert "refresh" not in kinds(page)


def test_it_heals_after_revocation_only_where_access_remains(desk: Desk) -> None:
    desk.person = 2
    desk.renewable("")
    page = desk.visit()
    eventually(lambda: desk.site.streams() == 1)
    desk.revoke()
    eventually(lambda: desk.site.streams() == 0)
    time.sleep(2)
    assert desk.site.streams() == 0
    page.close()

    page = desk.visit()
    eventually(lambda: desk.site.streams() == 1)
    desk.revoke()
    time.sleep(1.1)
    desk.renewable(desk.token())
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_for(page, "refresh")
    desk.publish("again")
    wait_for(page, "again")


def test_it_heals_after_a_restart(desk: Desk, tmp_path: Path, database: dict[str, Any]) -> None:
    with serving(tmp_path, database=database) as desk.site:
        desk.renewable(desk.token())
        page = desk.visit()
        eventually(lambda: desk.site.streams() == 1)
        port = desk.site.port
    with serving(tmp_path, database=database, port=port) as desk.site:
        wait_for(page, "refresh")
        desk.publish("back")
        wait_for(page, "back")


def test_a_browser_without_locks_keeps_a_stream_for_each_tab_in_view(desk: Desk) -> None:
    desk.context.add_init_script("delete Navigator.prototype.locks")
    pages = [desk.visit() for _ in range(2)]
    eventually(lambda: desk.site.streams() == 2)
    desk.publish("opened")
    for page in pages:
        wait_for(page, "opened")
