"""Bounces, receipts and abuse reports (E-50 to E-54)."""

import time

import pytest

from answerable.mail import parse
from answerable.mail.bounces import Recipient
from answerable.mail.tests.samples import message, multipart

STATUS = """Content-Type: message/delivery-status

Reporting-MTA: dns; mx.x.test

Final-Recipient: rfc822; <Bob@x.test>
Action: failed (really)
Status: 5.1.1 (no such user)
Diagnostic-Code: smtp; 550 no such
 user
"""
RETURNED = "Content-Type: message/rfc822\n\nMessage-ID: <Ours@Vendor.test>\nFrom: support@vendor.test\n\nwhat we wrote"
WORDS = "Content-Type: text/plain\n\nIt did not arrive. See <other@id.test>.\n"


def report(*parts: str, kind: str = "; report-type=delivery-status", header: str = "") -> parse.Incoming:
    raw = multipart("report", *parts, header=header, boundary="b0" + kind)
    return parse.read(raw.replace(b"--b0" + kind.encode(), b"--b0"))


def test_a_delivery_status_is_read_e51_e52() -> None:
    read = report(WORDS, STATUS, RETURNED, header="Message-ID: <own@x.test>\nIn-Reply-To: <thread@x.test>")
    assert read.kind == "bounce"
    assert read.bounce is not None
    assert read.bounce.recipients == (Recipient("bob@x.test", "failed", "5.1.1", "smtp; 550 no such user"),)
    assert read.bounce.recipients[0].permanent
    assert read.original_ids == ("<Ours@vendor.test>", "<other@id.test>", "<thread@x.test>")


def test_the_evidence_is_no_attachment_and_no_text_e67() -> None:
    read = report(WORDS, STATUS, RETURNED, "Content-Type: text/rfc822-headers\n\nSubject: s")
    assert (read.text, read.attachments) == ("It did not arrive. See <other@id.test>.", ())


@pytest.mark.parametrize(
    "raw",
    [
        multipart("report", WORDS, STATUS),
        multipart("mixed", WORDS, STATUS),
        message(STATUS.partition("\n\n")[0], STATUS.partition("\n\n")[2]),
        message("X-Failed-Recipients: bob@x.test"),
        message("Subject: failure notice", sender="MAILER-DAEMON@mx.x.test"),
        message("Subject: whatever\nReturn-Path: <>", sender="postmaster@x.test"),
        message("Return-Path: <MAILER-DAEMON>\nSubject: x", sender="mail-daemon@x.test"),
        message("Subject: Undelivered Mail\nReturn-Path: <>", sender=""),
        multipart("report", WORDS, STATUS, header="Precedence: list\nList-Id: <a.b>\nAuto-Submitted: auto-replied"),
    ],
)
def test_what_is_a_bounce_e50(raw: bytes) -> None:
    read = parse.read(raw)
    assert (read.kind, read.auto_class, read.quarantine) == ("bounce", "", "")


@pytest.mark.parametrize(
    "raw",
    [
        multipart("mixed", WORDS, RETURNED),
        message("Subject: my bounce house is returned mail"),
        message("Subject: Undeliverable: x"),
        message("Subject: a question", sender="postmaster@x.test"),
    ],
)
def test_what_is_none_e50(raw: bytes) -> None:
    assert parse.read(raw).kind == "human"


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (
            "Original-Recipient: rfc822;first@x.test\nFinal-Recipient: rfc822;second@x.test\nAction: failed",
            ("first@x.test", "failed", "", True),
        ),
        ("Final-Recipient: rfc822; user+2Btag@x.test\nStatus: 5.0.0", ("user+tag@x.test", "failed", "5.0.0", True)),
        ("Final-Recipient: rfc822; user+2024@x.test\nStatus: 4.2.2", ("user+2024@x.test", "delayed", "4.2.2", False)),
        (
            "Final-Recipient: bare@x.test\nAction: delivered\nStatus: 2.0.0",
            ("bare@x.test", "delivered", "2.0.0", False),
        ),
        ("Final-Recipient: rfc822;a@x.test\nAction: delayed\nStatus: 5.4.7", ("a@x.test", "delayed", "5.4.7", True)),
        ("Final-Recipient: rfc822;a@x.test\nAction: FAILED", ("a@x.test", "failed", "", True)),
    ],
)
def test_each_recipient_s_fate_e51(group: str, expected: tuple[str, str, str, bool]) -> None:
    read = report(WORDS, f"Content-Type: message/delivery-status\n\nReporting-MTA: x\n\n{group}\n")
    assert read.bounce is not None
    assert [(one.address, one.action, one.status, one.permanent) for one in read.bounce.recipients] == [expected]


def test_every_group_of_every_status_part_counts_e51() -> None:
    two = "Content-Type: message/delivery-status\n\nReporting-MTA: x\n\n\nFinal-Recipient: rfc822;a@x.test\nAction: failed\n\nstray line\nFinal-Recipient: rfc822;b@x.test\nAction: failed\n"
    read = report(WORDS, two, STATUS)
    assert read.bounce is not None
    assert [one.address for one in read.bounce.recipients] == ["a@x.test", "b@x.test", "bob@x.test"]


def test_failed_recipients_in_the_header_and_in_the_words_e51() -> None:
    read = parse.read(message("X-Failed-Recipients: a@x.test,\n B@x.test"))
    assert read.bounce is not None
    assert [(one.address, one.permanent) for one in read.bounce.recipients] == [("a@x.test", True), ("b@x.test", True)]
    prose = parse.read(
        message(
            "Subject: failure notice",
            "I could not deliver to\n<bob@x.test>:\nunknown\n\nMessage-ID: <ours@vendor.test>",
            sender="MAILER-DAEMON@mx.test",
        )
    )
    assert prose.bounce is not None
    assert prose.bounce.recipients == ()
    assert "bob@x.test" in prose.bounce.mentioned
    assert prose.original_ids[0] == "<ours@vendor.test>"


def test_a_read_receipt_e54() -> None:
    receipt = "Content-Type: message/disposition-notification\n\nOriginal-Message-ID: <ours@vendor.test>\nDisposition: x; displayed\n"
    read = report(WORDS, receipt, kind="; report-type=disposition-notification")
    assert (read.kind, read.auto_class, read.bounce, read.original_ids[0]) == (
        "auto",
        "mdn",
        None,
        "<ours@vendor.test>",
    )


def test_an_abuse_report_e54() -> None:
    complaint = "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: bob@x.test\n"
    read = report(WORDS, complaint, RETURNED, kind="; report-type=feedback-report")
    assert (read.kind, read.auto_class, read.bounce, read.original_ids[0]) == (
        "auto",
        "feedback",
        None,
        "<Ours@vendor.test>",
    )


@pytest.mark.parametrize(
    ("subject", "words", "expected"),
    [
        ("failure notice", "<bob@x.test>:\n550 5.1.1 no such user\n", ("failed", "5.1.1", "550 5.1.1 no such user")),
        ("failure notice", "user unknown (#5.1.1)", ("failed", "5.1.1", "user unknown (#5.1.1)")),
        ("Warning: message delayed", "We will keep trying until it is 5 days old.", ("delayed", "", "")),
        (
            "Mail delivery system",
            "It will be retried. Status: 4.4.1",
            ("delayed", "4.4.1", "It will be retried. Status: 4.4.1"),
        ),
        (
            "Delivery delayed",
            "It was delayed, and failed now: 550 5.4.7 expired",
            ("failed", "5.4.7", "It was delayed, and failed now: 550 5.4.7 expired"),
        ),
        # A version is no status, and what comes back is not what the server says.
        ("failure notice", "Release 5.1.1 is out", ("failed", "", "")),
        ("failure notice", "No.\n------ This is a copy of the message. ------\n550 5.1.1", ("failed", "", "")),
    ],
)
def test_what_prose_says_of_those_whom_it_names_e51(subject: str, words: str, expected: tuple[str, str, str]) -> None:
    """E-51: failed or not yet, and the status where one stands as a status does."""
    read = parse.read(message(f"Subject: {subject}", words, sender="MAILER-DAEMON@mx.test"))
    assert read.bounce is not None
    assert (read.bounce.said.action, read.bounce.said.status, read.bounce.said.diagnostic) == expected


def test_a_complaint_and_a_receipt_name_whom_they_are_about_e54() -> None:
    """E-54: Original-Rcpt-To of a feedback report; the recipient and what was done of a disposition notification."""
    part = "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: <Bob@x.test>\nOriginal-Rcpt-To: rfc822;ann@x.test"
    read = report(WORDS, part, RETURNED, kind="; report-type=feedback-report")
    assert read.report is not None
    assert [(one.address, one.action) for one in read.report.recipients] == [
        ("bob@x.test", "complained"),
        ("ann@x.test", "complained"),
    ]
    part = "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; bob@x.test\nDisposition: automatic-action/MDN-sent-automatically; Deleted/error"
    read = report(WORDS, part, RETURNED, kind="; report-type=disposition-notification")
    assert read.report is not None
    assert [(one.address, one.action) for one in read.report.recipients] == [("bob@x.test", "deleted")]


@pytest.mark.parametrize("byte", [b"5.1.1 ", b"will be retried ", b"\n-", b"delay"])
def test_a_megabyte_of_prose_is_read_in_time_e8(byte: bytes) -> None:
    """E-8: linear, whatever is repeated."""
    raw = message("Subject: failure notice", "", sender="MAILER-DAEMON@mx.test") + byte * (1_000_000 // len(byte))
    begun = time.process_time()
    assert parse.read(raw).kind == "bounce"
    assert time.process_time() - begun < 2
