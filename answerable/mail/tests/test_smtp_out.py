"""What leaves, over a real connection: signed, from whom, and what a relay's answer says of its recipient."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

import dkim
import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from django.conf import LazySettings

from answerable.config import env
from answerable.lib import dns
from answerable.lib.errors import BadSetting, Undeliverable
from answerable.lib.relay import MailRelay
from answerable.lib.signing import SigningKey, read_key
from answerable.mail import compose
from answerable.mail.smtp_out import Envelope, hand_over
from answerable.ops import signing
from tests.cast import NOW
from tests.name_server import name_server
from tests.running import free_port

NULL = "<>"
SUPPORT, ELIN, VERP = "support@vendor.test", "elin@norrland.test", "reply+t@vendor.test"


@dataclass
class Relay:
    """A mail server that refuses what it is told to: answers by the address in the command."""

    senders: dict[str, str] = field(default_factory=dict)
    recipients: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self.sessions.add(id(session))
        if address in self.senders:
            return self.senders[address]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 OK"


@contextmanager
def running(relay: Relay, settings: LazySettings, **more: Any) -> Iterator[Relay]:
    controller = Controller(relay, hostname="127.0.0.1", port=free_port(), **more)
    controller.start()
    settings.MAIL_RELAY = MailRelay("127.0.0.1", controller.port, "", "", "none")
    try:
        yield relay
    finally:
        controller.stop()


def message(**more: Any) -> bytes:
    values: dict[str, Any] = {
        "message_id": "1.2.x@vendor.test", "from_name": "Zoë (Acme)", "from_address": SUPPORT, "to": ELIN,
        "to_name": "Elin", "reply_to": VERP, "subject": "Re: Ünicode [#1]", "text": "words\n.\nFrom here\n",
        "html": "<p>words</p>", "references": ("a@b.test", "c@d.test"), "date": NOW, "instance": "i", "auto": "",
    }  # fmt: skip
    return compose.compose(compose.Outgoing(**(values | more)))


@pytest.mark.parametrize("code", ["550 5.7.1 no", "501 5.1.7 bad sender", "553 no"])
def test_a_relay_that_takes_no_empty_sender_gets_the_signed_address_e91(settings: LazySettings, code: str) -> None:
    """E-91: null envelope-from where the relay allows it, else the VERP one; in the same session."""
    with running(Relay(senders={NULL: code}), settings) as relay:
        hand_over(message(), Envelope("", ELIN, VERP), "x")
        hand_over(message(), Envelope(VERP, ELIN, VERP), "x")
    assert [sender for sender, _, _ in relay.taken] == [VERP, VERP]
    assert len(relay.sessions) == 2


def test_an_empty_sender_stays_empty_where_it_can_e91(settings: LazySettings) -> None:
    """E-91: so that a bounce of what no person wrote does not come back."""
    with running(Relay(), settings) as relay:
        hand_over(message(), Envelope("", ELIN, VERP), "x")
    assert [(sender, to) for sender, to, _ in relay.taken] == [(NULL, [ELIN])]


@pytest.mark.parametrize(
    ("relay", "expected"),
    [
        (Relay(recipients={ELIN: "550 5.1.1 <elin@norrland.test>: no such user"}), (True, "5.1.1")),
        (Relay(recipients={ELIN: "550 #5.1.0 Address rejected"}), (True, "5.1.0")),
        (Relay(recipients={ELIN: "550 No such user, see 5.1.1 in our manual"}), (True, "")),
        (Relay(recipients={ELIN: "450 4.2.0 grey\x00listed"}), (False, "4.2.0")),
        (Relay(senders={VERP: "553 5.1.8 your domain does not exist"}), (True, "")),
        (Relay(senders={NULL: "450 4.7.1 later", VERP: "550 never asked"}), (False, "")),
    ],
)
def test_what_a_refusal_says_of_the_recipient_e53(
    settings: LazySettings, relay: Relay, expected: tuple[bool, str]
) -> None:
    """E-53, E-93: 4xx later, 5xx not again; a status counts where it is the recipient that is refused."""
    sender = "" if NULL in relay.senders else VERP
    with running(relay, settings), pytest.raises(Undeliverable) as refused:
        hand_over(message(), Envelope(sender, ELIN, VERP), "x")
    assert (refused.value.permanent, refused.value.status) == expected
    assert "\x00" not in refused.value.reason  # it will be stored


def test_an_address_that_is_not_ascii_needs_a_relay_for_it_e21(settings: LazySettings) -> None:
    """E-21, RFC 6531: sent with SMTPUTF8, or failed with words; never stuck."""
    with running(Relay(), settings, enable_SMTPUTF8=True) as relay:
        hand_over(message(to="zoë@norrland.test"), Envelope(VERP, "zoë@norrland.test"), "x")
    assert relay.taken[0][1] == ["zoë@norrland.test"]
    with running(Relay(), settings, enable_SMTPUTF8=False), pytest.raises(Undeliverable) as refused:
        hand_over(message(to="zoë@norrland.test"), Envelope(VERP, "zoë@norrland.test"), "x")
    assert refused.value.permanent


def pem(key: Any, password: bytes = b"") -> bytes:
    how = BestAvailableEncryption(password) if password else NoEncryption()
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))


RSA = pem(rsa.generate_private_key(65537, 2048))
KEYS = {"rsa": RSA, "ed25519": pem(ed25519.Ed25519PrivateKey.generate())}


def published(key: SigningKey) -> dict[str, list[str] | int]:
    """As a zone file has it: strings of at most 255 bytes."""
    return {key.name: [" ".join(f'"{key.record[at : at + 200]}"' for at in range(0, len(key.record), 200))]}


@pytest.mark.behaviour("B-197")
@pytest.mark.parametrize("kind", KEYS)
def test_what_leaves_is_signed_and_the_dns_proves_it(settings: LazySettings, kind: str) -> None:
    """RFC 6376 and 8463: relaxed/relaxed, over what people see and what programs thread by."""
    key = settings.DKIM = read_key("vendor.test", "s1", KEYS[kind])
    with running(Relay(), settings) as relay:
        hand_over(message(), Envelope(VERP, ELIN), "x")
    raw = relay.taken[0][2]
    tags = dict(part.strip().split("=", 1) for part in str(message_from_bytes(raw)["DKIM-Signature"]).split(";"))
    assert (tags["c"], tags["a"], tags["d"], tags["s"]) == ("relaxed/relaxed", key.algorithm, "vendor.test", "s1")
    wanted = "from to subject date message-id in-reply-to references reply-to mime-version content-type"
    assert set(wanted.split()) <= {name.strip() for name in tags["h"].split(":")}
    with name_server(published(key)) as resolver:

        def holds(raw: bytes) -> bool:
            return bool(dkim.verify(raw, dnsfunc=lambda name, timeout=5: dns.txt(name.decode(), resolver)[0].encode()))

        assert holds(raw)
        # Another server may fold and pad; nobody may change words, or add a second field of a name.
        assert holds(raw.replace(b"Subject: ", b"Subject:   ").replace(b"MIME-Version", b"mime-version", 1))
        assert not holds(raw.replace(b"words", b"wards"))
        assert not holds(raw.replace(b"Reply-To: reply+t", b"Reply-To: reply+u"))
        assert not holds(b"Subject: Pay here\r\n" + raw)


def test_nothing_is_signed_without_a_key(settings: LazySettings) -> None:
    with running(Relay(), settings) as relay:
        hand_over(raw := message(), Envelope(VERP, ELIN), "x")
    assert relay.taken[0][2] == raw


def in_environment(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"DKIM_{name}", value)


def test_the_key_comes_from_a_file_or_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    assert env.signing_key() is None
    (tmp_path / "key.pem").write_bytes(RSA)
    in_environment(monkeypatch, DOMAIN="Vendor.TEST", SELECTOR="s1", KEY_FILE=str(tmp_path / "key.pem"))
    from_file = env.signing_key()
    assert from_file is not None
    assert from_file.name == "s1._domainkey.vendor.test"
    monkeypatch.delenv("DKIM_KEY_FILE")
    in_environment(monkeypatch, KEY=RSA.decode().replace("\n", "\\n"))
    assert env.signing_key() == from_file
    # Whoever prints the settings prints no secret.
    assert "PRIVATE" not in repr(from_file)
    assert from_file.private.decode().splitlines()[1] not in repr(from_file)


@pytest.mark.parametrize(
    ("values", "variable", "mend"),
    [
        ({"DOMAIN": "vendor.test"}, "DKIM_SELECTOR", "must be set too"),
        ({"KEY": "x"}, "DKIM_DOMAIN", "must be set too"),
        ({"DOMAIN": "vendor", "SELECTOR": "s", "KEY": "x"}, "DKIM_DOMAIN", "must be the domain of your addresses"),
        ({"DOMAIN": "vendor.test", "SELECTOR": "s;p=", "KEY": "x"}, "DKIM_SELECTOR", "must be a name in the DNS"),
        ({"DOMAIN": "vendor.test", "SELECTOR": "s"}, "DKIM_KEY_FILE", "must name the file of the private key"),
        ({"DOMAIN": "vendor.test", "SELECTOR": "s", "KEY_FILE": "/nowhere"}, "DKIM_KEY_FILE", "cannot read /nowhere"),
        ({"DOMAIN": "vendor.test", "SELECTOR": "s", "KEY": "secret-x"}, "DKIM_KEY", "is no private key in PEM"),
        (
            {"DOMAIN": "vendor.test", "SELECTOR": "s", "KEY": pem(rsa.generate_private_key(65537, 1024)).decode()},
            "DKIM_KEY", "has 1024 bits",
        ),
        (
            {"DOMAIN": "vendor.test", "SELECTOR": "s", "KEY": pem(ec.generate_private_key(ec.SECP256R1())).decode()},
            "DKIM_KEY", "must be an RSA or an Ed25519 key",
        ),
        (
            {"DOMAIN": "vendor.test", "SELECTOR": "s", "KEY": pem(ed25519.Ed25519PrivateKey.generate(), b"pw").decode()},
            "DKIM_KEY", "or it has a password",
        ),
    ],
)  # fmt: skip
def test_a_bad_key_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], variable: str, mend: str
) -> None:
    in_environment(monkeypatch, **values)
    with pytest.raises(BadSetting) as bad:
        env.signing_key()
    assert bad.value.name == variable
    assert mend in bad.value.mend
    assert "secret" not in bad.value.mend


Record = Callable[[SigningKey], list[str] | int]


@pytest.mark.parametrize(
    ("record", "level", "words"),
    [
        (lambda key: published(key)[key.name], "ok", "the DNS has its key"),
        (
            lambda key: [],
            "wrong",
            "the DNS has no DKIM record: add a TXT record s1._domainkey.vendor.test with: v=DKIM1",
        ),
        (lambda key: ['"v=spf1 -all"'], "wrong", "the DNS has no DKIM record"),
        (lambda key: ['"v=DKIM1; k=ed25519; p=AAAA"'], "wrong", "the DNS has another DKIM key"),
        (lambda key: ['"v=DKIM1; p="'], "wrong", "is revoked"),
        (lambda key: ['"v=DKIM1; p=A"', '"v=DKIM1; p=B"'], "wrong", "the DNS has 2 DKIM records"),
        (lambda key: 2, "note", "the DNS could not be asked"),
    ],
)
def test_the_doctor_looks_for_the_record(
    monkeypatch: pytest.MonkeyPatch, record: Record, level: str, words: str
) -> None:
    key = read_key("vendor.test", "s1", KEYS["ed25519"])
    with name_server({key.name: record(key)}) as resolver:
        monkeypatch.setattr(dns, "Resolver", lambda: resolver)
        found = list(signing.examine(key))
    assert [(one.level, words in one.text) for one in found] == [(level, True)]


def test_the_doctor_looks_whose_mail_is_signed() -> None:
    key = read_key("vendor.test", "s1", KEYS["ed25519"])
    said = {sender: list(signing.compare(key, sender)) for sender in (SUPPORT, "a@help.vendor.test", "a@other.test")}
    assert [len(found) for found in said.values()] == [0, 0, 1]
    assert "set DKIM_DOMAIN to the domain of that address" in said["a@other.test"][0].text
