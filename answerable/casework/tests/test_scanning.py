"""A virus scanner that speaks clamd's protocol on a real socket looks at what came; without one nothing happens."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from answerable.audit.models import Record
from answerable.casework import actions as casework
from answerable.casework.jobs import scan_files
from answerable.config import env
from answerable.lib import clamd
from answerable.lib.errors import BadSetting
from answerable.ops.doctor import _scanner
from answerable.ops.finding import Finding
from answerable.tickets.models import File
from tests.cast import NOW, Cast, a_file, a_ticket, says

LIMIT = 200_000


class Daemon(socketserver.StreamRequestHandler):
    """Calls what holds "EICAR" a virus, and takes no more than its limit."""

    def handle(self) -> None:
        command = self._word()
        if command == b"zPING":
            self.wfile.write(b"PONG\0")
            return
        assert command == b"zINSTREAM"
        content = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > LIMIT:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0" if b"EICAR" in content else b"stream: OK\0")

    def _word(self) -> bytes:
        word = b""
        while (byte := self.rfile.read(1)) not in (b"", b"\0"):
            word += byte
        return word


@pytest.fixture(params=["unix", "tcp"])
def daemon(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> Iterator[str]:
    """Where it listens."""
    is_unix = request.param == "unix"
    path = str(tmp_path / "clamd")
    server = (
        socketserver.ThreadingUnixStreamServer(path, Daemon)
        if is_unix
        else socketserver.ThreadingTCPServer(("127.0.0.1", 0), Daemon)
    )
    settings.CLAMD = path if is_unix else f"127.0.0.1:{server.socket.getsockname()[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield settings.CLAMD
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.behaviour("B-229")
def test_infected_files_are_marked_and_others_are_not(cast: Cast, daemon: str) -> None:
    ticket = a_ticket(cast)
    files = (a_file("a.doc", b"x EICAR x"), a_file("b.txt", b"fine"), a_file("c.bin", b"y" * 3 * LIMIT))
    casework.add_reply(cast.requester, ticket.pk, says("see", files=files), NOW)
    scan_files(0)
    found = dict(File.objects.values_list("size", "infected"))
    assert found == {9: "Eicar-Test-Signature", 4: "", 3 * LIMIT: ""}
    assert not File.objects.filter(scanned_at=None).exists()
    assert Record.objects.filter(verb="infected", subject_kind="file").count() == 1
    assert clamd.answers(daemon)
    assert [one.level for one in _scanner()] == ["ok"]


def test_while_it_is_away_files_wait(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    settings.CLAMD = str(tmp_path / "nobody")
    casework.add_reply(cast.requester, a_ticket(cast).pk, says("see", files=(a_file("a.doc", b"x"),)), NOW)
    scan_files(0)
    assert File.objects.get().scanned_at is None
    assert [one.level for one in _scanner()] == ["wrong"]


def test_without_one_not_even_the_database_is_asked(settings: Settings) -> None:
    settings.CLAMD = ""
    scan_files(0)
    assert list[Finding](_scanner()) == []


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("", ""),
        ("unix:/run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
        ("clamav:3310", "clamav:3310"),
        ("[::1]:3310", "[::1]:3310"),
    ],
)
def test_where_it_listens(given: str, read: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAMD_SOCKET", given)
    assert env.clamd() == read


@pytest.mark.parametrize("given", ["clamav", "clamav:x", ":3310", "clamav:99999"])
def test_a_place_that_is_none_is_told(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAMD_SOCKET", given)
    with pytest.raises(BadSetting):
        env.clamd()
