"""Texts of mails that administrators change: names from a list, values that are only ever text, mistakes told by line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.lib.html import clean
from answerable.mail.wording import Place, Value, fill, problems

PLACES = {
    "greeting": Place("greeting"),
    "number": Place("the number", required=True),
    "subject": Place("subject"),
    "others": Place("others"),
    "link": Place("page", "link"),
    "message": Place("what was written", "block", required=True),
}
MESSAGE = Value("First.\n\nSecond.", "<p>First.</p><p>Second.</p>")


def filled(source: str, **values: str) -> tuple[str, str, str]:
    given = {name: Value(text) for name, text in values.items()} | {"message": MESSAGE}
    found = fill(source, PLACES, given)
    return found.text, found.main, found.foot


@pytest.mark.behaviour("B-236")
def test_one_source_is_text_and_html_and_a_footer() -> None:
    source = "{{greeting}}\n\nsee **[request {{number}}]({{ link }})**:\n\n{{message}}\n\n--\nAcme · {{link}}\n"
    text, main, foot = filled(source, greeting="Hello Elin,", number="1001", link="https://a.test/r/1?a=1&b=2")
    assert text == (
        "Hello Elin,\n\nsee request 1001: https://a.test/r/1?a=1&b=2:\n\nFirst.\n\nSecond.\n\n-- \n"
        "Acme · https://a.test/r/1?a=1&b=2\n"
    )
    assert "<p>Hello Elin,</p>" in main
    assert re.search(r'<strong><a href="https://a.test/r/1\?a=1&amp;b=2"[^>]*>request 1001</a></strong>', main)
    assert "<div><p>First.</p><p>Second.</p></div>" in main
    assert foot.count("https://a.test/r/1?a=1&amp;b=2") == 2


def test_a_line_that_has_nothing_to_say_is_left_out() -> None:
    source = "{{message}}\n\n{{subject}}\n\n--\n{{number}}\nAlso on it: {{others}}\n{{others}} and {{number}}\n"
    text, _main, foot = filled(source, number="5")
    assert text == "First.\n\nSecond.\n\n-- \n5\n and 5\n"
    assert "Also on it" not in foot


EVIL = '"><img src=x onerror=alert(1)> [x](javascript:alert(1)) **b** {{link}} `c` <a href="https://evil.test">y</a>'


@pytest.mark.behaviour("B-236")
def test_a_value_is_neither_markup_nor_another_name() -> None:
    source = (
        "# {{subject}}\n\n[{{subject}}](https://q.test/?q={{subject}}) `{{subject}}` [t]({{subject}})\n\n{{message}}"
    )
    text, main, _foot = filled(source, subject=EVIL, link="https://a.test/secret")
    assert text.count(EVIL) == 5
    assert "secret" not in text + main
    assert "<img" not in main
    assert 'evil.test"' not in re.sub(r"%22|&quot;", "", main)
    assert re.findall(r'href="([^"]*)"', main) == [re.findall(r'href="(https://q\.test/[^"]*)"', main)[0]]
    assert "<strong>" not in main


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_values_are_cleaning_the_mail_changes_nothing(subject: str, greeting: str) -> None:
    source = "{{greeting}}\n\n> {{subject}} · [{{link}}]({{link}}) *{{greeting}}*\n\n{{message}}\n"
    _text, main, _foot = filled(source, subject=subject, greeting=greeting, link="https://a.test/r/1")
    tags = re.findall(r"<(/?[a-z]+)", main)
    assert set(tags) <= {"p", "/p", "blockquote", "/blockquote", "a", "/a", "em", "/em", "div", "/div", "br"}
    assert re.findall(r"<(/?[a-z]+)", clean(main)) == tags


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", "There is no text."),
        ("x" * 20_001, "At most 20000 characters."),
        ("{{number}}\n{{numbr}}\n{{message}}", "Line 2: {{numbr}} is not known; did you mean {{number}}?"),
        ("{{message}}", "{{number}} is missing: the number"),
        ("{{number}}", "{{message}} is missing: what was written"),
        ("{{number}}\nsays {{message}}", "Line 2: {{message}} stands on a line of its own."),
        ("{{number}}\n{{message}}\n{{message}}", "{{message}} may stand there once."),
        ("{{number}} {{ two words }}\n{{message}}", "Line 1: “{{ two words }}” is no name in two pairs of braces."),
        ("{{number}} {{request.author}}\n{{message}}", "Line 1: “{{request.author}}” is no name"),
        ("{{number}} }}\n{{message}}", "Line 1: “}}” is no name in two pairs of braces."),
        ("{{number}}\n{{message}}\n{% if x %}", "Line 3: “{% if x %}” would be sent as it stands: nothing runs here."),
        ("{{number}}\n## Reply above this line ##\n{{message}}", "Line 2: “## Reply above this line ##” would cut off"),
        ("{{number}}\n{{message}}\n--\n--\n", "One line “--” at most"),
    ],
)
@pytest.mark.behaviour("B-237")
def test_what_is_wrong_is_told_by_line_and_name(source: str, told: str) -> None:
    assert str(problems(source, PLACES)[0]).startswith(told)


def test_a_right_text_has_no_problem() -> None:
    assert problems("{{ number }}\r\n\r\n  {{message}}\r\n--\r\n{{link}}", PLACES) == []
