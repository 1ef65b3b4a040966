"""The pages in a browser: readable by everybody, in reach of a thumb, and alive."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from answerable.ui import words
from answerable.ui.tests import leaving
from answerable.ui.tests.conftest import Look
from answerable.ui.tests.gallery import NARROW, WIDE, address_of, html, open_page, pages
from answerable.ui.tests.people import NOW
from tests.axe import axe_finds, bring_axe

pytestmark = pytest.mark.browser

CARE = [
    "organizations", "organization", "my-organizations", "grant-new", "standing-new", "people", "person", "person-merge",
    "access-over", "access-over-long",
]  # fmt: skip
AROUND = ["ticket-merged", "new-whom", "new", "entry-move", "merge", "merge-find", "aside", "set-aside"]
EVERYDAY = [
    "queue", "queue-filter", "queue-grouped", "view-edit", "ticket", "ticket-mails", "request-mails", "file-asked", "ticket-sending", "ticket-warned", "unsent", "wordings", "wording", "explain", "request", "form-wrong",
    "account", "seen-requests", "seen-request",
    "ticket-writing", "canned", "canned-one",
    "redact", "redact-found", "ticket-redacted", "request-redacted", "rate", "rated", "ticket-rated", "satisfaction",
    "request-asked", "request-settling", "ladder-answer", "support", "help-article",
]  # fmt: skip
SETTING_UP = [
    "sso-set-up", "sso-set-up-only", "sso-set-up-new", "sso-set-up-read", "domain-proof", "domain-proven", "import-new",
    "import-plan", "import-wrong", "import-done",
]  # fmt: skip
MAIL = ["mail", "mail-ill", "mail-quarantine", "message", "message-quarantine", "message-error"]
SETTINGS = [
    "outbox",
    "outbox-message",
    "notices",
    "wishes",
    "policy",
    "policy-versions",
    "policy-version",
    "wall",
    "wall-screens",
]
FIGURES = ["reports", "reports-agent", "reports-empty", "broken", "what-if", "what-if-wrong", "compared"]
BULK = ["bulk-preview", "bulk-running", "bulk-done", "bulk-runs", "history"]
SHIFTS = ["shift", "hand-over", "hand-overs", "hand-over-new"]
POLICIES = ["paging", "paging-one", "paging-look", "ladder-policy", "ladder-policy-look"]
PAGING = ["alerts", "alert", "contacts", "page-link", "page-link-seen", "drills", "outside", *POLICIES]
ON_CALL = ["on-call", "on-call-one", "on-call-layers", "on-call-look", "on-call-gap"]
LINKED = ["link-find", "link", "linked-all", "update", "update-wrong", "update-preview", "update-left"]
ARTICLES = ["articles", "article", "article-revisions"]
SEARCH = ["search", "search-none", "search-help"]
# One of each kind: the others are the same card with other words.
KINDS = [
    "queue", "queue-empty", "queue-filter", "queue-grouped", "view-edit", "view-broken", "ticket", "ticket-other", "ticket-mails", "request-mails",
    "file-asked", "ticket-sending", "ticket-warned", "unsent", "wordings", "wording", "wording-wrong", "explain", "request-explain", "notices",
    "notices-empty", "policy", "wishes",
    "policy-versions", "policy-version", "home", "my-requests", "my-requests-empty", "request",
    "organizations", "organization", "my-organizations", "organization-new", "people", "person", "person-suspended",
    "person-merge", "person-merge-whom", "grant-new", "grant-whom", "standing-new",
    "request-read-only", "request-copied", "request-standing", "seen-requests", "seen-requests-empty", "seen-request",
    "seen-refused", "access-over", "form", "form-wrong", "sent", "confirm", "confirmed", "login", "refused", "account", "password_reset_from_key_first",
    "account-empty", "sso", "desk-sso", "mfa-authenticate", "mfa-totp-activate_form", "mfa-recovery_codes-index",
    "mfa-webauthn-add_form", "404.html", "outbox", "outbox-message",
    *AROUND,
    *FIGURES,
    *SETTING_UP,
    *MAIL,
    *BULK,
    *SHIFTS,
    *ON_CALL,
    *SEARCH,
    *PAGING,
    *LINKED,
    *ARTICLES,
    "ticket-writing", "canned", "canned-one",
    "request-asked", "request-settling", "ladder-answer", "ladder-answered",
    "rate", "rated", "ticket-rated", "satisfaction", "satisfaction-empty", "redact", "redact-found", "redact-wrong", "redact-nowhere", "ticket-redacted",
    "wall", "wall-initials", "wall-screens", "support", "help", "help-article",
]  # fmt: skip
AROUND_P0 = [*ON_CALL, *PAGING]
ON_A_PHONE = [
    *EVERYDAY,
    *AROUND,
    *CARE,
    *SETTINGS,
    *MAIL,
    *FIGURES,
    *SETTING_UP,
    *BULK,
    *SHIFTS,
    *AROUND_P0,
    *SEARCH,
    *LINKED,
    "article",
]
SIGHTS = [*((name, WIDE, False) for name in KINDS), *((name, NARROW, True) for name in ON_A_PHONE)]


SIDEWAYS = "document.documentElement.scrollWidth"
TARGETS = """() => [...document.querySelectorAll('a, button, summary, input, select, textarea')]
  .filter((one) => one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}))
  .filter((one) => !one.matches('.visually-hidden, .skip, .list-title, p a, .help a'))
  .map((one) => [one, (one.closest('label') ?? one).getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.height < 43.5 || box.width < 24))
  .map(([one, box]) => `${one.outerHTML.slice(0, 120)} ${Math.round(box.width)}×${Math.round(box.height)}`)"""


@pytest.mark.parametrize(("name", "width", "dark"), SIGHTS)
@pytest.mark.behaviour("B-51")
def test_axe_finds_nothing(tab: Look, name: str, width: int, dark: bool) -> None:
    page = tab(name, width=width, dark=dark)
    assert axe_finds(page) == []
    if width == NARROW:  # one load serves all three
        assert page.evaluate(TARGETS) == []
        assert page.evaluate(SIDEWAYS) <= NARROW


# What the list above leaves out: the same cards with other words, one after the other in one tab, by `make looks`.
OTHERS = sorted(pages().keys() - set(KINDS))


@pytest.mark.looks
@pytest.mark.parametrize("part", range(4))
@pytest.mark.behaviour("B-51")
def test_axe_finds_nothing_on_the_others(look: Look, part: int) -> None:
    page = look("queue")
    bring_axe(page)
    for name in OTHERS[part::4]:
        page.goto(address_of(name))
        assert axe_finds(page) == [], name


@pytest.mark.looks
@pytest.mark.parametrize("part", range(2))
def test_nothing_scrolls_sideways_on_a_phone(look: Look, part: int) -> None:
    page = look("queue", width=NARROW)
    for name in sorted({*KINDS, *OTHERS, "500.html"} - set(ON_A_PHONE))[part::2]:
        page.goto(address_of(name), wait_until="domcontentloaded")
        assert page.evaluate(SIDEWAYS) <= NARROW, name


@pytest.mark.parametrize("name", ["form", "login", "my-requests", "home"])
def test_targets_suit_a_thumb(look: Look, name: str) -> None:
    assert look(name, width=NARROW).evaluate(TARGETS) == []


def test_the_browser_counts_as_the_server_does(look: Look) -> None:
    page = look("queue")
    seconds = [
        s * sign for s in [0, 1, 59, 60, 61, 3599, 3600, 7500, 86399, 86400, 172799, 172800, 10**6] for sign in (1, -1)
    ]
    said = page.evaluate(
        "async (all) => { const { countdown } = await import('/static/ui/countdown.js'); return all.map(countdown); }",
        seconds,
    )
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert said == [words.countdown(start + timedelta(seconds=s), start) for s in seconds]


def test_time_goes_on_while_the_page_is_open(look: Look) -> None:
    page = look("queue")
    second = page.locator(".promise").nth(1)
    expect(second.locator("time")).to_have_text("18 m")
    page.clock.run_for(19 * 60 * 1000)
    expect(second.locator("time")).to_have_text("−1 m")
    expect(second).to_have_class("promise is-broken")
    expect(second.locator("progress")).to_have_attribute("value", "100")


def test_the_servers_clock_rules(browser: Browser) -> None:
    page = open_page(browser, "queue", at=NOW + timedelta(hours=5))
    page.clock.run_for(1000)
    expect(page.locator(".promise time").nth(1)).to_have_text("18 m")
    page.context.close()


def test_the_keyboard_walks_the_queue(look: Look) -> None:
    page = look("queue")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#t20417")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("#t20418")).to_be_focused()


def test_shortcuts_can_be_switched_off(look: Look) -> None:
    page = look("queue")
    page.keyboard.press("?")
    page.get_by_label("One-key shortcuts are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("#t20418")).not_to_be_focused()


def test_a_note_and_a_reply_are_two_fields(look: Look) -> None:
    page = look("ticket")
    page.keyboard.press("n")
    page.keyboard.type("for the team")
    expect(page.locator("#note-text")).to_have_value("for the team")
    expect(page.locator("#reply-text")).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type("rnj?")
    expect(page.locator("#reply-text")).to_have_value("rnj?")
    expect(page.locator("#note-text")).to_be_hidden()


@pytest.mark.behaviour("B-52")
def test_a_draft_survives_a_reload(look: Look) -> None:
    page = look("ticket")
    page.keyboard.press("r")
    page.keyboard.type("half a sentence")
    page.reload()
    expect(page.locator("#reply-text")).to_have_value("half a sentence")


def test_a_menu_closes_on_escape_and_gives_the_focus_back(look: Look) -> None:
    page = look("queue")
    account = page.locator("summary[aria-label^='Account']")
    account.click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(account).to_be_focused()


def test_a_theme_is_chosen_and_remembered(look: Look) -> None:
    page = look("queue")
    page.locator("summary[aria-label^='Account']").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert "theme=dark" in page.evaluate("document.cookie")
    assert page.evaluate("getComputedStyle(document.body.parentElement).colorScheme") == "dark"


def test_a_form_is_sent_once(look: Look) -> None:
    page = look("queue")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.url.endswith("/take") else None)
    page.route("**/take", lambda route: route.fulfill(status=204))
    with page.expect_response("**/take"):
        page.evaluate("() => { const one = document.querySelector('[data-key=t]'); one.click(); one.click(); }")
    assert sent == ["POST"]


REFUSED = '<div class="flash" data-stays><span>Write more.</span></div>'


def test_a_refusal_is_said_in_the_live_region_and_the_text_is_kept(browser: Browser) -> None:
    page = open_page(browser, "ticket")
    headers = {"HX-Retarget": "#flashes", "HX-Reswap": "beforeend"}
    page.route("**/desk:reply", lambda route: route.fulfill(status=403, body=REFUSED, headers=headers))
    page.keyboard.press("r")
    page.keyboard.type("kept")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#flashes")).to_contain_text("Write more.")
    expect(page.locator("#reply-text")).to_have_value("kept")
    page.context.close()


def test_a_refusal_of_a_form_that_replaces_nothing_is_said_too(browser: Browser) -> None:
    page = open_page(browser, "grant-new")
    headers = {"HX-Retarget": "#flashes", "HX-Reswap": "beforeend"}
    page.route("**/desk:grant", lambda route: route.fulfill(status=422, body=REFUSED, headers=headers))
    page.get_by_label("Reason").fill("kept")
    page.get_by_role("button", name="Let J. Holm read").click()
    expect(page.locator("#flashes")).to_contain_text("Write more.")
    expect(page.get_by_label("Reason")).to_have_value("kept")
    page.context.close()


def test_a_fault_of_ours_is_said_and_nothing_is_replaced(browser: Browser) -> None:
    page = open_page(browser, "ticket")
    page.route("**/desk:note", lambda route: route.fulfill(status=500, body="<!doctype html><h1>Fault</h1>"))
    page.keyboard.press("n")
    page.keyboard.type("kept")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#flashes")).to_contain_text("a fault of ours")
    expect(page.locator("#conversation")).to_contain_text("Nothing has loaded")
    expect(page.locator("#note-text")).to_have_value("kept")
    page.context.close()


def test_what_was_sent_leaves_the_field(look: Look) -> None:
    page = look("ticket")
    page.route("**/desk:note", lambda route: route.fulfill(body='<section id="conversation">noted</section>'))
    page.keyboard.press("n")
    page.keyboard.type("gone")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#conversation")).to_have_text("noted")
    expect(page.locator("#note-text")).to_have_value("")
    page.reload()
    expect(page.locator("#note-text")).to_have_value("")


@pytest.mark.behaviour("B-230")
def test_one_key_takes_a_reply_back_and_the_composer_has_it_again(look: Look) -> None:
    page = look("ticket-sending")
    page.route("**/desk:begun_save", lambda _: None)  # the server has not taken it by then
    left = page.locator("[data-left]")
    expect(left).to_have_text("leaves in 5 s")
    page.clock.run_for(3000)
    expect(left).to_have_text("leaves in 2 s")
    page.keyboard.press("r")
    page.keyboard.type("begun after it")
    page.keyboard.press("Escape")
    back = html("ticket-warned")
    composer = back[back.index('<div class="composer-dock"') : back.index("<aside")].removesuffix("</div>")
    composer = composer.replace('id="composer-dock"', 'id="composer-dock" hx-swap-oob="true"', 1)
    fresh = f'<section id="conversation">taken back</section>{composer}'
    page.route("**/desk:undo", lambda route: route.fulfill(body=fresh, content_type="text/html"))
    page.keyboard.press("z")
    expect(page.locator("#conversation")).to_have_text("taken back")
    expect(page.locator("#reply-text")).to_have_value(f"{leaving.TEXT}\n\nbegun after it")
    expect(page.get_by_label("pool.log")).to_be_checked()
    # Sent again: the field is the server's to fill, and nothing of it comes back by a reload.
    page.route("**/desk:reply", lambda route: route.fulfill(body=fresh.replace("taken back", "on its way")))
    with page.expect_request("**/desk:reply") as asked:
        page.get_by_role("button", name="Send anyway").click()
    sent = asked.value.post_data or ""
    assert all(f'name="{name}"' in sent for name in ("ack", "draft", "keep", "status"))
    expect(page.locator("#conversation")).to_have_text("on its way")
    expect(page.locator("#reply-text")).to_have_value(leaving.TEXT)


def test_one_key_assigns_the_request_to_me(look: Look) -> None:
    page = look("ticket")
    page.route("**/desk:assign", lambda route: route.fulfill(body='<section id="conversation">mine</section>'))
    with page.expect_request("**/desk:assign") as asked:
        page.keyboard.press("a")
    assert "assignee=1" in (asked.value.post_data or "")
    expect(page.locator("#conversation")).to_have_text("mine")


@pytest.mark.behaviour("B-53")
def test_the_page_works_without_scripts(browser: Browser) -> None:
    page = open_page(browser, "ticket", scripts=False)
    page.locator(".composer-tab", has_text="Note").click()
    expect(page.locator("#note-text")).to_be_visible()
    expect(page.locator("#reply-text")).to_be_hidden()
    page.locator("summary", has_text="Tomas Klein").click()
    expect(page.get_by_role("button", name="Priya Nair")).to_be_visible()
    page.context.close()


def test_a_live_refresh_leaves_an_open_menu_alone(look: Look) -> None:
    page = look("ticket")
    fresh = '<section id="conversation">new</section><aside id="side" hx-swap-oob="true">new side</aside>'
    page.route("**/desk:ticket", lambda route: route.fulfill(body=fresh, content_type="text/html"))
    page.locator("#side summary").first.click()
    page.evaluate("document.querySelector('#conversation').dispatchEvent(new CustomEvent('live'))")
    expect(page.locator("#conversation")).to_have_text("new")
    expect(page.locator("#side")).to_contain_text("Promises")
