"""The environment, read once and checked: every variable the operator may set, with a clear word when one is wrong."""

import ipaddress
import os
import re
import secrets
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from answerable.lib import domains
from answerable.lib.errors import BadSetting
from answerable.lib.relay import MailRelay
from answerable.lib.signing import BadKey, SigningKey, read_key
from answerable.ops.places import make_data_folder, socket_folder

_DKIM = ("DKIM_DOMAIN", "DKIM_SELECTOR", "DKIM_KEY_FILE", "DKIM_KEY")
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?")


def data_folder() -> Path:
    """`ANSWERABLE_DATA`, the one folder that holds everything this instance keeps on disk (default `./var`)."""
    return Path(os.environ.get("ANSWERABLE_DATA") or "var").absolute()


def port(name: str, default: int) -> int:
    """A TCP port from the environment."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    if not raw.isdecimal() or not 1 <= int(raw) <= 65535:
        raise BadSetting(name, f"must be a port number from 1 to 65535, not {raw!r}")
    return int(raw)


def count(name: str, default: int, most: int) -> int:
    """How many of something, from 1 to `most`."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    if not raw.isdecimal() or not 1 <= int(raw) <= most:
        raise BadSetting(name, f"must be a number from 1 to {most}, not {raw!r}")
    return int(raw)


def host(name: str, default: str) -> str:
    """An address to listen on: an IP address of this machine (0.0.0.0: all of them)."""
    raw = os.environ.get(name, "").strip() or default
    try:
        return str(ip_address(raw))
    except ValueError:
        raise BadSetting(name, f"must be an IP address such as 127.0.0.1 or 0.0.0.0, not {raw!r}") from None


def database(data: Path) -> dict[str, object]:
    """Django's DATABASES["default"]: from `DATABASE_URL`, or the embedded PostgreSQL in the data folder."""
    url = os.environ.get("DATABASE_URL", "").strip()
    base: dict[str, object] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }
    if not url:
        return base | {"NAME": "answerable", "USER": "postgres", "HOST": str(socket_folder(data)), "PORT": "5432"}
    parts = _conninfo(url)
    known = {"dbname", "user", "password", "host", "port"}
    return base | {
        "NAME": parts.get("dbname") or "answerable",
        "USER": parts.get("user") or "",
        "PASSWORD": parts.get("password") or "",
        "HOST": parts.get("host") or "",
        "PORT": str(parts.get("port") or ""),
        "OPTIONS": {k: v for k, v in parts.items() if k not in known},
    }


def _conninfo(url: str) -> dict[str, object]:
    if not url.startswith(("postgres://", "postgresql://")):
        raise BadSetting(
            "DATABASE_URL", "must start with postgresql:// (for example postgresql://user:password@host/name)"
        )
    try:
        return dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError as error:
        raise BadSetting("DATABASE_URL", f"is no PostgreSQL address: {str(error).strip()}") from None


def mail_relay() -> MailRelay | None:
    """The SMTP server for outgoing mail, from `EMAIL_URL`; None: mails are kept in the outbox folder."""
    url = os.environ.get("EMAIL_URL", "").strip()
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise BadSetting("EMAIL_URL", "must look like smtp://user:password@host:587?tls=starttls (or smtps://host:465)")
    try:
        number = parts.port
    except ValueError:
        raise BadSetting("EMAIL_URL", "has a port that is no number from 0 to 65535") from None
    tls = "ssl" if parts.scheme == "smtps" else parse_qs(parts.query).get("tls", ["none"])[0]
    if tls not in {"none", "starttls", "ssl"}:
        raise BadSetting("EMAIL_URL", f"tls must be none, starttls or ssl, not {tls!r}")
    return MailRelay(
        host=parts.hostname,
        port=number or (465 if tls == "ssl" else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
    )


def signing_key() -> SigningKey | None:
    """What outgoing mail is signed with, from `DKIM_DOMAIN`, `DKIM_SELECTOR` and `DKIM_KEY_FILE` or `DKIM_KEY`; None
    where none of them is set: then the relay signs, or nobody does."""
    given = {name: os.environ.get(name, "").strip() for name in _DKIM}
    if not any(given.values()):
        return None
    for name in ("DKIM_DOMAIN", "DKIM_SELECTOR"):
        if not given[name]:
            raise BadSetting(name, "must be set too, where one of the DKIM settings is")
    domain = domains.read(given["DKIM_DOMAIN"])
    if domain is None:
        raise BadSetting("DKIM_DOMAIN", f"must be the domain of your addresses, not {given['DKIM_DOMAIN']!r}")
    if not _SELECTOR.fullmatch(given["DKIM_SELECTOR"]):
        raise BadSetting("DKIM_SELECTOR", "must be a name in the DNS, of small letters, digits, dots and hyphens")
    name, pem = _dkim_pem(given["DKIM_KEY_FILE"], given["DKIM_KEY"])
    try:
        return read_key(domain, given["DKIM_SELECTOR"], pem)
    except BadKey as error:
        raise BadSetting(name, str(error)) from None


def _dkim_pem(path: str, text: str) -> tuple[str, bytes]:
    """The variable that has the key, and the key."""
    if bool(path) == bool(text):
        raise BadSetting("DKIM_KEY_FILE", "must name the file of the private key (or DKIM_KEY hold it, not both)")
    if text:
        # A setting is often one line.
        return "DKIM_KEY", text.replace("\\n", "\n").encode()
    try:
        return "DKIM_KEY_FILE", Path(path).read_bytes()
    except OSError as error:
        raise BadSetting("DKIM_KEY_FILE", f"cannot read {path}: {error.strerror}") from None


def relays() -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """`ANSWERABLE_SMTP_RELAYS`: mail servers of our own, addresses or networks with commas; unset: this machine."""
    given = os.environ.get("ANSWERABLE_SMTP_RELAYS")
    names = [name.strip() for name in ("127.0.0.0/8,::1" if given is None else given).split(",") if name.strip()]
    try:
        return tuple(ipaddress.ip_network(name) for name in names)
    except ValueError as error:
        raise BadSetting(
            "ANSWERABLE_SMTP_RELAYS", f"must be addresses or networks with commas between: {error}"
        ) from None


def smtp_certificate() -> tuple[Path, Path] | None:
    """The files of `ANSWERABLE_SMTP_CERTIFICATE` and `ANSWERABLE_SMTP_KEY`; None: the intake offers no STARTTLS."""
    certificate, key = (os.environ.get(f"ANSWERABLE_SMTP_{name}", "").strip() for name in ("CERTIFICATE", "KEY"))
    if not certificate and not key:
        return None
    if not certificate or not key:
        missing = "CERTIFICATE" if key else "KEY"
        raise BadSetting(f"ANSWERABLE_SMTP_{missing}", "must be set too: a certificate and its key go together")
    return Path(certificate), Path(key)


def clamd() -> str:
    """`CLAMD_SOCKET`: where a ClamAV daemon listens, as a path or host:port; empty: nothing is scanned."""
    raw = os.environ.get("CLAMD_SOCKET", "").strip().removeprefix("unix:")
    host, _colon, number = raw.rpartition(":")
    if raw and not raw.startswith("/") and not (host and number.isdecimal() and 1 <= int(number) <= 65535):
        raise BadSetting("CLAMD_SOCKET", f"must be the path of a socket or host:port, not {raw!r}")
    return raw


def push_services() -> tuple[str, ...]:
    """`ANSWERABLE_PUSH_SERVICES`: hosts of push services besides those of the known browsers, with commas; "*.host" for
    all below one."""
    names = [name.strip().lower() for name in os.environ.get("ANSWERABLE_PUSH_SERVICES", "").split(",") if name.strip()]
    for name in names:
        host = name.removeprefix("*.")
        if domains.read(host) != host:
            raise BadSetting(
                "ANSWERABLE_PUSH_SERVICES",
                f"must be host names, as push.example.com or *.example.com, not {name!r}",
            )
    return tuple(names)


def proxies() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """`TRUSTED_PROXIES`: addresses or networks, with commas, whose X-Forwarded headers are believed."""
    names = [name.strip() for name in os.environ.get("TRUSTED_PROXIES", "").split(",") if name.strip()]
    try:
        return [ipaddress.ip_network(name) for name in names]
    except ValueError as error:
        raise BadSetting("TRUSTED_PROXIES", f"must be addresses or networks with commas between: {error}") from None


def secret_key(data: Path) -> str:
    """`SECRET_KEY`, or one made once and kept in the data folder, readable by its owner alone."""
    given = os.environ.get("SECRET_KEY", "")
    if given:
        if len(given) < 32:
            raise BadSetting("SECRET_KEY", "must have at least 32 characters (unset it to have one made and kept)")
        return given
    path = data / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise BadSetting("ANSWERABLE_DATA", f"cannot read {path}: {error.strerror}") from None
    return _make_secret(path)


def _make_secret(path: Path) -> str:
    try:
        make_data_folder(path.parent)
        # Written whole beside it and linked into place: two first starts at once agree on one key.
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise BadSetting("ANSWERABLE_DATA", f"cannot keep the secret key in {path.parent}: {error.strerror}") from None
