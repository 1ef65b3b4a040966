"""A problem and its incidents in a browser: three organizations, one update, and each mail in its own hands."""

import re
from email.message import Message
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running import Instance, Sink, mail, text_of, wait_for
from tests.test_browser import enter

pytestmark = pytest.mark.browser
AGENT = "agent@acme.example"
# Who writes, about what, and what of it may stand in nobody else's mail.
HOUSES = (
    ("elin@norrland.example", "Norrland imports stand still", ("elin", "norrland")),
    ("mbeki@kivubank.example", "Kivubank sees no figures", ("joseph", "mbeki", "kivu", "kivubank")),
    ("marc@atelier-roche.example", "Roche waits for exports", ("marc", "roche", "atelier")),
)
PROBLEM = ("r.tane@pacificfreight.example", "Pacificfreight region is down", ("tane", "rangi", "pacificfreight"))
UPDATE = "Hello {{requester.first_name}}, the cause is found. It is mended by noon."


def open_by_mail(instance: Instance, address: str, subject: str) -> int:
    instance.send(mail(address, subject, f"Help: {subject}."), address)
    asked = "SELECT number FROM tickets_ticket WHERE subject = %s"
    return int(wait_for(lambda: instance.query(asked, subject))[0][0])


def link_to(page: Page, number: int, problem: int) -> None:
    """By keyboard alone: `l`, its number, Enter, and as what."""
    page.goto(f"/desk/tickets/{number}")
    page.keyboard.press("l")
    expect(page.locator("#link-words")).to_be_focused()
    page.keyboard.type(f"#{problem}")
    page.keyboard.press("Enter")
    way = page.get_by_label(f"#{number} is an incident of the problem #{problem}", exact=True)
    expect(way).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#linked")).to_contain_text(f"#{problem}")


def updates_to(sink: Sink, address: str) -> list[Message]:
    return [one for one in sink.to(address) if "the cause is found" in text_of(one)]


def words_of(message: Message) -> str:
    """Headers and words, without what is signed: random letters may spell anything."""
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    told = "\n".join([str(message.items()), *(part.decode() for part in parts if isinstance(part, bytes))])
    return re.sub(r"(?<=/r/)\S+|reply\+\S+?@|(?<=\.)[0-9A-Za-z_-]{20,}(?=@)", "", told).lower()


def test_one_update_reaches_three_houses_and_each_its_own(
    browser: Browser, instance: Instance, customers: tuple[Sink, int]
) -> None:
    sink = customers[0]
    problem = open_by_mail(instance, *PROBLEM[:2])
    numbers = [open_by_mail(instance, *house[:2]) for house in HOUSES]
    asked = "SELECT count(DISTINCT organization_id) FROM tickets_ticket WHERE number = ANY(%s)"
    assert instance.query(asked, numbers) == [(3,)]
    desk, page = enter(browser, instance, AGENT)
    for number in numbers:
        link_to(page, number, problem)

    page.goto(f"/desk/tickets/{problem}")
    expect(page.locator("#linked")).to_contain_text("Incidents of this problem (3)")
    before = len(sink.mails)
    page.keyboard.press("U")
    expect(page.locator("#update-text")).to_be_focused()
    page.keyboard.type(UPDATE)
    page.get_by_label("Solved", exact=True).check()
    page.locator("#update-text").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".bulk-lead")).to_have_text("3 requests get it.")
    for _address, subject, _marks in HOUSES:
        expect(page.locator(".update-list")).to_contain_text(subject)
    expect(page.locator(".send-warning")).to_have_count(0)
    page.locator(".update-own summary").first.click()
    expect(page.locator(".update-own-text").first).to_contain_text("the cause is found")
    page.get_by_role("button", name="Send to 3 requests").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".bulk-lead")).to_contain_text("Nobody has got it.")
    # Of this update; pages of other tests' P0s leave whenever they are due.
    assert not any("the cause is found" in text_of(one) for one in sink.mails[before:])
    expect(page.locator(".bulk-lead")).to_have_text("3 requests were told.", timeout=20_000)
    desk.close()

    marks = [*((*house[2], str(number)) for house, number in zip(HOUSES, numbers, strict=True))]
    marks.append((*PROBLEM[2], str(problem)))
    for number, (address, subject, _mine) in zip(numbers, HOUSES, strict=True):
        told = wait_for(partial(updates_to, sink, address))
        assert len(told) == 1
        said = words_of(told[0])
        assert f"Re: {subject} [#{number}]" in str(told[0]["Subject"]).replace("\n ", " ")
        for theirs in marks:
            if str(number) not in theirs:
                assert [one for one in theirs if re.search(rf"\b{one}\b", said)] == [], f"in the mail to {address}"
    everybody = [one for one in sink.mails[before:] if "the cause is found" in text_of(one)]
    assert sorted(text_of(one).partition(",")[0] for one in everybody) == ["Hello Elin", "Hello Joseph", "Hello Marc"]
    assert len({one["Message-ID"] for one in everybody}) == 3
    asked = "SELECT DISTINCT status FROM tickets_ticket WHERE number = ANY(%s)"
    assert instance.query(asked, numbers) == [("solved",)]
