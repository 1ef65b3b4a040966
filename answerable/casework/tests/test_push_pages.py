"""Pages by push: what the service answers stands on the alert, and a browser that is gone costs no minute."""

import json
from datetime import timedelta

import pytest

from answerable.casework import actions as casework
from answerable.casework.tests.test_paging import p0, page, policy
from answerable.escalation.alerts import Alert, Page
from answerable.lib.tests.test_http import server
from answerable.notify import channel_actions as channels
from answerable.notify.channel_queries import channels_of
from answerable.notify.tests.browsers import Browser
from answerable.notify.tests.test_channels import took
from answerable.notify.tests.test_push import on, service
from tests.cast import NOW, Cast

__all__ = ["policy", "server", "service"]

SECOND = timedelta(seconds=1)


def tried() -> list[tuple[str, str, str]]:
    return [(one.label, one.state, one.result) for one in Page.objects.order_by("id")]


@pytest.mark.behaviour("B-403")
@pytest.mark.usefixtures("policy")
def test_where_the_browser_is_gone_the_next_channel_is_used_at_once(cast: Cast, service: str) -> None:
    row = on(cast.agent, f"{service}410")
    bridge, _secret = channels.add_channel(cast.agent, "webhook", "phone bridge", f"{service}200", NOW)
    channels.set_rules(cast.agent, [channels.Rule(row.pk, 0), channels.Rule(bridge.pk, 300)], NOW)
    p0(cast)
    page(NOW)
    assert tried() == [
        ("Firefox, Linux", "failed", "login.example.com knows no such browser any more (410)"),
        ("phone bridge", "waiting", ""),
    ]
    page(NOW + SECOND)
    assert tried()[1] == ("phone bridge", "sent", "taken (200)")
    assert [one.name for one in channels_of(cast.agent)] == ["phone bridge"]


@pytest.mark.behaviour("B-401")
@pytest.mark.usefixtures("policy")
def test_a_page_holds_none_of_the_customers_words_and_says_which_alerts_still_run(cast: Cast, service: str) -> None:
    one = Browser()
    row = on(cast.agent, f"{service}201", one)
    channels.set_rules(cast.agent, [channels.Rule(row.pk, 0), channels.Rule(None, 300)], NOW)
    first = p0(cast)
    page(NOW)
    assert tried()[0] == ("Firefox, Linux", "sent", "login.example.com took it (201)")
    said = json.loads(one.read(took[0][1]))
    alert = Alert.objects.get()
    assert (said["alert"], said["severity"], said["open"]) == (alert.pk, "P0", [alert.pk])
    assert said["title"] == f"P0: request {first.number}, Norrland Energi"
    assert "/desk/page/" in said["link"]
    assert first.subject not in json.dumps(said)
    casework.set_status(cast.agent, first.pk, "solved", NOW)
    p0(cast)
    page(NOW + SECOND)
    assert json.loads(one.read(took[1][1]))["open"] == [Alert.objects.latest("id").pk]


@pytest.mark.behaviour("B-403")
@pytest.mark.usefixtures("policy")
def test_a_service_that_asks_for_patience_is_tried_again_when_it_says(cast: Cast, service: str) -> None:
    row = on(cast.agent, f"{service}429/30")
    channels.set_rules(cast.agent, [channels.Rule(row.pk, 0), channels.Rule(None, 300)], NOW)
    p0(cast)
    page(NOW)
    waiting = Page.objects.get(channel=row)
    assert (waiting.state, waiting.due_at, waiting.result) == (
        "waiting",
        NOW + 30 * SECOND,
        "login.example.com answered 429",
    )
    for at in (30, 60, 105, 106):
        page(NOW + at * SECOND)
    # Four tries; then mail, though its five minutes have not gone by.
    assert [one[1] for one in tried()][:2] == ["failed", "handed"]
    assert len(took) == 4
