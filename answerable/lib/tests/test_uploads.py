"""Files from outside: what is too much is said by name, and no name or type is believed."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from answerable.lib.errors import Refused
from answerable.lib.uploads import Caps, MultipleFileField, read_all

MB = 1024 * 1024
CAPS = Caps(files=3, each=2 * MB, together=3 * MB)


def a_file(name: str = "a.txt", content: bytes = b"words", content_type: str = "text/plain") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type)


def wrong(*files: SimpleUploadedFile) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        MultipleFileField(caps=CAPS).clean(list(files))
    return list(caught.value.messages)


def test_each_thing_that_is_too_much_is_said() -> None:
    assert wrong(*[a_file()] * 4) == ["At most 3 files at once, and these are 4."]
    assert wrong(a_file("big.log", b"x" * (2 * MB + 1))) == ["“big.log” is larger than 2 MB."]
    assert wrong(*[a_file("half.log", b"x" * (2 * MB))] * 2) == ["Together the files are larger than 3 MB."]
    assert wrong(a_file("void.txt", b"")) == ["There is nothing in “void.txt”: its size is 0."]
    assert len(wrong(*[a_file("a", b"x" * (2 * MB + 1))] * 4, a_file("b", b""))) == 7


def test_as_much_as_is_allowed_is_taken() -> None:
    files = [a_file("a.bin", b"x" * (2 * MB)), a_file("b.bin", b"x" * (MB - 1)), a_file("c.bin", b"x")]
    assert MultipleFileField(caps=CAPS).clean(files) == files
    assert MultipleFileField(required=False).clean([]) == []
    assert [len(one.content) for one in read_all(files, CAPS)] == [2 * MB, MB - 1, 1]


def test_what_comes_with_a_message_is_refused_in_the_same_words() -> None:
    with pytest.raises(Refused, match="At most 3 files") as caught:
        read_all([a_file()] * 4, CAPS)
    assert caught.value.code == "too_many_files"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("Größe 図.pdf", "Größe 図.pdf"),
        ("con.txt", "_con.txt"),
        ("<script>.html", "script.html"),
        ("x" * 400 + ".log", "x" * 146 + ".log"),
    ],
)
def test_a_name_is_only_ever_words(name: str, safe: str) -> None:
    one = a_file()
    vars(one)["_name"] = name  # as it came: Django's own cleaning is not what we rely on
    assert read_all([one])[0].name == safe


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "image/png"),
        (b"%PDF-1.7\n1 0 obj", "application/pdf"),
        (b"just words", "application/octet-stream"),
    ],
)
def test_the_type_is_the_contents_own(content: bytes, content_type: str) -> None:
    (found,) = read_all([a_file("page.html", content, "text/html")])
    assert found.content_type == content_type
