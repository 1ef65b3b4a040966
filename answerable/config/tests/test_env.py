"""What the operator may set: each mistake is named with its mend, and what is right is read as meant."""

from collections.abc import Callable
from pathlib import Path

import pytest

from answerable.config import env
from answerable.lib.errors import BadSetting
from answerable.lib.relay import MailRelay

READERS: dict[str, Callable[[Path], object]] = {
    "ANSWERABLE_PORT": lambda _data: env.port("ANSWERABLE_PORT", 8000),
    "ANSWERABLE_HOST": lambda _data: env.host("ANSWERABLE_HOST", "127.0.0.1"),
    "ANSWERABLE_WEB_WORKERS": lambda _data: env.count("ANSWERABLE_WEB_WORKERS", default=2, most=64),
    "DATABASE_URL": env.database,
    "EMAIL_URL": lambda _data: env.mail_relay(),
    "SECRET_KEY": env.secret_key,
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in READERS:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("ANSWERABLE_PORT", "http", "must be a port number from 1 to 65535, not 'http'"),
        ("ANSWERABLE_PORT", "0", "must be a port number from 1 to 65535, not '0'"),
        ("ANSWERABLE_PORT", "65536", "must be a port number from 1 to 65535, not '65536'"),
        ("ANSWERABLE_HOST", "localhost", "must be an IP address such as 127.0.0.1 or 0.0.0.0, not 'localhost'"),
        ("ANSWERABLE_WEB_WORKERS", "0", "must be a number from 1 to 64, not '0'"),
        ("ANSWERABLE_WEB_WORKERS", "65", "must be a number from 1 to 64, not '65'"),
        ("DATABASE_URL", "mysql://x/y", "must start with postgresql://"),
        ("DATABASE_URL", "postgresql://host/name?no_such_word=1", "is no PostgreSQL address: "),
        ("EMAIL_URL", "mail.example.com", "must look like smtp://"),
        ("EMAIL_URL", "smtp://host:99999", "has a port that is no number"),
        ("EMAIL_URL", "smtp://host?tls=maybe", "tls must be none, starttls or ssl, not 'maybe'"),
        ("SECRET_KEY", "short", "must have at least 32 characters"),
    ],
)
def test_a_mistake_is_named_with_its_mend(
    name: str, value: str, mend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    READERS[name](tmp_path)
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as bad:
        READERS[name](tmp_path)
    assert bad.value.name == name
    assert bad.value.mend.startswith(mend)


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("ANSWERABLE_PORT", "", 8000),
        ("ANSWERABLE_PORT", " 80 ", 80),
        ("ANSWERABLE_HOST", "::", "::"),
        ("ANSWERABLE_WEB_WORKERS", "4", 4),
        ("EMAIL_URL", "", None),
        ("EMAIL_URL", "smtp://m.example", MailRelay("m.example", 25, "", "", "none")),
        ("EMAIL_URL", "smtps://a%40b:p%2Fw@m.example", MailRelay("m.example", 465, "a@b", "p/w", "ssl")),
        ("EMAIL_URL", "smtp://m.example:587?tls=starttls", MailRelay("m.example", 587, "", "", "starttls")),
    ],
)
def test_what_is_right_is_read_as_meant(
    name: str, value: str, meant: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert READERS[name](tmp_path) == meant


def test_the_secret_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    key = env.secret_key(tmp_path / "new" / "var")
    assert len(key) >= 50
    assert env.secret_key(tmp_path / "new" / "var") == key
    assert (tmp_path / "new" / "var" / "secret_key").stat().st_mode & 0o777 == 0o600
