"""Suggestions beside a subject in a browser."""

import pytest
from playwright.sync_api import expect

from answerable.ui.tests.conftest import Look
from answerable.ui.tests.gallery import NARROW

pytestmark = pytest.mark.browser


@pytest.mark.behaviour("B-472")
def test_suggestions_come_while_one_types_move_nothing_and_are_reached_by_arrows(look: Look) -> None:
    page = look("form", width=NARROW)
    below = page.get_by_label("What happened?")
    before = below.bounding_box()
    page.get_by_label("Subject").press_sequentially("export")
    page.clock.run_for(1000)
    expect(page.locator("#suggestions li")).to_have_count(4)
    expect(page.get_by_role("status").filter(has_text="4 articles")).to_have_text("4 articles may answer this")
    assert below.bounding_box() == before
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#suggestions a").nth(1)).to_be_focused()
    assert page.locator("#suggestions a").nth(1).get_attribute("target") == "_blank"
    page.keyboard.press("Escape")
    expect(page.get_by_label("Subject")).to_have_value("export")
    expect(page.get_by_label("Subject")).to_be_focused()


@pytest.mark.behaviour("B-574")
def test_suggestions_that_come_meanwhile_do_not_let_a_form_be_sent_twice(look: Look) -> None:
    page = look("form", width=NARROW)
    page.evaluate("""() => {
      window.sent = 0;
      document.querySelector("main form").noValidate = true;
      document.addEventListener("submit", (event) => { event.preventDefault(); window.sent += 1; });
    }""")
    page.get_by_role("button", name="Send request").click()
    page.get_by_label("Subject").press_sequentially("export")
    page.clock.run_for(1000)
    expect(page.locator("#suggestions li")).to_have_count(4)
    page.get_by_role("button", name="Send request").click(force=True)
    assert page.evaluate("window.sent") == 1
