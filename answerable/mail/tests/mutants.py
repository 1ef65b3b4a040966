"""Messages that nobody would write, made from a seed: the same seed makes the same message (email contract E-4, E-8)."""

import base64
from collections.abc import Callable
from pathlib import Path
from random import Random

from answerable.mail.tests.hostile_html import generated
from answerable.mail.tests.samples import PNG_64, message, multipart, within
from answerable.mail.tests.test_tnef import SOUND

SHARED = Path(__file__).parents[4] / "shared" / "emails"
_TNEF = base64.encodebytes(SOUND).decode()
_PNG = f"Content-Type: image/png; name=a.png\nContent-ID: <p@x>\nContent-Transfer-Encoding: base64\n\n{PNG_64}\n"
_TEXT = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe an alle,=\n hier.\n"
_HTML = '<p>See <a href="https://x.test/">this</a></p><div class="gmail_quote">On Monday, Bo wrote:<blockquote type="cite">old</blockquote></div>'

OWN = [
    message("Subject: Plain\nTo: Support <support@vendor.test>\nMessage-ID: <1@customer.test>\nDate: Mon, 23 Nov 2026 10:00:00 +0100"),
    message("Subject: =?utf-8?B?R3LDvMOfZQ==?= =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=\nIn-Reply-To: <a@b.test>\nReferences: <a@b.test> <c@d.test>", "New.\n\nOn 2026-04-02 18:26, Bo <b@x.test> wrote:\n> old\n> older\n\nbelow\n"),
    message(b"Subject: caf\xe9 \xff\nContent-Type: text/plain; charset=iso-8859-1", b"caf\xe9\n"),
    message("Subject: jp\nContent-Type: text/plain; charset=iso-2022-jp", "\x1b$BF|K\\\x1b(B\n"),
    multipart("alternative", _TEXT, f"Content-Type: text/html; charset=utf-8\n\n{_HTML}\n", header="Subject: Re: both"),
    multipart("related", 'Content-Type: text/html\n\n<img src="cid:p@x"><img src="cid:none">\n', _PNG, header="Subject: picture"),
    multipart("mixed", _TEXT, "Content-Type: application/pdf; name*0*=utf-8''%E2%82; name*1*=%AC; name*2=.pdf\nContent-Disposition: attachment\n\n%PDF-\n", "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n", header="Subject: files"),
    multipart("mixed", _TEXT, f"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{_TNEF}\n", header="Subject: tnef"),
    multipart("mixed", _TEXT, within("alternative", _TEXT, f"Content-Type: text/html\n\n{_HTML}\n", boundary="b1"), "Content-Type: message/rfc822\n\nFrom: q@x.test\nSubject: inner\n\nwords\n", header="Subject: nested"),
    multipart("report", "\n\nIt did not arrive.\n", "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.x.test\n\nFinal-Recipient: rfc822;a@b.test\nAction: failed\nStatus: 5.1.1\n", "Content-Type: message/rfc822\n\nMessage-ID: <a@b.test>\n\nx\n", header="Subject: Undelivered\nReturn-Path: <>"),
    multipart("report", "\n\nRead.\n", "Content-Type: message/disposition-notification\n\nOriginal-Message-ID: <a@b.test>\nDisposition: manual-action; displayed\n", header="Subject: Read"),
    multipart("signed", _TEXT, "Content-Type: application/pgp-signature; name=s.asc\n\n-----BEGIN\n", header="Subject: signed"),
    multipart("encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1\n", "Content-Type: application/octet-stream; name=m.asc\n\nxx\n", header="Subject: secret"),
    multipart("digest", "\nFrom: a@b.test\nSubject: one\n\nx\n", "\nSubject: two\n\ny\n", header="Subject: digest"),
    message("Subject: away\nAuto-Submitted: auto-replied\nX-Auto-Response-Suppress: All", "I am away.\n"),
    message("Subject: list\nList-Id: <dev.x.test>\nPrecedence: list\nReply-To: dev@x.test, other@x.test", "hello\n"),
    message("Subject: flowed\nContent-Type: text/plain; format=flowed; delsp=yes", "> a \n> b\n\nc \nd\n-- \nme\n"),
    message("Subject: uu\nContent-Transfer-Encoding: x-uuencode", "begin 644 x\n#86)C\n`\nend\n"),
    message("Subject: Fwd: old\nAuthentication-Results: mx.x.test; dmarc=pass header.from=customer.test\nReceived: by y", "see\n\n-----Original Message-----\nFrom: a@b.test\nSent: Monday\nTo: c@d.test\nSubject: old\n\nwords\n"),
    message("Subject: partial\nContent-Type: message/partial; id=x; number=1; total=2", "x\n"),
    message("To: undisclosed-recipients:;\nSubject:\nContent-Type: multipart/mixed", ""),
]  # fmt: skip

Change = Callable[[Random, bytes], bytes]
_CHARSETS = [
    "utf-8",
    "utf-7",
    "utf-16",
    "utf-32",
    "us-ascii",
    "latin1",
    "gb2312",
    "shift_jis",
    "iso-2022-jp",
    "iso-2022-kr",
    "hz",
    "big5",
    "cp037",
    "idna",
    "punycode",
    "zip",
    "rot13",
    "unicode_escape",
    "undefined",
    "mbcs",
    "x-unknown",
    "charset",
    "%00",
    "=?a?q?b?=",
]
_ENCODINGS = [
    "base64",
    "quoted-printable",
    "7bit",
    "8bit",
    "binary",
    "x-uuencode",
    "quoted",
    "base46",
    "gzip",
    ";",
    "Base64;",
]
_TYPES = [
    "text/plain",
    "text/html",
    "multipart/mixed",
    "multipart/alternative",
    "multipart/related",
    "multipart/signed",
    "multipart/report",
    "multipart/digest",
    "message/rfc822",
    "message/partial",
    "message/external-body",
    "message/delivery-status",
    "application/ms-tnef",
    "application/pkcs7-mime",
    "application/octet-stream",
    "text/calendar",
    "text",
    "text/",
    "/",
    "a/b/c",
    "multipart/",
    "image/png",
]
_SHARDS = [
    b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\n", b"\0", b'"', b"(", b")", b"<", b">", b";", b"=", b"=\n", b"=?utf-8?B?", b"?=", b"--b0\n", b"--b0--\n", b"--", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b$B", b"%", b"'", b"*0*=", b"\\",
    b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xe2\x80\xae", b"\x85", b"\xa0", b"<!--", b"<blockquote type=cite>", b"> ", b"From: ", b"\nFrom x\n", b"&#0;", b"begin 644 x\n", b"@", b"@@", b",", b":", b"\t", b" \n ", b"Re: " * 50,
]  # fmt: skip
_BOMB = 3_000


def mutant(seed: int, corpus: list[bytes]) -> bytes:
    """One of the corpus, changed in one to five ways."""
    rng = Random(seed)
    raw = rng.choice(corpus)
    for _ in range(rng.choice((1, 1, 2, 2, 3, 5))):
        raw = rng.choice(CHANGES)(rng, raw)
    return raw


def corpus() -> list[bytes]:
    """Our own messages, and the shared samples where they are."""
    return OWN + [path.read_bytes() for path in sorted(SHARED.glob("*.eml"))]


def _flip_bits(rng: Random, raw: bytes) -> bytes:
    data = bytearray(raw)
    for _ in range(rng.randint(1, 30) if data else 0):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def _cut(rng: Random, raw: bytes) -> bytes:
    start = rng.randrange(len(raw) + 1)
    return raw[:start] if rng.random() < 0.5 else raw[:start] + raw[start + rng.randint(0, 200) :]


def _lines(rng: Random, raw: bytes) -> bytes:
    lines = raw.splitlines(keepends=True) or [b""]
    kind, at = rng.randrange(4), rng.randrange(len(lines))
    if kind == 0:
        rng.shuffle(lines)
    elif kind == 1:
        lines[at] *= rng.choice((2, 3, 500))
    elif kind == 2:
        del lines[at]
    else:
        lines[at] = rng.choice(lines)
    return b"".join(lines)


def _parts(rng: Random, raw: bytes) -> bytes:
    parts = raw.split(b"--b0")
    rng.shuffle(parts)
    return b"--b0".join(parts[: rng.randint(1, len(parts))] + rng.choices(parts, k=rng.randint(0, 4)))


def _shards(rng: Random, raw: bytes) -> bytes:
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(raw) + 1)
        raw = raw[:at] + rng.choice(_SHARDS) * rng.choice((1, 1, 1, 2, 40)) + raw[at:]
    return raw


def _line_ends(rng: Random, raw: bytes) -> bytes:
    ends = [b"\n", b"\r\n", b"\r", b"\r\r\n", b"\n\r", b"\x85", b"\x0c"][: rng.randint(2, 7)]
    return b"".join(line.rstrip(b"\r\n") + rng.choice(ends) for line in raw.splitlines(keepends=True))


def _header(rng: Random, raw: bytes) -> bytes:
    """A bomb of a field, on top of the others."""
    n = rng.choice((10, 300, _BOMB))
    bomb = rng.choice([
        "To: " + "a@b.test, " * n, "To: " + "(" * n, "From: " + '"' * n, "Cc: " + "x:" * n, "From: " + "<" * n + "a@b.test", "Subject: " + "=?utf-8?q?a?= " * n,
        "Subject: " + "=?utf-8?B?" * n, "Subject: =?x-odd?Q?" + "=FF" * n + "?=", "References: " + "<a@b> " * n, "Message-ID: " + "<" * n, "X: y\n" * n + "Subject: late", "Subject: " + "a\n " * n,
        "Content-Type: a/b; " + "a=b;" * n, "Content-Type: text/plain; " + "".join(f"name*{i}*=%E2;" for i in range(n % 500)), "Content-Type: text/plain; name*0*=utf-8''" + "%" * n, "Content-Disposition: attachment; filename=" + "=?utf-8?q?/?=" * n,
        "Received: by x; " * n, "Authentication-Results: mx.x.test; " + "dmarc=pass (" * n, "Date: " + "1" * n, "Content-Transfer-Encoding: " + "b" * n, "Return-Path: " + "<" * n, "List-Id: " + "<" * n, "X-Failed-Recipients: " + "a@b.test," * n,
        "Content-Type: multipart/mixed; boundary=" + "b" * n, "Content-Type: multipart/mixed; boundary=\"\"", "Content-Type: multipart/mixed; boundary=-", "From: \n", "From: @", "From: a@b.test, c@d.test", "Sender: ", ": x", "\xff: x", "Reply-To: " + "a@b.test;" * n,
    ])  # fmt: skip
    return bomb.encode("utf-8", "replace") + b"\n" + raw


def _lies(rng: Random, raw: bytes) -> bytes:
    """Another type, charset or encoding than it has."""
    name, values = rng.choice(((b"charset=", _CHARSETS), (b"Transfer-Encoding: ", _ENCODINGS), (b"Content-Type: ", _TYPES), (b"Content-Type:", ["", " ;", " " + "x" * 200])))  # fmt: skip
    head, found, tail = raw.partition(name)
    value = rng.choice(values).encode()
    if not found:
        return b"MIME-Version: 1.0\nContent-Type: text/plain; charset=%s\nContent-Transfer-Encoding: %s\n" % (value, rng.choice(_ENCODINGS).encode()) + raw  # fmt: skip
    return head + found + value + (b";" if b"Type" in name else b"\n" if b"Transfer" in name else b"") + tail


def _boundary(rng: Random, raw: bytes) -> bytes:
    change = rng.choice([
        (b"--b0--", b"--b0"), (b"--b0", b"--b"), (b"--b0", b"--b00"), (b"--b0", b" --b0"), (b"--b0", b"--b0 x"), (b"boundary=b0", b'boundary="b0'), (b"boundary=b0", b"boundary=b0; boundary=b1"), (b"boundary=b0", b"boundary"),
        (b"boundary=b1", b"boundary=b0"), (b"--b1", b"--b0"), (b"\n--b0", b"--b0"), (b"--b0\n", b"--b0\r\r\n"), (b"boundary=b0", b"boundary*0=b; boundary*1=0"), (b"boundary=b0", "boundary=b\u00f60".encode()), (b"--b0", b"--b0\0"),
    ])  # fmt: skip
    return raw.replace(*change)


def _nest(rng: Random, raw: bytes) -> bytes:
    depth = rng.choice((2, 5, 29, 31, 400))
    kind = rng.choice(("mixed", "alternative", "related", "signed", "report", "digest"))
    head, _, body = raw.partition(b"\n\n")
    opened = "".join(f"--n{i}\nContent-Type: multipart/{kind}; boundary=n{i + 1}\n\n" for i in range(depth))
    inner = b"--n%d\n" % depth + rng.choice((b"\n", b"Content-Type: message/rfc822\n\n")) + body
    closed = "".join(f"\n--n{i}--" for i in range(depth, -1, -1)) if rng.random() < 0.5 else ""
    return b"Content-Type: multipart/%s; boundary=n0\n" % kind.encode() + head + b"\n\n" + opened.encode() + inner + closed.encode()  # fmt: skip


def _huge_line(rng: Random, raw: bytes) -> bytes:
    piece = rng.choice([b"x", b" ", b">", b"a@b.test ", b"<p>", b"=", b"=C3", b"&amp", b"wrote: ", b"\t", b"\xe2\x80\xae", b"http://x.test/", b"-", b"=?a?q?b?="])  # fmt: skip
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + piece * rng.choice((100, 2_000, 20_000)) + raw[at:]


def _html(rng: Random, raw: bytes) -> bytes:
    head, _, _ = raw.partition(b"\n\n")
    body = "".join(generated(rng) for _ in range(rng.choice((1, 3, 10)))).encode("utf-8", "surrogatepass")
    return b"Content-Type: text/html; charset=%s\n" % rng.choice((b"utf-8", b"utf-7", b"utf-16", b"shift_jis", b"x")) + head + b"\n\n" + body  # fmt: skip


def _quotes(rng: Random, raw: bytes) -> bytes:
    piece = rng.choice([
        b"> a\n", b">" * 50 + b" x\n", b"On 2026-01-01 10:00, A <a@b.test> wrote:\n> x\n", b"From: a\nSent: b\nTo: c\nSubject: d\n\n", b"-----Original Message-----\n", b"## Reply above this line ##\n", b"answer\n> q\n", b"wrote:\n",
        "Le lundi 3 mars 2026 à 10:00, Al <a@b.test> a écrit :\n".encode(), b"________________________________\nFrom: x\n",
    ])  # fmt: skip
    return b"Subject: Re: x\n" + raw + b"\n" + piece * rng.choice((1, 5, 2_000))


def _tnef(rng: Random, raw: bytes) -> bytes:
    head, _, body = raw.partition(b"\n\n")
    junk = base64.encodebytes(rng.choice((_flip_bits, _cut, _shards))(rng, SOUND * rng.choice((1, 1, 30))))
    return b"Content-Type: multipart/mixed; boundary=t0\n" + head + b"\n\n--t0\n\n" + body + b"\n--t0\nContent-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n" + junk + b"\n--t0--\n"  # fmt: skip


def _splice(rng: Random, raw: bytes) -> bytes:
    other = rng.choice(OWN)
    return raw[: rng.randrange(len(raw) + 1)] + other[rng.randrange(len(other)) :]


def _recode(rng: Random, raw: bytes) -> bytes:
    head, _, body = raw.partition(b"\n\n")
    kind = rng.randrange(3)
    if kind == 0:
        coded = base64.encodebytes(body).replace(b"\n", rng.choice((b"\n", b"", b" ", b"!\n", b"==\n")))
        return b"Content-Transfer-Encoding: base64\n" + head + b"\n\n" + coded
    if kind == 1:
        return b"Content-Type: text/plain; charset=utf-16\n" + head + b"\n\n" + body.decode("latin-1").encode("utf-16")
    return b"\xff\xfe" + raw.decode("latin-1").encode("utf-16-le")


CHANGES: list[Change] = [
    _flip_bits, _cut, _lines, _parts, _shards, _line_ends, _header, _header, _lies, _lies, _boundary, _nest, _huge_line, _html, _html, _html, _quotes, _tnef, _splice, _recode,
]  # fmt: skip
