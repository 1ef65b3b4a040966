"""What differs between two policies, in lines that a person reads: `~ severity P1 first_response 4 h → 2 h`. Pure.

A policy's outline is plain JSON, kept with every version applied, so that an old version can still be compared when
the shape of the file has moved on.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from answerable.policy.schema import Policy

Outline = dict[str, dict[str, str]]

# Parts that are words for people, shown in quotes; the others are keys, numbers, addresses.
_WORDS = {"name", "product", "meaning", "role", "label", "help", "about", "sentence"}
_SINGULAR = {"teams": "team", "calendars": "calendar", "severities": "severity", "plans": "plan"}


@dataclass(frozen=True)
class Change:
    """One line of the diff. `part` is "" where it is about the thing itself; `old` and `new` are shown text."""

    sign: str
    thing: str
    part: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        words = [self.sign, self.thing, self.part]
        if self.sign == "~":
            words.append(f"{_short(self.old)} → {_short(self.new)}")
        else:
            words.append(_short(self.new or self.old))
        return " ".join(word for word in words if word)


def outline(policy: Policy) -> Outline:
    """The policy as named things with named parts: `{"team cloud": {"name": '"Cloud support"'}}`."""
    things: Outline = {}
    for section, content in policy.model_dump(mode="json").items():
        if section in _OWN_WAY:
            things |= _OWN_WAY[section](content)
        elif section in {"inbox", "mailbox", "widget", *_SINGULAR}:
            for key, thing in content.items():
                things[f"{_SINGULAR.get(section, section)} {key}"] = dict(_parts(thing))
        elif isinstance(content, dict):
            things[section] = dict(_parts(content))
        elif content is not None:
            things[section] = {"": str(content)}
    things["mail"]["reply_domain"] = policy.reply_domain
    return things


def _ladder(content: dict[str, Any]) -> Outline:
    """Each level is a thing of its own, and so is each broken promise that leads to one."""
    levels, rules = content.pop("levels"), content.pop("automatic")
    named = {f"ladder level {number}": dict(_parts(rung)) for number, rung in enumerate(levels, start=1)}
    for rule in rules:
        for level in rule["severities"]:
            named[f"ladder on {rule['metric']} of {level}"] = {"level": str(rule["level"])}
    return named | {"ladder": dict(_parts(content))}


def _on_call(schedules: dict[str, Any]) -> Outline:
    """Each layer is a thing of its own, the highest is layer 1."""
    things: Outline = {}
    for key, content in schedules.items():
        layers = content.pop("layers")
        things[f"on call {key}"] = dict(_parts(content))
        things |= {f"on call {key} layer {number}": dict(_parts(one)) for number, one in enumerate(layers, start=1)}
    return things


def _paging(policies: dict[str, Any]) -> Outline:
    """Each step is a thing of its own."""
    things: Outline = {}
    for key, content in policies.items():
        steps = content.pop("steps")
        if not content["outside"]:  # most name none
            del content["outside"]
        things[f"paging {key}"] = dict(_parts(content))
        things |= {f"paging {key} step {number}": dict(_parts(one)) for number, one in enumerate(steps, start=1)}
    return things


def _outside(tools: dict[str, Any]) -> Outline:
    """Each route is a thing of its own."""
    things: Outline = {}
    for key, content in tools.items():
        routes = content.pop("routes")
        things[f"outside {key}"] = dict(_parts(content))
        things |= {f"outside {key} route {number}": dict(_parts(one)) for number, one in enumerate(routes, start=1)}
    return things


def _form(content: dict[str, Any]) -> Outline:
    """Each field is a thing of its own, and their order says something too."""
    fields = content.pop("fields")
    named = {f"form field {key}": dict(_parts(field)) for key, field in fields.items()}
    return {"form": dict(_parts(content | ({"fields": list(fields)} if fields else {})))} | named


def _support_page(content: dict[str, Any]) -> Outline:
    """Each link is a thing of its own."""
    links = content.pop("links")
    named = {f"support page link {number}": dict(_parts(one)) for number, one in enumerate(links, start=1)}
    return {"support page": dict(_parts(content))} | named


# Sections that are more than one thing, or one thing with a part of its own kind.
_OWN_WAY: dict[str, Callable[[dict[str, Any]], Outline]] = {
    "escalation": _ladder,
    "on_call": _on_call,
    "paging": _paging,
    "outside": _outside,
    "form": _form,
    "support_page": _support_page,
}


def changes(old: Outline, new: Outline) -> list[Change]:
    """From old to new, in the new file's order, what went last."""
    found: list[Change] = []
    for thing, parts in new.items():
        if thing not in old:
            found.append(Change("+", thing, new=_title(parts)))
        else:
            found.extend(_changed(thing, old[thing], parts))
    found.extend(Change("-", thing) for thing in old if thing not in new)
    return found


def _changed(thing: str, old: dict[str, str], new: dict[str, str]) -> Iterator[Change]:
    for part in [*new, *(part for part in old if part not in new)]:
        before, after = old.get(part, ""), new.get(part, "")
        if not before:
            yield Change("+", thing, part, new=after)
        elif not after:
            yield Change("-", thing, part, old=before)
        elif before != after:
            yield Change("~", thing, part, before, after)


def _title(parts: dict[str, str]) -> str:
    """What to say of a thing that is new."""
    return next((parts[part] for part in ("name", "label", "address", "user", "") if part in parts), "")


def _parts(content: dict[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _parts(value, f"{prefix}{key}.")
        elif isinstance(value, str) and key not in _WORDS:
            yield f"{prefix}{key}", value
        elif value is not None:
            yield f"{prefix}{key}", json.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    return text if len(text) <= 72 else f"{text[:71]}…"
