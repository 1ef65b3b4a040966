"""A passkey in a real browser, with an authenticator that Chromium plays itself."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.chromium import CHROMIUM
from tests.running import Instance

pytestmark = pytest.mark.browser
EMAIL = "elin@norrland.example"


def with_authenticator(browser: Browser, instance: Instance) -> tuple[BrowserContext, Page]:
    # Browsers take http for secure on localhost alone, and an address of digits for no one's name.
    context = browser.new_context(base_url=f"http://localhost:{urlsplit(instance.url).port}")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**kind, "isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return context, page


def with_password(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill("answerable-demo")
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.behaviour("B-101")
def test_a_passkey_is_added_then_asked_for_then_enough_alone(instance: Instance) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        context, page = with_authenticator(browser, instance)
        with_password(page)
        page.goto("/accounts/2fa/passkeys/add/")
        page.get_by_label("Password").fill("answerable-demo")
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Name").fill("Laptop")
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        page.goto("/accounts/")
        expect(page.get_by_text("Laptop").first).to_be_visible()

        context.clear_cookies()
        with_password(page)
        expect(page.get_by_role("heading", name="Second step")).to_be_visible()
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/my/requests")

        context.clear_cookies()
        page.goto("/accounts/login/")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/my/requests")

        # Others use this instance too.
        page.goto("/accounts/")
        page.get_by_role("link", name="Remove Laptop").click()
        page.get_by_label("Password").fill("answerable-demo")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Remove").click()
        expect(page.get_by_text("Laptop")).to_have_count(0)
        browser.close()
