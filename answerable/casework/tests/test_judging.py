"""Our own check of senders (E-85, E-86): real signatures, a name server of the tests, and every way to be unsure."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from ipaddress import ip_network

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pytest_django import Settings

from answerable.casework.reception import receive
from answerable.lib import dns
from answerable.mail import sender_check
from answerable.mail.actions import Arrival, store
from answerable.mail.models import RawMail
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast, a_ticket, inbox
from tests.name_server import name_server
from tests.running import mail

pytestmark = pytest.mark.django_db

WORLD = "198.51.100.7"  # for documents, and not one of the whole world: the tests say that it is
ELIN, SUPPORT = "elin@norrland.test", "support@vendor.test"
KEY = rsa.generate_private_key(65537, 2048)
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
_LINES = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode().splitlines()
PUBLIC = '"v=DKIM1; k=rsa; p=' + '" "'.join("".join(_LINES[1:-1])[at : at + 200] for at in (0, 200)) + '"'
SPF = f'"v=spf1 ip4:{WORLD} -all"'
REJECT, STRICT = '"v=DMARC1; p=reject"', '"v=DMARC1; p=none; adkim=s; aspf=s"'

Records = Mapping[str, "list[str] | int"]
Arrive = Callable[..., RawMail]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Records], None]]:
    """Let the name service know these records and no others."""
    monkeypatch.setattr(sender_check, "is_checkable", lambda client: client == WORLD)
    with ExitStack() as stack:

        def know(records: Records) -> None:
            resolver = stack.enter_context(name_server(records))
            monkeypatch.setattr(dns, "system", lambda: resolver)

        know({})
        yield know


@pytest.fixture(autouse=True)
def _inbox(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox(verify_senders=True, trusted_authserv=("mx.provider.test",))
    monkeypatch.setattr("answerable.casework.judging.is_checkable", lambda client: client == WORLD)


def signed(raw: bytes, domain: str = "norrland.test", **more: object) -> bytes:
    return bytes(dkim.sign(raw, b"s1", domain.encode(), PRIVATE, **more)) + raw


def arrives(raw: bytes, client: str = WORLD, path: str = "bounce@elsewhere.test", helo: str = "mx.test") -> RawMail:
    arrival = Arrival(SUPPORT, "smtp", NOW, path, (SUPPORT,), client=client, helo=helo)
    raw_id = store(raw, arrival, lambda _: None)
    receive(raw_id, NOW)
    return RawMail.objects.get(pk=raw_id)


LETTER = mail(ELIN, "Sync stopped", "Since 02:10.", SUPPORT)
DKIM = {"s1._domainkey.norrland.test": [PUBLIC]}


@pytest.mark.parametrize(
    ("records", "raw", "path", "verdict"),
    [
        # Signed by the sender's own domain, with or without a DMARC record; by a domain below it.
        (DKIM, signed(LETTER), "", "pass"),
        (DKIM | {"_dmarc.norrland.test": [REJECT]}, signed(LETTER), "", "pass"),
        ({"s1._domainkey.mail.norrland.test": [PUBLIC]}, signed(LETTER, "mail.norrland.test"), "", "pass"),
        # The same, where the domain wants it exact.
        ({"s1._domainkey.mail.norrland.test": [PUBLIC], "_dmarc.norrland.test": [STRICT]}, signed(LETTER, "mail.norrland.test"), "", "fail"),
        # Sent from where the domain says; from where another one says.
        ({"norrland.test": [SPF]}, LETTER, ELIN, "pass"),
        ({"mail.norrland.test": [SPF], "_dmarc.norrland.test": [REJECT]}, LETTER, "x@mail.norrland.test", "pass"),
        ({"evil.test": [SPF]}, LETTER, "x@evil.test", "none"),
        ({"evil.test": [SPF], "_dmarc.norrland.test": [REJECT]}, LETTER, "x@evil.test", "fail"),
        # Nothing said, nothing signed.
        ({}, LETTER, "", "none"),
        ({"_dmarc.norrland.test": [REJECT]}, LETTER, "", "fail"),
        # Changed on the way; signed by somebody else; only in part; with a key that is no longer there.
        (DKIM | {"_dmarc.norrland.test": [REJECT]}, signed(LETTER).replace(b"02:10", b"02:11"), "", "fail"),
        ({"s1._domainkey.evil.test": [PUBLIC], "_dmarc.norrland.test": [REJECT]}, signed(LETTER, "evil.test"), "", "fail"),
        (DKIM, signed(LETTER, length=True) + b"Send money.\r\n", "", "none"),
        ({}, signed(LETTER), "", "none"),
        # A name service in trouble never makes a failure.
        ({"s1._domainkey.norrland.test": 2, "_dmarc.norrland.test": [REJECT]}, signed(LETTER), "", "none"),
        ({"_dmarc.norrland.test": 2}, LETTER, "", "none"),
        # Two records are as good as none.
        ({"_dmarc.norrland.test": [REJECT, '"v=DMARC1; p=none"']}, LETTER, "", "none"),
        # A hyphen is part of a name.
        ({"s1._domainkey.norrland-evil.test": [PUBLIC], "_dmarc.norrland.test": [REJECT]}, signed(LETTER, "norrland-evil.test"), "", "fail"),
    ],
)  # fmt: skip
@pytest.mark.behaviour("B-219")
def test_what_comes_straight_to_us_is_checked(
    names: Callable[[Records], None], records: Records, raw: bytes, path: str, verdict: str
) -> None:
    names(records)
    row = arrives(raw, path=path or "bounce@elsewhere.test")
    assert (row.verdict, row.outcome) == (verdict, "new")
    assert row.verdict_source.startswith("answerable: dkim=")


@pytest.mark.parametrize("client", ["127.0.0.1", "10.0.0.8", "192.0.2.99", "fd00::1"])
def test_behind_a_server_of_ours_its_word_counts_and_nobody_is_asked(
    names: Callable[[Records], None], settings: Settings, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SMTP_RELAYS = [ip_network("192.0.2.0/24")]
    monkeypatch.setattr("answerable.casework.judging.is_checkable", lambda one: one in {WORLD, "192.0.2.99"})
    monkeypatch.setattr(dns, "records", lambda *_: pytest.fail("nobody is to be asked"))
    told = mail(ELIN, "x", "y", SUPPORT, Authentication_Results="mx.provider.test; dmarc=pass")
    row = arrives(told, client)
    assert (row.verdict, row.verdict_source) == ("pass", "mx.provider.test")


def test_what_a_sender_writes_of_our_provider_is_not_believed(names: Callable[[Records], None]) -> None:
    told = mail(ELIN, "x", "y", SUPPORT, Authentication_Results="mx.provider.test; dmarc=pass")
    assert arrives(told).verdict == "none"


def test_a_forged_answer_is_held(names: Callable[[Records], None], cast: Cast) -> None:
    ticket = a_ticket(cast)
    names({"_dmarc.norrland.test": [REJECT]})
    arrives(mail(ELIN, f"Re: x [#{ticket.number}]", "y", SUPPORT))
    assert Ticket.objects.count() == 2, "a number alone finds nothing for a forger"


def test_questions_have_an_end(names: Callable[[Records], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_check, "MOST_QUESTIONS", 3)
    chain = {f"{number}.test": [f'"v=spf1 include:{number + 1}.test -all"'] for number in range(5)}
    names(chain | {"norrland.test": ['"v=spf1 include:0.test -all"'], "_dmarc.norrland.test": [REJECT]})
    assert arrives(LETTER, path=ELIN).verdict == "none"


@pytest.mark.parametrize(
    "field",
    [b"v=1", b"v=1; a=rsa-sha256; d=; s=; h=from; bh=x; b=y", b"\xff\xfe=\x00", b"v=1; a=rsa-sha256; d=a b; s=\xe4; h=from; bh==; b="],
)  # fmt: skip
def test_what_is_garbled_proves_nothing(names: Callable[[Records], None], field: bytes) -> None:
    row = arrives(b"DKIM-Signature: " + field + b"\r\n" + LETTER, path="a@" + "x" * 70 + ".test", helo="[1.2.3.4]")
    assert (row.verdict, row.outcome) == ("none", "new")


def test_only_addresses_of_the_whole_world_say_something() -> None:
    seen = {one: sender_check.is_checkable(one) for one in ("8.8.8.8", "10.0.0.1", "127.0.0.1", "fe80::1", "x", None)}
    assert [one for one, checkable in seen.items() if checkable] == ["8.8.8.8"]
