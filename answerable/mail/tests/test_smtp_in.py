"""The SMTP intake with real callers and a real database (E-3, E-9)."""

import contextlib
import hashlib
import logging
import smtplib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from answerable.mail import smtp_in
from answerable.mail.actions import InboxSpec, apply_inboxes
from answerable.mail.models import Inbox, RawMail
from answerable.mail.tests.listening import Listening, Talk, listening
from tests.cast import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("jobs")]

Jobs = Callable[[], list[int]]
Defer = Callable[[int], object]

ELIN = "elin@norrland.test"
SUPPORT = "support@vendor.test"
MAIL = b"From: elin@norrland.test\r\nSubject: Sync stopped\r\n\r\nSince 02:10.\r\n"


@pytest.fixture
def inboxes(transactional_db: None) -> None:
    support = InboxSpec("support", SUPPORT, aliases=("help@vendor.test",))
    apply_inboxes([support, InboxSpec("security", "security@vendor.test")], "mail.vendor.test", NOW)


@pytest.fixture
def intake(inboxes: None, defer: Defer) -> Iterator[Listening]:
    with listening(defer) as running:
        yield running


@contextlib.contextmanager
def caller(port: int) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        yield smtp


def hand_over(port: int, raw: bytes = MAIL, recipient: str = SUPPORT) -> tuple[int, str]:
    """What the intake says in the end to one message in a connection of its own."""
    with caller(port) as smtp:
        smtp.ehlo()
        smtp.mail(ELIN)
        code, answer = smtp.rcpt(recipient)
        if code == 250:
            code, answer = smtp.data(raw)
    return code, answer.decode()


def kept() -> list[bytes]:
    return [bytes(row.body) for row in RawMail.objects.order_by("id")]


def test_a_message_is_stored_with_its_envelope_and_its_job(intake: Listening, jobs: Jobs) -> None:
    assert hand_over(intake.port)[0] == 250
    row = RawMail.objects.get()
    assert (bytes(row.body), row.size, row.sha256) == (MAIL, len(MAIL), hashlib.sha256(MAIL).hexdigest())
    assert (row.inbox, row.envelope_from, row.envelope_to, row.source) == (SUPPORT, ELIN, [SUPPORT], "smtp")
    assert jobs() == [row.pk]
    # The insert is written by hand: whatever it does not name must come out as the model would have it.
    given = {
        "id",
        "inbox",
        "envelope_from",
        "envelope_to",
        "received_at",
        "source",
        "size",
        "sha256",
        "body",
        "client",
        "helo",
    }
    names = [field.attname for field in RawMail._meta.concrete_fields if field.attname not in given]
    assert {name: getattr(row, name) for name in names} == {name: getattr(RawMail(), name) for name in names}


@pytest.mark.behaviour("B-01")
def test_250_is_said_only_after_the_commit(inboxes: None) -> None:
    """E-3."""
    storing, go_on = threading.Event(), threading.Event()

    def wait(raw_id: int) -> None:
        storing.set()
        assert go_on.wait(10)

    with listening(wait) as intake, Talk(intake.port) as talk:
        talk.begin()
        talk.send(MAIL + b".\r\n")
        assert storing.wait(10)
        talk.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            talk.socket.recv(1)
        assert not RawMail.objects.exists()
        go_on.set()
        talk.socket.settimeout(10)
        assert talk.socket.recv(100).startswith(b"250")
        assert kept() == [MAIL]


@pytest.mark.behaviour("B-02")
def test_what_could_not_be_stored_was_not_taken(inboxes: None, defer: Defer, jobs: Jobs) -> None:
    """The database dies in the middle, twice for one message; afterwards all is well again."""
    deaths: list[int] = []

    def die_twice(raw_id: int) -> None:
        defer(raw_id)
        if len(deaths) < 2:
            deaths.append(raw_id)
            _kill_this_connection()

    with listening(die_twice) as intake:
        code, answer = hand_over(intake.port)
        assert (code, answer) == (451, "4.3.0 The message cannot be kept right now, please send it again later")
        assert len(deaths) == 2
        assert (kept(), jobs()) == ([], [])
        assert hand_over(intake.port)[0] == 250
        assert len(kept()) == len(jobs()) == 1


def test_a_restart_of_the_database_between_messages_is_not_noticed(intake: Listening) -> None:
    with caller(intake.port) as smtp:
        for _ in range(3):
            smtp.sendmail(ELIN, [SUPPORT], MAIL)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            assert cursor.fetchone()[0] >= 1
        for _ in range(3):
            smtp.sendmail(ELIN, [SUPPORT], MAIL)
    assert kept() == [MAIL] * 6


def _kill_this_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_a_mistake_of_ours_stores_nothing_and_tells_nothing(inboxes: None, caplog: pytest.LogCaptureFixture) -> None:
    def fail(raw_id: int) -> None:
        raise RuntimeError("the secret inside")

    with listening(fail) as intake, caplog.at_level(logging.ERROR):
        assert hand_over(intake.port) == (421, "4.3.0 Something went wrong here, please call again later")
    assert kept() == []
    assert "the secret inside" in caplog.text


def test_the_same_bytes_twice_are_two_messages_here(intake: Listening) -> None:
    hand_over(intake.port)
    hand_over(intake.port)
    assert kept() == [MAIL, MAIL]


@pytest.mark.parametrize(
    ("recipient", "inbox"),
    [
        (SUPPORT, SUPPORT),
        ("Support@Vendor.Test", SUPPORT),
        ("support+emea@vendor.test", SUPPORT),
        ("help@vendor.test", SUPPORT),
        ("help+x@vendor.test", SUPPORT),
        ("security@vendor.test", "security@vendor.test"),
        ("reply+0abc123@mail.vendor.test", SUPPORT),
    ],
)
def test_every_address_of_ours_leads_to_its_inbox(intake: Listening, recipient: str, inbox: str) -> None:
    assert hand_over(intake.port, recipient=recipient)[0] == 250
    row = RawMail.objects.get()
    assert (row.inbox, row.envelope_to) == (inbox, [recipient])


@pytest.mark.parametrize(
    "recipient",
    [
        "elin@norrland.test",
        "support@other.test",
        "sales@vendor.test",
        "reply+0abc@vendor.test",
        "support",
        "postmaster",
    ],
)
def test_a_stranger_address_is_refused(intake: Listening, recipient: str) -> None:
    assert hand_over(intake.port, recipient=recipient) == (
        550,
        "5.1.1 This help desk takes no mail for that address",
    )


def test_one_message_for_several_of_us_is_one(intake: Listening) -> None:
    everybody = ["reply+0abc@mail.vendor.test", "security@vendor.test", SUPPORT]
    with caller(intake.port) as smtp:
        refused = smtp.sendmail(ELIN, [*everybody, "stranger@other.test"], MAIL)
    assert list(refused) == ["stranger@other.test"]
    row = RawMail.objects.get()
    assert (row.inbox, row.envelope_to) == (SUPPORT, everybody)


def test_without_any_inbox_mail_waits_at_its_sender(transactional_db: None, defer: Defer) -> None:
    with listening(defer) as intake:
        assert hand_over(intake.port) == (450, "4.3.5 This help desk has no inbox yet")
    assert not Inbox.objects.exists()


def test_recipients_are_limited(intake: Listening) -> None:
    with caller(intake.port) as smtp:
        smtp.ehlo()
        smtp.mail(ELIN)
        codes = [smtp.rcpt(f"support+{number}@vendor.test")[0] for number in range(101)]
        assert codes == [250] * 100 + [452]
        assert smtp.data(MAIL)[0] == 250
    assert len(RawMail.objects.get().envelope_to) == 100


HARD = {
    "a line of 50 kB": b"Subject: x\r\n\r\n" + b"y" * 50_000 + b"\r\n",
    "a line of 3 MB": b"Subject: x\r\n\r\n" + b"y" * 3_000_000 + b"\r\n",
    "8 bits and NUL": b"Subject: Sm\xf6rg\xc3\xa5s\r\n\r\n" + bytes(range(256)) * 300 + b"\r\n",
    "dots": b"Subject: x\r\n\r\n.\r\n..\r\n.x\r\n...\r\n\r\n.\r\n",
    "a dot first": b".\r\n\r\n.\r\n",
    "bare line ends": b"Subject: x\r\n\r\na\nb\rc\n.\nd\r.\re\r\n.\n\r\n",
    "nothing": b"",
    "only line ends": b"\r\n" * 70_000,
    "no line end of its own in 200 kB": b"\r" * 200_000 + b"\r\n",
}


@pytest.mark.parametrize("raw", HARD.values(), ids=HARD.keys())
def test_a_message_is_kept_byte_for_byte(intake: Listening, raw: bytes) -> None:
    with Talk(intake.port) as talk:
        talk.begin()
        talk.send((b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n")
        assert talk.answer() == "250 2.0.0 Kept"
        assert talk.say(b"QUIT").startswith("221")
    assert hashlib.sha256(kept()[0]).hexdigest() == hashlib.sha256(raw).hexdigest()


@pytest.mark.parametrize("cut", range(1, 6))
def test_the_end_is_found_wherever_packets_are_cut(intake: Listening, cut: int) -> None:
    with Talk(intake.port) as talk:
        talk.begin()
        whole = b"x" * 65_536 + b"\r\n.\r\n"
        talk.send(whole[:-cut])
        threading.Event().wait(0.05)
        talk.send(whole[-cut:])
        assert talk.answer() == "250 2.0.0 Kept"
    assert kept() == [b"x" * 65_536 + b"\r\n"]


def test_what_was_sent_too_early_is_read_in_order(intake: Listening) -> None:
    with Talk(intake.port) as talk:
        head = b"MAIL FROM:<a@b.test>\r\nRCPT TO:<support@vendor.test>\r\nDATA\r\n"
        talk.send(b"EHLO test\r\n" + head + b"One\r\n.\r\n" + head + b".\r\nQUIT\r\n")
        answers = [talk.answer()[:3] for _ in range(10)]
    assert answers == ["250", "250", "250", "354", "250", "250", "250", "354", "250", "221"]
    assert kept() == [b"One\r\n", b""]


def test_many_messages_in_one_connection(intake: Listening) -> None:
    with caller(intake.port) as smtp:
        smtp.sendmail(ELIN, [SUPPORT], MAIL)
        smtp.mail(ELIN)
        smtp.rcpt("security@vendor.test")
        smtp.rset()
        assert smtp.docmd("DATA")[0] == 503
        smtp.sendmail("", [SUPPORT], MAIL)
    assert [(row.inbox, row.envelope_from) for row in RawMail.objects.order_by("id")] == [
        (SUPPORT, ELIN),
        (SUPPORT, ""),
    ]


def test_international_addresses(intake: Listening) -> None:
    with caller(intake.port) as smtp:
        smtp.sendmail("jörg@bücher.test", [SUPPORT], MAIL, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    assert RawMail.objects.get().envelope_from == "jörg@bücher.test"


@pytest.mark.parametrize(
    ("path", "stored"),
    [
        (b"<>", ""),
        (b"< >", None),
        (b"<a@b.test", None),
        (b"a@b.test", "a@b.test"),
        (b"<@relay.test,@b.test:a@b.test>", "a@b.test"),
        (b'<"a b\xff"@b.test>', '"a b?"@b.test'),
        (b"<a\x00@b.test>", None),
        (b"<\xff\xfe@b.test>", "??@b.test"),
        (b"<a@b.test> SIZE=10 BODY=8BITMIME", "a@b.test"),
    ],
)
def test_odd_senders(intake: Listening, path: bytes, stored: str | None) -> None:
    with Talk(intake.port) as talk:
        talk.say(b"EHLO test")
        answer = talk.say(b"MAIL FROM:" + path)
        if stored is None:
            assert answer.startswith("553")
            return
        assert answer.startswith("250")
        talk.say(b"RCPT TO:<support@vendor.test>")
        talk.say(b"DATA")
        assert talk.say(b".") == "250 2.0.0 Kept"
    assert RawMail.objects.get().envelope_from == stored


def test_what_is_too_large_is_refused_and_the_connection_goes_on(
    intake: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caller(intake.port) as smtp:
        smtp.ehlo()
        assert smtp.esmtp_features["size"] == str(40 * 1024 * 1024)
        assert smtp.docmd(f"MAIL FROM:<a@b.test> SIZE={40 * 1024 * 1024 + 1}")[0] == 552
        assert smtp.docmd(f"MAIL FROM:<a@b.test> SIZE={40 * 1024 * 1024}")[0] == 250
    monkeypatch.setattr(smtp_in, "MOST_BYTES", 300_000)
    with caller(intake.port) as smtp:
        assert [_data(smtp, b"x" * size + b"\r\n") for size in (300_000, 299_998, 1_000_000, 10)] == [
            552,
            250,
            552,
            250,
        ]
    assert [len(raw) for raw in kept()] == [300_000, 12]


def _data(smtp: smtplib.SMTP, raw: bytes) -> int:
    smtp.ehlo()
    smtp.mail(ELIN)
    smtp.rcpt(SUPPORT)
    return smtp.data(raw)[0]


def test_too_much_at_once_waits_at_its_sender(intake: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_in, "MOST_HELD", 500_000)
    with Talk(intake.port) as large, caller(intake.port) as other:
        large.begin()
        large.send(b"x" * 700_000)
        large.send(b"\r\n.\r\n")
        assert large.answer().startswith("452")
        assert _data(other, b"x" * 200_000) == 250


def test_twenty_callers_at_once(intake: Listening, jobs: Jobs) -> None:
    messages = [b"Subject: %d\r\n\r\nx\r\n" % number for number in range(100)]

    def send(part: int) -> None:
        with caller(intake.port) as smtp:
            for raw in messages[part * 5 : part * 5 + 5]:
                smtp.sendmail(ELIN, [SUPPORT], raw)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(send, range(20)))
    assert sorted(kept()) == sorted(messages)
    assert len(jobs()) == 100


def test_who_stalls_holds_up_nobody(intake: Listening) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            talk = stack.enter_context(Talk(intake.port))
            talk.begin()
            talk.send(b"Subject: I am")
        assert hand_over(intake.port)[0] == 250
    assert kept() == [MAIL]


def test_who_is_silent_is_hung_up_on(inboxes: None, defer: Defer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_in, "IDLE_SECONDS", 0.2)
    with listening(defer) as intake, Talk(intake.port) as silent, Talk(intake.port) as stalling:
        stalling.begin()
        stalling.send(b"Subject: I am")
        assert silent.answer() == stalling.answer() == ""
    assert kept() == []


def test_a_connection_does_not_last_for_ever(inboxes: None, defer: Defer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_in, "SESSION_SECONDS", 0.3)
    with listening(defer) as intake, Talk(intake.port) as talk:
        answers = {talk.say(b"NOOP") for _ in range(3)}
        assert answers == {"250 OK"}
        assert talk.answer() == "421 4.3.2 Closing, please call again later"
        assert talk.answer() == ""


def test_connections_are_limited(intake: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_in, "MOST_CONNECTIONS", 2)
    with Talk(intake.port), Talk(intake.port) as second:
        with Talk(intake.port) as third:
            assert third.greeting == "421 4.3.2 Too many connections, please call again later"
            assert third.answer() == ""
        second.say(b"QUIT")
        assert second.answer() == ""
        with Talk(intake.port) as again:
            assert again.greeting.startswith("220")


@pytest.mark.parametrize(
    "line", [b"\xff\xfe", b"AUTH PLAIN AAAA", b"STARTTLS", b"VRFY support", b"EXPN x", b"BDAT 3", b"", b"x" * 200_000]
)
def test_other_commands_are_declined(intake: Listening, line: bytes) -> None:
    with Talk(intake.port) as talk:
        talk.say(b"EHLO test")
        assert talk.say(line)[:3] in {"252", "454", "500", "502", "538"}
        assert talk.say(b"NOOP") == "250 OK"


def test_leaving_finishes_what_is_being_stored_and_nothing_else(inboxes: None, defer: Defer) -> None:
    storing, go_on = threading.Event(), threading.Event()

    def wait(raw_id: int) -> None:
        storing.set()
        assert go_on.wait(10)
        defer(raw_id)

    with listening(wait) as intake, Talk(intake.port) as idle, Talk(intake.port) as busy, Talk(intake.port) as half:
        half.begin()
        half.send(b"Subject: ha")
        busy.begin()
        busy.send(MAIL + b".\r\n")
        assert storing.wait(10)
        intake.stop()
        assert idle.answer().startswith("421")
        assert half.answer().startswith("421")
        with pytest.raises(OSError, match="refused"):
            Talk(intake.port)
        go_on.set()
        assert busy.answer() == "250 2.0.0 Kept"
        assert busy.answer().startswith("421")
        intake.thread.join(5)
        assert not intake.thread.is_alive()
    assert kept() == [MAIL]


def test_what_a_caller_did_not_wait_for_is_stored_all_the_same(inboxes: None, defer: Defer) -> None:
    storing, go_on = threading.Event(), threading.Event()

    def wait(raw_id: int) -> None:
        storing.set()
        assert go_on.wait(10)
        defer(raw_id)

    with listening(wait) as intake:
        with Talk(intake.port) as talk:
            talk.begin()
            talk.send(MAIL + b".\r\n")
            assert storing.wait(10)
        go_on.set()
    assert kept() == [MAIL]
