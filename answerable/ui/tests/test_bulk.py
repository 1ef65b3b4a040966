"""Ticking rows in a browser: by key, in ranges, all of the page; and what stays ticked when rows come anew."""

import pytest
from playwright.sync_api import expect

from answerable.ui.tests.conftest import Look

pytestmark = pytest.mark.browser

AGAIN = """() => {
  const rows = document.querySelector("#rows");
  const anew = rows.cloneNode(true);
  for (const box of anew.querySelectorAll("[type=checkbox]")) box.checked = false;
  anew.querySelector("tbody tr").remove();
  rows.replaceWith(anew);
  document.dispatchEvent(new CustomEvent("htmx:afterSwap"));
}"""


def test_rows_are_ticked_by_key_range_and_page(look: Look) -> None:
    page = look("queue")
    bar, count = page.locator("#bulk"), page.locator("[data-bulk-count]")
    boxes = page.locator("[name=ticket]")
    expect(bar).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(count).to_have_text("1 ticked")
    boxes.nth(3).click(modifiers=["Shift"])
    expect(count).to_have_text("4 ticked")
    page.evaluate(AGAIN)
    expect(count).to_have_text("3 ticked")
    page.locator("[data-bulk-page]").check()
    expect(count).to_have_text(f"{boxes.count()} ticked")
    page.keyboard.press("b")
    expect(page.locator("#bulk-verb")).to_be_focused()
    expect(page.locator("#bulk-tags")).to_be_hidden()
    page.locator("#bulk-verb").select_option("add_tags")
    expect(page.locator("#bulk-tags")).to_be_visible()
    page.get_by_label("All of this view").check()
    expect(count).to_have_text("All of this view")
    page.get_by_role("button", name="Clear").click()
    expect(bar).to_be_hidden()
