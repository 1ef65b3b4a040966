"""The palette and the keys in a browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from answerable.ui.tests.conftest import Look
from answerable.ui.tests.gallery import NARROW

pytestmark = pytest.mark.browser


def typed(page: Page, text: str) -> None:
    """What is typed, once the answer to it has come."""
    page.keyboard.type(text)
    page.clock.run_for(200)
    expect(page.locator("#palette-everything")).to_have_count(1)


@pytest.mark.behaviour("B-279")
@pytest.mark.parametrize("width", [1440, NARROW])
def test_the_palette_is_a_combobox_that_axe_finds_nothing_in(look: Look, width: int) -> None:
    page = look("queue", width=width)
    page.keyboard.press("Control+k")
    typed(page, "sync")
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()
    first = page.locator(".palette").get_by_role("option").first
    expect(first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == first.get_attribute("id")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".palette").get_by_role("option").last).to_have_attribute("aria-selected", "true")
    expect(page.locator(".palette [role=status]")).to_have_text("7 suggestions")
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in results.response["violations"]] == []
    page.keyboard.press("Escape")
    expect(page.locator(".palette")).to_be_hidden()


@pytest.mark.behaviour("B-279")
def test_it_knows_what_this_page_can_do_and_where_to_go(look: Look) -> None:
    page = look("ticket")
    page.keyboard.press("Control+k")
    expect(page.locator(".palette").get_by_role("option", name="My open requests g m")).to_have_count(1)
    typed(page, "note")
    option = page.locator(".palette").get_by_role("option").first
    expect(option).to_have_text("Noten")
    page.keyboard.press("Enter")
    expect(page.locator("#note-text")).to_be_focused()


def test_enter_opens_what_was_found_for_the_very_words_and_ctrl_enter_beside(look: Look) -> None:
    page = look("queue")
    page.route("**/desk:person", lambda route: route.fulfill(status=200, body="there"))
    page.get_by_role("searchbox", name="Search requests").click()
    page.keyboard.type("sync")
    with page.context.expect_page() as opened:
        page.keyboard.press("Control+Enter")  # before the pause is over
    assert opened.value.url.endswith("/ticket")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    with page.expect_navigation(url="**/desk:person"):
        page.keyboard.press("Enter")


def test_two_keys_lead_to_places_and_the_list_names_all_there_are(look: Look) -> None:
    page = look("search")
    page.route("**/desk:people", lambda route: route.fulfill(status=200, body="there"))
    page.keyboard.press("?")
    keys = page.locator("dialog[data-keys]")
    for name in ("All open requests", "Reports", "To the search", "Next request"):
        expect(keys).to_contain_text(name)
    listed = keys.locator("dt").all_inner_texts()
    assert len(set(listed)) == len(listed)
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    with page.expect_navigation(url="**/desk:people"):
        page.keyboard.press("p")


def test_without_a_script_the_search_is_a_form(look: Look) -> None:
    page = look("queue", scripts=False)
    form = page.locator(".search-field")
    assert (form.get_attribute("method"), form.get_attribute("action")) == ("get", "/desk:search")
    expect(page.locator(".palette")).to_be_hidden()


def test_who_leaves_the_palette_while_enter_waits_stays_on_the_page(look: Look) -> None:
    page = look("queue")
    page.keyboard.press("Control+k")
    page.route(re.compile("q=nowhere"), lambda _route: None)
    page.keyboard.type("nowhere")
    here = page.url
    with page.expect_request(re.compile("q=nowhere")):
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".palette")).to_be_hidden()
    page.clock.run_for(500)
    assert page.url == here


def test_what_an_input_method_composes_is_not_torn_from_it(look: Look) -> None:
    page = look("queue")
    page.get_by_role("searchbox", name="Search requests").focus()
    ime = page.context.new_cdp_session(page)
    page.evaluate(
        "document.querySelector('[data-palette-open]').addEventListener('compositionstart', () => (window.begun = true))"
    )
    ime.send("Input.imeSetComposition", {"text": "に", "selectionStart": 1, "selectionEnd": 1})
    assert page.evaluate("window.begun")
    expect(page.locator(".palette")).to_be_hidden()
    ime.send("Input.insertText", {"text": "日本"})
    expect(page.get_by_role("combobox")).to_have_value("日本")


def test_the_focus_stays_where_it_was_when_the_side_column_comes_anew(look: Look) -> None:
    page = look("ticket")
    side = page.locator("#side")
    anew = side.evaluate("(one) => one.outerHTML.replace('<div', '<div hx-swap-oob=\"true\"')")
    page.route("**/desk:assign*", lambda route: route.fulfill(content_type="text/html", body=anew))
    summary = side.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    button = side.locator("form[action*=assign] button").nth(1)
    button.focus()
    side.evaluate("(one) => (one.dataset.old = 'yes')")
    page.keyboard.press("Enter")
    expect(page.locator("#side[data-old]")).to_have_count(0)
    page.clock.run_for(500)
    expect(summary).to_be_focused()
