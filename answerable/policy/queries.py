"""The policy in force, for pages and commands above. Rooms below policy read what `apply` handed to them instead."""

from django.db.models import QuerySet

from answerable.lib.errors import Refused
from answerable.lib.fresh import Fresh
from answerable.policy.lines import lines
from answerable.policy.models import Applied
from answerable.policy.read import parse
from answerable.policy.schema import FormField, Policy

__all__ = ["Applied", "FormField", "Policy", "before", "current", "last", "line_of", "version", "versions"]


def last() -> Applied | None:
    """The version in force, as it was applied."""
    return Applied.objects.order_by("-version").first()


def versions(older_than: int | None) -> QuerySet[Applied]:
    """Every version, latest first, without its text; `older_than`: below that number."""
    rows = Applied.objects.defer("text", "outline").order_by("-version")
    return rows if older_than is None else rows.filter(version__lt=older_than)


def version(number: int) -> Applied | None:
    """One version, whole."""
    return Applied.objects.filter(version=number).defer("outline").first()


def before(number: int) -> Applied | None:
    """The version that this one took the place of."""
    return Applied.objects.filter(version__lt=number).defer("outline").order_by("-version").first()


def line_of(*place: str) -> int | None:
    """Where the file in force says this."""
    applied = last()
    return lines(applied.text).get(place) if applied else None


def _load() -> Policy:
    applied = last()
    if applied is None:
        raise Refused("no_policy", "No support policy is in force yet: run `answerable apply`.")
    return parse(applied.text, f"support.toml (version {applied.version})")


# At most a few seconds old: what must be exact (terms, teams, inboxes) stands in rows of the rooms below.
current: Fresh[Policy] = Fresh(_load)
