"""Which parts are words and which are files (E-60 to E-62, E-66, E-67, E-72, E-73)."""

from base64 import b64encode
from io import BytesIO
from zipfile import ZipFile

import pytest

from answerable.lib import html
from answerable.mail import parse
from answerable.mail.flowed import unflow
from answerable.mail.tests.samples import PNG, PNG_64, message, multipart, within

PLAIN = "Content-Type: text/plain\n\nthe plain words\n"
HTML = "Content-Type: text/html\n\n<p>the <b>html</b> words</p>\n"
BLANK = "Content-Type: text/plain\n\n \n\t\n"
PDF = "Content-Type: application/pdf; name=a.pdf\n\n%PDF"
IMAGE = f"Content-Type: image/png\nContent-ID: <pic@x>\nContent-Transfer-Encoding: base64\n\n{PNG_64}\n"


def names(raw: bytes) -> list[str]:
    return [one.name for one in parse.read(raw).attachments]


def test_plain_text_is_preferred_and_html_kept_e60() -> None:
    read = parse.read(multipart("alternative", PLAIN, HTML))
    assert (read.text, read.html) == ("the plain words", "<p>the <b>html</b> words</p>")


def test_html_speaks_where_plain_text_is_blank_or_missing_e60() -> None:
    assert parse.read(multipart("alternative", BLANK, HTML)).text == "the html words"
    assert parse.read(message("Content-Type: text/html", "<p>a</p><p>b<br>c</p>")).text == "a\n\nb\nc"


def test_every_inline_text_is_appended_in_order_e60() -> None:
    read = parse.read(multipart("mixed", PLAIN, PDF, HTML, "Content-Type: text/x-odd\n\nlast\n"))
    assert read.text.split() == ["the", "plain", "words", "the", "html", "words", "last"]
    assert html.to_text(read.html).split() == read.text.split()
    assert [one.name for one in read.attachments] == ["a.pdf"]


def test_the_alternative_of_an_apple_mail_with_files_between_e60() -> None:
    inner = within(
        "mixed", "Content-Type: text/html\n\n<p>one</p>", PDF, "Content-Type: text/html\n\n<p>two</p>", boundary="in"
    )
    read = parse.read(multipart("alternative", PLAIN, inner))
    assert (read.text, html.to_text(read.html).split(), names(multipart("alternative", PLAIN, inner))) == (
        "the plain words",
        ["one", "two"],
        ["a.pdf"],
    )


def test_a_footer_under_an_alternative_is_not_lost_e60() -> None:
    read = parse.read(
        multipart("mixed", within("alternative", PLAIN, HTML, boundary="in"), "Content-Type: text/plain\n\nfooter\n")
    )
    assert (read.text.split()[-1], html.to_text(read.html).split()[-1]) == ("footer", "footer")


def test_other_alternatives_count_only_alone_e60() -> None:
    watch = "Content-Type: text/watch-html\n\n<b>watch</b>"
    enriched = "Content-Type: text/enriched\n\nenriched words"
    assert parse.read(multipart("alternative", watch, PLAIN, enriched)).text == "the plain words"
    assert parse.read(multipart("alternative", enriched)).text == "enriched words"


def test_named_and_attached_text_is_a_file_e60() -> None:
    parts = [
        "Content-Type: text/plain; name=log.txt\n\nlog",
        "Content-Type: text/plain\nContent-Disposition: attachment\n\nlog",
    ]
    read = parse.read(multipart("mixed", PLAIN, *parts))
    assert (read.text, [one.name for one in read.attachments]) == ("the plain words", ["log.txt", "attachment-2.txt"])


def test_an_invitation_is_a_file_e60() -> None:
    calendar = "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR"
    read = parse.read(multipart("alternative", PLAIN, calendar))
    assert (read.text, [one.name for one in read.attachments]) == ("the plain words", ["attachment-1.ics"])


def test_nothing_said_is_fine_e61() -> None:
    read = parse.read(message("Subject:", ""))
    assert (read.subject, read.text, read.html, read.reply_text, read.quarantine) == ("", "", "", "", "")
    assert len(parse.read(message("Subject: " + "s" * 5000)).subject) == 5000


@pytest.mark.parametrize(
    ("text", "delete_space", "expected"),
    [
        ("a \nb\nc", False, "a b\nc"),
        ("a \nb", True, "ab"),
        ("> a \n> b\nmine", False, "> a b\nmine"),
        ("> a \n>> b", False, "> a\n>> b"),
        ("> a \nmine", False, "> a\nmine"),
        (" >stuffed", False, ">stuffed"),
        ("text \n-- \nAnn", False, "text\n-- \nAnn"),
        ("end ", False, "end"),
    ],
)
def test_flowed_text_is_put_together_e62(text: str, expected: str, *, delete_space: bool) -> None:
    assert unflow(text, delete_space=delete_space) == expected


def test_format_flowed_is_honoured_and_only_then_e62() -> None:
    assert parse.read(message("Content-Type: text/plain; Format=Flowed; DelSp=Yes", "a \nb")).text == "ab"
    assert parse.read(message("Content-Type: text/plain", "a \nb")).text == "a \nb"
    assert "begin 644 x" in parse.read(message(body="see:\nbegin 644 x\n#86)C\n`\nend\n")).text


def picture(source: str, *files: str) -> parse.Incoming:
    return parse.read(multipart("related", f"Content-Type: text/html\n\n<p>see</p>{source}", *files))


def test_a_picture_of_the_message_itself_is_shown_e66() -> None:
    read = picture('<img alt="x" src="cid:pic%40x">', IMAGE)
    assert (read.attachments[0].inline, read.attachments[0].content, read.flags) == (True, PNG, ())
    assert 'data-attachment="0"' in read.html
    assert "src" not in read.html
    assert html.with_images(read.html, {0: "/files/7"}) == read.html.replace("<img", '<img src="/files/7"')


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ('<img src="cid:other@x">', IMAGE),
        ('<img src="cid:pic@x">', IMAGE.replace(PNG_64, "PHN2Zz48L3N2Zz4=")),
        ('<img src="cid:pic@x">', PDF + "\n"),
        ('<img src="cid:../../etc/passwd">', IMAGE),
        ('<img src="cid:PIC@x">', IMAGE),
    ],
)
def test_anything_else_loses_its_source_and_is_kept_as_a_file_e66(source: str, file: str) -> None:
    read = picture(source, file)
    assert (read.attachments[0].inline, read.flags, "cid" in read.html) == (False, ("missing_cid",), False)


def test_the_first_of_two_files_with_one_id_is_meant_and_both_are_kept_e66() -> None:
    read = picture('<img src="cid:pic@x">', IMAGE, IMAGE)
    assert [one.inline for one in read.attachments] == [True, False]


def test_an_id_or_inline_hides_no_file_e66() -> None:
    css = "Content-Type: text/css\nContent-ID: <style@x>\n\np{}"
    read = picture("", IMAGE, css, "Content-Type: application/x-t\nContent-Disposition: inline\n\nx")
    assert ([one.inline for one in read.attachments], read.text) == ([False, False, False], "see")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Content-Type: message/rfc822; name=kept.eml", "kept.eml"),
        ("Content-Type: message/rfc822\nContent-Disposition: inline", "Re a b.eml"),
    ],
)
def test_an_attached_message_is_one_file_e67(header: str, expected: str) -> None:
    attached = f"{header}\n\nSubject: =?utf-8?Q?Re:_a/b?=\nFrom: other@x.test\n\nits words"
    read = parse.read(multipart("mixed", PLAIN, attached))
    assert (read.text, [one.name for one in read.attachments]) == ("the plain words", [expected])
    assert b"its words" in read.attachments[0].content


def test_a_message_that_is_nothing_but_another_message_e67() -> None:
    read = parse.read(message("Content-Type: message/rfc822", "From: x@y.test\n\nits words"))
    assert (read.text, [one.name for one in read.attachments]) == ("", ["message.eml"])


def test_signatures_and_secrets_e72() -> None:
    signed = parse.read(multipart("signed", PLAIN, "Content-Type: application/pgp-signature; name=s.asc\n\nsig"))
    assert (signed.text, [(one.name, one.role) for one in signed.attachments]) == (
        "the plain words",
        [("s.asc", "signature")],
    )
    by_name = parse.read(multipart("mixed", PLAIN, "Content-Type: application/octet-stream; name=smime.p7m\n\nMIAG"))
    inline = parse.read(message("Subject: x", "-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----\n"))
    assert by_name.flags == inline.flags == ("encrypted",)
    opaque = parse.read(message("Content-Type: application/pkcs7-mime; name=smime.p7m", "MIAG"))
    assert (opaque.text, [one.name for one in opaque.attachments], opaque.flags) == ("", ["smime.p7m"], ("encrypted",))
    pgp = parse.read(
        multipart(
            "encrypted",
            "Content-Type: application/pgp-encrypted\n\nVersion: 1",
            "Content-Type: application/octet-stream\n\nx",
        )
    )
    assert (len(pgp.attachments), pgp.flags) == (2, ("encrypted",))


def test_pieces_and_pointers_are_kept_and_never_fetched_e73() -> None:
    read = parse.read(
        multipart(
            "mixed",
            "Content-Type: message/partial; id=1\n\nx",
            "Content-Type: message/external-body; URL=http://x\n\ny",
        )
    )
    assert (len(read.attachments), read.flags) == (2, ("partial", "external_body"))


def test_content_decides_duplicates_and_the_way_here_does_not_e80() -> None:
    raw = message("Message-ID: <1@x>\nDate: Tue, 24 Nov 2026 10:00:00 +0000\nSubject: s", "body")
    seen = parse.read(raw).fingerprint
    assert (
        parse.read(b"Received: by b\nX-Spam: no\nDelivered-To: c@x.test\nReturn-Path: <d@x>\n" + raw).fingerprint
        == seen
    )
    for old, new in (
        (b"<1@x>", b"<2@x>"),
        (b"10:00", b"10:01"),
        (b"Subject: s", b"Subject: t"),
        (b"body", b"bodx"),
        (b"ann@", b"bob@"),
    ):
        assert parse.read(raw.replace(old, new)).fingerprint != seen
    assert parse.read(message(body="x")).fingerprint == parse.read(message(body="x")).fingerprint


def test_an_archive_stays_one_file_e70() -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("inside.txt", "x" * 1_000_000)
    coded = b64encode(packed.getvalue()).decode()
    part = f"Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\n{coded}"
    read = parse.read(multipart("mixed", PLAIN, part))
    assert [(one.name, one.content) for one in read.attachments] == [("a.zip", packed.getvalue())]
