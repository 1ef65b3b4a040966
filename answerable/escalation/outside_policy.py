"""The outside tools of the policy in force: put in force, and found."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from answerable.escalation.outside import OutsideTool
from answerable.lib.fresh import Fresh

EVENTS_V2, WEBHOOK, ALERTMANAGER = "events_v2", "webhook", "alertmanager"


@dataclass(frozen=True)
class OutsideSpec:
    """[outside.<key>], and the keys of the paging policies that name it. See `OutsideTool`."""

    key: str
    kind: str
    name: str
    url: str = ""
    key_variable: str = ""
    secret_variable: str = ""
    may_acknowledge: bool = False
    people: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Any] = field(default_factory=dict)
    policies: tuple[str, ...] = ()


def apply_outside(specs: Iterable[OutsideSpec], now: datetime) -> None:
    """These are in force; what is missing is retired: it is told nothing more, and not listened to."""
    kept = [_apply(spec) for spec in specs]
    OutsideTool.objects.exclude(key__in=kept).filter(retired_at__isnull=True).update(retired_at=now, asked_at=None)
    tools_by_key.forget()


def _apply(spec: OutsideSpec) -> str:
    values = {name: value for name, value in vars(spec).items() if name != "key"}
    values |= {"policies": list(spec.policies), "retired_at": None, "rest_until": None}
    OutsideTool.objects.update_or_create(key=spec.key, defaults=values)
    return spec.key


def tools() -> list[OutsideTool]:
    """Those in force, as they stand."""
    return list(OutsideTool.objects.filter(retired_at__isnull=True).order_by("name", "key"))


# Every one that there was: a few seconds old, for names and for what an alert has to be told.
tools_by_key: Fresh[dict[str, OutsideTool]] = Fresh(lambda: {tool.key: tool for tool in OutsideTool.objects.all()})


def tool_name(key: str) -> str:
    """What it is called; its key, should nobody know."""
    found = tools_by_key().get(key)
    return found.name if found else key


def listening(policy: str) -> list[OutsideTool]:
    """The tools that are told of alerts which this paging policy pages."""
    known = tools_by_key().values()
    return [tool for tool in known if tool.retired_at is None and policy and policy in tool.policies]
