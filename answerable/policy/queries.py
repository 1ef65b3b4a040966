"""The policy in force, for pages and commands above. Rooms below policy read what `apply` handed to them instead."""

from answerable.lib.errors import Refused
from answerable.lib.fresh import Fresh
from answerable.policy.models import Applied
from answerable.policy.read import parse
from answerable.policy.schema import Policy

__all__ = ["Policy", "current", "last"]


def last() -> Applied | None:
    """The version in force, as it was applied."""
    return Applied.objects.order_by("-version").first()


def _load() -> Policy:
    applied = last()
    if applied is None:
        raise Refused("no_policy", "No support policy is in force yet: run `answerable apply`.")
    return parse(applied.text, f"support.toml (version {applied.version})")


# At most a few seconds old: what must be exact (terms, teams, inboxes) stands in rows of the rooms below.
current: Fresh[Policy] = Fresh(_load)
