"""What becomes of messages on their server once they are safe with us: marked or moved, never before (E-3, E-83)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from answerable.mail import imap_in
from answerable.mail.actions import MailboxSpec, apply_mailboxes
from answerable.mail.imap_folder import Folder
from answerable.mail.imap_in import fetch_new
from answerable.mail.models import Mailbox, RawMail
from tests.cast import NOW
from tests.dovecot import PASSWORD, Dovecot

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("jobs")]

Collect = Callable[[], int]
Defer = Callable[[int], object]
OLD, NEW = b"Subject: Old\r\n\r\n", b"Subject: New\r\n\r\n"


class Box:
    """One user's mailbox, with an old message in it that is none of our business."""

    def __init__(self, dovecot: Dovecot, defer: Defer) -> None:
        self.dovecot, self.user, self.defer = dovecot, dovecot.new_user(), defer
        dovecot.deliver(self.user, OLD)
        dovecot.deliver(self.user, b"Subject: Done before\r\n\r\n", "Done")

    def apply(self, after: str) -> None:
        where = MailboxSpec("box", "support@vendor.test", "127.0.0.1", self.user, self.dovecot.port, "none")
        apply_mailboxes([replace(where, password_variable="BOX_PASSWORD", after=after)], NOW)

    def collect(self) -> int:
        return fetch_new(Mailbox.objects.get(), self.defer, NOW)

    def deliver(self, count: int = 1) -> None:
        for _ in range(count):
            self.dovecot.deliver(self.user, NEW)

    def read(self) -> list[str]:
        """The flags of each message."""
        return [path.name.partition(":2,")[2] for path in self.dovecot.messages(self.user)]

    def counts(self) -> tuple[int, int]:
        """How many are in the inbox, and in Done."""
        return len(self.dovecot.messages(self.user)), len(self.dovecot.messages(self.user, "Done"))

    def error(self) -> str:
        return Mailbox.objects.get().last_error


@pytest.fixture
def box(dovecot: Dovecot, defer: Defer, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("BOX_PASSWORD", PASSWORD)
    return Box(dovecot, defer)


@pytest.mark.behaviour("B-213")
def test_what_is_stored_is_marked_and_the_rest_is_not(box: Box) -> None:
    box.apply("flag")
    box.collect()
    box.deliver(2)
    assert box.collect() == 2
    assert sorted(box.read()) == ["", "S", "S"]
    box.deliver()

    def fail(raw_id: int) -> None:
        raise ValueError("the database does not want it")

    fetch_new(Mailbox.objects.get(), fail, NOW)
    assert sorted(box.read()) == ["", "", "S", "S"]
    assert box.collect() == 1
    assert sorted(box.read()) == ["", "S", "S", "S"]


@pytest.mark.parametrize("capabilities", [{"MOVE", "UIDPLUS"}, {"UIDPLUS"}])
def test_what_is_stored_is_moved(box: Box, monkeypatch: pytest.MonkeyPatch, capabilities: set[str]) -> None:
    monkeypatch.setattr("imapclient.IMAPClient.has_capability", lambda _client, name: name in capabilities)
    box.apply("move:Done")
    box.collect()
    box.deliver(3)
    assert box.collect() == 3
    assert box.counts() == (1, 4)
    assert box.error() == ""


def test_a_death_between_storing_and_moving_is_made_good(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.apply("move:Done")
    box.collect()
    box.deliver(3)
    whole = Folder.settle

    def die(folder: Folder, uids: list[int], after: str) -> None:
        whole(folder, uids[:1], after)
        raise KeyboardInterrupt

    monkeypatch.setattr(Folder, "settle", die)
    with pytest.raises(KeyboardInterrupt):
        box.collect()
    assert RawMail.objects.count() == 3
    assert box.counts() == (3, 2)
    monkeypatch.setattr(Folder, "settle", whole)
    box.deliver()
    assert box.collect() == 1
    assert box.counts() == (1, 5)
    assert RawMail.objects.count() == 4


def test_a_folder_that_is_missing_keeps_no_mail_from_us(box: Box) -> None:
    box.apply("move:Nowhere")
    box.collect()
    box.deliver()
    assert box.collect() == 1
    assert "messages are taken, but not done with as `after` says (move:Nowhere)" in box.error()
    assert box.counts() == (2, 1)
    box.apply("move:Done")
    box.collect()
    assert box.counts() == (1, 2)
    assert box.error() == ""


def test_from_leaving_to_moving_what_was_left_stays(box: Box) -> None:
    box.apply("leave")
    box.collect()
    box.deliver()
    box.collect()
    box.apply("move:Done")
    box.deliver()
    box.collect()
    assert box.counts() == (2, 2)


def test_a_mailbox_numbered_anew_is_moved_by_its_new_numbers(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_in, "_settle", lambda *_given: "")
    box.apply("move:Done")
    box.collect()
    box.deliver()
    box.collect()
    monkeypatch.undo()
    monkeypatch.setenv("BOX_PASSWORD", PASSWORD)
    box.dovecot.number_anew(box.user)
    assert box.collect() == 2
    assert box.counts() == (0, 3)


def test_what_could_not_be_taken_whole_stays(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("answerable.mail.imap_folder.LARGEST", 100)
    monkeypatch.setattr("answerable.mail.imap_folder._GROUP_BYTES", 100)
    box.apply("move:Done")
    box.collect()
    box.deliver()
    box.dovecot.deliver(box.user, b"Subject: Giant\r\n\r\n" + b"x" * 200)
    assert box.collect() == 2
    assert box.counts() == (2, 2)
