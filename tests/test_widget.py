"""The support center in a page of another origin, under a strict content policy, in a browser that sends no cookies to
third parties: with a user whom the host names, and with nobody."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, FilePayload, FrameLocator, Page, expect, sync_playwright

from tests.chromium import CHROMIUM
from tests.host_page import HostPage, host_page
from tests.running import Instance, wait_for

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SET = "UPDATE people_vendor SET settings = settings || %s::jsonb RETURNING 1"
ARTICLE = """
WITH shelf AS (
  INSERT INTO knowledge_section (title, titles, description, position, external_id)
  VALUES ('Loading', '{}', '', 0, '') RETURNING id
), article AS (
  INSERT INTO knowledge_article
    (section_id, position, locale, audience, labels, created_at, external_id, version)
  SELECT id, 0, 'en', 'public', '{}', now(), '', 1 FROM shelf RETURNING id
), text AS (
  INSERT INTO knowledge_translation (article_id, locale, title, body, revision, edited_at, published, published_at,
    first_published_at, shown_title, slug, html, text)
  SELECT id, 'en', 'Why a zebra job hangs', '', 1, now(), 1, now(), now(), 'Why a zebra job hangs', 'zebra',
    '<p>Restart the zebra.</p>', 'Restart the zebra.'
  FROM article RETURNING id, article_id
), said AS (
  INSERT INTO knowledge_posting (translation_id, article_id, audience, locale, word, weight)
  SELECT id, article_id, 'public', 'en', word, 2 FROM text, unnest('{zebra,job,hang}'::text[]) AS word RETURNING word
)
INSERT INTO knowledge_known AS known (audience, locale, word, documents)
SELECT 'public', 'en', word, 1 FROM said UNION ALL SELECT 'public', 'en', '', 1
ON CONFLICT (audience, locale, word) DO UPDATE SET documents = known.documents + 1 RETURNING 1
"""


@pytest.fixture(scope="module")
def strict() -> Iterator[Browser]:
    """A browser that blocks third-party cookies."""
    with sync_playwright() as playwright:
        flags = ["--test-third-party-cookie-phaseout"]
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield found
        found.close()


@pytest.fixture
def product(instance: Instance) -> Iterator[HostPage]:
    """A product of the policy, and an article to find."""
    with host_page(instance.url) as found:
        before = instance.query("SELECT settings FROM people_vendor")[0][0]
        instance.query(SET, json.dumps({"widget_products": [found.policy], "undo_seconds": 0}))
        instance.query(ARTICLE)
        # Each web process reads it by itself.
        wait_for(lambda: all(found.origin in _policy_of(instance) for _process in range(6)))
        yield found
        instance.query("UPDATE people_vendor SET settings = %s::jsonb RETURNING 1", json.dumps(before))


def _policy_of(instance: Instance) -> str:
    return httpx.get(f"{instance.url}/widget/cloud").headers["Content-Security-Policy"]


def opened(context: BrowserContext, address: str) -> tuple[Page, FrameLocator, list[str]]:
    """The host's page with the support center open; and what the browser complains of."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda one: complaints.append(one.text) if one.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Help").press("Enter")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("how can we help?", exact=False).or_(frame.get_by_text("How can we help?"))).to_be_visible(
        timeout=20_000
    )
    assert any("/home" in one for one in asked)
    return page, frame, complaints


def axe_finds(page: Page, path: str = "/widget/cloud") -> Any:
    inside = next(one for one in page.frames if path in one.url)
    return inside.evaluate(
        """async (rules) => (await axe.run({ runOnly: rules, resultTypes: ["violations"] })).violations
          .map((one) => [one.id, one.nodes.map((node) => node.html.slice(0, 200))])""",
        RULES,
    )


def looks_around(page: Page, frame: FrameLocator) -> None:
    """Their requests, what is found, and an article that does not help; axe looks at each."""
    assert axe_finds(page) == []
    frame.get_by_role("button", name="Show all").click()
    expect(frame.get_by_role("navigation", name="Lists")).to_be_visible()
    assert axe_finds(page) == []
    frame.get_by_role("button", name="Back").click()
    frame.get_by_label("Search for answers").fill("zebra hanging")
    frame.get_by_label("Search for answers").press("Enter")
    found = frame.get_by_role("button", name="Why a zebra job hangs")
    expect(found).to_be_visible()
    assert axe_finds(page) == []
    found.click()
    expect(frame.get_by_text("Restart the zebra.")).to_be_visible()
    frame.get_by_role("button", name="No", exact=True).click()
    expect(frame.get_by_label("What was missing, or wrong?")).to_be_visible()
    assert axe_finds(page) == []


def reads_what_is_suggested(frame: FrameLocator) -> None:
    """And what was written is there again."""
    frame.get_by_role("button", name="Why a zebra job hangs").click()
    frame.get_by_role("button", name="Back").click()
    expect(frame.get_by_label("What happened")).to_have_value("Since noon.")
    expect(frame.get_by_label("Subject")).to_have_value("The zebra still hangs")


def talks(page: Page, frame: FrameLocator, instance: Instance, number: int) -> None:
    """The answer of staff comes by itself, and they reply."""
    agent = instance.log_in("lead@acme.example")
    answer = instance.post(agent, f"/desk/tickets/{number}/reply", text="The zebra is awake.", status="")
    assert answer.status_code == 200
    expect(frame.get_by_text("The zebra is awake.")).to_be_visible(timeout=15_000)
    frame.get_by_label("Your reply").fill("It is, thanks.")
    frame.get_by_role("button", name="Send reply").click()
    expect(frame.locator(".message", has_text="It is, thanks.")).to_be_visible()
    assert axe_finds(page) == []


@pytest.mark.behaviour("B-527")
@pytest.mark.behaviour("B-532")
def test_the_hosts_user_searches_asks_with_a_screenshot_and_talks_and_so_does_anybody(
    strict: Browser, instance: Instance, product: HostPage
) -> None:
    context = strict.new_context(viewport={"width": 1100, "height": 800})
    context.add_init_script(Axe().axe_script)
    cookies: list[str] = []
    context.on("request", lambda request: cookies.append(request.url) if "cookie" in request.headers else None)
    # Nobody is known: the form is filled in while the other story goes on.
    stranger, open_form, wrong = opened(context, product.origin)
    stranger.keyboard.press("Escape")
    expect(stranger.get_by_role("button", name="Help")).to_be_focused()
    stranger.get_by_role("button", name="Report this job").click()
    expect(open_form.get_by_label("Subject")).to_have_value("Job 7")

    page, frame, complaints = opened(context, f"{product.origin}/?user")
    expect(frame.get_by_text("Hello Nils")).to_be_visible()
    looks_around(page, frame)
    frame.get_by_role("button", name="This did not help: ask us").click()
    frame.get_by_label("Subject").fill("The zebra still hangs")
    frame.get_by_label("What happened").fill("Since noon.")
    reads_what_is_suggested(frame)
    shot = page.screenshot()
    frame.get_by_label("Files").set_input_files(FilePayload(name="shot.png", mimeType="image/png", buffer=shot))
    expect(frame.get_by_text(f"{product.origin}/?user")).to_be_visible()
    frame.get_by_label("Send along where I am").check()
    assert axe_finds(page) == []
    frame.get_by_role("button", name="Send request").click()
    expect(frame.get_by_role("button", name="See the request")).to_be_visible()
    assert axe_finds(page) == []
    assert instance.query("SELECT source FROM knowledge_asking ORDER BY id DESC LIMIT 1") == [("widget",)]
    frame.get_by_role("button", name="See the request").click()
    expect(frame.get_by_role("link", name="shot.png")).to_be_visible()
    number = page.evaluate("told.find(([name]) => name === 'sent')[1].number")
    assert instance.query("SELECT channel FROM tickets_ticket WHERE number = %s", number) == [("widget",)]
    with page.expect_download() as download:
        frame.get_by_role("link", name="shot.png").click()
    assert download.value.path().read_bytes() == shot

    talks(page, frame, instance, number)
    # Closed, it tells of what comes meanwhile once it is opened again or asks by itself.
    page.get_by_role("button", name="Close").click()
    assert page.evaluate("told.map(([name]) => name)")[0] == "open"

    open_form.get_by_label("Your e-mail address").fill("somebody@elsewhere.example")
    open_form.get_by_label("What happened").fill("It is 7.")
    open_form.get_by_role("button", name="Send request").click()
    expect(open_form.get_by_text("A mail is on its way")).to_be_visible()
    demo = context.new_page()
    demo.goto(f"{instance.url}/demo-product")
    expect(demo.get_by_role("button", name="Help")).to_be_visible()
    assert axe_finds(demo, "/demo-product") == []
    assert cookies == []
    assert context.cookies() == []
    assert [one for one in complaints + wrong if "axe" not in one] == []
    context.close()
