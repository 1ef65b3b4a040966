"""A working day of two people at the desk, in two browsers: once by mouse, once by nothing but the keyboard."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.running import Instance, mail, wait_for
from tests.test_browser import enter
from tests.test_writing import CANNED, MENTIONS

pytestmark = pytest.mark.browser
# Not one of the story: nobody gets more than five automatic answers an hour.
SENDER, URGENT = "nils@norrland.example", "urgent@acme.example"
NUMBER = re.compile(r"/desk/tickets/(\d+)")


@pytest.fixture
def canned(instance: Instance) -> Iterator[None]:
    """A reply that everybody may use."""
    [(pk,)] = instance.query(CANNED, "admin@acme.example")
    yield
    instance.query("DELETE FROM tickets_canned WHERE id = %s RETURNING id", pk)


class Mouse:
    """What somebody does who clicks."""

    name = "mouse"

    def __init__(self, page: Page) -> None:
        self.page = page

    def write(self, kind: str, words: str) -> None:
        self.page.locator(f"label:has(#compose-{kind})").click()
        self.page.locator(f"#{kind}-text").fill(words)

    def send(self, kind: str) -> None:
        self.page.locator(f".composer-form.is-{kind} button[data-send]").click()

    def press(self, _key: str, words: str) -> None:
        self.page.get_by_role("button", name=words).first.click()

    def use_canned(self) -> None:
        self.page.locator("label:has(#compose-reply)").click()
        self.page.get_by_role("button", name="Canned reply").first.click()
        self.page.locator(".canned-item", has_text="which logs?").first.click()

    def name_colleague(self, name: str) -> None:
        self.page.locator("label:has(#compose-note)").click()
        self.page.locator("#note-text").press_sequentially(f"Look, @{name[:3].lower()}")
        self.page.locator("#mention-list [role=option]", has_text=name).first.click()

    def tick(self, rows: int) -> None:
        for row in range(rows):
            self.page.locator("[name=ticket]").nth(row).check()

    def tag_ticked(self, tag: str) -> None:
        self.page.locator("#bulk summary").click()
        self.page.locator("#bulk-verb").select_option("add_tags")
        self.page.locator("#bulk-tags").fill(tag)
        self.page.get_by_role("button", name="Preview").click()

    def merge_into(self, subject: str) -> None:
        self.page.locator("summary", has_text="More").click()
        self.page.get_by_role("link", name="Merge into another request").click()
        self.page.locator(".near-one", has_text=subject).first.click()
        self.page.get_by_role("button", name=re.compile("^Merge #")).click()

    def find(self, words: str, subject: str) -> None:
        self.page.locator("[data-palette-open]").click()
        self.page.locator(".palette input").press_sequentially(words)
        self.page.locator(".palette-option", has_text=subject).first.click()


class Keyboard(Mouse):
    """What somebody does who never touches the mouse."""

    name = "keyboard"

    def write(self, kind: str, words: str) -> None:
        self.page.keyboard.press("Escape")
        self.page.keyboard.press(kind[0])
        self.page.keyboard.type(words)

    def send(self, _kind: str) -> None:
        self.page.keyboard.press("Control+Enter")

    def press(self, key: str, _words: str) -> None:
        self.page.keyboard.press("Escape")
        self.page.keyboard.press(key)

    def use_canned(self) -> None:
        self.page.keyboard.press("r")
        self.page.keyboard.press("/")
        expect(self.page.locator(".canned-item").first).to_be_visible()
        self.page.keyboard.type("which")
        self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")

    def name_colleague(self, name: str) -> None:
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("n")
        self.page.keyboard.type(f"Look, @{name[:3].lower()}")
        expect(self.page.locator("#mention-list [role=option]").first).to_be_visible()
        self.page.keyboard.press("Enter")

    def tick(self, rows: int) -> None:
        for _row in range(rows):
            self.page.keyboard.press("j")
            self.page.keyboard.press("x")

    def tag_ticked(self, tag: str) -> None:
        self.page.keyboard.press("b")
        verb = self.page.locator("#bulk-verb")
        expect(verb).to_be_focused()
        while verb.input_value() != "add_tags":
            self.page.keyboard.press("ArrowDown")
        while not self.page.locator("#bulk-tags").evaluate("one => one === document.activeElement"):
            self.page.keyboard.press("Tab")
        self.page.keyboard.type(tag)
        self.page.keyboard.press("Enter")

    def merge_into(self, subject: str) -> None:
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("m")
        expect(self.page.locator("#merge-words")).to_be_focused()
        self.page.keyboard.type(subject)
        first = self.page.locator(".near-one").first
        expect(first).to_contain_text(subject)
        while not first.evaluate("one => one === document.activeElement"):
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")
        self.reach(self.page.get_by_role("button", name=re.compile("^Merge #")))

    def reach(self, target: Locator) -> None:
        """Tab until it has the focus, and press it."""
        for _step in range(80):
            if target.evaluate("one => one === document.activeElement"):
                break
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")

    def find(self, words: str, subject: str) -> None:
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+k")
        self.page.keyboard.type(words)
        expect(self.page.locator(".palette-option", has_text=subject).first).to_be_visible()
        self.page.keyboard.press("Enter")


def number_of(instance: Instance, subject: str) -> int:
    asked = "SELECT max(number) FROM tickets_ticket WHERE subject = %s"
    return int(wait_for(lambda: instance.query(asked, subject)[0][0], 15))


def comes(instance: Instance, subject: str, words: str) -> int:
    sender_id = f"<{subject.replace(' ', '-')}@norrland.example>"
    instance.send(mail(SENDER, subject, words, URGENT, Message_ID=sender_id), SENDER, URGENT)
    return number_of(instance, subject)


@pytest.mark.parametrize("hand", [Mouse, Keyboard])
def test_a_working_day(hand: type[Mouse], browser: Browser, instance: Instance, canned: None) -> None:
    first = f"Zebra loader halts by {hand.name}"
    second = f"Again the zebra loader by {hand.name}"
    one, other = comes(instance, first, "Nothing since nine."), comes(instance, second, "Still nothing.")
    desk, agent = enter(browser, instance, "agent@acme.example")
    other_desk, lead = enter(browser, instance, "lead@acme.example")
    takes_the_next(hand(lead), {one, other})
    answers_meet(hand(agent), hand(lead), one)
    names(hand(agent), instance, one)
    answers_from_a_canned_reply(hand(agent), one)
    changes_many_and_takes_it_back(hand(agent), instance, hand.name)
    merges_and_takes_it_back(hand(agent), other, first)
    hand(lead).find(f"zebra {hand.name}", second)
    expect(lead).to_have_url(re.compile(rf"/desk/tickets/{other}"))
    desk.close()
    other_desk.close()


def takes_the_next(lead: Mouse, waiting: set[int]) -> None:
    """Two at most, until it is one of those that came just now: what other tests left there may be more urgent."""
    lead.page.goto("/desk/")
    lead.press("t", "Take next")
    expect(lead.page).to_have_url(NUMBER)
    found = NUMBER.search(lead.page.url)
    assert found
    expect(lead.page.locator("#side")).to_contain_text("Priya Nair")
    if int(found[1]) not in waiting:
        lead.press("p", "Put it back")
        expect(lead.page).to_have_url(re.compile(r"/desk/$"))


def answers_meet(agent: Mouse, lead: Mouse, number: int) -> None:
    """Who answers is stopped by what a colleague has just answered."""
    for hand in (agent, lead):
        hand.page.goto(f"/desk/tickets/{number}")
    agent.write("reply", "I restart it.")
    lead.write("reply", "It is the disk.")
    lead.send("reply")
    expect(lead.page.locator("#conversation")).to_contain_text("It is the disk.", timeout=15_000)
    agent.send("reply")
    panel = agent.page.locator("#met")
    expect(panel).to_contain_text("It is the disk.", timeout=5_000)
    panel.get_by_role("button", name="Send anyway").focus()
    agent.page.keyboard.press("Enter")
    expect(agent.page.locator("#conversation")).to_contain_text("I restart it.", timeout=15_000)


def names(agent: Mouse, instance: Instance, number: int) -> None:
    agent.page.goto(f"/desk/tickets/{number}")
    agent.name_colleague("Priya Nair")
    agent.send("note")
    expect(agent.page.locator("#conversation mark.mention")).to_contain_text("Priya Nair", timeout=15_000)
    assert instance.query(MENTIONS, number) == [(1,)]


def answers_from_a_canned_reply(agent: Mouse, number: int) -> None:
    agent.page.goto(f"/desk/tickets/{number}")
    agent.use_canned()
    expect(agent.page.locator("#reply-text")).to_have_value(re.compile(r"Hello Nils, which logs\?"))
    agent.send("reply")
    expect(agent.page.locator("#conversation")).to_contain_text("Hello Nils, which logs?", timeout=15_000)


def changes_many_and_takes_it_back(agent: Mouse, instance: Instance, tag: str) -> None:
    def tagged() -> int:
        return int(instance.query("SELECT count(*) FROM tickets_ticket WHERE %s = ANY(tags)", tag)[0][0])

    agent.page.goto("/desk/")
    agent.tick(3)
    agent.tag_ticked(tag)
    expect(agent.page.locator("#bulk-run")).to_contain_text("3 requests change.")
    assert tagged() == 0
    agent.page.keyboard.press("Enter")  # the button that confirms has the focus
    expect(agent.page.locator("#bulk-run")).to_contain_text("3 requests were changed.", timeout=15_000)
    assert tagged() == 3
    agent.press("z", "Undo: show what would be taken back")
    expect(agent.page.locator("#bulk-run")).to_contain_text("3 requests change.")
    agent.page.keyboard.press("Enter")
    expect(agent.page.locator("#bulk-run")).to_contain_text("3 requests were changed.", timeout=15_000)
    assert tagged() == 0


def merges_and_takes_it_back(agent: Mouse, number: int, into: str) -> None:
    agent.page.goto(f"/desk/tickets/{number}")
    agent.merge_into(into)
    agent.page.wait_for_url(re.compile(rf"/desk/tickets/(?!{number}\b)\d+$"))
    agent.page.goto(f"/desk/tickets/{number}")
    merged = agent.page.locator(".banner.is-merged")
    expect(merged).to_contain_text(into)
    merged.locator("button").focus()
    agent.page.keyboard.press("Enter")
    expect(merged).to_have_count(0)
