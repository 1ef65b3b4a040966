"""Push in a real browser: its worker, what it shows, and the page where it is turned on.

No push service can be reached from here, so the browser's own tools hand the worker what one would have brought.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from answerable.notify.push_services import Subscription
from answerable.notify.tests.browsers import Browser as Subscriber
from tests.running import Instance, wait_for
from tests.test_browser import enter

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The whole chromium: its build without windows has no notifications."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--headless=new"], ignore_default_args=["--headless"]
        )
        yield found
        found.close()


@pytest.fixture(scope="module")
def desk(chromium: Browser, instance: Instance) -> Iterator[BrowserContext]:
    """A member of staff, logged in, in a browser that may show notifications."""
    context, _page = enter(chromium, instance, "lead@acme.example", permissions=["notifications"])
    yield context
    context.close()


SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/desk/push/worker.js");
  return (await registration.getNotifications()).map((one) => [one.title, one.body]);
}"""
CLICK = """async () => {
  const opened = [];
  self.clients.openWindow = (link) => opened.push(link);
  const [notification] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
  while (!opened.length) await new Promise((done) => setTimeout(done, 10));
  return opened;
}"""


def worker_of(page: Page) -> tuple[Any, str]:
    """What hands it a push, and the number of its registration."""
    tools, known = page.context.new_cdp_session(page), []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda told: known.extend(told["registrations"]))
    tools.send("ServiceWorker.enable")
    found: list[dict[str, str]] = wait_for(lambda: (page.title(), known)[1])
    return tools, found[-1]["registrationId"]


@pytest.mark.behaviour("B-405")
def test_a_page_is_shown_replaced_and_opened(desk: BrowserContext, instance: Instance) -> None:
    page = desk.new_page()
    page.goto("/desk/contacts")
    page.get_by_role("button", name="Turn push on here").press("Enter")
    # Its push service cannot be reached: it says so, and the button is there to be pressed again.
    expect(page.get_by_text("Push was not turned on. The browser says:")).to_be_visible()
    expect(page.get_by_role("button", name="Turn push on here")).not_to_have_attribute("aria-disabled", "true")
    tools, registration = worker_of(page)

    def push(**said: object) -> None:
        link = f"{instance.url}/desk/page/{said['alert']}"
        told = json.dumps({"kind": "page", "text": "Cloud support", "link": link} | said)
        what = {"origin": instance.url, "registrationId": registration, "data": told}
        tools.send("ServiceWorker.deliverPushMessage", what)

    def shows(*titles: str) -> bool:
        return bool(page.evaluate(SHOWN) == [[title, "Cloud support"] for title in titles])

    push(alert=7, title="P0: request 7", open=[7])
    wait_for(lambda: shows("P0: request 7"))
    push(alert=7, title="P0: request 7 (page 2)", open=[7])
    wait_for(lambda: shows("P0: request 7 (page 2)"))
    # Somebody has seen it, and the next one takes it away.
    push(alert=8, title="P0: request 8", open=[8])
    wait_for(lambda: shows("P0: request 8"))
    assert desk.service_workers[0].evaluate(CLICK) == [f"{instance.url}/desk/page/8"]
    wait_for(shows)
    page.close()


# As a browser would whose service can be reached.
SUBSCRIBED = """(given) => {
  const found = {
    endpoint: given.endpoint,
    options: { applicationServerKey: new Uint8Array([4, 255]).buffer },
    toJSON: () => ({ endpoint: given.endpoint, keys: { p256dh: given.p256dh, auth: given.auth } }),
    unsubscribe: async () => sessionStorage.setItem("on", ""),
  };
  PushManager.prototype.subscribe = async () => (sessionStorage.setItem("on", "yes"), found);
  PushManager.prototype.getSubscription = async () => (sessionStorage.getItem("on") ? found : null);
}"""
ROW = """INSERT INTO notify_channel (person_id, kind, name, address, secret, shown, made_at, test_result, mark)
SELECT id, 'push', 'Chrome, Linux', 'x', '', 'Push, Google', now(), '', %s FROM people_person WHERE email = %s RETURNING id"""


@pytest.mark.behaviour("B-400")
def test_a_browser_knows_itself_on_the_page_of_ones_channels(desk: BrowserContext, instance: Instance) -> None:
    given = Subscriber().form("https://fcm.googleapis.com/fcm/send/nobody")
    page = desk.new_page()
    page.add_init_script(f"({SUBSCRIBED})({json.dumps(given)})")
    posted: list[dict[str, list[str]]] = []

    def take(route: Route) -> None:
        posted.append(parse_qs(route.request.post_data or ""))
        instance.query(ROW, Subscription(**given).mark, "lead@acme.example")
        route.fulfill(status=302, headers={"Location": "/desk/contacts"})

    page.route("**/desk/push/on", take)
    page.goto("/desk/contacts")
    page.get_by_role("button", name="Turn push on here").click()
    expect(page.get_by_text("Pages reach this browser: it is in the list above.")).to_be_visible()
    assert {name: posted[0][name] for name in given} == {name: [value] for name, value in given.items()}
    row = page.get_by_role("listitem").filter(has_text="Chrome, Linux")
    expect(row.get_by_text("This browser")).to_be_visible()
    row.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("button", name="Turn push on here")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('on')") == ""
    page.close()
