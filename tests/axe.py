"""axe-core in a page of the browser: WCAG 2.2 AA, and what its makers recommend besides."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = Axe()


def bring_axe(page: Page) -> None:
    """Have it in this page and in those that its tab opens later: handing it to each again takes longer."""
    page.context.add_init_script(_AXE.axe_script)
    page.evaluate(_AXE.axe_script)


def axe_finds(page: Page) -> list[Any]:
    """What axe has against the page: each rule, with the elements that break it. What it passes stays in the browser."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.axe_script)
    found: list[Any] = page.evaluate(
        """async (rules) => (await axe.run({ runOnly: rules, resultTypes: ["violations"] })).violations
          .map((one) => [one.id, one.nodes.map((node) => node.html.slice(0, 200))])""",
        RULES,
    )
    return found
