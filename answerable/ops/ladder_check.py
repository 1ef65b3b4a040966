"""What doctor says of the ladder: levels that nobody holds, contacts that are none, timers that were not looked at."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from answerable.casework import ladder_rules
from answerable.escalation import episodes
from answerable.ops.finding import Finding
from answerable.people.queries import staff

LATE = timedelta(minutes=1)


def examine(now: datetime, *, up: bool) -> Iterator[Finding]:
    """Nothing where there is no ladder."""
    given = ladder_rules.rules()
    if not given.top:
        return
    empty = ladder_rules.nobody_holds(given)
    for number, name in empty:
        yield Finding(
            "note",
            f"nobody holds level {number} of the ladder ({name}), so it is passed at once: name people, roles or a "
            "team for it in [[escalation.levels]]",
        )
    known = set(staff().filter(email__in=list(given.fallback)).values_list("email", flat=True))
    for address in given.fallback:
        if address not in known:
            yield Finding("note", f"{address} in [escalation] fallback has no account of your team, so nobody is told")
    if not empty:
        yield Finding("ok", "every level of the ladder is held by somebody")
    if up and episodes.due(now - LATE, 1):
        yield Finding("wrong", "an escalation has waited a minute for its next level: is a worker running, and free?")
