"""The filters of a search as conditions: names are looked up, and what makes no sense is told with what it may have
meant. Nothing raises, whatever was typed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches

from django.utils.translation import gettext as _

from answerable.people import find_queries as find
from answerable.tickets import conditions
from answerable.tickets.conditions import ANY_DONE, ANY_OPEN, STATES, Condition
from answerable.tickets.models import Status
from answerable.tickets.search_language import ALIASES, KEYS, Filter, Query

# `status:open` means what is not done, as everywhere at the desk; the one status is `working`.
STATUSES = {
    "open": ANY_OPEN,
    "unsolved": ANY_OPEN,
    "done": ANY_DONE,
    "working": Status.OPEN.value,
    "waiting": Status.PENDING.value,
    **{status.value: status.value for status in Status if status != Status.OPEN},
}
# Where the words must be, by the weights of the documents.
PARTS = {"subject": "A", "replies": "C", "notes": "D", "files": "B", "tags": "B"}
_NOBODY = ("none", "nobody")


@dataclass(frozen=True)
class Wrong:
    """A filter that is not used, and why; `better` is what to type instead, "" where nobody knows."""

    raw: str
    why: str
    better: str = ""


@dataclass
class Narrowed:
    """What the filters ask for. `weights`: where words are looked for; `noted`: with (or without) notes."""

    conditions: list[Condition] = field(default_factory=list)
    weights: str = ""
    noted: bool | None = None
    wrong: list[Wrong] = field(default_factory=list)


def narrow(query: Query) -> Narrowed:
    """All filters of a query."""
    found = Narrowed()
    for one in query.unknown:
        close = get_close_matches(one.key, [*KEYS, *ALIASES], 1, 0.6)
        why = _("There is no filter “%(key)s:”, so it was searched as words.") % {"key": one.key[:40]}
        found.wrong.append(Wrong(one.raw, why, f"{close[0]}:{one.raw.partition(':')[2]}" if close else ""))
    for one in query.filters:
        _READERS.get(one.key, _custom)(one, found)
    return found


def _op(one: Filter) -> str:
    return "none" if one.negated else "any"


def _refuse(found: Narrowed, one: Filter, why: str, better: str = "") -> None:
    sign = "-" if one.negated else ""
    found.wrong.append(Wrong(one.raw, why, f"{sign}{one.key}:{_quoted(better)}" if better else ""))


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s,]", value) else value


def _add(found: Narrowed, one: Filter, condition: Condition) -> None:
    """Unless it cannot be asked."""
    why = conditions.wrong([condition], [int(value) for value in condition.values if value.isdecimal()])
    if why:
        _refuse(found, one, why[0])
    else:
        found.conditions.append(condition)


def _listed(one: Filter, found: Narrowed, known: list[str]) -> list[str] | None:
    """Its values, all of which are among those that are known; else None, and that is told."""
    for value in one.values:
        if value.lower() not in known:
            close = get_close_matches(value.lower(), known, 1, 0.5)
            said = {"key": one.key, "value": value[:40], "known": ", ".join(known)}
            _refuse(found, one, _("“%(key)s:” knows no “%(value)s”. It may be: %(known)s.") % said, *close)
            return None
    return [value.lower() for value in one.values]


def _status(one: Filter, found: Narrowed) -> None:
    values = _listed(one, found, list(STATUSES))
    if values:
        _add(found, one, Condition("status", _op(one), tuple(STATUSES[value] for value in values)))


def _severity(one: Filter, found: Narrowed) -> None:
    values = _listed(one, found, [f"p{n}" for n in range(10)])
    if values:
        _add(found, one, Condition("severity", _op(one), tuple(value.upper() for value in values)))


def _is(one: Filter, found: Narrowed) -> None:
    values = _listed(one, found, [*STATES, *STATUSES])
    if values and all(value in STATUSES for value in values):
        _add(found, one, Condition("status", _op(one), tuple(STATUSES[value] for value in values)))
    elif values and all(value in STATES for value in values):
        _add(found, one, Condition("is", _op(one), tuple(values)))
    elif values:
        _refuse(found, one, _("Ask for these one by one, each with an “is:” of its own."))


def _has(one: Filter, found: Narrowed) -> None:
    for value in _listed(one, found, ["attachment", "note"]) or ():
        if value == "note":
            found.noted = not one.negated
        else:
            _add(found, one, Condition("has", _op(one), (value,)))


def _in(one: Filter, found: Narrowed) -> None:
    values = _listed(one, found, list(PARTS))
    if values:
        chosen = {PARTS[value] for value in values}
        chosen = set("ABCD") - chosen if one.negated else chosen
        found.weights = "".join(sorted(chosen))


def _who(field_name: str, meant: Callable[[str], find.Meant], me: str = "", nobody: str = "") -> "_Reader":
    def read(one: Filter, found: Narrowed) -> None:
        values: list[str] = []
        for value in one.values:
            if me and value.lower() in ("me", "mine", "my"):
                values.append(me)
            elif nobody and value.lower() in _NOBODY:
                values.append(nobody)
            else:
                whom = meant(value)
                if not whom.ids:
                    return _refuse(found, one, whom.why, whom.close)
                values += [str(pk) for pk in whom.ids]
        return _add(found, one, Condition(field_name, _op(one), tuple(values[: conditions.MOST_VALUES])))

    return read


def _plain(field_name: str) -> "_Reader":
    def read(one: Filter, found: Narrowed) -> None:
        _add(found, one, Condition(field_name, _op(one), one.values))

    return read


def _custom(one: Filter, found: Narrowed) -> None:
    _add(found, one, Condition(one.key.replace(".", ":", 1), _op(one), one.values))


_AGE = re.compile(r"\d{1,5}[hdw]")


def _time(field_name: str) -> "_Reader":
    """A day, `>2026-01-31`, `<2026-01-31`, `2026-01-01..2026-01-31`, or `7d`: within the last seven days."""

    def read(one: Filter, found: Narrowed) -> None:
        value = one.values[0].lower()
        first, dots, last = value.partition("..")
        if value[:1] in (">", "<"):
            bounds = [("after" if value[0] == ">" else "before", value.lstrip("<>="))]
        elif dots:
            bounds = [("after", first), ("before", _day_after(last))]
        elif _AGE.fullmatch(value):
            bounds = [("after", value)]
        else:
            bounds = [("after", value), *([] if value == "today" else [("before", _day_after(value))])]
        _bound(one, found, field_name, bounds)

    return read


def _day_after(value: str) -> str:
    if value == "yesterday":
        return "today"
    try:
        return (date.fromisoformat(value) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return value


def _since(op: str) -> "_Reader":
    def read(one: Filter, found: Narrowed) -> None:
        _bound(one, found, "created", [(op, one.values[0].lower())])

    return read


def _bound(one: Filter, found: Narrowed, field_name: str, bounds: list[tuple[str, str]]) -> None:
    asked = [Condition(field_name, op, (value,)) for op, value in bounds]
    if one.negated:
        _refuse(found, one, _("Times cannot be asked with a minus: use “before:” or “after:”."))
    elif len(one.values) != 1 or conditions.wrong(asked, []):
        said = {"value": ",".join(one.values)[:40]}
        _refuse(found, one, _("“%(value)s” is no day: write 2026-01-31, “today”, or 7d for seven days ago.") % said)
    else:
        found.conditions += asked


_Reader = Callable[[Filter, Narrowed], None]
_READERS: dict[str, _Reader] = {
    "status": _status,
    "severity": _severity,
    "is": _is,
    "has": _has,
    "in": _in,
    "org": _who("organization", find.organizations_meant, nobody="none"),
    "team": _who("team", find.teams_meant, me="mine", nobody="none"),
    "assignee": _who("assignee", find.staff_meant, me="me", nobody="nobody"),
    "csm": _who("csm", find.staff_meant, me="me", nobody="nobody"),
    "requester": _who("requester", find.people_meant),
    "tag": _plain("tags"),
    "channel": _plain("channel"),
    "type": _plain("type"),
    "created": _time("created"),
    "updated": _time("updated"),
    "solved": _time("solved"),
    "before": _since("before"),
    "after": _since("after"),
}
