"""Well-made messages of any structure lose no word and no file (E-60, E-66): what goes in comes out somewhere."""

from base64 import b64encode
from dataclasses import dataclass, field
from email.header import Header
from quopri import encodestring

from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.mail.tests.invariants import check
from answerable.mail.tests.samples import PNG

CHARSETS = {"utf-8": "Grüße 日本 Привет", "iso-8859-1": "Grüße café", "koi8-r": "Привет", "shift_jis": "日本語", "iso-2022-jp": "日本語", "gb18030": "你好", "utf-16": "Grüße 日本", "utf-7": "Grüße", "windows-1256": "سلام"}  # fmt: skip


@dataclass
class Built:
    """A part with its header, and what must be found again of it."""

    raw: bytes
    words: list[str] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)


class Numbers:
    """A mark of its own for every leaf, and a boundary for every multipart."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        self.last += 1
        return self.last


def encoded(draw: st.DrawFn, data: bytes) -> tuple[str, bytes]:
    """The data in some transfer encoding, with its name."""
    name = draw(st.sampled_from(["base64", "BASE64", "quoted-printable"]))
    return name, b64encode(data) if name.lower() == "base64" else encodestring(data.replace(b"\r", b""))


def text(draw: st.DrawFn, numbers: Numbers, kind: str) -> Built:
    charset = draw(st.sampled_from(sorted(CHARSETS) if kind == "plain" else ["utf-8", "koi8-r", "shift_jis"]))
    word = f"word{numbers.next()}end {CHARSETS[charset]}"
    name, data = encoded(draw, (f"<p>{word}</p>" if kind == "html" else f"{word}\n").encode(charset))
    label = draw(st.sampled_from([charset, charset.upper(), f'"{charset}"']))
    head = f"Content-Type: text/{kind}; charset={label}\nContent-Transfer-Encoding: {name}\n\n"
    return Built(head.encode() + data + b"\n", words=[word])


def file(draw: st.DrawFn, numbers: Numbers) -> Built:
    content = (
        draw(st.sampled_from([PNG, b"%PDF-1.7", b"\x00\xff\r\n\r", b"plain words"])) + str(numbers.next()).encode()
    )
    kind = draw(
        st.sampled_from(
            ["application/pdf", "image/png", "text/plain", "text/csv", "application/octet-stream", "video/mp4"]
        )
    )
    disposition = draw(st.sampled_from(["attachment", "inline", "ATTACHMENT"]))
    cid = draw(st.sampled_from(["", f"Content-ID: <c{numbers.last}@x.test>\n"]))
    head = f"Content-Type: {kind}; name=f{numbers.last}\nContent-Disposition: {disposition}; filename=f{numbers.last}\n{cid}Content-Transfer-Encoding: base64\n\n"
    return Built(head.encode() + b64encode(content) + b"\n", files=[content])


def many(draw: st.DrawFn, numbers: Numbers, depth: int) -> Built:
    """A multipart of any kind. Of an alternative only the first plain text and the first HTML are promised."""
    kind = draw(st.sampled_from(["mixed", "related", "signed", "alternative", "x-unheard"]))
    boundary = draw(st.sampled_from(["b{}", "=_b{}?x", "----b {}", "b{}'(),./:"])).format(numbers.next())
    if kind == "alternative":
        plain, html = text(draw, numbers, "plain"), text(draw, numbers, "html")
        parts, words = [plain, html], plain.words
        files: list[bytes] = []
    else:
        parts = [part(draw, numbers, depth + 1) for _ in range(draw(st.integers(1, 4)))]
        words = [word for one in parts for word in one.words]
        files = [content for one in parts for content in one.files]
    end = (
        draw(st.sampled_from([f"--{boundary}--\n", f"--{boundary}--", "", f"--{boundary}--\nepilogue\n"]))
        if depth == 0
        else f"--{boundary}--\n"
    )
    body = b"".join(f"--{boundary}\n".encode() + one.raw for one in parts) + end.encode()
    preamble = draw(st.sampled_from(["", "This is MIME.\n"]))
    return Built(f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{preamble}'.encode() + body, words, files)


def part(draw: st.DrawFn, numbers: Numbers, depth: int) -> Built:
    kind = draw(
        st.sampled_from(["plain", "html", "file", "file"] if depth > 3 else ["plain", "html", "file", "many", "many"])
    )
    if kind == "many":
        return many(draw, numbers, depth)
    return file(draw, numbers) if kind == "file" else text(draw, numbers, kind)


@st.composite
def messages(draw: st.DrawFn) -> Built:
    built = part(draw, Numbers(), 0)
    subject = Header(
        draw(st.sampled_from([*CHARSETS.values(), "plain"])), draw(st.sampled_from(["utf-8", "utf-8"]))
    ).encode()
    head = f"From: Ann <ann@customer.test>\nTo: support@vendor.test\nSubject: {subject}\n"
    raw = head.encode() + built.raw
    return Built(raw.replace(b"\n", b"\r\n") if draw(st.booleans()) else raw, built.words, built.files)


@settings(max_examples=80, deadline=None)
@given(messages())
def test_no_word_and_no_file_is_lost_e60_e66(built: Built) -> None:
    read = check(built.raw)
    for word in built.words:
        assert word in read.text, (word, read.text)
    kept = [one.content for one in read.attachments]
    assert [content for content in built.files if content not in kept] == []
    assert len(kept) == len(built.files)
