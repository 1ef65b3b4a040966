"""Read support.toml: the whole policy, or every problem in it with its line. Pure but for the file itself."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from answerable.policy.lines import Place, lines
from answerable.policy.references import disagreements, one_of
from answerable.policy.schema import Policy

# The policy that comes with the product: complete, and explained line by line.
SHIPPED = Path(__file__).with_name("default.toml")

_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_EXPECTED = {
    "missing": "a value, since this key is required",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "dict_type": "a table",
    "model_type": "a table",
    "tuple_type": "a list in [ ]",
    "string_too_short": "text that is not empty",
    "string_too_long": "text of at most {max_length} characters",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "value_error": "{error}",
}


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `line` None: the file as a whole; `key` "": no key could be told."""

    file: str
    line: int | None
    key: str
    expected: str
    got: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {f'{self.key}: ' if self.key else ''}expected {self.expected}, got {self.got}"


class BadPolicy(Exception):
    """The file is wrong, so nothing of it may be used."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line or 0, problem.key))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def read(path: Path) -> Policy:
    """The policy in this file. Raises BadPolicy with all problems that can be told at once."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadPolicy(
            [Problem(str(path), None, "", "a file that can be read", (error.strerror or "").lower())]
        ) from None
    try:
        # Some editors begin a file with a byte order mark.
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadPolicy([Problem(str(path), line, "", "text in UTF-8", f"the byte {raw[error.start]:#x}")]) from None
    return parse(text, str(path))


def parse(text: str, file: str) -> Policy:
    """The policy in this text; `file` is the name that problems are reported under."""
    try:
        data = tomllib.loads(text)
        where = lines(text)
    except tomllib.TOMLDecodeError as error:
        raise BadPolicy([_bad_toml(str(error), text, file)]) from None
    except RecursionError:
        raise BadPolicy([Problem(file, None, "", "a policy", "brackets nested without end")]) from None

    def problem(place: Place, expected: str, got: str) -> Problem:
        return Problem(file, _line(where, place), _dotted(place), expected, got)

    try:
        policy = Policy.model_validate(data, context={"text": text})
    except ValidationError as errors:
        raise BadPolicy(problem(*told) for told in _explain_all(errors.errors(include_url=False))) from None
    found = [problem(place, expected, _show(got)) for place, expected, got in disagreements(policy)]
    if found:
        raise BadPolicy(found)
    return policy


def _bad_toml(message: str, text: str, file: str) -> Problem:
    place = _TOML_PLACE.search(message)
    line = int(place[1]) if place and place[1] else text.count("\n") + 1
    got = message[: place.start()] if place else message
    column = f" at column {place[2]}" if place and place[2] else ""
    return Problem(file, line, _key_near(text, line), "valid TOML", f"{got[:1].lower()}{got[1:]}{column}")


def _key_near(text: str, line: int) -> str:
    """The table and key that a broken line most likely belongs to."""
    before = "\n".join(text.splitlines()[:line])
    tables = re.findall(r"(?m)^[ \t]*\[{1,2}[ \t]*([^\]\n]+?)[ \t]*\]{1,2}", before)
    keys = re.findall(r"(?m)^[ \t]*([A-Za-z0-9_.\"'-]+)[ \t]*=", before.rpartition("\n[")[2])
    return ".".join([*tables[-1:], *keys[-1:]])


def _line(where: Mapping[Place, int], place: Place) -> int:
    """Where the place stands, or the nearest table around it that is written down."""
    while place not in where:
        place = place[:-1]
    return where[place]


def _dotted(place: Place) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def _explain_all(errors: list[ErrorDetails]) -> Iterator[tuple[Place, str, str]]:
    """Each error once: a misspelled key is one mistake, though the key that was meant is missing too."""
    meant = {(*place[:-1], _meant(place)) for place in (e["loc"] for e in errors if e["type"] == "extra_forbidden")}
    for error in errors:
        if error["type"] != "missing" or error["loc"] not in meant:
            yield _explain(error)


def _explain(error: ErrorDetails) -> tuple[Place, str, str]:
    """Pydantic's report in our words: (place, expected, got)."""
    kind, place, context = error["type"], error["loc"], error.get("ctx", {})
    if place[-1:] == ("[key]",):
        place = place[:-1]
        return place, _key_wanted(kind, context), f"the name {_show(place[-1])}"
    if kind == "extra_forbidden":
        return place, _known_key(place), str(place[-1])
    if kind == "missing":
        return place, _EXPECTED[kind], "nothing"
    if kind == "too_short":
        return place, "at least one entry", "none"
    if kind == "too_long":
        return place, f"at most {context['max_length']} entries", str(context["actual_length"] or "more")
    expected = _EXPECTED[kind].format_map(context) if kind in _EXPECTED else error["msg"]
    if kind == "string_pattern_mismatch":
        expected = (
            "one line of plain text" if "x00" in context["pattern"] else "a key of small letters, digits, - and _"
        )
    return place, expected.replace("'", '"') if kind == "literal_error" else expected, _show(error["input"])


def _key_wanted(kind: str, context: Mapping[str, str]) -> str:
    if kind == "literal_error":
        return context["expected"].replace("'", "")
    if kind == "value_error":
        return str(context["error"])
    return "a key of small letters, digits, - and _ (at most 64)"


def _known_key(place: Place) -> str:
    meant = _meant(place)
    return f"a known key (did you mean {meant}?)" if meant else f"a known key ({one_of(sorted(_known(place[:-1])))})"


def _meant(place: Place) -> str:
    """The known key that this unknown one looks like, or ""."""
    return next(iter(difflib.get_close_matches(str(place[-1]), _known(place[:-1]), n=1)), "")


def _known(place: Place) -> list[str]:
    """The keys of the section at this place, found by walking the models along it."""
    model: type[BaseModel] = Policy
    for part in place:
        field = model.model_fields.get(str(part))
        if field is not None:
            model = next(_models(field.annotation), model)
    return list(model.model_fields)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """The model inside `dict[Key, Team]`, `tuple[Rung, ...]` or `Team` itself."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    yield from chain.from_iterable(_models(inner) for inner in getattr(annotation, "__args__", ()))


def _show(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a table"
        case list() if len(value) > 3 or any(isinstance(item, dict) for item in value):
            return "a list"
        case str() | bool() | int() | float() | list():
            # JSON writes these as TOML does, and keeps control characters off the terminal.
            shown = json.dumps(value, ensure_ascii=False, default=str)
            return shown if len(shown) <= 60 else f"{shown[:60]}…"
    return str(value)
