"""Customers of one organization in their browsers: from sign-up to a request that the granted reader closes."""

import re

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.running import Instance, Sink, text_of, wait_for
from tests.test_browser import enter, look_at

pytestmark = pytest.mark.browser
IDA, NILS, HOLM = "ida@norrland.example", "nils@norrland.example", "holm@norrland.example"
SUBJECT = "Walk through the portal"
PASSWORD = "otters carry seven lanterns"


def link_to(taken: Sink, address: str, pattern: str) -> str:
    """The newest link of this kind in the person's mails."""

    def newest() -> str:
        found = [re.search(pattern, text_of(one)) for one in taken.to(address)]
        return next((one[0] for one in reversed(found) if one), "")

    return wait_for(newest, why=f"no mail to {address} has {pattern}")


@pytest.mark.behaviour("B-168")
def test_from_sign_up_to_a_close_by_the_granted_reader(
    browser: Browser, instance: Instance, customers: tuple[Sink, int]
) -> None:
    taken = customers[0]
    mine = browser.new_context(base_url=instance.url)
    ida = mine.new_page()
    sign_up(ida, taken)
    number = request_with_file(ida)
    ida.goto("/my/requests")
    ida.get_by_role("link", name=SUBJECT).click()
    expect(ida.get_by_role("link", name="steps.txt")).to_be_visible()
    look_at(ida, ida.url)

    ida.get_by_text("Who is on this request, and who may read it").click()
    ida.get_by_label("CC a colleague").fill(NILS)
    ida.get_by_role("button", name="CC", exact=True).click()
    expect(ida.get_by_text(f"{NILS} is CC'd and was told by mail")).to_be_visible()
    by_mail = link_to(taken, NILS, rf"{re.escape(instance.url)}/r/\S+")

    theirs, nils = enter(browser, instance, NILS)
    nils.goto("/my/cc")
    nils.get_by_role("link", name=SUBJECT).click()
    nils.locator("#reply-text").fill("It happens to me too.")
    nils.get_by_role("button", name="Send reply").click()
    expect(ida.locator("#conversation").get_by_text("It happens to me too.")).to_be_visible(timeout=15_000)

    reads, holm = enter(browser, instance, HOLM)
    holm.goto("/my/organization?q=walk+portal")
    holm.get_by_role("link", name=SUBJECT).click()
    expect(holm.get_by_text("It happens to me too.")).to_be_visible()
    expect(holm.locator("#reply-text")).to_have_count(0)
    expect(holm.get_by_role("button", name="Close request")).to_have_count(0)
    look_at(holm, holm.url)
    holm.get_by_role("button", name="Ask to be CC'd").click()
    expect(holm.get_by_text("You asked to be CC'd.")).to_be_visible()

    expect(ida.get_by_text("asks to be CC'd, to comment on it and close it")).to_be_visible(timeout=15_000)
    ida.get_by_role("button", name="Allow").click()
    expect(ida.get_by_text("Johanna Holm takes part now")).to_be_visible()
    holm.goto(f"/requests/{number}")
    holm.get_by_role("button", name="Close request").click()
    expect(holm.get_by_text("Johanna Holm marked it solved")).to_be_visible()
    expect(ida.get_by_role("button", name="Reopen request")).to_be_visible(timeout=15_000)

    anyone = browser.new_context(viewport={"width": 390, "height": 900})
    stranger = anyone.new_page()
    look_at(stranger, by_mail)
    expect(stranger.get_by_text("a mail to Nils Ek")).to_be_visible()
    expect(stranger.locator("textarea, main form")).to_have_count(0)
    for context in (mine, theirs, reads, anyone):
        context.close()


def sign_up(page: Page, taken: Sink) -> None:
    """From the form through the mail to a signed-in person."""
    page.goto("/accounts/signup/")
    page.get_by_label("Your e-mail address at work").fill(IDA)
    page.get_by_role("button", name="Send me the link").click()
    page.goto(link_to(taken, IDA, r"http://\S+/accounts/password/reset/key/\S+"))
    page.get_by_label("Your name").fill("Ida Falk")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Confirm and sign in").click()
    page.wait_for_load_state()


def request_with_file(page: Page) -> str:
    """The number of a new request with an attachment."""
    page.goto("/requests/new")
    page.get_by_label("Subject").fill(SUBJECT)
    page.get_by_label("What happened, and what did you expect?").fill("The export stops after a minute.")
    file = FilePayload(name="steps.txt", mimeType="text/plain", buffer=b"1. Export\n2. Wait\n")
    page.get_by_label("Files").set_input_files([file])
    page.get_by_role("button", name="Send request").click()
    page.wait_for_url("**/requests/sent*")
    found = re.search(r"#(\d+)|number (\d+)", page.locator("main").inner_text())
    assert found is not None
    return found[1] or found[2]


@pytest.mark.behaviour("B-169")
def test_the_portal_is_used_by_keyboard_on_a_phone(browser: Browser, instance: Instance) -> None:
    context, elin = enter(browser, instance, "elin@norrland.example", viewport={"width": 390, "height": 844})
    elin.goto("/my/requests")
    reach(elin, "Search")
    elin.keyboard.type("warehouse")
    elin.keyboard.press("Enter")
    elin.wait_for_url("**q=warehouse**")
    reach(elin, "Warehouse sync stopped for all tenants")
    elin.keyboard.press("Enter")
    elin.wait_for_url("**/requests/*")
    reach(elin, "Your reply")
    elin.keyboard.type("Typed on a keyboard.")
    reach(elin, "Send reply")
    elin.keyboard.press("Enter")
    expect(elin.locator("#conversation").get_by_text("Typed on a keyboard.")).to_be_visible(timeout=15_000)
    reach(elin, "Who is on this request, and who may read it")
    elin.keyboard.press("Enter")
    reach(elin, "E-mail address")
    elin.keyboard.type("keys@norrland.example")
    elin.keyboard.press("Enter")
    expect(elin.get_by_text("keys@norrland.example is CC'd and was told by mail")).to_be_visible()
    reach(elin, "Tell us how bad it is|You stated")
    elin.keyboard.press("Enter")
    reach(elin, "What is at stake, and by when?")
    elin.keyboard.type(" And the grid desk.")
    reach(elin, "Send statement")
    elin.keyboard.press("Enter")
    expect(elin.get_by_text("And the grid desk.").first).to_be_visible()
    reach(elin, "Close request")
    elin.keyboard.press("Enter")
    expect(elin.get_by_role("button", name="Reopen request")).to_be_visible()
    reach(elin, "Reopen request")
    elin.keyboard.press("Enter")
    expect(elin.get_by_role("button", name="Close request")).to_be_visible()
    context.close()


NAMED = """() => {
  const one = document.activeElement
  const label = one.labels?.[0]?.innerText ?? ''
  return [one.innerText, label, one.placeholder, one.getAttribute('aria-label')].join(' ')
}"""


def reach(page: Page, name: str) -> None:
    """Go on by Tab until what has the focus is called so."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if re.search(name, page.evaluate(NAMED)):
            return
    raise AssertionError(f"nothing called {name!r} is reached by Tab")
