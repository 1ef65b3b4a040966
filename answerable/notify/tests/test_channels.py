"""A person's own channels: sealed, never shown again, only to the world, and only to services that are listed."""

import hashlib
import hmac
import json
import logging
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import apprise
import pytest

from answerable.lib import http
from answerable.lib.errors import Refused, Undeliverable
from answerable.lib.tests.test_http import Says, names, server
from answerable.notify import apprise_out, webhook_out
from answerable.notify import channel_actions as actions
from answerable.notify import channel_queries as queries
from answerable.notify.calls import Call
from answerable.notify.channel_rows import Channel, Contact
from tests.cast import NOW, Cast

__all__ = ["server"]

CALL = Call("0b8f", "page", "P0: request 7", "Cloud support", "https://portal.vendor.test/desk/page/x", "P0", 7)
TOKEN = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
PUSHOVER = f"pover://{'u' * 30}@{TOKEN}"


@pytest.mark.behaviour("B-363")
@pytest.mark.parametrize(
    "address",
    [
        "json://169.254.169.254/latest",
        "jsons://169.254.169.254/latest",
        "xml://10.0.0.1/",
        "form://127.0.0.1:6379/",
        "http://169.254.169.254/",
        "gotify://10.0.0.1/token",
        "matrix://user:token@10.0.0.1/",
        "mailto://user:pass@example.com",
        "syslog://",
        "dbus://",
        "ntfy://169.254.169.254/topic",
        "ntfys://user:pass@10.0.0.1/topic",
        f"{PUSHOVER}?verify=no",
        "slack://",
        "",
    ],
)
def test_a_service_that_is_not_listed_or_whose_host_one_could_choose_is_refused(cast: Cast, address: str) -> None:
    with pytest.raises(Refused):
        actions.add_channel(cast.agent, "apprise", "mine", address, NOW)
    assert not Channel.objects.exists()


@pytest.mark.behaviour("B-363")
@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.7", "127.0.0.1", "::1", "fd00::1"])
def test_a_webhook_into_our_own_network_is_not_called(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    connected = names(monkeypatch, address)
    with pytest.raises(Undeliverable, match="our own network"):
        webhook_out.post("https://hooks.example.com/secret-part", "s", CALL, NOW)
    assert connected == []


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example.com/", "https://user@hooks.example.com/", "https://", "ftp://x", "https://x:y",
        "https://hooks..example.com/", f"https://{'x' * 64}.example.com/", f"https://{'x.' * 110}example.com/",
    ],
)  # fmt: skip
def test_a_webhook_is_https_and_nothing_else(cast: Cast, address: str) -> None:
    with pytest.raises(Refused):
        actions.add_channel(cast.agent, "webhook", "mine", address, NOW)


REAL = socket.getaddrinfo
took: list[tuple[dict[str, str], bytes]] = []


def listening(take: Callable[[Says], None], server: tuple[int, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a machine out there, which is this one: `take` answers what is posted to it."""
    monkeypatch.setattr(Says, "do_POST", take, raising=False)
    port, certificate = server
    outside = http.outside

    def trusting() -> object:
        session = outside()
        session.verify = certificate
        return session

    monkeypatch.setattr(http, "outside", trusting)
    here = socket.getaddrinfo

    def look_up(host: str, *more: Any, **named: Any) -> Any:
        return (here if host == "login.example.com" else REAL)(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    took.clear()
    return f"https://login.example.com:{port}/"


@pytest.fixture
def receiver(server: tuple[int, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a webhook on this machine that keeps what it is sent, and answers with the code in its path."""

    def take(self: Says) -> None:
        took.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(int(self.path.strip("/") or 200))
        self.end_headers()

    return listening(take, server, monkeypatch)


@pytest.mark.behaviour("B-364")
def test_a_webhook_gets_the_call_signed_and_the_same_id_each_time(cast: Cast, receiver: str) -> None:
    row, secret = actions.add_channel(cast.agent, "webhook", "bridge", receiver, NOW)
    for _ in range(2):
        assert actions.hand(row, CALL, NOW) == "taken (200)"
    headers, body = took[0]
    stamp = headers["X-Answerable-Timestamp"]
    assert datetime.fromtimestamp(int(stamp), UTC) == NOW
    expected = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-Answerable-Signature"] == f"sha256={expected}"
    assert [sent["Idempotency-Key"] for sent, _body in took] == ["0b8f", "0b8f"]
    assert json.loads(body) == {
        "id": "0b8f", "kind": "page", "alert": 7, "severity": "P0", "title": "P0: request 7", "text": "Cloud support",
        "link": "https://portal.vendor.test/desk/page/x",
    }  # fmt: skip


@pytest.mark.parametrize(("code", "permanent"), [(404, True), (410, True), (429, False), (500, False), (302, False)])
def test_what_a_webhook_answers_decides_whether_it_is_tried_again(receiver: str, code: int, permanent: bool) -> None:
    with pytest.raises(Undeliverable, match=str(code)) as error:
        webhook_out.post(f"{receiver}{code}", "s", CALL, NOW)
    assert error.value.permanent is permanent


@pytest.mark.behaviour("B-362")
def test_what_is_secret_is_sealed_and_forgotten_with_its_channel(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    row, secret = actions.add_channel(cast.agent, "apprise", "my phone", PUSHOVER, NOW)
    assert secret == ""
    row.refresh_from_db()
    assert row.shown == "Pushover"
    assert TOKEN not in row.address
    assert TOKEN not in str(row)
    actions.remove_channel(cast.agent, row.pk, NOW)
    row.refresh_from_db()
    assert (row.address, row.secret) == ("", "")
    with pytest.raises(Undeliverable):
        actions.hand(row, CALL, NOW)
    assert TOKEN not in caplog.text


@pytest.mark.behaviour("B-362")
def test_a_service_is_called_by_apprise_and_its_refusal_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[dict[str, object]] = []
    answers = [True, False]

    def notify(_self: object, **more: object) -> bool:
        said.append(more)
        return answers.pop(0)

    monkeypatch.setattr("apprise.plugins.pushover.NotifyPushover.notify", notify)
    assert apprise_out.send(PUSHOVER, CALL) == "Pushover took it"
    assert said[0]["title"] == CALL.title
    assert CALL.link in str(said[0]["body"])
    with pytest.raises(Undeliverable, match="Pushover did not take it"):
        apprise_out.send(PUSHOVER, CALL)
    assert apprise.__version__


@pytest.mark.behaviour("B-362")
def test_rules_say_what_is_used_when(cast: Cast) -> None:
    rules = queries.rules_of([cast.agent.pk])[cast.agent.pk]
    assert [(one.channel_id, one.after_seconds) for one in rules] == [(None, 0)]
    row, _secret = actions.add_channel(cast.agent, "apprise", "my phone", PUSHOVER, NOW)
    actions.set_rules(cast.agent, [actions.Rule(row.pk, 0), actions.Rule(None, 300)], NOW)
    rules = queries.rules_of([cast.agent.pk])[cast.agent.pk]
    assert [(one.channel_id, one.after_seconds) for one in rules] == [(row.pk, 0), (None, 300)]
    for wrong in ([actions.Rule(None, 300)], [], [actions.Rule(None, 0), actions.Rule(row.pk, 99_999)]):
        with pytest.raises(Refused):
            actions.set_rules(cast.agent, wrong, NOW)
    with pytest.raises(Refused):
        actions.set_rules(cast.lead, [actions.Rule(row.pk, 0)], NOW)
    with pytest.raises(Refused):
        actions.remove_channel(cast.lead, row.pk, NOW)
    with pytest.raises(Refused):
        actions.add_channel(cast.agent, "apprise", "my phone", PUSHOVER, NOW)
    actions.remove_channel(cast.agent, row.pk, NOW)
    # What is left would be used five minutes late: nobody would be reached at once.
    assert Contact.objects.get(person=cast.agent).after_seconds == 0


@pytest.mark.behaviour("B-362")
def test_a_test_is_sent_once_and_its_result_is_on_the_channel(cast: Cast, receiver: str) -> None:
    good, _ = actions.add_channel(cast.agent, "webhook", "bridge", receiver, NOW)
    bad, _ = actions.add_channel(cast.agent, "webhook", "gone", f"{receiver}410", NOW)
    for row in (good, bad):
        actions.ask_test(cast.agent, row.pk, NOW)
    call = Call("1", "test", "Test", "", "https://x.test")
    assert [actions.test_next(call, NOW) for _ in range(3)] == [True, True, False]
    found = {row.name: (row.works, row.test_result) for row in Channel.objects.all()}
    assert found == {"bridge": (True, "taken (200)"), "gone": (False, "answered 410")}
    assert json.loads(took[0][1])["kind"] == "test"
