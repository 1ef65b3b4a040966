"""Whose word about the sender counts, and what it says (E-85, E-86)."""

import pytest

from answerable.mail import parse
from answerable.mail.tests.samples import message
from answerable.mail.verdict import aligned, verdict

OURS = ["mx.google.com"]
AR = "Authentication-Results: mx.google.com; "


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("dmarc=pass (p=NONE) header.from=customer.test", "pass"),
        ("dmarc=pass", "pass"),
        ("spf=pass smtp.mailfrom=x@other.test; dmarc=fail header.from=customer.test", "fail"),
        ("dkim=pass header.d=customer.test; dmarc=fail", "fail"),
        ("dmarc=pass header.from=other.test", "none"),
        ("dkim=pass header.i=@customer.test; dmarc=none", "pass"),
        ("dkim=pass header.d=mail.customer.test", "pass"),
        ("dkim=pass header.d=other.test; spf=pass smtp.mailfrom=other.test", "none"),
        ("spf=pass (google.com: domain of x) smtp.mailfrom=ann@customer.test", "pass"),
        ("spf=pass smtp.mailfrom=customer.test", "pass"),
        ("spf=pass (a; b (c;) d) smtp.mailfrom=customer.test", "pass"),
        ("spf=softfail smtp.mailfrom=customer.test; dkim=fail header.d=customer.test", "none"),
        ("spf=pass smtp.helo=customer.test", "none"),
        ("dkim=pass header.d=evilcustomer.test", "none"),
        ("none", "none"),
        ("", "none"),
        ('spf=pass smtp.mailfrom="x; dmarc=pass"@evil.test', "none"),
        ("spf=fail (dmarc=pass; dmarc=pass) smtp.mailfrom=evil.test", "none"),
        ('spf=fail reason="; dmarc=pass"', "none"),
        ("DMARC=PASS header.from=Customer.Test", "pass"),
    ],
)
def test_what_a_trusted_server_says_e85(results: str, expected: str) -> None:
    assert verdict(parse.read(message(AR + results)), OURS) == expected


def test_nobody_is_trusted_by_default_e86() -> None:
    read = parse.read(message(AR + "dmarc=pass"))
    assert verdict(read, []) == "none"
    assert verdict(read, ["mx.other.test"]) == "none"
    assert verdict(read, ["MX.Google.Com"]) == "pass"


def test_two_authors_fail_whatever_a_server_says_e22_e85() -> None:
    assert verdict(parse.read(message(AR + "dmarc=pass\nFrom: b@x.test")), OURS) == "fail"
    assert verdict(parse.read(message(sender="a@x.test, b@x.test")), []) == "fail"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (AR + "dmarc=fail\n" + AR + "dmarc=pass", "fail"),
        (AR + "spf=none\nSubject: x\n" + AR + "dmarc=pass", "none"),
        (AR + "spf=none\nReceived: from x by y.test\n" + AR + "dmarc=pass", "none"),
        (AR + "spf=none\n" + AR + "dmarc=pass", "pass"),
        ("Authentication-Results: other.test; dmarc=fail\n" + AR + "dmarc=pass", "pass"),
        ("Received: from x by mx.google.com with ESMTP id 1\n" + AR + "dmarc=pass", "pass"),
        (
            "Received: by 10.25.26.207 with SMTP id 1\nReceived: from x by mx.google.com id 2\n" + AR + "dmarc=pass",
            "pass",
        ),
        ("Received: from evil by relay.evil.test\n" + AR + "dmarc=pass", "none"),
        ("Received: from x by notgoogle.com\n" + AR + "dmarc=pass", "none"),
        ("X-Authentication-Results: mx.google.com; dmarc=pass", "none"),
        ("ARC-Authentication-Results: i=1; mx.google.com; dmarc=pass", "none"),
        ("Authentication-Results: mx.google.com.evil.test; dmarc=pass", "none"),
        ("Authentication-Results: evil.test mx.google.com; dmarc=pass", "none"),
        ("Authentication-Results: (mx.google.com) evil.test; dmarc=pass", "none"),
        ('Authentication-Results: "mx.google.com" 1; dmarc=pass', "pass"),
    ],
)
def test_only_the_topmost_run_counts_e86(header: str, expected: str) -> None:
    assert verdict(parse.read(message(header)), OURS) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a.test", "a.test", True), ("mail.a.test", "a.test", True), ("a.test", "x.y.a.test", True), ("A.test.", "a.test", True),
        ("a.x.test", "b.x.test", True), ("a.co.uk", "b.co.uk", False), ("co.uk", "b.co.uk", False), ("com", "a.com", False), ("test", "a.test", False),
        ("xa.test", "a.test", False), ("", "", False), ("", "a.test", False),
    ],
)  # fmt: skip
def test_alignment_is_sure_or_none_e85(one: str, other: str, *, expected: bool) -> None:
    assert aligned(one, other) is expected


@pytest.mark.parametrize(
    ("fields", "checker"),
    [
        (AR + "dmarc=pass\nAuthentication-Results: B.test 1; none", "mx.google.com"),
        ("Authentication-Results: B.test 1; none", "b.test"),
        # A server that does not name itself cannot be trusted by name, and who is below it was not asked by us.
        ("Authentication-Results: spf=pass smtp.mailfrom=x\n" + AR + "dmarc=pass", ""),
        ("Subject: x", ""),
    ],
)
def test_the_server_that_claims_to_have_checked_last_is_known_e86(fields: str, checker: str) -> None:
    assert parse.read(message(fields)).checker == checker
