"""Web push: encrypted for one browser, signed as ours, to known services alone; what a service answers is acted on."""

import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django.conf import LazySettings
from django.test import override_settings

from answerable.audit.models import Record
from answerable.config import env
from answerable.lib.errors import BadSetting, Refused, Undeliverable
from answerable.lib.tests.test_http import Says, names, server
from answerable.notify import channel_actions as channels
from answerable.notify import push_actions as actions
from answerable.notify.calls import Call
from answerable.notify.channel_queries import channels_of, lost_of, rules_of
from answerable.notify.channel_rows import Channel
from answerable.notify.models import Notice
from answerable.notify.push_keys import key_pair, make_key_pair
from answerable.notify.push_rows import PushKey
from answerable.notify.push_services import read, service_of
from answerable.notify.tests.browsers import EXAMPLE, EXAMPLE_BODY, Browser, b64, raw
from answerable.notify.tests.test_channels import listening, took
from answerable.people.models import Person
from tests.cast import NOW, Cast

__all__ = ["server"]

CALL = Call(
    "0b8f",
    "page",
    "P0: request 7, Norrland",
    "Cloud support",
    "https://portal.vendor.test/desk/page/x",
    "P0",
    7,
    (7, 9),
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def service(server: tuple[int, str], monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> str:
    """The address of a push service on this machine: it answers with the code in the path, and what stands behind it."""

    def take(self: Says) -> None:
        took.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        code, _slash, after = self.path.strip("/").partition("/")
        self.send_response(int(code))
        if after:
            self.send_header("Retry-After", after.replace("_", " "))
        self.end_headers()

    settings.PUSH_SERVICES = ("login.example.com",)
    return listening(take, server, monkeypatch)


def on(person: Person, endpoint: str, one: Browser | None = None, agent: str = FIREFOX) -> Channel:
    make_key_pair(NOW)
    return actions.turn_on(person, read(*(one or Browser()).form(endpoint).values()), agent, NOW)


def test_the_reader_of_these_tests_reads_the_example_of_the_rfc() -> None:
    assert EXAMPLE.read(EXAMPLE_BODY) == b"When I grow up, I want to be a watermelon"


@pytest.mark.behaviour("B-401")
def test_a_push_is_for_its_browser_alone_and_signed_as_ours(cast: Cast, service: str) -> None:
    one, other = Browser(), Browser()
    row = on(cast.agent, f"{service}201", one)
    for _ in range(2):
        assert channels.hand(row, CALL, NOW) == "login.example.com took it (201)"
    (headers, body), (_headers, again) = took
    assert json.loads(one.read(body)) == {
        "id": "0b8f", "kind": "page", "alert": 7, "severity": "P0", "title": "P0: request 7, Norrland",
        "text": "Cloud support", "link": "https://portal.vendor.test/desk/page/x", "open": [7, 9],
    }  # fmt: skip
    # Its own key and salt each time; and who has the same secret but another key reads nothing.
    assert body[:86] != again[:86]
    with pytest.raises(InvalidTag):
        other.read(body)
    wanted = {"TTL": "900", "Urgency": "high", "Topic": "alert-7", "Content-Encoding": "aes128gcm"}
    assert {name: headers[name] for name in wanted} == wanted
    token, key = (part.partition("=")[2] for part in headers["Authorization"].removeprefix("vapid ").split(", "))
    public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw(key))
    claims = jwt.decode(token, public, ["ES256"], audience=service.rstrip("/"), options={"verify_exp": False})
    assert timedelta(0) < datetime.fromtimestamp(claims["exp"], UTC) - NOW <= timedelta(hours=24)
    assert claims["sub"].startswith("mailto:")
    assert key == make_key_pair(NOW).public


GOOD = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAA_b-c"


@pytest.mark.parametrize(
    "endpoint",
    [
        GOOD, "https://fcm.googleapis.com/fcm/send/abc:APA91b-_x", "https://web.push.apple.com/QGv9x",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAAD%2bx%3d",
    ],
)  # fmt: skip
def test_the_services_of_browsers_are_known(endpoint: str) -> None:
    assert service_of(read(*Browser().form(endpoint).values()))


@pytest.mark.behaviour("B-402")
@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/x", "https://fcm.googleapis.com.evil.example/x", "https://evil.example/x",
        "https://evil.example\\@fcm.googleapis.com/x", "https://x@fcm.googleapis.com/x", "https://fcm.googleapis.com",
        "https://fcm.googleapis.com#@169.254.169.254/", "https://169.254.169.254/latest", "https://[::1]/x",
        "https://evilfcm.googleapis.com/x", "https://push.services.mozilla.com.evil.example/", "https://localhost/x",
        "https://fcm.googleapis.com/x\r\nX: y", "https://fcm.googleapis.com/" + "x" * 1000, "https://FCM.googleapis.com./", "",
    ],
)  # fmt: skip
def test_another_host_is_refused(cast: Cast, endpoint: str) -> None:
    with pytest.raises(Refused):
        on(cast.agent, endpoint)
    assert not Channel.objects.exists()


@pytest.mark.behaviour("B-402")
@pytest.mark.parametrize(
    "wrong",
    [
        {"p256dh": ""}, {"p256dh": b64(b"\4" + b"x" * 64)}, {"p256dh": b64(b"x" * 65)}, {"p256dh": "é"},
        {"auth": ""}, {"auth": b64(b"short")}, {"auth": "!!"},
    ],
)  # fmt: skip
def test_keys_that_are_none_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Refused):
        read(**Browser().form(GOOD) | wrong)


@pytest.mark.behaviour("B-402")
@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.7", "127.0.0.1", "::1"])
def test_a_service_whose_name_lies_in_our_own_network_is_not_called(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    row = on(cast.agent, GOOD)
    connected = names(monkeypatch, address)
    with pytest.raises(Undeliverable, match="our own network"):
        channels.hand(row, CALL, NOW)
    assert connected == []


def test_the_operator_adds_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_PUSH_SERVICES", "push.acme.example, *.push.example.org")
    with override_settings(PUSH_SERVICES=env.push_services()):
        for host in ("push.acme.example", "eu.push.example.org"):
            assert service_of(Browser().at(f"https://{host}/x")) == host
        for host in ("x.push.acme.example", "push.example.org"):
            with pytest.raises(Refused):
                service_of(Browser().at(f"https://{host}/x"))
    for wrong in ("*", "*.", "https://push.acme.example/", "10.0.0.1", "a@push.acme.example"):
        monkeypatch.setenv("ANSWERABLE_PUSH_SERVICES", wrong)
        with pytest.raises(BadSetting):
            env.push_services()


@pytest.mark.behaviour("B-403")
@pytest.mark.parametrize("code", [404, 410])
def test_a_browser_that_is_gone_is_removed_and_its_person_told(cast: Cast, service: str, code: int) -> None:
    row = on(cast.agent, f"{service}{code}")
    channels.set_rules(cast.agent, [channels.Rule(row.pk, 0), channels.Rule(None, 300)], NOW)
    with pytest.raises(Undeliverable, match=rf"knows no such browser any more \({code}\)") as error:
        channels.hand(row, CALL, NOW)
    assert error.value.permanent
    assert channels_of(cast.agent) == []
    (lost,) = lost_of(cast.agent, NOW)
    assert (lost.name, lost.address, lost.secret) == ("Firefox, Linux", "", "")
    # Nobody would be reached at once without it.
    assert [(one.channel_id, one.after_seconds) for one in rules_of([cast.agent.pk])[cast.agent.pk]] == [(None, 0)]
    told = Notice.objects.get(person=cast.agent)
    assert (told.kind, told.mail, told.data["name"]) == ("channel_lost", "now", "Firefox, Linux")
    assert Record.objects.filter(verb="lose_channel", actor_label="push").count() == 1
    on(cast.agent, f"{service}201")
    assert lost_of(cast.agent, NOW) == []


@pytest.mark.behaviour("B-403")
@pytest.mark.parametrize(
    ("answer", "permanent", "seconds"),
    [
        ("429", False, 0), ("429/30", False, 30), ("503/never", False, 0), ("500", False, 0), ("302", False, 0),
        ("503/3600", True, 0), ("400", True, 0), ("403", True, 0), ("413", True, 0),
        (f"429/{(NOW + timedelta(seconds=45)).strftime('%a,_%d_%b_%Y_%H:%M:%S_GMT')}", False, 45),
    ],
)  # fmt: skip
def test_whoever_asks_for_patience_gets_some(
    cast: Cast, service: str, answer: str, permanent: bool, seconds: int
) -> None:
    row = on(cast.agent, service + answer)
    with pytest.raises(Undeliverable, match=answer[:3]) as error:
        channels.hand(row, CALL, NOW)
    assert (error.value.permanent, error.value.after_seconds) == (permanent, seconds)
    assert len(channels_of(cast.agent)) == 1


@pytest.mark.behaviour("B-400")
def test_several_browsers_of_one_person_each_by_its_name(cast: Cast) -> None:
    first, second = Browser(), Browser()
    on(cast.agent, f"{GOOD}1", first)
    on(cast.agent, f"{GOOD}2", second)
    # The same browser again is the same channel.
    on(cast.agent, f"{GOOD}1", Browser())
    on(cast.agent, f"{GOOD}3", agent="curl")
    assert [row.name for row in channels_of(cast.agent)] == ["Firefox, Linux", "Firefox, Linux (2)", "A browser"]
    row = channels_of(cast.agent)[0]
    assert (row.shown, row.asked_at) == ("Push, Mozilla", NOW)
    assert GOOD not in row.address + row.secret
    assert first.p256dh not in row.secret
    for number in range(4, 11):
        on(cast.agent, f"{GOOD}{number}")
    with pytest.raises(Refused):
        on(cast.agent, f"{GOOD}11")


@pytest.mark.behaviour("B-400")
def test_a_browser_is_one_persons_and_who_loses_it_is_told(cast: Cast) -> None:
    shared = Browser()
    on(cast.agent, GOOD, shared)
    on(cast.lead, GOOD, shared)
    assert channels_of(cast.agent) == []
    assert [row.name for row in channels_of(cast.lead)] == ["Firefox, Linux"]
    assert Notice.objects.get().person == cast.agent


@pytest.mark.behaviour("B-404")
def test_a_browser_says_that_its_address_has_changed(cast: Cast, service: str) -> None:
    row, fresh = on(cast.agent, f"{service}410"), Browser()
    token = actions.renewal_token(row)
    for _ in range(2):
        actions.renew(token, fresh.at(f"{service}201"), NOW)
    row.refresh_from_db()
    assert channels.hand(row, CALL, NOW).endswith("took it (201)")
    assert json.loads(fresh.read(took[0][1]))["alert"] == 7
    assert Record.objects.filter(verb="renew_channel").count() == 1
    with pytest.raises(Refused):
        actions.renew(token + "x", fresh.at(f"{service}201"), NOW)
    other = on(cast.lead, f"{service}202")
    with pytest.raises(Refused):
        actions.renew(token, fresh.at(f"{service}202"), NOW)
    channels.remove_channel(cast.agent, row.pk, NOW)
    for gone in (token, actions.renewal_token(Channel(pk=0))):
        with pytest.raises(Refused):
            actions.renew(gone, fresh.at(f"{service}203"), NOW)
    assert channels_of(cast.lead) == [other]


@pytest.mark.behaviour("B-404")
def test_the_key_pair_is_made_once_and_sealed(cast: Cast, settings: LazySettings) -> None:
    assert key_pair() is None
    made = make_key_pair(NOW)
    assert make_key_pair(NOW).public == made.public
    assert len(raw(made.public)) == 65
    assert "PRIVATE KEY" not in PushKey.objects.get().private
    assert Record.objects.filter(verb="make_push_key").count() == 1
    row = on(cast.agent, GOOD)
    # Under another secret key nothing that was sealed can be read: pages say so, and whoever turns push on again has it.
    settings.SECRET_KEY = "another-one-another-one-another-one-another"
    with pytest.raises(Undeliverable, match="secret key has changed"):
        channels.hand(row, CALL, NOW)
    assert make_key_pair(NOW).public != made.public
    assert PushKey.objects.count() == 1
