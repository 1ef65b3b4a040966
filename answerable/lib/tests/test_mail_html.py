"""What of a mail's HTML is shown in the page, what needs a sheet, and how each looks (email contract E-63 to E-66)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.lib import mail_html
from answerable.lib.html import clean, from_mail, from_text
from answerable.lib.markup import CANONICAL_TAG
from answerable.lib.paper import needs_sheet, remote_images

SIMPLE = [
    "<div dir='ltr'>Hi Priya,<br><br>it works.<ul><li>one</li></ul></div>",
    "<p class=MsoNormal><span style='font-size:11.0pt;font-family:\"Calibri\",sans-serif;color:#1F497D'>Yes</span></p>",
    "<div style='color:rgb(33, 33, 33);background-color:#ffffff'>Fine <b>now</b></div>",
    "<p><a href='https://x.example' style='color:#e91e63'>here</a></p>",
    "<p>Seen?</p><img src='https://track.example/o.gif' width=1 height=1>",
    "<blockquote type=cite>old</blockquote><p>new</p>",
    "<p>See</p><img src='cid:shot'>",
]
LAID_OUT = [
    "<table><tr><td>1</td></tr></table>",
    "<p>My answers are <span style='color:red'>in red</span></p>",
    "<p><font color='#cc0000'>in red</font></p>",
    "<p style='background-color: #ffff00'>marked</p>",
    "<p><img src='https://cdn.example/logo.png' width=120></p>",
    "<div style='display:none'>preheader</div><p>x</p>",
    "<p>" + "long " * 12_000 + "</p>",
]


@pytest.mark.parametrize("source", SIMPLE)
@pytest.mark.behaviour("B-225")
def test_words_lists_and_quotes_are_shown_in_the_page(source: str) -> None:
    assert not needs_sheet(clean(source, lambda _cid: 0))


@pytest.mark.parametrize("source", LAID_OUT)
def test_layout_is_shown_on_a_sheet(source: str) -> None:
    assert needs_sheet(clean(source, lambda _cid: 0))


def test_the_page_gets_no_style_and_no_heading_of_its_own() -> None:
    source = "<h1 style='color:#333'>Hi</h1><p style='font-weight:bold;text-decoration:line-through' title=t>a</p>"
    shown = mail_html.in_page(clean(source))
    assert shown == '<h3>Hi</h3><p title="t" class="is-strong is-struck">a</p>'


def test_blank_paragraphs_do_not_double_the_space() -> None:
    assert mail_html.in_page(clean("<p>a</p><p><span>&nbsp;</span></p><p>b</p>")) == "<p>a</p><p>b</p>"


def test_pictures_of_the_message_are_shown_in_place_and_no_others() -> None:
    kept = clean('<p>a<img src="cid:one" width=40>b<img src="cid:two" alt="2"></p>', {"one": 0, "two": 7}.get)
    shown = mail_html.in_page(kept, {0: "/files/9"})
    assert '<img src="/files/9" alt="Picture" width="40" loading="lazy">' in shown
    assert '<span class="no-picture">2</span>' in shown
    assert "data-" not in shown


def test_a_sheet_loads_from_elsewhere_only_what_is_let_in() -> None:
    kept = clean('<img src="https://a.example/1.png?a=1&amp;b=2" alt="Logo"><img src="https://t.example/o" height="1">')
    assert mail_html.on_sheet(kept, {}, {}) == '<span class="no-picture">Logo</span>'
    shown = mail_html.on_sheet(kept, {}, {"https://a.example/1.png?a=1&b=2": "/images/0", "https://t.example/o": "/1"})
    assert shown == '<img src="/images/0" alt="Logo">'
    assert remote_images(kept) == ["https://a.example/1.png?a=1&b=2"]


@pytest.mark.behaviour("B-226")
def test_a_mail_that_carries_it_on_has_pictures_by_cid_and_nothing_from_elsewhere() -> None:
    kept = clean('<p>a<img src="cid:one"><img src="https://t.example/x.png" alt="Logo"><img src="https://t.example/y">')
    kept_with = clean('<p>a<img src="cid:one" alt="shot"></p>', {"one": 0}.get)
    assert mail_html.for_mail(kept, {}) == "<p>a[Logo]</p>"
    assert mail_html.for_mail(kept_with, {0: "0.ab@files"}) == '<p>a<img src="cid:0.ab@files" alt="shot"></p>'
    assert mail_html.for_mail(kept_with, {}) == "<p>a[shot]</p>"


@pytest.mark.parametrize(
    ("source", "before", "signature"),
    [
        (from_text("Hello\n\n-- \nElin\nNorrland"), "<p>Hello</p><p></p>", "<p>-- <br>Elin<br>Norrland</p>"),
        (from_text("Hello\n-- \nElin"), "<p>Hello<br></p>", "<p>-- <br>Elin</p>"),
        (clean("<div>Hi<div><span>-- </span><br><div>Elin</div></div></div>"), "<div>Hi<div><span></span></div></div>",
         "<div><div><span>-- </span><br><div>Elin</div></div></div>"),
        (from_text("-- \nElin"), from_text("-- \nElin"), ""),
        (from_text("a -- b\n--- \nc"), from_text("a -- b\n--- \nc"), ""),
        (from_mail("x  \n\n  SELECT 1;\n-- \n  SELECT 2;\n  y"), from_mail("x  \n\n  SELECT 1;\n-- \n  SELECT 2;\n  y"), ""),
    ],
)  # fmt: skip
def test_a_signature_is_what_follows_its_line(source: str, before: str, signature: str) -> None:
    assert mail_html.folded(source) == (before, signature)


@pytest.mark.behaviour("B-227")
def test_the_rest_of_a_message_is_what_follows_its_new_words() -> None:
    whole = clean("<div>Thanks &amp; bye</div><div>On Monday you wrote:<blockquote>old</blockquote></div>")
    assert mail_html.rest_of(whole, clean("<div>Thanks &amp; bye</div>")) == (
        "<div>On Monday you wrote:<blockquote>old</blockquote></div>"
    )
    inner = clean("<div>Thanks<br><div>you wrote<blockquote>old</blockquote></div></div>")
    assert mail_html.rest_of(inner, clean("<div>Thanks<br></div>")) == (
        "<div><div>you wrote<blockquote>old</blockquote></div></div>"
    )
    below = clean("<blockquote>old</blockquote><p>new</p>")
    assert mail_html.rest_of(below, clean("<p>new</p>")) == below
    assert mail_html.rest_of(below, below) == ""
    assert mail_html.rest_of_text("new\n\n> old", "new") == "> old"
    assert mail_html.rest_of_text("> old\nnew", "new") == "> old\nnew"


def _nests(html: str) -> bool:
    stack: list[str] = []
    for match in CANONICAL_TAG.finditer(html):
        if match[1]:
            if not stack or stack.pop() != match[2]:
                return False
        elif match[2] not in {"br", "hr", "img", "wbr", "col"}:
            stack.append(match[2])
    return not stack


PIECES = ["<div>", "</div>", "<p>", "<b>", "</b>", "-- ", "<br>", "&amp;", "a", "&nbsp;", "<blockquote>", "<h1>", "<font>",
          '<img src="cid:x">', '<span style="font-weight:700">', "</span>"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25), st.integers(0, 30))
def test_whatever_is_cut_nests_and_keeps_every_word(pieces: list[str], size: int) -> None:
    whole, new = clean("".join(pieces), lambda _cid: 0), clean("".join(pieces[:size]), lambda _cid: 0)
    shown = mail_html.in_page(whole, {0: "/f"})
    head, tail = mail_html.folded(shown)
    rest = mail_html.rest_of(whole, new)
    assert all(map(_nests, (shown, head, tail, rest, mail_html.on_sheet(whole, {0: "/f"}, {}))))
    assert _letters(head + tail) == _letters(shown)
    assert _letters(rest) in {_letters(whole), _letters(whole)[len(_letters(new)) :], ""}


def _letters(html: str) -> str:
    return CANONICAL_TAG.sub("", html).replace("&nbsp;", "").replace("\u00a0", "").replace(" ", "")


def test_code_and_tables_in_plain_text_keep_their_columns() -> None:
    text = "Look:\n\nid    name      state\n1     loader    down\n\n    if x:\n        go()\n\nYours, Elin"
    assert from_mail(text) == (
        '<p>Look:</p><pre class="columns">id    name      state\n1     loader    down\n\n    if x:\n        go()</pre><p>Yours, Elin</p>'
    )
    assert from_mail("a\n  * one\n  * two") == from_text("a\n  * one\n  * two")
    assert from_mail("x < y") == "<p>x &lt; y</p>"


@pytest.mark.parametrize(
    "hostile", ["<p>" * 30_000, "<span style='color:#111'>a" * 20_000, "-- " * 200_000, "&" * 500_000]
)
def test_a_hostile_message_is_judged_in_no_time(hostile: str) -> None:
    kept = clean(hostile)
    start = time.perf_counter()
    needs_sheet(kept)
    mail_html.folded(mail_html.in_page(kept))
    mail_html.rest_of(kept, kept[: len(kept) // 2])
    assert time.perf_counter() - start < 1.5
