"""The composer in a browser: what is typed at an awkward moment, files that do not arrive, quick hands in a menu."""

import re
import time
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from answerable.ui.tests.conftest import Look
from answerable.ui.tests.gallery import open_page

pytestmark = pytest.mark.browser
SENT = '<section id="conversation">sent</section>'
OPTION = '<li class="canned-item" id="canned-1" role="option" aria-selected="true" data-put="/put/{0}">{0}</li>'


def held(page: Page, address: str) -> tuple[list[Route], Callable[[], bool]]:
    """Requests that nobody answers yet, and whether there are some."""
    waiting: list[Route] = []
    page.route(address, lambda route: waiting.append(route))  # noqa: PLW0108  a bare method cannot be marked by playwright
    return waiting, lambda: bool(waiting)


def until(page: Page, holds: Callable[[], bool]) -> None:
    stop = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < stop, "it never came"
        page.evaluate("1")


def write(page: Page, text: str) -> None:
    page.keyboard.press("r")
    page.keyboard.type(text)


@pytest.mark.behaviour("B-280")
def test_what_is_typed_while_a_reply_is_sent_stays(look: Look) -> None:
    page = look("ticket")
    waiting, asked = held(page, "**/desk:reply")
    write(page, "Done.")
    page.keyboard.press("Control+Enter")
    until(page, asked)
    page.keyboard.type(" One more thing")
    waiting[0].fulfill(body=SENT)
    expect(page.locator("#conversation")).to_have_text("sent")
    expect(page.locator("#reply-text")).to_have_value("One more thing")
    page.reload()
    expect(page.locator("#reply-text")).to_have_value("One more thing")


@pytest.mark.behaviour("B-289")
def test_a_server_that_is_away_for_long_is_not_asked_about_every_try(browser: Browser) -> None:
    page = open_page(browser, "ticket")
    bodies: list[str] = []

    def away(route: Route) -> None:
        bodies.append(route.request.post_data or "")
        route.fulfill(status=503)

    def tried_more(often: int) -> bool:
        return len(bodies) > often

    page.route(re.compile("/desk:begun_save$"), away)
    write(page, "Words of an hour.")
    for n in range(30):
        page.clock.run_for(3100)
        until(page, partial(tried_more, n))
        expect(page.locator(".is-reply [data-begun-state]")).to_contain_text("Kept in this tab")
    # The server reads the first twenty: the latest try must be among them.
    assert bodies[-1].count('name="base"') == 20
    before = re.search(r'name="mark"\s+(\S+)', bodies[-2])
    assert before is not None
    assert bodies[-1].count(before[1]) == 1
    page.context.close()


@pytest.mark.behaviour("B-282")
def test_a_reply_does_not_leave_without_a_file_that_did_not_arrive(browser: Browser) -> None:
    page = open_page(browser, "ticket")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("desk:reply") else None)
    waiting, asked = held(page, "**/desk:begun_save/files")
    write(page, "See the log.")
    page.locator(".is-reply input[type=file]").set_input_files(
        FilePayload(name="pool.log", mimeType="text/plain", buffer=b"lines")
    )
    until(page, asked)
    page.locator("#reply-text").press("Control+Enter")
    waiting[0].fulfill(status=500)
    expect(page.locator(".is-reply [data-files-error]")).to_contain_text("could not be kept")
    page.evaluate("new Promise((resolve) => queueMicrotask(resolve))")
    assert sent == []
    expect(page.locator("#reply-text")).to_have_value("See the log.")
    page.context.close()


@pytest.mark.behaviour("B-286")
def test_a_quick_enter_takes_what_was_typed_and_takes_it_once(look: Look) -> None:
    page = look("ticket")
    page.route("**/desk:canned_menu?*", lambda route: route.fulfill(body=OPTION.format(route.request.url[-1])))
    waiting, asked = held(page, "**/put/*")
    page.keyboard.press("r")
    page.keyboard.press("/")
    expect(page.locator(".canned-item")).to_have_text("=")
    # Enter comes before the list for these words does.
    page.keyboard.type("b")
    page.keyboard.press("Enter")
    page.clock.run_for(200)
    until(page, asked)
    page.keyboard.press("Enter")
    page.locator(".canned-item").dblclick()
    assert [route.request.url[-1] for route in waiting] == ["b"]
    waiting[0].fulfill(json={"text": "Text of b.", "missing": [], "status": "", "tags": []})
    expect(page.locator("#reply-text")).to_have_value("Text of b.")


def test_enter_that_ends_a_composition_moves_nobody_away(browser: Browser) -> None:
    page = open_page(browser, "ticket")
    moves = """(one, isComposing) => {
      const event = new KeyboardEvent("keydown", { key: "Enter", isComposing, bubbles: true, cancelable: true });
      return !one.dispatchEvent(event);
    }"""
    field = page.locator("form[data-begun] input[name=cc]").first
    assert [field.evaluate(moves, composing) for composing in (True, False)] == [False, True]
    page.context.close()
