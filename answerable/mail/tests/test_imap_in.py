"""Collecting mail from a real IMAP server (E-3, E-83)."""

import hashlib
import logging
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from answerable.mail import imap_folder, imap_in
from answerable.mail.actions import Arrival, CursorMoved, store_collected
from answerable.mail.imap_in import fetch_new
from answerable.mail.models import Mailbox, RawMail
from tests.dovecot import PASSWORD, Dovecot

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("jobs")]

Collect = Callable[[], int]
Jobs = Callable[[], list[int]]
Defer = Callable[[int], object]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OLD = b"From: a@norrland.test\r\nSubject: Old\r\n\r\nFrom before.\r\n"
NEW = b"From: a@norrland.test\r\nSubject: New\r\n\r\nN\xe4r inget g\xe5r.\r\n"


@pytest.fixture
def mailbox(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """A mailbox of the test's own, with an old message in it."""
    monkeypatch.setenv("SUPPORT_PASSWORD", PASSWORD)
    user = dovecot.new_user()
    dovecot.deliver(user, OLD)
    return Mailbox.objects.create(
        name="support",
        host="127.0.0.1",
        port=dovecot.port,
        tls="none",
        user=user,
        password_variable="SUPPORT_PASSWORD",
        inbox="support@vendor.test",
    )


@pytest.fixture
def collect(mailbox: Mailbox, defer: Defer) -> Callable[[], int]:
    """Look into it with a collector that knows only what the database holds."""
    return lambda: fetch_new(Mailbox.objects.get(pk=mailbox.pk), defer, NOW)


def _kept() -> list[bytes]:
    return [bytes(row.body) for row in RawMail.objects.order_by("id")]


def test_first_contact_leaves_older_mail_alone(mailbox: Mailbox, collect: Collect) -> None:
    assert collect() == 0
    mailbox.refresh_from_db()
    assert (mailbox.next_uid, mailbox.last_success_at, mailbox.last_error) == (2, NOW, "")
    assert not RawMail.objects.exists()


@pytest.mark.behaviour("B-14")
def test_new_mail_is_stored_once_with_its_job(dovecot: Dovecot, mailbox: Mailbox, collect: Collect, jobs: Jobs) -> None:
    collect()
    dovecot.deliver(mailbox.user, NEW)
    assert [collect(), collect()] == [1, 0]
    row = RawMail.objects.get()
    assert bytes(row.body) == NEW
    assert (row.size, row.sha256) == (len(NEW), hashlib.sha256(NEW).hexdigest())
    assert (row.inbox, row.source, row.state, row.received_at) == ("support@vendor.test", "imap", "received", NOW)
    assert (row.mailbox, row.uid) == (mailbox, 2)
    assert jobs() == [row.pk]
    # Nothing in the mailbox tells that we were there: other readers find it as new as before.
    assert not [path for path in dovecot.messages(mailbox.user) if path.name.endswith("S")]


def test_a_collector_that_dies_goes_on_where_it_was(dovecot: Dovecot, mailbox: Mailbox, collect: Collect) -> None:
    collect()
    for number in range(4):
        dovecot.deliver(mailbox.user, b"Subject: %d\r\n\r\n" % number)
    taken: list[int] = []

    def die_at_third(raw_id: int) -> None:
        taken.append(raw_id)
        if len(taken) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_new(mailbox, die_at_third, NOW)
    assert len(_kept()) == 2
    assert collect() == 2
    assert _kept() == [b"Subject: %d\r\n\r\n" % number for number in range(4)]


def test_a_mailbox_numbered_anew_is_read_again(dovecot: Dovecot, mailbox: Mailbox, collect: Collect) -> None:
    """E-83."""
    collect()
    dovecot.deliver(mailbox.user, NEW)
    collect()
    dovecot.number_anew(mailbox.user)
    assert [collect(), collect()] == [2, 0]
    assert _kept() == [NEW, OLD, NEW]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"user": "elin", "password_variable": "WRONG_PASSWORD"}, "refuses the log-in of elin"),
        ({"password_variable": "NOBODY_SET_THIS"}, "set the environment variable NOBODY_SET_THIS"),
        ({"port": 1}, "127.0.0.1:1 cannot be reached: Connection refused"),
        ({"folder": "Missing"}, "Mailbox doesn't exist: Missing"),
        ({"tls": "ssl"}, "cannot be reached: [SSL"),
        ({"tls": "starttls"}, "CERTIFICATE_VERIFY_FAILED"),
    ],
)
def test_what_is_wrong_is_written_down_and_mended(
    mailbox: Mailbox,
    collect: Collect,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, object],
    words: str,
) -> None:
    monkeypatch.setenv("WRONG_PASSWORD", "guess")
    right = {name: getattr(mailbox, name) for name in change}
    Mailbox.objects.filter(pk=mailbox.pk).update(**change)
    assert collect() == 0
    mailbox.refresh_from_db()
    assert words in mailbox.last_error
    assert "guess" not in mailbox.last_error
    assert mailbox.last_success_at is None
    Mailbox.objects.filter(pk=mailbox.pk).update(**right)
    collect()
    well = Mailbox.objects.get()
    assert (well.last_error, well.last_success_at) == ("", NOW)


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_a_server_with_a_certificate(
    dovecot: Dovecot, mailbox: Mailbox, collect: Collect, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.folder / "certificate"))
    Mailbox.objects.filter(pk=mailbox.pk).update(tls=tls, port=dovecot.tls_port if tls == "ssl" else dovecot.port)
    collect()
    dovecot.deliver(mailbox.user, NEW)
    assert collect() == 1


def test_a_server_that_is_away_costs_no_mail(dovecot: Dovecot, mailbox: Mailbox, collect: Collect) -> None:
    collect()
    dovecot.stop()
    dovecot.deliver(mailbox.user, NEW)
    assert collect() == 0
    mailbox.refresh_from_db()
    assert "cannot be reached" in mailbox.last_error
    dovecot.start()
    assert collect() == 1
    mailbox.refresh_from_db()
    assert mailbox.last_error == ""


def test_two_workers_never_read_one_mailbox(dovecot: Dovecot, mailbox: Mailbox, collect: Collect) -> None:
    collect()
    dovecot.deliver(mailbox.user, NEW)
    reading, go_on, counts = threading.Event(), threading.Event(), []

    def hold(raw_id: int) -> None:
        reading.set()
        assert go_on.wait(10)

    def other_worker() -> None:
        counts.append(fetch_new(Mailbox.objects.get(pk=mailbox.pk), hold, NOW))
        connection.close()

    thread = threading.Thread(target=other_worker)
    thread.start()
    assert reading.wait(10)
    assert collect() == 0
    go_on.set()
    thread.join()
    assert counts == [1]
    dovecot.deliver(mailbox.user, NEW)
    assert collect() == 1


def test_the_cursor_never_goes_back(mailbox: Mailbox) -> None:
    Mailbox.objects.filter(pk=mailbox.pk).update(uid_validity=7, next_uid=5)
    arrival = Arrival("support@vendor.test", "imap", NOW, mailbox=mailbox, uid_validity=7, uid=4)
    with pytest.raises(CursorMoved):
        store_collected(b"x", arrival, lambda _: None)
    assert not RawMail.objects.exists()


def test_what_was_deleted_meanwhile_stops_nobody(
    dovecot: Dovecot, mailbox: Mailbox, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect()
    paths = [dovecot.deliver(mailbox.user, b"Subject: %d\r\n\r\n" % number) for number in range(3)]
    whole = imap_folder.Folder.uids

    def then_delete(folder: imap_folder.Folder, first: int, since: date | None) -> list[int]:
        uids = whole(folder, first, since)
        next(path for path in dovecot.messages(mailbox.user) if path.name.startswith(paths[1].name)).unlink()
        return uids

    monkeypatch.setattr(imap_folder.Folder, "uids", then_delete)
    assert collect() == 2
    assert _kept() == [b"Subject: 0\r\n\r\n", b"Subject: 2\r\n\r\n"]
    mailbox.refresh_from_db()
    assert (mailbox.next_uid, mailbox.last_error) == (5, "")


def test_what_cannot_be_read_is_set_aside_once_something_behind_it_can(
    dovecot: Dovecot, mailbox: Mailbox, collect: Collect, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    collect()
    dovecot.deliver(mailbox.user, b"Subject: 0\r\n\r\n")
    broken = dovecot.deliver(mailbox.user, b"Subject: 1\r\n\r\n")
    broken.unlink()
    broken.symlink_to(broken.parent)  # what a bad disk does, as near as a file system can
    with caplog.at_level(logging.CRITICAL):
        collect()
    mailbox.refresh_from_db()
    assert "message 3 of mailbox support cannot be read" in mailbox.last_error
    assert _kept() == [b"Subject: 0\r\n\r\n"]
    dovecot.deliver(mailbox.user, b"Subject: 2\r\n\r\n")
    collect()
    # This server hangs up over it, as a broken line would: it is believed the third time.
    assert _kept() == [b"Subject: 0\r\n\r\n"]
    collect()
    rows = RawMail.objects.order_by("id")
    assert [(row.uid, row.state, row.outcome, row.reason) for row in rows] == [
        (2, "received", "", ""),
        (3, "quarantined", "quarantine", "error"),
        (4, "received", "", ""),
    ]
    assert "cannot be read" in rows[1].trace
    assert jobs() == [rows[0].pk, rows[2].pk]
    mailbox.refresh_from_db()
    assert mailbox.last_error == ""


def test_of_a_giant_the_header_is_kept(
    dovecot: Dovecot, mailbox: Mailbox, collect: Collect, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_folder, "LARGEST", 1000)
    monkeypatch.setattr(imap_folder, "_GROUP_BYTES", 500)
    collect()
    header = b"From: a@norrland.test\r\nSubject: Giant\r\n\r\n"
    for raw in (NEW, header + b"x" * 1001, NEW):
        dovecot.deliver(mailbox.user, raw)
    assert collect() == 3
    assert _kept() == [NEW, header, NEW]
    giant = RawMail.objects.get(reason="oversize")
    assert (giant.state, giant.outcome) == ("quarantined", "quarantine")
    assert "only its header was taken" in giant.trace
    assert giant.pk not in jobs()
    assert len(jobs()) == 2


def test_a_look_has_an_end_and_the_next_goes_on(
    dovecot: Dovecot, mailbox: Mailbox, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect()
    for _ in range(3):
        dovecot.deliver(mailbox.user, NEW)
    monkeypatch.setattr(imap_in, "MOST_SECONDS", -1.0)
    assert [collect(), collect(), collect(), collect()] == [1, 1, 1, 0]


def test_runs_are_few_and_small() -> None:
    megabytes = {1: 3, 2: 3, 3: 3, 4: 70, 5: 1, 6: 7, 7: 1}
    sizes = {uid: size * 1024 * 1024 for uid, size in megabytes.items()}
    assert list(imap_folder._groups(sizes)) == [[1, 2], [3], [4], [5, 6], [7]]
    assert [len(group) for group in imap_folder._groups(dict.fromkeys(range(50), 10))] == [20, 20, 10]


def test_the_clock_of_the_look_is_used(dovecot: Dovecot, mailbox: Mailbox, defer: Defer) -> None:
    later = NOW + timedelta(hours=1)
    fetch_new(mailbox, defer, NOW)
    dovecot.deliver(mailbox.user, NEW)
    fetch_new(mailbox, defer, later)
    assert RawMail.objects.get().received_at == later
