"""[outside.*] of support.toml: what must agree in it and with the other tables, and what the room gets of it."""

from collections.abc import Iterator

from answerable.escalation.outside_policy import ALERTMANAGER, EVENTS_V2, WEBHOOK, OutsideSpec
from answerable.notify.tool_out import REGIONS
from answerable.policy.lines import Place
from answerable.policy.schema import Outside, Policy

Disagreement = tuple[Place, str, object]
# Where a source says nothing of it.
SEVERITY = "P1"
_NEEDED = {
    EVENTS_V2: ("key_variable",),
    WEBHOOK: ("url", "key_variable"),
    ALERTMANAGER: ("secret_variable",),
}
_FOREIGN = {
    EVENTS_V2: ("team", "severity", "routes"),
    WEBHOOK: ("region", "team", "severity", "routes"),
    ALERTMANAGER: ("region", "url", "key_variable", "may_acknowledge", "people"),
}


def disagreements(policy: Policy) -> Iterator[Disagreement]:
    """(where, what was expected there, what stands there)."""
    for key, one in policy.paging.items():
        for number, name in enumerate(one.outside):
            tool = policy.outside.get(name)
            if tool is None or tool.kind == ALERTMANAGER:
                yield ("paging", key, "outside", number), _known(policy), name
            if name in one.outside[:number]:
                yield ("paging", key, "outside", number), "each tool once", name
    for key, tool in policy.outside.items():
        yield from _tool(key, tool)
        yield from _teams(policy, key, tool)


def _known(policy: Policy) -> str:
    names = [key for key, tool in policy.outside.items() if tool.kind != ALERTMANAGER]
    return f"a tool of this file that can be told ({', '.join(names) or 'there is no table [outside.KEY] of one'})"


def _tool(key: str, tool: Outside) -> Iterator[Disagreement]:
    place: Place = ("outside", key)
    for name in _NEEDED[tool.kind]:
        if not getattr(tool, name):
            yield place, f'{name}, since its kind is "{tool.kind}"', None
    for name in _FOREIGN[tool.kind]:
        if getattr(tool, name):
            yield (*place, name), f'no {name}, since its kind is "{tool.kind}"', getattr(tool, name)
    if tool.region and tool.url:
        yield (*place, "region"), "either region or url", tool.region
    if tool.secret_variable and tool.secret_variable == tool.key_variable:
        expected = "a variable of its own: what we send must not pass for what the tool says"
        yield (*place, "secret_variable"), expected, tool.secret_variable
    if tool.secret_variable is None and tool.may_acknowledge:
        yield (*place, "may_acknowledge"), "secret_variable too, by which we know what it says", True


def _teams(policy: Policy, key: str, tool: Outside) -> Iterator[Disagreement]:
    places: list[tuple[Place, str | None]] = [(("outside", key, "team"), tool.team)]
    places += [(("outside", key, "routes", number, "team"), one.team) for number, one in enumerate(tool.routes)]
    for place, team in places:
        if team is not None and team not in policy.teams:
            yield place, f"a team of this file ({', '.join(policy.teams)})", team


def spec(key: str, policy: Policy) -> OutsideSpec:
    """As the room takes it."""
    tool = policy.outside[key]
    return OutsideSpec(
        key=key,
        kind=tool.kind,
        name=tool.name,
        url=tool.url or (REGIONS[tool.region or "us"] if tool.kind == EVENTS_V2 else ""),
        key_variable=tool.key_variable or "",
        secret_variable=tool.secret_variable or "",
        may_acknowledge=tool.may_acknowledge,
        people=dict(tool.people),
        rules=_rules(tool) if tool.kind == ALERTMANAGER else {},
        policies=tuple(name for name, one in policy.paging.items() if key in one.outside),
    )


def _rules(tool: Outside) -> dict[str, object]:
    routes = [
        {
            "match": {name: list(values) for name, values in one.match.items()},
            "team": one.team,
            "severity": one.severity,
        }
        for one in tool.routes
    ]
    return {"team": tool.team, "severity": tool.severity or SEVERITY, "routes": routes}
