"""STARTTLS at the intake, and how much one address may bring, with real callers."""

import contextlib
import logging
import os
import smtplib
import ssl
import subprocess
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.cache import cache

from answerable.lib import tls
from answerable.lib.errors import BadSetting
from answerable.lib.tls import Certificate
from answerable.mail import smtp_in
from answerable.mail.actions import InboxSpec, apply_inboxes
from answerable.mail.models import RawMail
from answerable.mail.smtp_in import Rules
from answerable.mail.tests.listening import Talk, listening
from tests.cast import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("jobs")]

Defer = Callable[[int], object]
SUPPORT = "support@vendor.test"
MAIL = b"From: elin@norrland.test\r\nSubject: Sync stopped\r\n\r\nSince 02:10.\r\n"
VARIABLES = ("ANSWERABLE_SMTP_CERTIFICATE", "ANSWERABLE_SMTP_KEY")


@pytest.fixture(autouse=True)
def _inbox(transactional_db: None) -> None:
    apply_inboxes([InboxSpec("support", SUPPORT)], "vendor.test", NOW)
    cache.clear()  # where messages are counted


def make(folder: Path, name: str = "mail.vendor.test") -> tuple[Path, Path]:
    key, certificate = folder / "key", folder / "certificate"
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-days", "2"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", *kind, *subject, *files], check=True, capture_output=True)
    return certificate, key


@contextlib.contextmanager
def caller(port: int) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        yield smtp


def encrypted(port: int, certificate: Path) -> str:
    """Send a message by TLS; the name on the certificate."""
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    with caller(port) as smtp:
        smtp.ehlo("client.test")
        assert smtp.has_extn("starttls")
        assert int(smtp.esmtp_features["size"]) == smtp_in.MOST_BYTES
        smtp.starttls(context=context)
        smtp.ehlo("client.test")
        assert not smtp.has_extn("starttls")
        assert not smtp.has_extn("auth")
        smtp.sendmail("elin@norrland.test", [SUPPORT], MAIL)
        assert isinstance(smtp.sock, ssl.SSLSocket)
        return "new" if "new.vendor.test" in str(smtp.sock.getpeercert()) else "mail"


@pytest.mark.behaviour("B-217")
def test_mail_is_taken_by_tls_and_a_renewed_certificate_is_found(
    tmp_path: Path, defer: Defer, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = make(tmp_path)
    with listening(defer, Rules(certificate=Certificate(certificate, key, VARIABLES))) as intake:
        assert encrypted(intake.port, certificate) == "mail"
        row = RawMail.objects.get()
        assert (bytes(row.body), row.client, row.helo) == (MAIL, "127.0.0.1", "client.test")
        monkeypatch.setattr(tls, "_LOOK_SECONDS", -1.0)
        make(tmp_path, "new.vendor.test")
        assert encrypted(intake.port, certificate) == "new"
        key.write_text("broken")
        os.utime(key)
        assert encrypted(intake.port, certificate) == "new"


def test_what_was_said_before_tls_is_forgotten(tmp_path: Path, defer: Defer) -> None:
    """Neither an envelope nor commands that came along with STARTTLS count after it."""
    certificate, key = make(tmp_path)
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    rules = Rules(certificate=Certificate(certificate, key, VARIABLES))
    with listening(defer, rules) as intake, Talk(intake.port) as talk:
        talk.say(b"EHLO client.test")
        talk.say(b"MAIL FROM:<elin@norrland.test>")
        talk.send(b"STARTTLS\r\nRCPT TO:<support@vendor.test>\r\n")
        assert talk.answer().startswith("220")
        with contextlib.suppress(ssl.SSLError, OSError), context.wrap_socket(talk.socket) as sealed:
            sealed.sendall(b"DATA\r\n")
            assert sealed.recv(100).startswith(b"503")


@pytest.mark.parametrize("broken", ["certificate", "key", "other"])
def test_files_that_do_not_serve_are_told_by_their_variable(tmp_path: Path, broken: str) -> None:
    certificate, key = make(tmp_path)
    if broken == "other":
        (tmp_path / "b").mkdir()
        key = make(tmp_path / "b")[1]
    else:
        (tmp_path / broken).unlink()
    with pytest.raises(BadSetting, match="ANSWERABLE_SMTP_KEY" if broken == "key" else "ANSWERABLE_SMTP_CERTIFICATE"):
        Certificate(certificate, key, VARIABLES)


@pytest.mark.behaviour("B-218")
def test_one_address_has_so_many_connections(defer: Defer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="answerable.mail")
    with listening(defer, Rules(connections=2)) as intake, Talk(intake.port), Talk(intake.port) as second:
        for _ in range(3):
            with Talk(intake.port) as third:
                words = "421 4.7.0 Too many connections from your address, please call again later"
                assert (third.greeting, third.answer()) == (words, "")
        second.say(b"QUIT")
        assert second.answer() == ""
        with Talk(intake.port) as again:
            assert again.greeting.startswith("220")
    assert [line.getMessage() for line in caplog.records] == [
        "SMTP: 127.0.0.1 has 2 connections open and was turned away"
    ]


def test_one_address_brings_so_many_messages_a_minute(defer: Defer, caplog: pytest.LogCaptureFixture) -> None:
    with contextlib.ExitStack() as stack:
        one, other = (stack.enter_context(listening(defer, Rules(messages=3))) for _ in range(2))
        smtp, elsewhere = stack.enter_context(caller(one.port)), stack.enter_context(caller(other.port))
        for _ in range(2):
            smtp.sendmail("elin@norrland.test", [SUPPORT, SUPPORT], MAIL)
        elsewhere.sendmail("elin@norrland.test", [SUPPORT], MAIL)
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            smtp.sendmail("elin@norrland.test", [SUPPORT], MAIL)
        answer = b"4.7.1 Too many messages from your address, please wait a minute"
        assert refused.value.recipients == {SUPPORT: (450, answer)}
    assert RawMail.objects.count() == 3
    assert "SMTP: 127.0.0.1 sends more than 3 messages a minute" in caplog.text


def test_our_own_mail_server_is_not_limited(defer: Defer) -> None:
    rules = Rules(relays=(ip_network("127.0.0.1"),), connections=1, messages=1)
    with listening(defer, rules) as intake, caller(intake.port) as one, caller(intake.port) as other:
        for smtp in (one, other, one):
            smtp.sendmail("elin@norrland.test", [SUPPORT], MAIL)
    assert RawMail.objects.count() == 3


def test_an_address_of_the_older_kind_in_the_newer_one_is_known() -> None:
    rules = Rules(relays=(ip_network("10.0.0.0/8"),))
    assert [rules.is_relay(one) for one in ("::ffff:10.1.2.3", "10.1.2.3", "::1", "192.0.2.1", "")] == [
        True, True, False, False, False,
    ]  # fmt: skip
