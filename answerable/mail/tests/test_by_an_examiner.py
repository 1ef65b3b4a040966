"""What somebody found who knew the contract and not the program: each was wrong once."""

import pytest

from answerable.mail import parse


def message(head: bytes, body: bytes = b"Words.") -> bytes:
    return b"From: Elin <elin@norrland.test>\r\nTo: support@vendor.test\r\n" + head + b"\r\n" + body + b"\r\n"


@pytest.mark.parametrize("label", ["iso-2022-jp", "iso-2022-kr", "hz", "utf-7"])
def test_utf_8_under_the_label_of_an_ascii_charset_is_read_as_utf_8_e17(label: str) -> None:
    read = parse.read(message(f"Content-Type: text/plain; charset={label}\r\n".encode(), "Grüße, 東京".encode()))
    assert read.text.strip() == "Grüße, 東京"


def test_the_end_of_a_local_part_that_is_too_long_is_nobody_e21() -> None:
    long = b"x" * 65
    raw = b"From: " + long + b"@norrland.test\r\nSender: desk@norrland.test\r\nSubject: x\r\n\r\nWords.\r\n"
    assert parse.read(raw).sender == "desk@norrland.test"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"rfc822; rita+40cust.test", "rita@cust.test"),
        (b"rfc822; rita+2Bnews@cust.test", "rita+news@cust.test"),
        (b"rfc822; rita+2024@cust.test", "rita+2024@cust.test"),
    ],
)
def test_a_recipient_in_xtext_e51(written: bytes, meant: str) -> None:
    status = (
        b"Reporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: " + written + b"\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    )
    head = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
    parts = b"--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" + status + b"\r\n--b--"
    bounce = parse.read(message(head, parts)).bounce
    assert bounce is not None
    assert [one.address for one in bounce.recipients] == [meant]
