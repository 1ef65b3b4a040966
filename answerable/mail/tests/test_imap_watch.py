"""Mailboxes that are watched: a real server tells of new mail, fails, hangs up, comes back (E-83)."""

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from django.db import connection

from answerable.mail import imap_watch, oauth
from answerable.mail.actions import MailboxSpec, apply_mailboxes
from answerable.mail.imap_folder import Folder
from answerable.mail.imap_in import fetch_new, look
from answerable.mail.imap_watch import Watch
from answerable.mail.models import Mailbox, RawMail
from tests.cast import NOW
from tests.dovecot import PASSWORD, Dovecot, token

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("jobs")]

Defer = Callable[[int], object]


def mail(number: int, more: bytes = b"") -> bytes:
    return b"From: elin@norrland.test\r\nSubject: %d\r\n\r\n%d\r\n%s" % (number, number, more)


def spec(
    dovecot: Dovecot, user: str, name: str = "", port: int = 0, password_variable: str = "SUPPORT_PASSWORD"
) -> MailboxSpec:
    where = MailboxSpec(name or user, "support@vendor.test", "127.0.0.1", user, port or dovecot.port, "none")
    return replace(where, password_variable=password_variable)


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORT_PASSWORD", PASSWORD)
    monkeypatch.setattr(imap_watch, "POLICY_SECONDS", 0.1)
    monkeypatch.setattr(imap_watch, "BACK_OFF", (0.1, 0.2))


@contextlib.contextmanager
def watching(defer: Defer) -> Iterator[Watch]:
    watch = Watch(defer)
    watch.start()
    try:
        yield watch
    finally:
        began = time.monotonic()
        watch.stop()
        assert time.monotonic() - began < 2


def soon(wanted: Callable[[], object], seconds: float = 10.0) -> float:
    """How long it took until it was so."""
    began = time.monotonic()
    while not wanted():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def subjects() -> list[str]:
    return sorted(bytes(row.body)[:60].decode().partition("Subject: ")[2][:2].strip() for row in RawMail.objects.all())


def started(count: int = 1) -> bool:
    return Mailbox.objects.filter(last_success_at__isnull=False, last_error="").count() == count


def others() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.behaviour("B-210")
def test_new_mail_is_there_within_a_second_or_so(
    dovecot: Dovecot, defer: Defer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told by the server: nobody looks by themselves as long as this test lives. Several mailboxes at once."""
    users = [dovecot.new_user() for _ in range(3)]
    apply_mailboxes([spec(dovecot, user) for user in users], NOW)
    with watching(defer):
        soon(lambda: started(3))
        # While nothing happens nothing is held in the database (but for the glance at the policy).
        monkeypatch.setattr(imap_watch, "POLICY_SECONDS", 60.0)
        soon(lambda: not others())
        for number, user in enumerate([*users, users[0]]):
            dovecot.deliver(user, mail(number))
        took = soon(lambda: len(subjects()) == 4)
        assert took < 3
        soon(lambda: not others())
    assert subjects() == ["0", "1", "2", "3"]


def test_a_server_that_cannot_tell_is_asked(dovecot: Dovecot, defer: Defer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Folder, "can_idle", False)
    monkeypatch.setattr(imap_watch, "POLL_SECONDS", 0.1)
    user = dovecot.new_user()
    apply_mailboxes([spec(dovecot, user)], NOW)
    with watching(defer):
        soon(started)
        dovecot.deliver(user, mail(1))
        soon(subjects)


def test_waiting_is_begun_anew_before_the_server_hangs_up(
    dovecot: Dovecot, defer: Defer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    whole = Folder.wait

    def wait(folder: Folder, seconds: float, until: int) -> bool:
        waits.append(seconds)
        return whole(folder, seconds, until)

    monkeypatch.setattr(imap_watch, "IDLE_SECONDS", 0.1)
    monkeypatch.setattr(Folder, "wait", wait)
    apply_mailboxes([spec(dovecot, dovecot.new_user())], NOW)
    with watching(defer):
        soon(lambda: len(waits) > 3)
    assert imap_watch.IDLE_SECONDS < 29 * 60


@pytest.mark.behaviour("B-211")
def test_what_fails_is_tried_later_and_later_and_said_once(
    dovecot: Dovecot, defer: Defer, caplog: pytest.LogCaptureFixture
) -> None:
    user = dovecot.new_user()
    apply_mailboxes([spec(dovecot, user)], NOW)
    with watching(defer), caplog.at_level(logging.INFO, logger="answerable.mail"):
        soon(started)
        dovecot.stop()
        soon(lambda: Mailbox.objects.filter(next_try_at__isnull=False).exists())
        first = Mailbox.objects.get()
        time.sleep(0.5)
        later = Mailbox.objects.get()
        assert "cannot be reached" in later.last_error
        assert later.failing_since == first.failing_since
        dovecot.deliver(user, mail(1))
        dovecot.start()
        soon(subjects)
        soon(started)
    well = Mailbox.objects.get()
    assert (well.failing_since, well.next_try_at) == (None, None)
    said = [line.getMessage() for line in caplog.records if f"mailbox {user}:" in line.getMessage()]
    assert len(said) == 2
    assert "hung up" in said[0]
    assert said[1] == f"IMAP mailbox {user}: is well"


def test_the_pauses_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    pauses = [imap_watch.pause(failures) for failures in range(6)]
    assert [round(seconds / base, 0) for seconds, base in zip(pauses, (5, 15, 60, 300, 300, 300), strict=True)] == [
        1
    ] * 6
    assert len(set(pauses)) == 6


def test_a_connection_that_served_long_is_made_anew_without_a_word(
    dovecot: Dovecot, defer: Defer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_watch, "STEADY_SECONDS", 0.0)
    cutter = Cutter(dovecot.port, [4_000])
    cutter.start()
    user = dovecot.new_user()
    apply_mailboxes([spec(dovecot, user, port=cutter.port)], NOW)
    with watching(defer), caplog.at_level(logging.INFO, logger="answerable.mail"):
        soon(started)
        dovecot.deliver(user, mail(1, b"x" * 10_000))
        soon(subjects)
    cutter.door.close()
    assert not [line for line in caplog.records if line.levelno >= logging.WARNING]


def test_a_policy_that_changes_is_followed(dovecot: Dovecot, defer: Defer) -> None:
    user, other = dovecot.new_user(), dovecot.new_user()
    apply_mailboxes([spec(dovecot, user, password_variable="NOBODY_SET_THIS")], NOW)
    with watching(defer):
        soon(lambda: Mailbox.objects.filter(last_error__contains="NOBODY_SET_THIS").exists())
        apply_mailboxes([spec(dovecot, user), spec(dovecot, other)], NOW)
        soon(lambda: started(2))
        apply_mailboxes([spec(dovecot, other)], NOW)
        soon(lambda: _watched() == {other})
        dovecot.deliver(user, mail(1))
        dovecot.deliver(other, mail(2))
        soon(subjects)
    assert subjects() == ["2"]
    retired = Mailbox.objects.get(name=user)
    assert retired.retired_at == NOW


def _watched() -> set[str]:
    names = (thread.name.partition(" ") for thread in threading.enumerate())
    return {name for kind, _, name in names if kind == "mailbox"}


def test_the_same_name_for_another_folder_begins_behind_what_is_in_it(dovecot: Dovecot, defer: Defer) -> None:
    user, other = dovecot.new_user(), dovecot.new_user()
    apply_mailboxes([spec(dovecot, user, name="support")], NOW)
    fetch_new(Mailbox.objects.get(), defer, NOW)
    dovecot.deliver(other, mail(1))
    apply_mailboxes([spec(dovecot, other, name="support")], NOW)
    assert fetch_new(Mailbox.objects.get(), defer, NOW) == 0
    dovecot.deliver(other, mail(2))
    assert fetch_new(Mailbox.objects.get(), defer, NOW) == 1


def test_a_folder_that_is_no_longer_meant_is_left_alone(dovecot: Dovecot, defer: Defer) -> None:
    user, other = dovecot.new_user(), dovecot.new_user()
    apply_mailboxes([spec(dovecot, user, name="support")], NOW)
    mailbox = Mailbox.objects.get()
    with Folder(mailbox) as folder:
        apply_mailboxes([spec(dovecot, other, name="support")], NOW)
        look(mailbox, folder, defer, NOW)
    assert Mailbox.objects.get().uid_validity is None


class Cutter(threading.Thread):
    """A line to the server that is cut once the server has said so many bytes; each further call gets more."""

    def __init__(self, port: int, cuts: list[int]) -> None:
        super().__init__(daemon=True)
        self._port, self._cuts = port, cuts
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self.door.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with caller, socket.create_connection(("127.0.0.1", self._port)) as server:
            back = threading.Thread(target=_pass_on, args=(caller, server, 10**9), daemon=True)
            back.start()
            _pass_on(server, caller, self._cuts.pop(0) if self._cuts else 10**9)
            back.join()


def _pass_on(one: socket.socket, other: socket.socket, most: int) -> None:
    with contextlib.suppress(OSError):
        while most > 0 and (data := one.recv(min(most, 4096))):
            other.sendall(data)
            most -= len(data)
    for end in (one, other):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def test_a_server_that_hangs_up_in_the_middle_costs_nothing_and_doubles_nothing(dovecot: Dovecot, defer: Defer) -> None:
    user = dovecot.new_user()
    cutter = Cutter(dovecot.port, [10**9, 100, 600, 2_000, 30_000, 90_000])
    cutter.start()
    apply_mailboxes([spec(dovecot, user, port=cutter.port)], NOW)
    fetch_new(Mailbox.objects.get(), defer, NOW)
    for number in range(10, 20):
        dovecot.deliver(user, mail(number, b"x" * 20_000))
    with watching(defer):
        soon(lambda: len(subjects()) == 10)
    cutter.door.close()
    assert subjects() == [str(number) for number in range(10, 20)]


class Provider:
    """What an identity provider answers, without the way to it."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.asked: list[dict[str, str]] = []
        self.answers: list[tuple[int, dict[str, object]]] = []

    def post(self, url: str, data: dict[str, str]) -> "Provider":
        assert url == "https://login.test/token"
        self.asked.append(data)
        default = 200, {"access_token": token(self.user), "expires_in": 3600, "token_type": "Bearer"}
        self.status_code, self.told = self.answers.pop(0) if self.answers else default
        return self

    def json(self) -> object:
        return self.told


@pytest.fixture
def provider(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Provider:
    found = Provider(dovecot.new_user())
    monkeypatch.setattr("answerable.lib.http.outside", lambda: found)
    monkeypatch.setenv("REFRESH", "the refresh token")
    monkeypatch.setenv("CLIENT_SECRET", "the client's secret")
    oauth._tokens.clear()
    oauth._newer.clear()
    where = replace(spec(dovecot, found.user, password_variable=""), auth="oauth2", client_id="desk", scope="imap")
    where = replace(where, client_secret_variable="CLIENT_SECRET", refresh_token_variable="REFRESH")
    apply_mailboxes([replace(where, token_url="https://login.test/token")], NOW)
    return found


@pytest.mark.behaviour("B-212")
def test_a_mailbox_is_opened_by_a_token_that_is_kept_until_it_ends(
    dovecot: Dovecot, provider: Provider, defer: Defer
) -> None:
    """By XOAUTH2 at a real server, which checks the token's signature."""
    for number in range(3):
        fetch_new(Mailbox.objects.get(), defer, NOW)
        assert Mailbox.objects.get().last_error == ""
        dovecot.deliver(provider.user, mail(number))
    assert subjects() == ["0", "1"]
    assert provider.asked == [
        {
            "client_id": "desk",
            "client_secret": "the client's secret",
            "scope": "imap",
            "grant_type": "refresh_token",
            "refresh_token": "the refresh token",
        }
    ]


def test_a_token_that_ended_or_was_taken_back_is_replaced(provider: Provider, defer: Defer) -> None:
    spent = {"access_token": token(provider.user), "expires_in": 59, "refresh_token": "the next one"}
    taken_back = {"access_token": token(provider.user, -60), "expires_in": 3600}
    provider.answers = [(200, spent), (200, taken_back)]
    fetch_new(Mailbox.objects.get(), defer, NOW)
    assert Mailbox.objects.get().last_error == ""
    fetch_new(Mailbox.objects.get(), defer, NOW)
    assert "refuses the log-in" in Mailbox.objects.get().last_error
    fetch_new(Mailbox.objects.get(), defer, NOW)
    assert Mailbox.objects.get().last_error == ""
    assert [one["refresh_token"] for one in provider.asked] == ["the refresh token", "the next one", "the next one"]


def test_without_a_refresh_token_the_program_asks_for_itself(provider: Provider, defer: Defer) -> None:
    Mailbox.objects.update(refresh_token_variable="")
    fetch_new(Mailbox.objects.get(), defer, NOW)
    assert Mailbox.objects.get().last_error == ""
    assert provider.asked[0]["grant_type"] == "client_credentials"


def test_a_refused_token_is_said_in_words_and_without_secrets(provider: Provider, defer: Defer) -> None:
    provider.answers = [(400, {"error": "invalid_grant", "error_description": "Token has been\nrevoked."})]
    fetch_new(Mailbox.objects.get(), defer, NOW)
    said = Mailbox.objects.get().last_error
    assert "https://login.test/token refuses a token (HTTP 400) invalid_grant Token has been revoked.: agree" in said
    assert "secret" not in said
    assert "the refresh token" not in said
