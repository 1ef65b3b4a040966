"""Mails on their sheets, in a browser: as tall as they are, steady when the page moves, and there without scripts."""

import pytest
from playwright.sync_api import Route, expect

from answerable.ui.tests.conftest import Look
from answerable.ui.tests.gallery import NARROW, html

pytestmark = pytest.mark.browser
AS_TALL = """(frame) => frame.contentDocument.readyState === 'complete' && frame.contentDocument.body
  && Math.abs(frame.getBoundingClientRect().height - frame.contentDocument.body.getBoundingClientRect().height) <= 3"""


def again(route: Route) -> None:
    """The conversation, as the server gives it when something happened on the ticket."""
    whole = html("ticket-mails")
    part = whole[whole.index('<section class="conversation"') : whole.index("</section>") + len("</section>")]
    route.fulfill(body=part.replace("All three", "All four"), content_type="text/html")


@pytest.mark.parametrize("width", [1440, NARROW])
def test_a_sheet_is_as_tall_as_its_mail_and_wide_tables_scroll_inside(look: Look, width: int) -> None:
    page = look("ticket-mails", width=width)
    frame = page.locator("iframe.sheet").first
    page.wait_for_function(f"() => ({AS_TALL})(document.querySelector('iframe.sheet'))")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inside = page.frame_locator("iframe.sheet").first
    expect(inside.get_by_role("heading", name="Maintenance on Saturday")).to_be_visible()
    expect(inside.locator("img")).to_have_count(0)
    assert frame.get_attribute("title") == "Message of Elin Berg"


def test_what_was_open_stays_open_when_the_conversation_is_fetched_anew(look: Look) -> None:
    page = look("ticket-mails")
    page.wait_for_function(f"() => ({AS_TALL})(document.querySelector('iframe.sheet'))")
    rest = page.locator("#q4")
    rest.locator("summary").press("Enter")
    page.wait_for_function(f"() => ({AS_TALL})(document.querySelector('#q4 iframe'))")
    tall = page.locator("#q4 iframe").evaluate("(one) => one.style.blockSize")
    page.frame_locator("iframe.sheet").first.get_by_role("link", name="Show them for this message").click()
    page.wait_for_function("() => document.querySelector('iframe.sheet').contentDocument.URL.endsWith('?images=1')")
    page.route("**/desk:ticket", again)
    page.locator("#conversation").dispatch_event("live")
    expect(page.get_by_text("All four")).to_be_visible()
    expect(rest).to_have_attribute("open", "")
    assert page.locator("#q4 iframe").evaluate("(one) => one.style.blockSize") == tall
    page.wait_for_function("() => document.querySelector('iframe.sheet').contentDocument?.URL.endsWith('?images=1')")


def test_without_scripts_a_sheet_is_there_and_scrolls(look: Look) -> None:
    page = look("ticket-mails", scripts=False)
    box = page.locator("iframe.sheet").first.bounding_box()
    assert box is not None
    assert box["height"] > 300
    expect(page.frame_locator("iframe.sheet").first.get_by_text("Warehouse sync")).to_be_visible()


def test_who_vouches_is_told_on_focus(look: Look) -> None:
    page = look("ticket-mails")
    mark = page.locator(".mark.is-pass")
    mark.focus()
    words = mark.locator(".mark-words")
    assert words.evaluate("(one) => one.getBoundingClientRect().width") > 100
    expect(words).to_have_text("mx.acme.example confirms that this mail comes from elin@norrland.example.")
