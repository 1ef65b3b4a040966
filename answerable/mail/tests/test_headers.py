"""Header values and addresses: encoded, raw, broken, hostile."""

from datetime import UTC, datetime, timedelta

import pytest

from answerable.mail import addresses, headers, parse
from answerable.mail.addresses import Mailbox
from answerable.mail.tests.samples import message


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b'"=?utf-8?Q?in_quotes?="', '"in quotes"'),
        (b"pre=?utf-8?q?=C3=A4?=post", "preäpost"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"),
        (b"=?utf-8?B?w6?= =?utf-8?B?k=?=", "é"),  # one character over two words, cut inside its base64
        (b"=?utf-8?q?=C3?=\n =?utf-8?q?=A4?=", "ä"),
        (b"=?utf-8?Q?What?_now?=", "What? now"),
        (b"=?utf-8*en?Q?tagged?=", "tagged"),
        (b"=?NONE?B?VEVTVA=?=", "TEST"),
        (b"=?rot13?Q?Uryyb?=", "Uryyb"),
        (b"=?utf-8?B?!!!?=", ""),
        (b"=?utf-8?Q?unfinished", "=?utf-8?Q?unfinished"),
        (b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
    ],
)
def test_encoded_words_are_decoded_wherever_they_stand_e14(raw: bytes, expected: str) -> None:
    assert parse.read(message(b"Subject: " + raw)).subject == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"=?utf-8?Q?evil=0D=0ABcc:_victim=40x.test?=", "evil Bcc: victim@x.test"),
        (b"=?utf-8?Q?a=00b=01c?=", "a b c"),
        ("a\u2028b\u0085c".encode(), "a b c"),
        (b"a  \t  b", "a b"),
        ("a\u3000b".encode(), "a\u3000b"),
        ("\u202egnp.exe\u2066x".encode(), "gnp.exex"),
    ],
)
def test_no_control_survives_and_no_header_can_be_made_e15(raw: bytes, expected: str) -> None:
    assert parse.read(message(b"Subject: " + raw)).subject == expected


@pytest.mark.parametrize(
    ("raw", "charset", "expected"),
    [
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
        (b"Gr\xfc\xdfe", "", "Grüße"),
        (b"\x1b$BF|K\\\x1b(B", "", "日本"),
    ],
)
def test_raw_bytes_in_a_header_take_the_charset_of_the_text_e18(raw: bytes, charset: str, expected: str) -> None:
    kind = f"\nContent-Type: text/plain; charset={charset}".encode() if charset else b""
    assert parse.read(message(b"Subject: " + raw + kind)).subject == expected


def test_the_first_of_a_repeated_field_counts_and_recipients_add_up_e13() -> None:
    read = parse.read(message("Subject: one\nSubject: two\nTo: a@x.test\nTo: b@x.test\nCc: c@x.test\nCc: a@x.test"))
    assert (read.subject, read.to, read.cc) == ("one", ("a@x.test", "b@x.test"), ("c@x.test", "a@x.test"))


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Ann <ann@x.test>", [("Ann", "ann@x.test")]),
        ('"Bee, Ann" <ANN@X.Test>', [("Bee, Ann", "ann@x.test")]),
        ("Bee, Ann <ann@x.test>", [("Bee, Ann", "ann@x.test")]),
        ("=?utf-8?Q?Bee, Ann?= <ann@x.test>", [("Bee, Ann", "ann@x.test")]),
        ("a@x, b@y; c@z", [("", "a@x"), ("", "b@y"), ("", "c@z")]),
        ("Team: a@x.test, Bo <b@x.test>;, c@x.test", [("", "a@x.test"), ("Bo", "b@x.test"), ("", "c@x.test")]),
        ("undisclosed-recipients:;", []),
        ("ann@x.test (Ann (the) Bee)", [("Ann (the) Bee", "ann@x.test")]),
        ("<@relay,@other:ann@x.test>", [("", "ann@x.test")]),
        ("'ann@x.test'", [("", "ann@x.test")]),
        ("mailto:ann@x.test", [("", "ann@x.test")]),
        ("<a@x.test> <b@x.test>", [("", "a@x.test"), ("", "b@x.test")]),
        ("ann@bücher.test", [("", "ann@xn--bcher-kva.test")]),
        ("jörg@x.test", [("", "jörg@x.test")]),
        ("root@localhost", [("", "root@localhost")]),
        ("a@b@c.test", []),
        (f"{'l' * 65}@x.test", []),
        (f"a@{'d' * 260}", []),
        ("a b@c.test d", []),
        ("=?utf-8?B?PHZpY3RpbUB4LnRlc3Q+?= <real@x.test>", [("<victim@x.test>", "real@x.test")]),
        ('"\\"quoted\\"" <q@x.test>', [("quoted", "q@x.test")]),
    ],
)
def test_mailboxes_e21(field: str, expected: list[tuple[str, str]]) -> None:
    assert addresses.parse(field) == [Mailbox(*one) for one in expected]


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ('From: "unclosed ann@x.test', "ann@x.test"),
        ("From: =?utf-8?B?QW5uIDxhbm5AeC50ZXN0Pg==?=", "ann@x.test"),
        ("From: nobody\nSender: sec@x.test", "sec@x.test"),
        ("From: Ann <ann @ x.test>", "ann@x.test"),
        ("From: <u@,>\nSender: sec@x.test", "sec@x.test"),
        ('From: "a,b"@x.test', "a,b@x.test"),
        ("From:\nReply-To: rep@x.test", "rep@x.test"),
        ("Return-Path: <path@x.test>", "path@x.test"),
        ("From: nobody\nSender: <a@x.test> (Net)\nReply-To: b@x.test", "a@x.test"),
    ],
)
def test_the_sender_is_looked_for_further_down_e21(header: str, sender: str) -> None:
    read = parse.read(message(header, sender=""))
    assert (read.sender, read.quarantine) == (sender, "")


def test_the_envelope_is_the_last_place_to_find_a_sender_e21() -> None:
    assert parse.read(message("Subject: x", sender=""), envelope_from="env@x.test").sender == "env@x.test"
    assert parse.read(message("Subject: x", sender="")).quarantine == "no_sender"
    assert parse.read(message("Subject: x", sender=""), envelope_from="").kind == "bounce"


def test_two_authors_are_flagged_and_the_first_is_the_sender_e22() -> None:
    read = parse.read(message(sender="A <a@x.test>, B <b@x.test>"))
    assert (read.sender, "multiple_from" in read.flags) == ("a@x.test", True)
    assert "multiple_from" in parse.read(message("From: b@x.test")).flags
    assert "multiple_from" not in parse.read(message("From: ann@customer.test")).flags


@pytest.mark.parametrize(
    ("sender", "flagged"),
    [
        ('"boss@corp.test" <x@evil.test>', True),
        ("=?utf-8?Q?boss=40corp.test?= <x@evil.test>", True),
        ("boss@corp.test <x@evil.test>", True),
        ('"X@Evil.test" <x@evil.test>', False),
        ("Boss <x@evil.test>", False),
    ],
)
def test_an_address_in_a_name_is_only_a_label_e23(sender: str, *, flagged: bool) -> None:
    read = parse.read(message(sender=sender))
    assert (read.sender, "name_spoof" in read.flags) == ("x@evil.test", flagged)


def test_reply_to_and_resent_fields_never_say_who_someone_is_e24() -> None:
    read = parse.read(message("Reply-To: boss@corp.test\nX-Original-From: o@x.test\nResent-From: r@x.test"))
    assert (read.sender, read.reply_to, read.original_from) == ("ann@customer.test", ("boss@corp.test",), "o@x.test")


def test_recipients_include_what_delivery_wrote_e32() -> None:
    read = parse.read(
        message("To: a@x.test\nDelivered-To: reply+abc@us.test\nX-Original-To: b@x.test\nEnvelope-To: c@x.test")
    )
    assert read.recipients == ("a@x.test", "reply+abc@us.test", "b@x.test", "c@x.test")


def test_names_of_the_copied_and_addresses_of_lists_e26() -> None:
    read = parse.read(message("To: Bo <b@x.test>\nCc: c@x.test\nList-Post: <mailto:l@x.test>\nList-Id: L <dev.x.test>"))
    assert dict(read.names) == {"ann@customer.test": "Ann", "b@x.test": "Bo"}
    assert read.list_addresses == ("l@x.test", "dev@x.test")


def test_ids_are_normalised_and_ordered_e30() -> None:
    read = parse.read(
        message(
            "In-Reply-To: your mail <A@B.Test> of\n today\nReferences: <1@x.test> <2@x.test>\n\t<a@b.test> bad <> < >\nReferences: 3@x.test"
        )
    )
    assert read.thread_ids == ("<A@b.test>", "<3@x.test>", "<a@b.test>", "<2@x.test>", "<1@x.test>")


def test_at_most_fifty_ids_are_looked_up_and_made_ones_never_e30_e82() -> None:
    many = " ".join(f"<{n}@x.test>" for n in range(200))
    read = parse.read(message(f"References: {many}\nIn-Reply-To: <abc@no-id.invalid>"))
    assert (len(read.thread_ids), read.thread_ids[0]) == (50, "<199@x.test>")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("<Abc@X.Test>", "<Abc@X.Test>"),
        ("abc@x.test", "<abc@x.test>"),
        ("<a b\n @x>", "<ab@x>"),
        ("<>", ""),
        ("none", ""),
        ("<" + "x" * 999 + "@y>", ""),
    ],
)
def test_the_own_id_stays_as_it_was_written_e89(field: str, expected: str) -> None:
    assert parse.read(message(f"Message-ID: {field}")).message_id == expected


NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Tue, 24 Nov 2026 10:00:00 +0100", datetime(2026, 11, 24, 9, 0, tzinfo=UTC)),
        ("Wed, 25 Nov 2026 11:00:00 +0000", datetime(2026, 11, 25, 11, 0, tzinfo=UTC)),
        ("Thu, 26 Nov 2026 12:01:00 +0000", NOW),
        ("Sun, 1 Jan 2006 00:00:00 +0000", NOW),
        ("yesterday", NOW),
        ("", NOW),
        ("Tue, 99 Nov 2026 99:99:99 +9999", NOW),
        ("Tue, 24 Nov 99999999999 10:00:00 +0100", NOW),
        ("24 Nov 2026 10:00:00 +99999999999999999", NOW),
    ],
)
def test_a_date_is_believed_only_if_it_can_be_e19(field: str, expected: datetime) -> None:
    assert headers.believable(parse.read(message(f"Date: {field}")).date, NOW) == expected


def test_a_date_is_believed_to_the_day_e19() -> None:
    assert headers.believable(NOW + timedelta(days=1), NOW) == NOW + timedelta(days=1)
    assert headers.believable(NOW + timedelta(days=1, seconds=1), NOW) == NOW


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("noreply@x.test", True), ("no-reply@x.test", True), ("donotreply@x.test", True), ("do-not-reply@x.test", True),
        ("gmail-noreply@x.test", True), ("a.no_reply+b@x.test", True), ("noreplying@x.test", False), ("reply@x.test", False),
        ("monoreply@x.test", False), ("ann@noreply.test", False),
    ],
)  # fmt: skip
def test_nobody_reads_no_reply_e48(address: str, *, expected: bool) -> None:
    assert parse.read(message(sender=address)).no_reply is expected
