"""Push at the desk: turned on from the page of one's channels, by the browser's own script and worker."""

import pytest
from django.test import Client

from answerable.desk.tests.test_alerts import of, text
from answerable.lib import clock
from answerable.notify.channel_actions import lose
from answerable.notify.channel_rows import Channel
from answerable.notify.push_keys import key_pair
from answerable.notify.tests.browsers import Browser
from tests.cast import Cast

ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/s3cret"


@pytest.mark.behaviour("B-400")
def test_push_is_turned_on_tested_and_removed_from_the_page_of_ones_channels(cast: Cast) -> None:
    client, one = of(cast.agent), Browser()
    asked = client.post("/desk/push/key")
    made = key_pair()
    assert made is not None
    assert (asked.content.decode(), asked.headers["Content-Type"]) == (made.public, "text/plain; charset=utf-8")
    client.post(
        "/desk/push/on", one.form(ENDPOINT), headers={"User-Agent": "Mozilla/5.0 (iPhone) Version/18 Safari/604"}
    )
    row = Channel.objects.get()
    shown = client.get("/desk/contacts")
    body = shown.content.decode()
    assert "Safari, iPhone" in body
    assert "Is being tried" in body
    assert f'data-push-mark="{one.at(ENDPOINT).mark}"' in body
    assert "s3cret" not in body
    assert "worker-src 'self'" in shown.headers["Content-Security-Policy"]
    refused = client.post("/desk/push/on", one.form("https://169.254.169.254/latest"))
    assert (refused.status_code, Channel.objects.count()) == (422, 1)
    lose(row, "Mozilla knows no such browser any more (410)", clock.now())
    lost = text(cast.agent, "/desk/contacts")
    assert "Mozilla knows no such browser any more (410)" in lost
    assert "data-push-mark" not in lost
    assert "Pages do not reach Safari, iPhone any more" in text(cast.agent, "/desk/notices")
    assert "Mozilla knows no such browser" not in text(cast.lead, "/desk/contacts")


@pytest.mark.behaviour("B-404")
def test_the_worker_comes_without_a_log_in_and_renews_by_its_token(cast: Cast) -> None:
    client, visitor = of(cast.agent), Client(enforce_csrf_checks=True)
    client.post("/desk/push/key")
    client.post("/desk/push/on", Browser().form(ENDPOINT))
    token = client.get("/desk/contacts").content.decode().partition('data-push-renew="')[2].partition('"')[0]
    worker = visitor.get("/desk/push/worker.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert worker.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert b"addEventListener" in worker.content
    fresh = Browser()
    given = fresh.form(f"{ENDPOINT}-2")
    assert visitor.post("/desk/push/renew", given | {"token": "made up"}).status_code == 404
    assert visitor.post("/desk/push/renew", given | {"token": token}).status_code == 204
    assert Channel.objects.get().mark == fresh.at(f"{ENDPOINT}-2").mark
    manifest = visitor.get("/desk/push/app.webmanifest").json()
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "/desk/")
