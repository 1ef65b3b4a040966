"""winmail.dat (E-71), made here by hand as MS-OXTNEF writes it."""

import struct
from base64 import encodebytes
from functools import partial

import pytest

from answerable.mail import parse, rtf, tnef
from answerable.mail.tests.samples import PNG, message, multipart, seconds

# The example of MS-OXRTFCP 4.1.1.
RTF = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a0072637067313235423 20af32068656c090020627705b06c647d0a800fa0".replace(
        " ", ""
    )
)


def attribute(level: int, name: int, value: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, 0, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def padded(value: bytes) -> bytes:
    return value + b"\0" * (-len(value) % 4)


def prop(tag: int, value: bytes | str | int, kind: int = 0x0102) -> bytes:
    """One MAPI property: text as Unicode, numbers as such, bytes as `kind`."""
    if isinstance(value, int):
        return struct.pack("<HHI", 3, tag, value)
    if isinstance(value, str):
        kind, value = 0x1F, (value + "\0").encode("utf-16-le")
    return struct.pack("<HHII", kind, tag, 1, len(value)) + padded(value)


def props(*found: bytes) -> bytes:
    return struct.pack("<I", len(found)) + b"".join(found)


NAMED = struct.pack("<HH16sIIII", 0x1F, 0x8001, b"g" * 16, 1, 6, 0, 0)[:-8] + padded("ab\0".encode("utf-16-le"))
NAMED += struct.pack("<II", 1, 4) + "x\0".encode("utf-16-le")
SEVERAL = struct.pack("<HHI", 0x1003, 0x0FFF, 3) + struct.pack("<III", 1, 2, 3)
SHORTS = struct.pack("<HHI", 0x1002, 0x0FFE, 3) + struct.pack("<HHHH", 1, 2, 3, 0)
BOOLEAN = struct.pack("<HHI", 0x000B, 0x0E1B, 1)


def packed(*attributes: bytes) -> bytes:
    start = [attribute(1, 0x9006, struct.pack("<I", 0x10000)), attribute(1, 0x9007, struct.pack("<II", 1251, 0))]
    return struct.pack("<IH", 0x223E9F78, 7) + b"".join([*start, *attributes])


def file(name: str, content: bytes, *more: bytes) -> bytes:
    return b"".join([
        attribute(2, 0x9002, b"\0" * 14),
        attribute(2, 0x8010, b"SHORT~1.DAT\0"),
        attribute(2, 0x800F, content),
        attribute(2, 0x9005, props(NAMED, SEVERAL, SHORTS, BOOLEAN, prop(0x3707, name), *more)),
    ])  # fmt: skip


def mailed(content: bytes, *parts: str, kind: str = "application/ms-tnef") -> parse.Incoming:
    part = (
        f"Content-Type: {kind}; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{encodebytes(content).decode()}"
    )
    return parse.read(multipart("mixed", *parts, part))


WORDS = "Content-Type: text/plain\n\nThe words.\n"


@pytest.mark.behaviour("B-221")
def test_its_files_become_files_and_it_goes_e71() -> None:
    content = packed(
        attribute(1, 0x800C, b"other words"),
        file("Отчёт за май.pdf", b"%PDF-1\0\0\0"),
        file("logo.png", PNG),
        file("", b""),
    )
    read = mailed(content, WORDS)
    assert (read.text, read.flags) == ("The words.", ())
    assert [(one.name, one.content, one.content_type) for one in read.attachments] == [
        ("Отчёт за май.pdf", b"%PDF-1\0\0\0", "application/pdf"),
        ("logo.png", PNG, "image/png"),
        ("SHORT~1.DAT", b"", "application/octet-stream"),
    ]


def test_it_is_known_by_its_name_and_signature_too_e71() -> None:
    assert [one.name for one in mailed(packed(file("a.txt", b"x")), kind="application/octet-stream").attachments] == [
        "a.txt"
    ]
    other = mailed(b"no TNEF", kind="application/octet-stream")
    assert ([one.name for one in other.attachments], other.flags) == (["winmail.dat"], ())


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ([attribute(1, 0x800C, "Привет\r\nвсем\0".encode("cp1251"))], "Привет\nвсем"),
        ([attribute(1, 0x9003, props(prop(0x1000, "Grüße")))], "Grüße"),
        ([attribute(1, 0x9003, props(prop(0x3FDE, 65001), prop(0x1013, "<p>Grüße<script>x</script></p>".encode())))], "Grüße"),
        ([attribute(1, 0x9003, props(prop(0x1009, RTF)))], "hello world"),
    ],
)  # fmt: skip
def test_its_words_count_where_there_are_no_others_e71(attributes: list[bytes], text: str) -> None:
    assert mailed(packed(*attributes)).text == text
    assert mailed(packed(*attributes), WORDS).text == "The words."
    assert "script" not in mailed(packed(*attributes)).html


def test_a_picture_that_its_html_shows_is_inline_e71() -> None:
    html = attribute(1, 0x9003, props(prop(0x1013, b'<p>See</p><img src="cid:p@x">')))
    read = mailed(packed(html, file("p.png", PNG, prop(0x3712, "p@x"))))
    assert [(one.name, one.inline) for one in read.attachments] == [("p.png", True)]


def test_what_lies_in_a_message_within_stays_there_e71() -> None:
    inner = packed(file("deep.txt", b"x"))
    outer = file("", b"", prop(0x3001, "Re: inner"), prop(0x3701, b"i" * 16 + inner, kind=0x000D))
    read = mailed(packed(outer), WORDS)
    assert [(one.name, one.content) for one in read.attachments] == [("SHORT~1.DAT.dat", inner)]


SOUND = packed(file("a.txt", b"hello"), attribute(1, 0x9003, props(prop(0x1000, "words"))))


@pytest.mark.behaviour("B-221")
@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x78\x9f\x3e\x22", b"x" * 100, SOUND[:-20], SOUND.replace(b"hello", b"hell"),
        packed(attribute(1, 0x9003, struct.pack("<I", 2**32 - 1))), packed(attribute(1, 0x9003, props(struct.pack("<HHI", 0x1F, 0x1000, 2**31)))),
        packed(attribute(1, 0x9003, props(struct.pack("<HHII", 0x1F, 0x1000, 1, 2**31)))), packed(attribute(1, 0x9007, b"")),
        packed(attribute(1, 0x9003, props(struct.pack("<HH", 0x7777, 1)))), packed(*[attribute(1, 1, b"")] * 30_000),
    ],
)  # fmt: skip
def test_a_damaged_one_is_kept_as_it_came_e71(content: bytes) -> None:
    read = mailed(content, WORDS)
    if content in (b"", b"\x78\x9f\x3e\x22"):  # the signature alone is an empty one
        return
    assert [(one.name, one.content) for one in read.attachments] == [("winmail.dat", content)]
    assert read.flags == ("tnef_failed",)


def test_any_cut_and_any_changed_byte_is_survived_e71() -> None:
    for at in range(len(SOUND)):
        for content in (SOUND[:at], SOUND[:at] + b"\xff" + SOUND[at + 1 :]):
            read = mailed(content, WORDS)
            assert read.text == "The words."
            assert sum(len(one.content) for one in read.attachments) <= len(content)


def test_more_files_than_are_kept_and_the_time_they_take_e71_e8() -> None:
    many = mailed(packed(*[file("a", b"x")] * 300), WORDS)
    assert (len(many.attachments), many.flags) == (100, ("truncated",))
    big = packed(file("a", b"x" * 20_000_000))
    assert seconds(lambda: tnef.unpack(big)) < 0.5
    small = packed(*[attribute(1, 0x9003, props(*[prop(0x0FFF, 1)] * 19_000))] * 10)
    assert seconds(lambda: tnef.unpack(small)) < 2


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (rb"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2\par a\tab b\{\}}", "Привет\na\tb{}"),
        (rb"{\rtf1\ansicpg932 \'93\'fa\'96\'7b}", "日本"),
        (rb"{\rtf1\uc1 \u1055?\u-10179?\u-8704?x{\fonttbl{\f0 Arial;}}{\*\generator w}}", "П😀x"),
        (rb"{\rtf1\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Hi\htmlrtf\par}\htmlrtf0 {\*\htmltag84 &nbsp;} you}", "Hi you"),
    ],
)  # fmt: skip
def test_rtf_gives_its_words(source: bytes, text: str) -> None:
    assert (
        rtf.to_text(struct.pack("<II4sI", len(source) + 12, len(source), b"MELA", 0) + source).split() == text.split()
    )


def test_hostile_rtf_ends_in_time_e8() -> None:
    for source in (b"{" * 900_000, b"\\'" * 400_000, b"\\u1" * 300_000, rb"{\*" * 300_000):
        packed_rtf = struct.pack("<II4sI", 0, 0, b"MELA", 0) + source
        assert seconds(partial(rtf.to_text, packed_rtf)) < 3
    bomb = struct.pack("<II4sI", 0, 0, b"LZFu", 0) + (b"\xff" + b"\x00\x0f" * 8) * 100_000
    assert len(rtf.decompress(bomb)) <= 1024 * 1024 + 200
    assert rtf.to_text(b"") == rtf.to_text(b"x" * 50) == ""


def test_a_whole_message_may_be_one_e71() -> None:
    raw = message("Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64", encodebytes(SOUND))
    read = parse.read(raw)
    assert (read.text, [one.name for one in read.attachments]) == ("words", ["a.txt"])
