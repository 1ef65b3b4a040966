"""Whose mail a forward was, in the forms that mail programs give it (mail contract E-97)."""

import pytest

from answerable.mail import parse
from answerable.mail.forwards import Forwarded, read
from tests.running import mail

AGENT = "ann@vendor.test"

GMAIL = """Please look at this.

---------- Forwarded message ---------
From: Elin Berg <elin@norrland.test>
Date: Mon, Mar 2, 2026 at 9:12 AM
Subject: Export fails
To: Ann <ann@vendor.test>


413 again, since this morning.
"""
OUTLOOK = """Can somebody take it?

________________________________
From: Berg, Elin [mailto:elin@norrland.test]
Sent: Monday, March 2, 2026 9:12 AM
To: Ann; A Very Long Name Of Somebody Else
 <somebody.else@vendor.test>
Subject: Export fails

413 again, since this morning.
"""
APPLE = """Begin forwarded message:

> From: Elin Berg <elin@norrland.test>
> Subject: Export fails
> Date: 2 March 2026 at 09:12:00 CET
> To: ann@vendor.test
>
> 413 again, since this morning.
"""
GERMAN = """-----Ursprüngliche Nachricht-----
Von: Elin Berg <elin@norrland.test>
Gesendet: Montag, 2. März 2026 09:12
An: Ann
Betreff: Export fails

413 again, since this morning.
"""
THUNDERBIRD = """-------- Forwarded Message --------
Subject: Export fails
Date: Mon, 2 Mar 2026 09:12:00 +0100
From: Elin Berg <elin@norrland.test>
To: Ann <ann@vendor.test>

413 again, since this morning.
"""
SPACED = """---- Forwarded message ----

*From:* Elin Berg <elin@norrland.test>

*Date:* Monday

*Subject:* Export fails

413 again, since this morning.
"""


def forwarded(text: str, subject: str = "Fwd: Export fails") -> Forwarded | None:
    return read(parse.read(mail(AGENT, subject, text.replace("\n", "\r\n"))))


@pytest.mark.parametrize(
    ("text", "above"),
    [
        (GMAIL, "Please look at this."),
        (OUTLOOK, "Can somebody take it?"),
        (APPLE, ""),
        (GERMAN, ""),
        (SPACED, ""),
        (THUNDERBIRD, ""),
    ],
)
@pytest.mark.parametrize("prefix", ["Fwd: ", "FW: ", "WG: ", "TR: ", "Rif: ", "転送: ", "Fwd: FW: "])
def test_the_outermost_header_says_whose_it_was_e97(text: str, above: str, prefix: str) -> None:
    found = forwarded(text, f"{prefix}Export fails")
    assert found is not None
    assert (found.sender, found.subject) == ("elin@norrland.test", "Export fails")
    assert found.sender_name.replace("Berg, Elin", "Elin Berg") == "Elin Berg"
    assert (found.above, found.text) == (above, "413 again, since this morning.")


def test_of_several_headers_the_outermost_counts_e97() -> None:
    found = forwarded(GMAIL + OUTLOOK.replace("elin@", "deep@"))
    assert found is not None
    assert found.sender == "elin@norrland.test"
    assert "deep@norrland.test" in found.text


def test_one_message_that_hangs_on_it_is_as_good_e97() -> None:
    inner = mail("elin@norrland.test", "Export fails", "413 again").decode()
    head = f"From: {AGENT}\r\nTo: support@vendor.test\r\nSubject: Fwd: Export fails\r\nMIME-Version: 1.0\r\n"
    parts = f"--b\r\nContent-Type: text/plain\r\n\r\nLook.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}"
    raw = f"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}"
    found = read(parse.read(f"{raw}--b--\r\n".encode()))
    assert found is not None
    assert (found.sender, found.above, found.text.strip()) == ("elin@norrland.test", "Look.", "413 again")
    two = f"{raw}--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}--b--\r\n"
    assert read(parse.read(two.encode())) is None


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (GMAIL, "Re: Export fails"),
        ("Just words.", "Fwd: Export fails"),
        (GMAIL.replace("Elin Berg <elin@norrland.test>", "Elin Berg"), "Fwd: Export fails"),
        ("From: me to you\nis a song", "Fwd: a song"),
    ],
)
def test_what_is_none_e97(text: str, subject: str) -> None:
    assert forwarded(text, subject) is None
