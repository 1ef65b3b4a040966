"""The tree of parts: salvage, limits, transfer encodings, and agreement with the standard library on sound messages."""

import email
from email.message import EmailMessage, Message
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.mail import fields, mime, parse
from answerable.mail.limits import LIMITS, Limits
from answerable.mail.tests.samples import message, multipart, within


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
def test_every_line_end_works_e12(end: bytes) -> None:
    raw = message("Subject: folded\n over lines\nTo: a@x.test", "one\n\ntwo\n").replace(b"\n", end)
    read = parse.read(raw)
    assert (read.subject, read.to, read.text.strip()) == ("folded over lines", ("a@x.test",), "one\n\ntwo")


def test_mixed_line_ends_work_e12() -> None:
    read = parse.read(b"From: a@x.test\rSubject: s\r\nTo: b@x.test\n\r\nbody\r\nx\ry\n")
    assert (read.sender, read.subject, read.to, read.text) == (
        "a@x.test",
        "s",
        ("b@x.test",),
        "body\nx\ny\n".strip("\n"),
    )


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"From a@x.test Thu Feb 22 11:20:31 2007\nFrom: a@x.test\nSubject: s\n\nbody", "body"),
        (b">From a@x.test Thu\nFrom: a@x.test\nSubject: s\n\nbody", "body"),
        (b" continued from nothing\nFrom: a@x.test\nSubject: s\n\nbody", "body"),
        (b"\xef\xbb\xbfFrom: a@x.test\nSubject: s\n\nbody", "body"),
        (b"\n\nFrom: a@x.test\nSubject: s\n\nbody", "body"),
        (b"From: a@x.test\nthis is no field\nSubject: s\n\nbody", "body"),
        (b"From: a@x.test\nSubject: s\nbody without a blank line\nmore", "body without a blank line\nmore"),
        (b"From: a@x.test\nSubject: s", ""),
        (b"From: a@x.test\nSubject : s\n\nbody", "body"),
        (b"From : a@x.test\nSubject: s\n\nbody", "body"),
    ],
)
def test_a_broken_header_is_salvaged_e12(raw: bytes, text: str) -> None:
    read = parse.read(raw)
    assert (read.sender, read.subject, read.text) == ("a@x.test", "s", text)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"Hello there,\nhow are you?\n", "no_headers"),
        (b"Subject: x\n\ny", "no_sender"),
    ],
)
def test_why_a_message_is_set_aside_e10(raw: bytes, reason: str) -> None:
    read = parse.read(raw)
    assert (read.quarantine, read.kind) == (reason, "quarantine")


def test_text_without_a_header_can_still_be_seen_e7() -> None:
    assert parse.read(b"Hello there,\nhow are you?\n").text == "Hello there,\nhow are you?"


def test_an_oversize_message_has_its_header_read_only_e9() -> None:
    read = parse.read(message("Subject: big\nTo: b@x.test", "x" * 500), Limits(raw=300))
    assert (read.quarantine, read.subject, read.sender, read.text) == ("oversize", "big", "ann@customer.test", "")


def test_a_header_over_its_limit_is_cut_and_the_body_kept_e9() -> None:
    many = "".join(f"X-{n}: {'v' * 1000}\n" for n in range(300))
    read = parse.read(message(f"Subject: s\n{many}Cc: late@x.test"))
    assert (read.subject, read.cc, read.text, read.flags) == ("s", (), "Hello", ("truncated",))


def test_a_field_over_its_limit_is_cut_e9() -> None:
    read = parse.read(message("Subject: " + "s" * 70_000 + "\nTo: b@x.test"))
    assert (len(read.subject), read.to, read.flags) == (64 * 1024 - 1, ("b@x.test",), ("truncated",))


def test_a_thousand_fields_are_read_e9() -> None:
    read = parse.read(message("X: y\n" * 998 + "Subject: s\nTo: late@x.test"))
    assert (read.subject, read.to, read.flags) == ("s", (), ("truncated",))


def test_two_hundred_addresses_are_read_e9() -> None:
    read = parse.read(
        message(
            "To: "
            + ",".join(f"a{n}@x.test" for n in range(150))
            + "\nCc: "
            + ",".join(f"c{n}@x.test" for n in range(150))
        )
    )
    assert (len(read.to), len(read.cc), read.flags) == (150, 50, ("truncated",))


def test_three_thousand_levels_keep_the_words_on_top_e11() -> None:
    levels = 3000
    opened = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(levels))
    inner = opened.partition("\n\n")[2].replace("--b0\n", "--b0\n\nwords on top\n--b0\n", 1)
    read = parse.read(message("Content-Type: multipart/mixed; boundary=b0", inner + "\ndeepest"))
    assert (read.text.strip(), read.flags, len(read.attachments)) == ("words on top", ("truncated",), 1)
    assert b"deepest" in read.attachments[0].content
    assert read.attachments[0].content_type == "message/rfc822"


def test_thirty_levels_are_opened_e9() -> None:
    def nested(levels: int) -> bytes:
        body = b"Content-Type: text/plain\n\ndeep\n"
        for level in range(levels):
            body = within("mixed", body, boundary=f"n{level}x")
        return b"From: a@x.test\n" + body

    assert parse.read(nested(29)).text.strip() == "deep"
    assert (parse.read(nested(30)).text, parse.read(nested(30)).flags) == ("", ("truncated",))


def test_five_hundred_parts_are_read_e9() -> None:
    read = parse.read(multipart("mixed", *(f"Content-Type: text/plain\n\nw{n}" for n in range(700))))
    assert (len(read.text.split()), read.flags) == (499, ("truncated",))


def test_what_comes_after_the_last_part_that_is_read_is_a_file_not_text_e9() -> None:
    inner = within("mixed", "Content-Type: text/plain\n\ninner", boundary="in")
    read = parse.read(multipart("mixed", "\n\none", inner), Limits(parts=3))
    assert (read.text, [b"inner" in one.content for one in read.attachments], read.flags) == (
        "one",
        [True],
        ("truncated",),
    )


def test_a_hundred_files_of_limited_size_are_stored_e9() -> None:
    parts = [
        f"Content-Type: application/x-t\nContent-Disposition: attachment; filename=f{n}\n\n{'x' * 50}"
        for n in range(120)
    ]
    read = parse.read(multipart("mixed", *parts), Limits(attachment=20))
    assert (len(read.attachments), {one.size for one in read.attachments}, read.flags) == (100, {20}, ("truncated",))


def test_text_and_html_are_read_up_to_their_limits_e9() -> None:
    small = Limits(text=1000, html=1000)
    plain = parse.read(message(body="word\n" * 4000), small)
    assert (len(plain.text), plain.flags) == (999, ("truncated",))  # and a line end
    html = parse.read(message("Content-Type: text/html", "<p>word</p>\n" * 4000), small)
    assert (len(html.text) <= 1000, html.flags) == (True, ("truncated",))
    many = parse.read(multipart("mixed", *("\n\n" + "w" * 400 for _ in range(9))), small)
    assert (len(many.text.replace("\n", "")) <= 1000, many.flags) == (True, ("truncated",))


@pytest.mark.parametrize(
    ("encoding", "content", "expected"),
    [
        ("quoted-printable;", "caf=C3=A9", "café"),
        ("Quoted Printable", "caf=C3=A9", "café"),
        ("quoted-printble", "caf=C3=A9", "café"),
        ("quoted-printable", "a=  \nb", "ab"),
        ("quoted-printable", "a=ZZ=", "a=ZZ="),
        ("BASE 64", "Y2Fmw6k=", "café"),
        ("7-bit", "a=C3", "a=C3"),
        ("8bits", "café", "café"),
        ("plain", "a", "a"),
        ("", "a", "a"),
        ("nonsense (really)", "a=C3", "a=C3"),
        ("x-uue", "begin 644 x\n%8V%FPZD \n`\nend\n", "café"),
        ("x-uuencode", "begin 644 x\n%8V%FPZD \n`\nend\n", "café"),
    ],
)
def test_transfer_encodings_however_they_are_spelt_e20(encoding: str, content: str, expected: str) -> None:
    read = parse.read(
        message(f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}", content)
    )
    assert (read.text.strip().rstrip("="), read.flags) == (expected.rstrip("="), ())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Y2Fmw6kgYXUg!!bGFpdA==", "café au lait"),
        ("Y2Fmw6kgYXUgbGFpd", "café au lai"),
        ("Y2Fmw6k=\nIGF1IGxhaXQ=\n", "café au lait"),
        ("Y2Fm\n" * 60 + "w6k=\n_____\nA mailing list adds this footer\n", "caf" * 60 + "é"),
        ("Y2Fmw6k=\n\n-- \nA list's footer, longer than the words above it.\n", "café"),
        ("Dear all,\nword\n", "Dear all,\nword"),
        ("This is no base64 at all, it is plain text.", "This is no base64 at all, it is plain text."),
    ],
)
def test_what_is_valid_in_corrupt_base64_is_read_e20(content: str, expected: str) -> None:
    header = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64"
    read = parse.read(message(header, content))
    assert (read.text.strip(), read.flags) == (expected, ("corrupt_part",))


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/mixed",
        "multipart/x-unheard",
        "multipart/mixed; boundary=never",
        'multipart/mixed; boundary=""',
        "",
        "text",
        "text/x-odd",
        ";;",
        "image",
    ],
)
def test_a_body_that_cannot_be_cut_is_text_e20(kind: str) -> None:
    assert parse.read(message(f"Content-Type: {kind}", "the words\n")).text == "the words"


def test_a_missing_end_and_an_unknown_multipart_are_no_obstacle_e20() -> None:
    read = parse.read(
        message(
            "Content-Type: multipart/x-unheard; boundary=b",
            "pre\n--b\n\none\n--b\nContent-Type: application/pdf\n\n%PDF",
        )
    )
    assert (read.text, [one.name for one in read.attachments]) == ("one", ["attachment-1.pdf"])


def test_a_boundary_is_a_whole_line_e20() -> None:
    read = parse.read(
        message(
            "Content-Type: multipart/mixed; boundary=b",
            "--b\n\nx --b\n--bb\n--b trailing\n--b  \n\ntwo\n--b--\nepilogue",
        )
    )
    assert read.text == "x --b\n--bb\n--b trailing\ntwo"


LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60), max_size=6).map(
    "\n".join
)


@st.composite
def sound(draw: st.DrawFn) -> EmailMessage:
    """A message as a good mail program writes it."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"] = "a@x.test", draw(st.text("abc äß日 ", max_size=40)).strip()
    made.set_content(draw(LINES), cte=draw(st.sampled_from(["8bit", "quoted-printable", "base64"])))
    if draw(st.booleans()):
        made.add_alternative(f"<p>{draw(st.text('abc', max_size=9))}</p>", subtype="html")
    for content in draw(st.lists(st.binary(max_size=40), max_size=3)):
        made.add_attachment(
            content, maintype="application", subtype="octet-stream", filename=draw(st.text("aé .", max_size=8)) or None
        )
    return made


def leaves(part: Message) -> list[tuple[str, bytes]]:
    found = [one for one in part.walk() if not one.is_multipart()]
    return [(one.get_content_type(), bytes(one.get_payload(decode=True))) for one in found]  # the stubs say too little


@settings(deadline=None)
@given(sound())
def test_sound_messages_are_cut_as_the_standard_library_cuts_them_e11(made: EmailMessage) -> None:
    raw = made.as_bytes()
    tree = mime.take_apart(raw, mime.head_of(raw, LIMITS), LIMITS)
    ours = [(part.type, part.content().data) for part in tree.walk() if not part.children]
    assert ours == leaves(email.message_from_bytes(raw))
    assert not tree.truncated


def test_fields_keep_their_order_and_their_bytes_e13() -> None:
    block = fields.read_block(b"A: 1\r\nb: \xff\r\n 2\r\nA: 3\r\n\r\nbody", 0, 27, LIMITS, salvage=False)
    assert block.fields.items == (("a", b"1"), ("b", b"\xff 2"), ("a", b"3"))
    assert (block.fields.get("a"), block.fields.all("a"), "c" in block.fields) == (b"1", [b"1", b"3"], False)
