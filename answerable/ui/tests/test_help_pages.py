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
