"""What a canned reply may name: {{requester.first_name}} and so on, from a fixed list; nothing in it runs. Pure.

A value is text and stays text: what it holds of Markdown is escaped. One that is not known is marked in the text, and
nothing that holds such a mark is sent.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST = 20_000
# What each stands for, in words that also mark a missing one.
PLACES = {
    "requester.first_name": gettext_lazy("first name of the requester"),
    "requester.name": gettext_lazy("name of the requester"),
    "requester.email": gettext_lazy("address of the requester"),
    "organization.name": gettext_lazy("name of their organization"),
    "ticket.number": gettext_lazy("number of the request"),
    "ticket.subject": gettext_lazy("subject of the request"),
    "ticket.severity": gettext_lazy("severity of the request"),
    "agent.name": gettext_lazy("your name"),
    "agent.first_name": gettext_lazy("your first name"),
    "team.name": gettext_lazy("name of the team"),
    "promise.next": gettext_lazy("what is promised next"),
    "promise.due": gettext_lazy("when the next promise is due"),
    "vendor.name": gettext_lazy("name of your company"),
}
_PLACE = re.compile(r"\{\{\s*([a-z_.]{1,60})\s*\}\}")
_BRACES = re.compile(r"\{\{.{0,60}|\}\}")
_CODE = re.compile(r"\{[%#].{0,30}")
# No more than Markdown would read: mails have the text as it stands, too, and "Berg & Co" is a common name.
_SPECIAL = re.compile(r"([\\`*\[\]<>~|]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;))")
_MARK = re.compile(r"⟦([^⟦⟧\n]{1,80})⟧")


@dataclass(frozen=True)
class Filled:
    """The text with its values, and what is missing, each as it stands there."""

    text: str
    missing: tuple[str, ...]


def problems(body: str) -> list[str]:
    """What keeps it from being saved, in words."""
    if not body.strip():
        return [_("Write what it says.")]
    if len(body) > LONGEST:
        return [_("At most %(most)s characters.") % {"most": LONGEST}]
    return [
        _("Line %(line)s: %(words)s") % {"line": number, "words": words}
        for number, line in enumerate(body.split("\n"), 1)
        for words in _wrong(line)
    ]


def _wrong(line: str) -> Iterator[str]:
    for match in _PLACE.finditer(line):
        if match[1] not in PLACES:
            yield _unknown(match[1])
    for match in _BRACES.finditer(_PLACE.sub("", line)):
        yield _("“%(text)s” is no name in two pairs of braces.") % {"text": match[0].strip()}
    for match in _CODE.finditer(line):
        yield _("“%(text)s” would be sent as it stands: nothing runs here.") % {"text": match[0].strip()}


def _unknown(name: str) -> str:
    near = get_close_matches(name, list(PLACES), n=1)
    if near:
        return _("{{%(name)s}} is not known; did you mean {{%(near)s}}?") % {"name": name, "near": near[0]}
    return _("{{%(name)s}} is not known.") % {"name": name}


def fill(body: str, values: Mapping[str, str]) -> Filled:
    """The body with these values; a missing one is marked by what it would be: ⟦first name of the requester⟧."""
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        said = " ".join(values.get(match[1], "").split())
        if said:
            return _SPECIAL.sub(r"\\\1", said)
        missing.append(f"⟦{PLACES.get(match[1], match[1])}⟧")
        return missing[-1]

    return Filled(_PLACE.sub(value, body), tuple(missing))


def unfilled(text: str) -> list[str]:
    """What still waits in a text for somebody to fill it in: marks of a known place, and places themselves."""
    known = {str(words) for words in PLACES.values()}
    marks = [match[0] for match in _MARK.finditer(text) if match[1] in known]
    return marks + [match[0] for match in _PLACE.finditer(text) if match[1] in PLACES]
