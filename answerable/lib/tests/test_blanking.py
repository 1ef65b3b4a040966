"""A text is found however it is wrapped and escaped, and what only resembles it is not."""

import time

import pytest

from answerable.lib.blanking import in_bytes, letters, masked

KEY = "Pa55 w0rd<&>ä/Key"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("it is Pa55 w0rd<&>ä/Key, thanks", "it is X, thanks"),
        ("> it is Pa55\n> w0rd<&>ä/Key", "> it is X"),
        ("it is Pa55 w0rd<&>\r\n> > ä/Key!", "it is X!"),
        ("it is pa55  W0RD<&>\u200bä/Key!", "it is X!"),
        ("see https://x.test/?p=Pa55%20w0rd%3C%26%3E%C3%A4%2FKey&x", "see https://x.test/?p=X&x"),
        (r"as Pa55 w0rd\<&\>ä/Key", "as X"),
    ],
)
def test_it_is_found_in_text(said: str, left: str) -> None:
    assert masked(said, letters(KEY), "X") == (left, 1)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("<p>Pa55 w0rd&lt;&amp;&gt;&auml;/Key</p>", "<p>X</p>"),
        ("<p>Pa55&nbsp;w0rd&#60;&#x26;&gt;&#228;/<b>K</b>ey</p>", "<p>X<b></b></p>"),
        ('<a href="https://x.test/Pa55%20w0rd%3C%26%3E%C3%A4%2FKey">x</a>', '<a href="https://x.test/X">x</a>'),
        ('<img alt="Pa55 w0rd&lt;&amp;&gt;ä/Key">', '<img alt="X">'),
        ("<pre>Pa55\nw0rd&lt;&amp;&gt;ä/Key</pre>", "<pre>X</pre>"),
    ],
)
def test_it_is_found_in_html_and_tags_stay_closed(said: str, left: str) -> None:
    assert masked(said, letters(KEY), "X", html=True) == (left, 1)


def test_words_that_stand_apart_are_not_one() -> None:
    assert masked("she re-ran it; is her e-mail here?", letters("here"), "X") == ("she re-ran it; is her e-mail X?", 1)


@pytest.mark.parametrize("code", ["utf-8", "utf-16", "utf-16-le"])
def test_it_is_found_in_a_file(code: str) -> None:
    assert in_bytes(f"a=1\nkey={KEY}\n".encode(code), KEY, letters(KEY))
    assert not in_bytes("a=1\nkey=other\n".encode(code), KEY, letters(KEY))


def test_a_long_text_that_holds_nothing_is_not_read_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = letters(KEY)
    monkeypatch.setattr("answerable.lib.blanking.letters", lambda *_: 1 / 0)
    assert masked("QUJDREVG<b>&amp;%41\n" * 1000, wanted, "X", html=True)[1] == 0
    assert masked("QUJDREVG<b>&amp;%41\n" * 1000, wanted, "X")[1] == 0


@pytest.mark.parametrize("key", ["ΟΔΥΣΣΕΥΣ", "Straße>|x\\y", "İstanbul-1"])
def test_the_quick_look_misses_no_letter(key: str) -> None:
    assert masked(f"is {key}, {key.lower() if key.isascii() else key}", letters(key), "X")[1] == 2


def test_signs_that_no_tag_closes_take_no_longer_than_others() -> None:
    began = time.process_time()
    assert masked("<" * 100_000, letters(KEY), "X", html=True)[1] == 0
    assert time.process_time() - began < 3
