"""Writing in a browser: nothing typed is lost when the server dies, and everything goes by keyboard."""

import os
import re
import signal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running import Instance, wait_for
from tests.test_browser import enter

pytestmark = pytest.mark.browser
MENTIONS = """SELECT count(*) FROM notify_notice n JOIN tickets_ticket t ON t.id = n.ticket_id
  WHERE n.kind = 'mention' AND t.number = %s"""
AGENT = "agent@acme.example"
PASTE = """async (field) => {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(0, 0, 9, 9);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const data = new DataTransfer();
  data.items.add(new File([blob], "image.png", { type: "image/png" }));
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
CANNED = """
INSERT INTO tickets_canned (name, scope, owner_id, folder, language, body, status, tags, used, version, at)
SELECT 'Which logs', 'shared', id, '', '', 'Hello {{requester.first_name}}, which logs?', '', '{}', 0, 1, now()
FROM people_person WHERE email = %s RETURNING id
"""


@pytest.fixture
def number(instance: Instance) -> int:
    """An open request with a requester who has a name."""
    found = "SELECT min(number) FROM tickets_ticket t JOIN people_person p ON p.id = t.requester_id"
    return int(instance.query(f"{found} WHERE t.status IN ('new', 'open') AND p.name <> '' AND number > 0")[0][0])


def saved(instance: Instance, kind: str) -> str:
    rows = instance.query("SELECT text FROM tickets_begun WHERE kind = %s", kind)
    return str(rows[0][0]) if rows else ""


@pytest.mark.behaviour("B-289")
def test_a_killed_web_process_loses_at_most_two_seconds_of_a_text(
    browser: Browser, instance: Instance, number: int
) -> None:
    desk, page = enter(browser, instance, AGENT)
    page.goto(f"/desk/tickets/{number}")
    page.keyboard.press("r")
    page.keyboard.type("Words of an hour.")
    page.wait_for_timeout(2000)
    os.kill(instance.pid_of("web") or 0, signal.SIGKILL)
    page.keyboard.type(" And these.")
    # The tab says so, and hands them over by itself once there is a server.
    assert saved(instance, "reply") == "Words of an hour."
    wait_for(instance.serves_pages)
    wait_for(lambda: saved(instance, "reply") == "Words of an hour. And these.")
    expect(page.locator(".is-reply [data-begun-state]")).to_have_text("Saved")
    desk.close()
    other, again = enter(browser, instance, AGENT)
    again.goto(f"/desk/tickets/{number}")
    expect(again.locator("#reply-text")).to_have_value("Words of an hour. And these.")
    again.locator("#reply-text").fill("")
    wait_for(lambda: not saved(instance, "reply"))
    other.close()


def put_in_a_canned_reply(page: Page) -> None:
    page.keyboard.press("r")
    page.keyboard.press("/")
    expect(page.locator(".canned-item").first).to_contain_text("which logs?")
    page.keyboard.type("which")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_files_names_and_canned_replies_by_keyboard(browser: Browser, instance: Instance, number: int) -> None:
    (canned,) = instance.query(CANNED, "admin@acme.example")[0]
    desk, page = enter(browser, instance, AGENT)
    page.goto(f"/desk/tickets/{number}")
    put_in_a_canned_reply(page)
    reply = page.locator("#reply-text")
    expect(reply).to_have_value(re.compile(r"Hello \w+, which logs\?"))
    page.keyboard.press("Control+Shift+P")
    expect(page.locator(".is-reply .look")).to_contain_text("which logs?")
    page.keyboard.press("Control+Shift+P")
    reply.fill("")
    page.keyboard.press("/")
    page.keyboard.type("var")
    page.keyboard.press("Escape")
    expect(reply).to_have_value("/var")
    reply.fill("")

    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("Look, @")
    first = page.locator("#mention-list [role=option]").first
    expect(first).to_be_visible()
    name = (first.text_content() or "").strip()
    page.keyboard.type(name[:2].lower())
    page.keyboard.press("Enter")
    note = page.locator("#note-text")
    assert note.input_value().startswith("Look, @")
    note.evaluate(PASTE)
    files = page.locator("#files-note .begun-file:not(.is-coming)")
    expect(files).to_contain_text("picture-")
    page.reload()
    page.keyboard.press("n")
    expect(note).to_have_value(re.compile("Look, @"))
    expect(files).to_contain_text("picture-")
    page.keyboard.press("Control+Enter")
    told = page.locator("#conversation .message.is-note").last
    expect(told.locator("mark.mention")).to_be_visible()
    expect(told.locator(".file")).to_contain_text("picture-")
    expect(note).to_have_value("")
    expect(files).to_have_count(0)
    assert instance.query(MENTIONS, number) == [(1,)]
    instance.query("DELETE FROM tickets_canned WHERE id = %s RETURNING id", canned)
    desk.close()
