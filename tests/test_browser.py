"""The same story in a browser: what people see moves by itself, by keyboard, and for everybody (WCAG 2.2 AA)."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.axe import axe_finds
from tests.running import Instance, Sink, mail, text_of, wait_for

pytestmark = pytest.mark.browser
SUBJECT = "Browser story"


def enter(browser: Browser, instance: Instance, email: str, **options: Any) -> tuple[BrowserContext, Page]:
    """A person at the first page after their log-in."""
    context = browser.new_context(base_url=instance.url, **options)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill("answerable-demo")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    return context, page


@pytest.mark.behaviour("B-22")
def test_a_request_and_its_answers_appear_without_reload(browser: Browser, instance: Instance) -> None:
    desk, agent = enter(browser, instance, "agent@acme.example")
    portal, elin = enter(browser, instance, "elin@norrland.example")
    sender = "elin@norrland.example"
    # Urgent, so that it stands on the queue's first page whatever other tests left there.
    urgent = "urgent@acme.example"
    raw = mail(sender, SUBJECT, "Does it move?", urgent, Message_ID="<browser@norrland.example>")
    instance.send(raw, sender, urgent)
    expect(agent.get_by_role("link", name=SUBJECT)).to_be_visible(timeout=15_000)
    expect(elin.get_by_role("link", name=SUBJECT)).to_be_visible(timeout=15_000)

    agent.get_by_role("link", name=SUBJECT).click()
    elin.get_by_role("link", name=SUBJECT).click()
    expect(agent.get_by_text("Does it move?").first).to_be_visible()
    agent.keyboard.press("r")
    agent.keyboard.type("It does, as you see.")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("#conversation").get_by_text("It does, as you see.")).to_be_visible(timeout=15_000)
    expect(elin.locator("#conversation").get_by_text("It does, as you see.")).to_be_visible(timeout=15_000)

    agent.keyboard.press("Escape")
    agent.keyboard.press("n")
    agent.keyboard.type("only-for-us")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("#conversation").get_by_text("only-for-us")).to_be_visible(timeout=15_000)

    elin.locator("#reply-text").fill("Thank you from the portal.")
    elin.get_by_role("button", name="Send reply").click()
    expect(agent.locator("#conversation").get_by_text("Thank you from the portal.")).to_be_visible(timeout=15_000)
    assert "only-for-us" not in elin.content()
    desk.close()
    portal.close()


TELL = """
WITH told AS (
  INSERT INTO notify_notice (person_id, kind, key, ticket_id, data, at)
  SELECT p.id, 'breach', 'browser', (SELECT max(id) FROM tickets_ticket), json_build_object('metric', 'first_response', 'due_at', now()), now()
  FROM people_person p WHERE p.email = %s RETURNING person_id)
SELECT pg_notify('live', json_build_object('s', 'person:' || person_id || ':staff', 'k', 'notices')::text) FROM told
"""
BROKEN = """
SELECT count(*) FROM notify_notice n JOIN people_person p ON p.id = n.person_id
WHERE p.email = %s AND n.kind = 'breach' AND n.read_at IS NULL
"""


@pytest.mark.behaviour("B-73")
def test_a_notice_is_counted_at_the_top_without_reload(browser: Browser, instance: Instance) -> None:
    desk, agent = enter(browser, instance, "agent@acme.example")
    (before,) = instance.query(BROKEN, "agent@acme.example")[0]
    link = agent.get_by_role("link", name="Notices")
    expect(link).to_contain_text(f"{before} broken" if before else "Notices")
    instance.query(TELL, "agent@acme.example")
    expect(link).to_contain_text(f"{before + 1} broken", timeout=15_000)
    link.click()
    agent.get_by_role("button", name="Mark all read").click()
    expect(link).not_to_contain_text("broken", timeout=15_000)
    expect(agent.get_by_role("button", name="Mark all read")).to_have_count(0)
    desk.close()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_no_page_keeps_anybody_out(browser: Browser, instance: Instance, scheme: str, width: int) -> None:
    number = instance.query("SELECT min(number) FROM tickets_ticket")[0][0]
    theirs = instance.query(
        "SELECT min(t.number) FROM tickets_ticket t JOIN people_person p ON p.id = t.requester_id WHERE p.email = %s",
        "elin@norrland.example",
    )[0][0]
    look: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    visits = {
        "admin@acme.example": [
            "/desk/",
            f"/desk/tickets/{number}",
            "/desk/mail",
            "/desk/outbox",
            "/desk/views/solved",
            "/desk/notices",
            "/desk/policy",
            "/desk/policy/versions",
            "/desk/policy/versions/1",
            "/desk/organizations/norrland",
            "/desk/organizations/import",
            "/desk/sso/norrland",
            "/desk/sso/staff",
        ],
        "elin@norrland.example": ["/my/requests", f"/requests/{theirs}", "/requests/new", "/accounts/password/change/"],
    }
    for email, paths in visits.items():
        context, page = enter(browser, instance, email, **look)
        for path in paths:
            look_at(page, path)
        context.close()
    context = browser.new_context(base_url=instance.url, **look)
    page = context.new_page()
    for path in ["/", "/accounts/login/", "/requests/new", "/accounts/password/reset/", "/no-such-page"]:
        look_at(page, path)
    context.close()


FILES = {
    "Organizations": "name,domains\nBrowser & Sons,browser-sons.example\n",
    "People": "email;name;organization\nb@browser-sons.example;Bea;Browser & Sons\nnobody;;\n",
}


def test_files_are_imported_by_keyboard_after_a_look(browser: Browser, instance: Instance) -> None:
    context, page = enter(browser, instance, "admin@acme.example", viewport={"width": 390, "height": 844})
    for people in (FILES["People"], FILES["People"].replace("nobody;;\n", "")):
        page.goto("/desk/organizations/import")
        for label, text in (FILES | {"People": people}).items():
            page.get_by_role("button", name=label).set_input_files(
                {"name": f"{label}.csv", "mimeType": "text/csv", "buffer": text.encode()}
            )
        page.get_by_role("button", name="Look at them").press("Enter")
        page.wait_for_url("**/import/*")
        look_at(page, page.url)
        if people == FILES["People"]:
            expect(page.get_by_text("People, row 3")).to_be_visible()
            expect(page.get_by_role("button", name="Import exactly this")).to_have_count(0)
    page.get_by_role("button", name="Import exactly this").press("Enter")
    expect(page.get_by_text("It is done")).to_be_visible()
    look_at(page, "/desk/organizations/browser-sons")
    page.get_by_text("Add a domain").press("Enter")
    page.get_by_label("E-mail domain").fill("browser.example")
    page.get_by_role("button", name="Have it proven").press("Enter")
    page.wait_for_url("**/proof")
    look_at(page, page.url)
    expect(page.get_by_label("Value")).to_have_value(re.compile(r"answerable-verification=[0-9a-f]{40}"))
    context.close()


def look_at(page: Page, path: str) -> None:
    page.goto(path)
    assert axe_finds(page) == [], path
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, f"{path} scrolls sideways"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_an_agent_looks_with_a_customers_eyes(browser: Browser, instance: Instance, scheme: str, width: int) -> None:
    pk, number = instance.query(
        "SELECT p.id, min(t.number) FROM people_person p JOIN tickets_ticket t ON t.requester_id = p.id"
        " WHERE p.email = %s GROUP BY p.id",
        "elin@norrland.example",
    )[0]
    look: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    context, page = enter(browser, instance, "agent@acme.example", **look)
    page.goto(f"/desk/people/{pk}")
    page.get_by_role("button", name="See as").click()
    expect(page.get_by_role("heading", name="My activities")).to_be_visible()
    page.locator(f"#t{number}").click()
    expect(page.get_by_text("You opened this request.")).to_be_visible()
    for path in (
        "my/requests",
        "my/cc",
        "my/organization",
        f"requests/{number}",
        f"requests/{number}/explain",
        "accounts/",
    ):
        look_at(page, f"/as/{pk}/{path}")
        expect(page.get_by_text("You see what")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Seen as by").first).to_be_visible()
    look_at(page, f"/desk/people/{pk}")
    context.close()


def test_the_page_works_without_script(browser: Browser, instance: Instance) -> None:
    context, page = enter(browser, instance, "elin@norrland.example", java_script_enabled=False)
    page.goto("/requests/new")
    page.get_by_label("Subject").fill("Without script")
    page.get_by_label("What happened, and what did you expect?").fill("Plain forms still work.")
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_role("heading", name="We have your request")).to_be_visible()
    wait_for(
        lambda: instance.query("SELECT count(*) FROM tickets_ticket WHERE subject = 'Without script'") == [(1,)], 5
    )
    context.close()


def test_a_stranger_asks_loses_nothing_and_confirms_from_the_mail(
    browser: Browser, instance: Instance, customers: tuple[Sink, int]
) -> None:
    sender = "ida@browser-form.example"
    context = browser.new_context(base_url=instance.url)
    page = context.new_page()
    page.goto("/requests/new")
    page.get_by_label("Your e-mail address").fill(sender)
    page.get_by_label("Subject").fill("Nobody gets in")
    page.get_by_label("What happened, and what did you expect?").fill("Since noon.")
    page.get_by_label("How bad is it?").select_option("P0")
    page.get_by_label("Files").set_input_files({"name": "a.log", "mimeType": "text/plain", "buffer": b"lines"})
    # As some browser might, which fills in what nobody sees.
    page.evaluate("document.querySelector('[name=website]').value = 'https://ida.example'")
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is lost")
    expect(page.get_by_label("Subject")).to_have_value("Nobody gets in")
    expect(page.get_by_text("please choose them again")).to_be_visible()
    # As long as a person looks it over.
    page.wait_for_timeout(3_000)
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_role("heading", name="We have your request")).to_be_visible()

    ack = wait_for(lambda: customers[0].to(sender), 15)[0]
    assert "Nobody gets in" not in ack.as_string()
    link = re.search(r"http://127\.0\.0\.1:\d+(/requests/confirm/\S+)", text_of(ack))
    assert link
    look_at(page, link[1])
    page.get_by_role("button", name="It was me").click()
    expect(page.get_by_text("Your request counts as P0.")).to_be_visible()
    context.close()


def test_a_refusal_is_shown_though_the_conversation_was_fetched_anew_meanwhile(
    browser: Browser, instance: Instance
) -> None:
    number = instance.query("SELECT max(number) FROM tickets_ticket WHERE status IN ('new', 'open')")[0][0]
    desk, agent = enter(browser, instance, "agent@acme.example")
    agent.goto(f"/desk/tickets/{number}")
    held: list[Route] = []
    agent.route("**/reply", lambda route: held.append(route))  # noqa: PLW0108  Playwright counts its arguments
    agent.locator("#reply-text").fill(" ")
    agent.locator("#reply-text").press("Control+Enter")
    wait_for(lambda: agent.evaluate("1") and held)
    before = agent.locator("#conversation").element_handle()
    agent.evaluate("document.querySelector('#conversation').dispatchEvent(new CustomEvent('live'))")
    wait_for(lambda: not before.evaluate("one => one.isConnected"))
    held[0].continue_()
    expect(agent.locator("#flashes")).to_contain_text("Write something first")
    desk.close()


WRITES = "Collision story"


@pytest.mark.behaviour("B-308")
def test_two_at_one_request_see_each_other_and_nobody_answers_blindly(browser: Browser, instance: Instance) -> None:
    urgent, sender = "urgent@acme.example", "elin@norrland.example"
    raw = mail(sender, WRITES, "Who has it?", urgent, Message_ID="<collision@norrland.example>")
    instance.send(raw, sender, urgent)
    number = wait_for(lambda: instance.query("SELECT max(number) FROM tickets_ticket WHERE subject = %s", WRITES)[0][0])
    desk, agent = enter(browser, instance, "agent@acme.example")
    other_desk, lead = enter(browser, instance, "lead@acme.example")
    agent.goto(f"/desk/tickets/{number}")
    lead.goto(f"/desk/tickets/{number}")
    expect(lead.locator("#here")).to_contain_text("is looking at it", timeout=15_000)
    agent.locator("#reply-text").fill("I look at it.")
    expect(lead.locator("#here")).to_contain_text("is writing a reply", timeout=5_000)

    lead.locator("#reply-text").fill("It is the pool.")
    lead.keyboard.press("Control+Enter")
    expect(lead.locator("#conversation")).to_contain_text("It is the pool.", timeout=15_000)
    agent.locator("#reply-text").press("Control+Enter")
    panel = agent.locator("#met")
    expect(panel).to_contain_text("Not sent yet", timeout=5_000)
    expect(panel).to_contain_text("It is the pool.")
    assert axe_finds(agent) == []
    panel.get_by_role("button", name="Go on editing").click()
    expect(agent.locator("#reply-text")).to_have_value("I look at it.")
    expect(agent.locator("#reply-text")).to_be_focused()
    # What was shown counts as seen, so it leaves now; had something else come, it would be stopped again.
    lead.keyboard.press("Escape")
    lead.keyboard.press("n")
    lead.keyboard.type("Say nothing of the provider.")
    lead.keyboard.press("Control+Enter")
    expect(agent.locator("[data-came]")).to_contain_text("Something new came", timeout=15_000)
    agent.locator("#reply-text").press("Control+Enter")
    expect(panel).to_contain_text("your team noted something meanwhile", timeout=15_000)
    panel.get_by_role("button", name="Send anyway").click()
    expect(lead.locator("#conversation")).to_contain_text("I look at it.", timeout=15_000)
    agent.close(run_before_unload=True)  # as a person closes a tab
    expect(lead.locator("#here")).to_be_empty(timeout=5_000)
    other_desk.close()
    desk.close()
