"""A real IMAP server for tests: Debian's dovecot with a configuration, a folder and a port of its own."""

import base64
import hmac
import itertools
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PROGRAM = "/usr/sbin/dovecot"
PASSWORD = "secret"

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
ssl = yes
ssl_cert = <{folder}/certificate
ssl_key = <{folder}/key
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail/%u
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
listen = 127.0.0.1
auth_mechanisms = plain login xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  # A log-in that failed must not slow down the next test.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

# Tokens are believed that are signed with TOKEN_KEY (a JWT with `email`), so that nobody needs to be asked.
TOKEN_KEY = b"the key of the tests, of thirty-two bytes or more"
_TOKENS = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = email
"""


@dataclass
class Dovecot:
    """Every user name has a mailbox with the same password. Messages are put there as files, as a mail server would."""

    folder: Path
    port: int
    tls_port: int
    account: pwd.struct_passwd
    process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_user(self) -> str:
        """A name that no other test has."""
        return f"user{next(self._numbers)}"

    def start(self) -> None:
        command = [PROGRAM, "-F", "-c", str(self.folder / "conf")]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        if self.process:
            # All of it: left to itself it waits seconds for clients that are connected.
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)
            self.process = None

    def deliver(self, user: str, raw: bytes, folder: str = "") -> Path:
        """A new message, numbered in the order of delivery."""
        box = self.box(user, folder)
        name = f"{next(self._numbers):08}.M1.test"
        draft = box / "tmp" / name
        draft.write_bytes(raw)
        shutil.chown(draft, self.account.pw_uid, self.account.pw_gid)
        return draft.rename(box / "new" / name)

    def number_anew(self, user: str) -> None:
        """What moving a mailbox to another server does: the same messages under a new UIDVALIDITY."""
        for path in self.box(user).glob("dovecot*"):
            path.unlink()
        validity = 1_000_000_000 + next(self._numbers)
        numbers = self.box(user) / "dovecot-uidlist"
        numbers.write_text(f"3 V{validity} N1 G{'ab' * 16}\n")
        shutil.chown(numbers, self.account.pw_uid, self.account.pw_gid)

    def messages(self, user: str, folder: str = "") -> list[Path]:
        """The files of a mailbox, or of another folder."""
        return sorted(path for part in ("new", "cur") for path in (self.box(user, folder) / part).iterdir())

    def box(self, user: str, folder: str = "") -> Path:
        """Where they are. What is missing is made."""
        box = self.folder / "mail" / user / (f".{folder}" if folder else "")
        if folder:
            self.box(user)
        for part in ("", "tmp", "new", "cur"):
            if not (box / part).is_dir():
                (box / part).mkdir()
                shutil.chown(box / part, self.account.pw_uid, self.account.pw_gid)
        return box


def token(user: str, life: float = 3600) -> str:
    """An access token of this user that the server believes."""
    now = int(time.time())
    head = {"alg": "HS256", "typ": "JWT"}
    claims = {"email": user, "sub": user, "iat": now - 10, "nbf": now - 10, "exp": int(now + life)}
    body = b".".join(_packed(json.dumps(one).encode()) for one in (head, claims))
    return (body + b"." + _packed(hmac.digest(TOKEN_KEY, body, "sha256"))).decode()


def _packed(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _make_certificate(folder: Path) -> None:
    """One that is its own authority: a client trusts it who is told to (SSL_CERT_FILE)."""
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(folder / "key"), "-out", str(folder / "certificate")]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run(["openssl", "req", *kind, *subject, *files], check=True, capture_output=True)


@pytest.fixture(scope="session")
def running_dovecot(request: pytest.FixtureRequest, test_folder: Path) -> Iterator[Dovecot]:
    if not Path(PROGRAM).exists():
        missing = "dovecot is not installed: apt-get install dovecot-imapd"
        pytest.fail(missing) if request.config.getoption("--require-all") else pytest.skip(missing)
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir=test_folder))
    folder.chmod(0o755)
    (folder / "mail").mkdir()
    shutil.chown(folder / "mail", account.pw_uid, account.pw_gid)
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        port, tls_port = one.getsockname()[1], other.getsockname()[1]
    group = subprocess.run(["id", "-gn", account.pw_name], capture_output=True, text=True, check=True).stdout.strip()
    values = {"folder": folder, "user": account.pw_name, "group": group, "password": PASSWORD}
    (folder / "conf").write_text(_CONFIG.format(**values, port=port, tls_port=tls_port))
    (folder / "oauth2").write_text(_TOKENS.format(folder=folder))
    key = folder / "keys" / "default" / "HS256"
    key.mkdir(parents=True)
    (key / "default").write_text(base64.b64encode(TOKEN_KEY).decode())
    _make_certificate(folder)
    server = Dovecot(folder, port, tls_port, account)
    yield server
    server.stop()


@pytest.fixture
def dovecot(running_dovecot: Dovecot) -> Dovecot:
    """The server, running."""
    if running_dovecot.process is None:
        running_dovecot.start()
    return running_dovecot
