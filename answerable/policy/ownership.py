"""What a file claims although the desk owns it: each place of it, with its line."""

from collections.abc import Iterator

from answerable.casework.ladder_policy import is_of_desk
from answerable.escalation.paging_policy_queries import held_by_desk
from answerable.policy.lines import Place, lines
from answerable.policy.read import Problem
from answerable.policy.schema import Policy


def claims(policy: Policy) -> Iterator[Problem]:
    """Paging policies, teams of theirs, and the ladder; schedules are looked at in `actions`."""
    found = list(_claims(policy))
    where = lines(policy.text) if found else {}
    for place, expected, value in found:
        yield Problem("support.toml", _line(where, place), ".".join(str(part) for part in place), expected, value)


def _claims(policy: Policy) -> Iterator[tuple[Place, str, str]]:
    held = held_by_desk()
    own = {key for key, one in policy.paging.items() if one.managed == "file"}
    wanted = 'managed = "desk", since the desk owns this policy (retire it there, and the file may have its key)'
    for key in sorted(own & {row.key for row in held}):
        yield ("paging", key, "managed"), wanted, '"file"'
    for team, its in policy.teams.items():
        taken = next((row for row in held if team in row.teams and row.key != its.paging), None)
        if taken is not None and its.paging in own:
            expected = f'no paging, since the desk gave this team to "{taken}" (take it out there first)'
            yield ("teams", team, "paging"), expected, f'"{its.paging}"'
    if policy.escalation.managed == "file" and is_of_desk():
        expected = 'managed = "desk", since the desk owns the ladder (give it back there, and the file may have it)'
        yield ("escalation", "managed"), expected, '"file"'


def _line(where: dict[Place, int], place: Place) -> int | None:
    """Of the key, or of the table that leaves it out."""
    return where.get(place) or where.get(place[:-1])
