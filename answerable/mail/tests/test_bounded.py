"""A message that takes too much costs its own handling and nobody else's (E-4, E-8)."""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from answerable.mail import bounded, parse
from answerable.mail.bounded import Bound, Readers, Unreadable
from answerable.mail.limits import MIB
from answerable.mail.tests.samples import PNG_64, message, multipart

ODD = "answerable.mail.tests.odd_reader"
FINE = message("Subject: fine\nTo: b@x.test")


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    found = Readers(Bound(seconds=20, memory=96 * MIB), ODD)
    yield found
    found.end()


@pytest.fixture(scope="module")
def hasty() -> Iterator[Readers]:
    found = Readers(Bound(seconds=1.5, memory=96 * MIB), ODD)
    yield found
    found.end()


def pid(readers: Readers) -> int:
    return readers.idle.queue[-1].process.pid


def test_what_it_says_is_what_the_parser_says(readers: Readers) -> None:
    raw = multipart(
        "mixed",
        "\n\nHello\n",
        f"Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\n{PNG_64}",
        header="Subject: x\nDate: Mon, 23 Nov 2026 10:00:00 +0100\nReceived: by y",
    )
    report = multipart(
        "report", "\n\nx", "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822;a@b\nStatus: 5.1.1\n"
    )
    for one in (raw, report, b"", FINE):
        assert readers.read(one, "") == parse.read(one, envelope_from="")
    assert readers.idle.qsize() == 1


@pytest.mark.behaviour("B-220")
@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ("hangs", "more than 1.5 s"),
        ("spins", "more than 1.5 s"),
        ("grows", "more than 96 MB of memory"),
        ("breaks", "LookupError: no such charset"),
        ("crashes", "killed by SIGSEGV), twice"),
        (
            "names",
            "answered strangely: a reader named posix.system",
        ),  # what a reader that was taken over makes up is not made here
    ],
)
def test_a_message_over_a_bound_is_given_up_and_the_next_goes_on_e4(
    readers: Readers, hasty: Readers, subject: str, why: str
) -> None:
    found = hasty if "1.5 s" in why else readers
    with pytest.raises(Unreadable, match=why.replace("(", r"\(").replace(")", r"\)")):
        found.read(message(f"Subject: {subject}"))
    assert found.read(FINE).subject == "fine"


def test_a_reader_that_is_killed_in_the_middle_loses_nothing_e5(readers: Readers) -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"10")
    assert readers.read(message(f"Subject: dies once {ours} ")).subject.startswith("dies once")
    os.close(ours)
    os.close(theirs)


def test_a_reader_that_was_killed_while_it_waited_is_replaced_e5(readers: Readers) -> None:
    readers.read(FINE)
    os.kill(pid(readers), signal.SIGKILL)
    assert readers.read(FINE).subject == "fine"


def test_one_that_hangs_does_not_keep_another_thread_waiting_e4(hasty: Readers) -> None:
    failed: list[Unreadable] = []

    def hang() -> None:
        try:
            hasty.read(message("Subject: hangs"))
        except Unreadable as error:
            failed.append(error)

    other = threading.Thread(target=hang)
    other.start()
    for _ in range(5):
        assert hasty.read(FINE).subject == "fine"
    assert not failed
    other.join()
    assert failed


def test_a_large_message_takes_its_memory_with_it(readers: Readers) -> None:
    readers.read(FINE)
    before = pid(readers)
    readers.read(message("Subject: large", "x\n" * 2 * MIB))
    assert readers.idle.empty()
    readers.read(FINE)
    assert pid(readers) != before


def test_a_message_of_25_mib_takes_no_more_memory_than_it_must_e8(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader's share of the 400 MB that worker and reader may take together."""
    monkeypatch.setattr(bounded, "_LARGE", 100 * MIB)
    own = Readers()
    coded = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\n" * (25 * MIB // 77)
    part = b"Content-Type: application/x-t; name=a\nContent-Transfer-Encoding: base64\n\n" + coded
    assert own.read(multipart("mixed", "\n\nHello", part)).attachments[0].size > 18 * MIB
    status = Path(f"/proc/{pid(own)}/status").read_text()
    own.end()
    assert int(status.partition("VmHWM:")[2].split()[0]) < 200 * 1024


def test_no_reader_outlives_its_parent_even_while_it_reads_e4() -> None:
    source = (
        "import sys\nfrom answerable.mail.bounded import Bound, Readers\n"
        f"readers = Readers(Bound(seconds=50), {ODD!r})\n"
        f"readers.read({FINE!r})\nprint(readers.idle.queue[0].process.pid, flush=True)\n"
        f"readers.read({message('Subject: spins')!r})\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    watched = os.pidfd_open(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    ended = select.poll()
    ended.register(watched, select.POLLIN)
    assert ended.poll(5_000), "the reader goes on without its parent"
    os.close(watched)


def test_a_reader_gets_no_secret_and_reads_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for readers")
    own = Readers()
    own.read(FINE)
    environment = Path(f"/proc/{pid(own)}/environ").read_bytes()
    mapped = Path(f"/proc/{pid(own)}/maps").read_text()
    own.end()
    assert b"SECRET" not in environment
    assert "psycopg" not in mapped


def test_no_reader_can_be_started_is_not_the_messages_fault_e4(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="did not start: exit 1"):
        Readers(program="answerable.mail.no_such_program").read(FINE)
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(OSError, match="No such file"):
        Readers().read(FINE)


def test_the_bounds_are_those_of_the_contract_e8() -> None:
    assert bounded._READERS.bound == Bound(seconds=10, memory=512 * MIB)
