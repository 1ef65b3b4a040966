"""Reading mail from files: every message of an archive, as it was sent, without reading the whole."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from answerable.lib.errors import Refused
from answerable.mail import archive
from answerable.mail.archive import Place

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MBOX = b"""From elin@norrland.test Mon Jan  6 10:20:30 2025
From: elin@norrland.test
Date: Mon, 06 Jan 2025 11:20:30 +0100
Subject: One

>From now on it fails.
>>From was quoted before.
From here on it is text, since no time follows.

From - also text

From MAILER-DAEMON Tue Jan  7 09:00:00 +0000 2025
Subject: Two, without a date

second

From ???@??? Wed Jan 08 00:00:01 2025
Date: Wed, 08 Jan 2099 00:00:00 +0000
Received: from a by b; Wed, 8 Jan 2025 07:00:00 +0000
Subject: Three, of a time to come

"""


def found(path: Path) -> list[Place]:
    return list(archive.places(archive.find(path), NOW))


def test_an_mbox_is_taken_apart(tmp_path: Path) -> None:
    path = tmp_path / "Inbox"
    path.write_bytes(MBOX)
    one, two, three = found(path)
    assert [place.at.isoformat() for place in (one, two, three)] == [
        "2025-01-06T10:20:30+00:00",
        "2025-01-07T09:00:00+00:00",
        "2025-01-08T07:00:00+00:00",
    ]
    assert archive.read(one).split(b"\r\n")[4:] == [
        b"From now on it fails.",
        b">From was quoted before.",
        b"From here on it is text, since no time follows.",
        b"",
        b"From - also text",
        b"",
    ]
    assert archive.read(two) == b"Subject: Two, without a date\r\n\r\nsecond\r\n"
    assert archive.read(three).startswith(b"Date: Wed, 08 Jan 2099")


def test_line_ends_of_windows_are_left_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "old.mbox"
    path.write_bytes(MBOX.replace(b"\n", b"\r\n"))
    assert archive.read(found(path)[1]) == b"Subject: Two, without a date\r\n\r\nsecond\r\n"


def test_a_maildir_with_its_folders_but_without_what_was_thrown_away(tmp_path: Path) -> None:
    for folder in ("", ".Sent", ".Sent.2024", ".Trash", ".INBOX.Drafts", "Junk"):
        for part in ("cur", "new", "tmp"):
            (tmp_path / folder / part).mkdir(parents=True)
            (tmp_path / folder / part / f"1.M.host{folder}:2,S").write_bytes(b"Subject: x\n\ny\n")
    whole = archive.find(tmp_path)
    assert {path.parent.relative_to(tmp_path).as_posix() for path in whole.files} == {
        "cur",
        "new",
        ".Sent/cur",
        ".Sent/new",
        ".Sent.2024/cur",
        ".Sent.2024/new",
    }
    assert {path.name for path in whole.skipped} == {".Trash", ".INBOX.Drafts", "Junk"}
    assert len(archive.find(tmp_path / ".Trash").files) == 2
    assert archive.read(found(tmp_path)[0]) == b"Subject: x\r\n\r\ny\r\n"


def test_a_folder_of_single_files(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.eml").write_bytes(b"Date: Mon, 06 Jan 2025 10:00:00 +0000\n\nx\n")
    (tmp_path / "2.EML").write_bytes(b"From: x@y.test\n\nno date: its file's counts\n")
    (tmp_path / "more.mbox").write_bytes(MBOX)
    (tmp_path / "readme.txt").write_text("no mail")
    assert len(found(tmp_path)) == 5
    assert len(found(tmp_path / "a" / "1.eml")) == 1


@pytest.mark.parametrize("name", ["nothing", "empty", "text"])
def test_what_is_no_mail_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").write_text("From here we go\n")
    with pytest.raises(Refused):
        archive.find(tmp_path / name)


def test_of_a_giant_the_beginning_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST", 100)
    path = tmp_path / "a.eml"
    path.write_bytes(b"Subject: x\n\n" + b"y" * 1000)
    assert len(archive.read(found(path)[0])) < 110
