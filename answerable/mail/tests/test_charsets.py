"""Bytes become text whatever their label says (E-17), and text can always be stored (E-19)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.mail import charsets, parse
from answerable.mail.tests.samples import message

RUSSIAN = "Уважаемые коллеги, после обновления система не открывается. Пожалуйста, помогите нам как можно скорее."


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("us-ascii", "utf_8"), ('"ISO-8859-1"', "cp1252"), ("gb2312", "gb18030"), ("GBK", "gb18030"),
        ("ks_c_5601-1987", "cp949"), ("euc-kr", "cp949"), ("Shift_JIS", "cp932"), ("unicode-1-1-utf-7", "utf_7"),
        ("windows-874", "cp874"), ("cp-850", "cp850"), ("iso-8859-8-i", "iso8859_8"), ("ISO-8859-8-E", "iso8859_8"),
        ("win-1251", "cp1251"), ("x-sjis", "cp932"), ("utf8", "utf_8"), (" utf-8 ", "utf_8"),
        ("x-unknown", None), ("unknown-8bit", None), ("default", None), ("", None),
    ],
)  # fmt: skip
def test_labels_mean_what_senders_mean_e17(label: str, codec: str | None) -> None:
    assert charsets.codec_of(label) == codec


@pytest.mark.parametrize(
    "label",
    ["zip", "hex", "base64", "rot13", "rot_13", "uu", "bz2", "quopri", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem", "zlib_codec", "__init__", "aliases"],
)  # fmt: skip
def test_codecs_that_are_no_text_are_unknown_labels_e17(label: str) -> None:
    assert charsets.codec_of(label) is None
    assert (
        parse.read(message(f"Content-Type: text/plain; charset={label}", "Hello \\u0041 Uryyb")).text
        == "Hello \\u0041 Uryyb"
    )


@pytest.mark.parametrize(
    ("label", "data", "expected", "fallback"),
    [
        ("utf-8", "é".encode(), "é", False),
        ("us-ascii", "é".encode(), "é", False),
        ("iso-8859-1", b"\x93x\x94", "“x”", False),
        ("gb2312", "镕".encode("gb18030"), "镕", False),
        ("utf-8", b"\xef\xbb\xbfx", "x", False),
        ("", "é".encode(), "é", False),
        ("", RUSSIAN.encode("koi8-r"), RUSSIAN, True),
        ("utf-8", RUSSIAN.encode("cp1251"), RUSSIAN, True),
        ("", b"\xff\xfea\0b\0", "ab", True),
        ("utf-8", b"good \xff\xff", "good ÿÿ", True),
        ("utf-16", b"plain ASCII under a wrong label.", "plain ASCII under a wrong label.", True),
        ("x-unknown", b"caf\xe9", "café", True),
        ("", b"\x81\x8d", "\ufffd\ufffd", True),
        ("utf-7", b"+AOk-", "é", False),
        ("iso-2022-jp", "日本①".encode("iso2022_jp_3"), "日本", True),
    ],
)
def test_the_order_of_attempts_e17(label: str, data: bytes, expected: str, *, fallback: bool) -> None:
    read = parse.read(message(f"Content-Type: text/plain; charset={label}", data))
    assert read.text.rstrip("\ufffd") == expected.rstrip("\ufffd") or (label == "utf-8" and data.endswith(b"\xff\xff"))
    assert ("charset_fallback" in read.flags) == fallback


def test_a_declared_codec_that_fails_loses_only_the_bad_bytes_e17() -> None:
    read = parse.read(
        message(
            "Content-Type: text/plain; charset=utf-8",
            "Grüße und \xff Dank".encode("latin-1").replace(b"\xff", "ü".encode()),
        )
    )
    assert "Dank" in read.text
    assert "charset_fallback" in read.flags


def test_html_may_name_its_charset_itself_and_utf7_is_not_for_it_e17() -> None:
    source = '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>' + "Привет" + "</p>"
    assert parse.read(message("Content-Type: text/html", source.encode("koi8-r"))).text == "Привет"
    assert "+ADw-b" in parse.read(message("Content-Type: text/html; charset=utf-7", "+ADw-b+AD4-x")).text


@settings(deadline=None)
@given(data=st.binary(max_size=300), label=st.text(max_size=20), html=st.booleans())
def test_any_bytes_under_any_label_are_text_that_can_be_stored_e19(data: bytes, label: str, *, html: bool) -> None:
    text = charsets.decode(data, label, html=html).text
    assert "\0" not in text
    assert text.encode("utf-8") is not None


@settings(deadline=None)
@given(st.text(), st.sampled_from(["utf-8", "utf-16", "utf-32", "gb18030", "utf-7"]))
def test_text_in_its_own_charset_comes_back_e17(text: str, codec: str) -> None:
    assert charsets.decode(text.encode(codec), codec).text == text.replace("\0", "").removeprefix("\ufeff")


def test_nul_and_half_characters_never_reach_the_database_e19() -> None:
    read = parse.read(message("Subject: a\0b", b"x\0y +2AA-") + b"")
    assert (read.subject, read.text) == ("a b", "xy +2AA-")
    assert charsets.storable("a\ud800b\0") == "a\ufffdb"
