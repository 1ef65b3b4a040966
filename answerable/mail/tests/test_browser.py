"""Hostile HTML after cleaning, in a real browser and under a policy that would allow everything: the cleaning alone
must hold (E-63)."""

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, sync_playwright

from answerable.lib import html
from answerable.mail import parse
from answerable.mail.tests.hostile_html import KNOWN, generated
from answerable.mail.tests.samples import message
from tests.chromium import CHROMIUM

pytestmark = pytest.mark.browser

ADDRESS = "http://page.test/"
ANYTHING = "default-src * 'unsafe-inline' 'unsafe-eval' data: blob:"
OF_SEEDS = 60
# A message in a box of fixed size, and something of ours before, beside and after it.
PLACE = """
<div class=row><p class=outside>ours</p><div class=message>{}</div><p class=outside>ours</p></div>
"""
PAGE = """<!doctype html><meta charset=utf-8><title>t</title><style>
.row {{ display: grid; grid-template-columns: 80px 300px 80px; height: 60px }}
.outside {{ margin: 0; color: rgb(1, 2, 3); background: rgb(4, 5, 6) }} .message {{ overflow: auto; height: 60px }}
</style><main>{}</main>"""
OURS = """() => [...document.querySelectorAll('.outside')].map(one => {
  one.scrollIntoView();
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return [box.width, box.height, box.x, style.color, style.backgroundColor, style.display, one.textContent, top === one];
})"""
STRANGE = """() => {
  const tags = new Set('a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr'.split(' '));
  const found = [];
  for (const one of document.querySelectorAll('.message *')) {
    if (!tags.has(one.localName) || one.namespaceURI !== 'http://www.w3.org/1999/xhtml') found.push(one.localName);
    for (const {name, value} of one.attributes) {
      if (/^on|^(src|srcset|srcdoc|id|class|name|slot|is|part|action|formaction|background|poster|ping)$/.test(name)) found.push(`${one.localName} ${name}=${value}`);
    }
    if (one.localName === 'a' && one.hasAttribute('href') && !['http:', 'https:', 'mailto:', 'tel:'].includes(one.protocol)) found.push(one.href);
    const style = getComputedStyle(one);
    if (style.position !== 'static' || style.zIndex !== 'auto' || /url/.test(style.backgroundImage + style.listStyleImage + style.content + style.cursor + style.borderImageSource)) found.push(one.outerHTML);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM)
        yield found
        found.close()


@cache
def cleaned() -> tuple[str, ...]:
    """What became of the known ones and of some generated ones, as messages and by the cleaner alone."""
    sources = [*KNOWN, *(generated(Random(seed)) for seed in range(OF_SEEDS))]
    mails = [message("Content-Type: text/html; charset=utf-8", one.encode("utf-8", "surrogatepass")) for one in sources]
    quoted = [parse.read(message("Subject: Re: x\nContent-Type: text/html; charset=utf-8", f"{one}<div class=gmail_quote>old</div>")).new_html for one in KNOWN]  # fmt: skip
    return (*(parse.read(raw).html for raw in mails), *quoted, html.clean("".join(KNOWN)), html.from_text("\n".join(KNOWN)))  # fmt: skip


class Shown:
    """A page with these in it, and all that happened."""

    def __init__(self, browser: Browser, parts: list[str]) -> None:
        self.page: Page = browser.new_page()
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.source = PAGE.format("".join(PLACE.format(part) for part in parts))
        self.page.on("dialog", self._dismiss)
        self.page.on("popup", lambda _page: self.dialogs.append("a window"))
        self.page.route("**/*", self._answer)
        self.page.goto(ADDRESS)

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _answer(self, route: Route) -> None:
        if route.request.url == ADDRESS and not self.requests:
            headers = {"Content-Security-Policy": ANYTHING, "Content-Type": "text/html; charset=utf-8"}
            self.requests.append(ADDRESS)
            route.fulfill(body=self.source, headers=headers)
        else:
            self.requests.append(route.request.url)
            route.abort()

    def settled(self) -> "Shown":
        """After a second reading of what the browser made of it, which is where mutations come to light."""
        self.page.evaluate("document.querySelectorAll('.message').forEach(one => { one.innerHTML = one.innerHTML })")
        self.page.evaluate("new Promise(done => setTimeout(done, 300))")
        return self

    def happened(self) -> dict[str, Any]:
        return {
            "ran": self.page.evaluate("window.ran"),
            "dialogs": self.dialogs,
            "requests": self.requests[1:],
            "title": self.page.title(),
            "strange": self.page.evaluate(STRANGE),
        }


NOTHING: dict[str, Any] = {"ran": None, "dialogs": [], "requests": [], "title": "t", "strange": []}


def test_the_page_does_tell_when_something_runs_loads_or_moves(chromium: Browser) -> None:
    """Or the next test would prove nothing."""
    raw = [
        "<img src=http://evil.test/a onerror=window.ran=1>",
        "<div style='position:fixed;inset:0;background:red'>over</div>",
    ]
    shown = Shown(chromium, raw).settled()
    told = shown.happened()
    assert told["ran"] == 1
    assert "http://evil.test/a" in told["requests"]
    assert len(told["strange"]) >= 2
    assert not all(one[-1] for one in shown.page.evaluate(OURS))


@pytest.mark.behaviour("B-223")
def test_nothing_runs_loads_or_leaves_its_place_e63(chromium: Browser) -> None:
    parts = list(cleaned())
    shown = Shown(chromium, parts).settled()
    assert shown.page.locator(".message").count() == len(parts)
    assert shown.happened() == NOTHING
    untouched = Shown(chromium, [""] * len(parts)).settled()
    assert shown.page.evaluate(OURS) == untouched.page.evaluate(OURS)
    assert all(one[-1] for one in shown.page.evaluate(OURS))
