"""Who is named in a text by "@" and their name. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping

from markupsafe import escape

from answerable.lib import markup

# Nobody is named inside a word or an address.
_BEFORE = r"(?<![\w@.+-])@"
_AFTER = r"(?![\w])"


def named(text: str, people: Mapping[int, str], picked: Collection[int] = ()) -> list[int]:
    """Ids of the people whose "@name" stands in the text, in the order of `people`.

    Of several with one name those that were `picked` from the list are meant, or none.
    """
    if "@" not in text:
        return []
    said = {match[0][1:].casefold() for match in _pattern(people.values()).finditer(text)} if people else set()
    by_name: dict[str, list[int]] = {}
    for pk, name in people.items():
        by_name.setdefault(name.casefold(), []).append(pk)
    found = {
        pk
        for name, ids in by_name.items()
        if name in said
        for pk in (ids if len(ids) == 1 else [one for one in ids if one in picked])
    }
    return [pk for pk in people if pk in found]


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    # The longest first: "@Ana Lundgren" does not name Ana Lund.
    longest = sorted({name for name in names if name.strip()}, key=len, reverse=True)
    return re.compile(f"{_BEFORE}(?:{'|'.join(map(re.escape, longest)) or '(?!)'}){_AFTER}", re.IGNORECASE)


def marked(clean_html: str, names: Collection[str]) -> str:
    """HTML that `lib.html.clean` made, with "@name" in its words as marks; links and code stay as they are."""
    if not names:
        return clean_html
    pattern = _pattern(str(escape(name)) for name in names)
    out, pos, inside = [], 0, 0
    for tag in markup.tags(clean_html):
        out.append(_mark(clean_html[pos : tag.start], pattern, inside))
        out.append(clean_html[tag.start : tag.end])
        pos = tag.end
        if tag.name in {"a", "code", "pre"}:
            inside += -1 if tag.closing else 1
    out.append(_mark(clean_html[pos:], pattern, inside))
    return "".join(out)


def _mark(words: str, pattern: re.Pattern[str], inside: int) -> str:
    if inside or "@" not in words:
        return words
    # The class is ours: what comes from outside has lost its own.
    return pattern.sub(lambda match: f'<mark class="mention">{match[0]}</mark>', words)
