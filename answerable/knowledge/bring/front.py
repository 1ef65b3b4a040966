"""The lines between `---` at the head of a Markdown file: `key: value`, lists as `a, b`, `[a, b]` or lines of `- a`."""

import re
from collections.abc import Mapping

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"([A-Za-z][\w.-]*)[ \t]*:[ \t]*(.*)\Z")
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)\Z")
_HEADING = re.compile(r"\A\s*#[ \t]+([^\n]+)(?:\n|\Z)")


def parted(text: str) -> tuple[dict[str, str], str]:
    """What the head says, with small letters in its keys, and the text below it. Lines that say nothing are skipped."""
    found = _FRONT.match(text)
    if found is None:
        return {}, text
    said: dict[str, str] = {}
    key = ""
    for line in found[1].splitlines():
        if match := _LINE.match(line):
            key = match[1].lower()
            said[key] = _bare(match[2])
        elif key and (item := _ITEM.match(line)):
            said[key] = ", ".join(filter(None, (said[key], _bare(item[1]))))
    return said, text[found.end() :]


def items(said: Mapping[str, str], key: str) -> tuple[str, ...]:
    """The list under a key."""
    value = said.get(key, "").strip()
    if value.startswith("[") and value.endswith("]"):
        value = value[1:-1]
    return tuple(_bare(part) for part in value.split(",") if _bare(part))


def number(said: Mapping[str, str], key: str) -> int | None:
    """The whole number under a key; None: there is none."""
    value = said.get(key, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 9 else None


def headed(body: str) -> tuple[str, str]:
    """The first heading where the text begins with one, and the rest."""
    found = _HEADING.match(body)
    said = found[1].strip(" \t") if found else ""
    return (said.rstrip("#").rstrip(" \t") or said, body[found.end() :]) if found and said else ("", body)


def _bare(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1].strip()
    return value
