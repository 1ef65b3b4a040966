"""Both sides of the ladder in a browser: the customer on a phone, staff at their desk, and what moves by itself."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.axe import axe_finds
from tests.running import Instance, mail, wait_for
from tests.test_browser import enter

pytestmark = pytest.mark.browser
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
ELIN = "elin@norrland.example"


@pytest.fixture
def number(instance: Instance, request: pytest.FixtureRequest) -> int:
    """A request of Elin's that nobody has yet, for each test its own."""
    urgent, subject = "urgent@acme.example", f"Ladder: {request.node.name}"
    raw = mail(ELIN, subject, "Is anybody there?", urgent, Message_ID=f"<{request.node.name}@norrland.example>")
    instance.send(raw, ELIN, urgent)
    found = "SELECT number FROM tickets_ticket WHERE subject = %s"
    return int(wait_for(lambda: instance.query(found, subject))[0][0])


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def in_mail(instance: Instance, number: int) -> str:
    """Where the last ladder mail about it leads."""
    asked = (
        "SELECT text FROM notify_delivery WHERE kind = 'ladder' AND address = %s AND ticket_id = "
        "(SELECT id FROM tickets_ticket WHERE number = %s) ORDER BY id DESC LIMIT 1"
    )
    found = re.search(r"/ladder/\S+", str(instance.query(asked, ELIN, number)[0][0]))
    assert found
    return found[0]


@pytest.mark.behaviour("B-384")
def test_a_customer_climbs_on_a_phone_and_sees_who_has_it(browser: Browser, instance: Instance, number: int) -> None:
    portal, elin = enter(browser, instance, ELIN, **PHONE)
    desk, lead = enter(browser, instance, "lead@acme.example")
    elin.goto(f"/requests/{number}")
    lead.goto(f"/desk/tickets/{number}")
    expect(lead.locator("#ladder")).to_contain_text("Nobody has escalated it.")

    part = elin.locator("#ladder")
    part.locator("summary", has_text="Escalate").click()
    part.get_by_label("What is at stake?").fill("The launch for 40,000 households")
    part.get_by_label("By when?").fill("Friday noon")
    part.get_by_role("button", name="Escalate").click()
    # It is a P0, so level 1 is asked at once; both sides hear of it.
    expect(part).to_contain_text("It is with level 1")
    expect(part.locator("[aria-current=step]")).to_contain_text("left, then it goes on by itself")
    assert fits(elin)
    assert axe_finds(elin) == []
    expect(lead.locator("#ladder")).to_contain_text("asked to acknowledge", timeout=15_000)

    # What somebody writes is not taken away by news.
    part.locator("summary", has_text="Add to the escalation").click()
    part.get_by_label("What is missing?").fill("half a sentence")
    lead.keyboard.press("e")
    lead.get_by_role("button", name="Acknowledge: I have it").click()
    expect(part).to_contain_text("acknowledged by", timeout=15_000)
    expect(part.get_by_label("What is missing?")).to_have_value("half a sentence")

    ladder = lead.locator("#ladder")
    ladder.locator("summary", has_text="Close with a summary").click()
    ladder.get_by_label("What was done").fill("A cluster of its own.")
    ladder.get_by_role("button", name="Ask the customer").click()
    expect(ladder).to_contain_text("Waits for the customer")
    elin.reload()
    expect(part).to_contain_text("A cluster of its own.")
    # By the link of the mail, as whoever has it, without being logged in.
    reader = browser.new_context(base_url=instance.url, **PHONE).new_page()
    reader.goto(in_mail(instance, number))
    reader.get_by_role("button", name="Accept and close the escalation").click()
    expect(reader.get_by_text("You accepted")).to_be_visible()
    reader.context.close()
    expect(part).to_contain_text("you may escalate it", timeout=15_000)
    expect(ladder).to_contain_text("The escalation is over.", timeout=15_000)
    portal.close()
    desk.close()


def test_it_works_without_scripts(browser: Browser, instance: Instance, number: int) -> None:
    context, page = enter(browser, instance, ELIN, java_script_enabled=False, **PHONE)
    page.goto(f"/requests/{number}")
    page.locator("#ladder summary", has_text="Escalate").click()
    page.get_by_label("What is at stake?").fill("The launch")
    page.locator("#ladder").get_by_role("button", name="Escalate").click()
    expect(page.locator("#ladder")).to_contain_text("It is with level 1")
    context.close()
