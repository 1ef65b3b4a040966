"""The page on which an article is written, in a browser: words are not lost, and files are called where the cursor stands."""

import pytest
from playwright.sync_api import expect

from answerable.ui.tests.conftest import Look

pytestmark = pytest.mark.browser
FILES = """<div class="begun-files" id="article-files" data-files data-count="20" data-each="25" data-together="50"><ul>
<li class="begun-file" data-call="![shot](file:shot.png)">shot.png</li></ul><p data-files-error hidden></p></div>"""


@pytest.mark.behaviour("B-494")
def test_words_are_kept_until_they_are_saved_and_files_are_called_at_the_cursor(look: Look) -> None:
    page = look("article-new")
    bar, text = page.locator("[data-unsaved-bar]"), page.locator("#article-text")
    page.keyboard.press("e")
    page.keyboard.type("Not saved yet")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(bar).to_be_visible()
    expect(text).to_have_value("")
    bar.get_by_role("button", name="Put them back").click()
    expect(text).to_have_value("Not saved yet")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    bar.get_by_role("button", name="Throw them away").click()
    page.reload()
    expect(bar).to_be_hidden()
    page = look("article-translating")
    page.route("**/files", lambda route: route.fulfill(body=FILES))
    page.route("**/desk:article_look", lambda route: route.fulfill(body='<section id="article-look"></section>'))
    text = page.locator("#article-text")
    text.fill("See")
    page.set_input_files("[name=files]", {"name": "shot.png", "mimeType": "image/png", "buffer": b"x"})
    expect(text).to_have_value("See ![shot](file:shot.png)")
