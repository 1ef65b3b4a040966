"""The addresses that show the wall page, for administrators."""

from answerable.people.models import WallLink

SHOWN = 100


def wall_links() -> list[WallLink]:
    """Those that hold first, each part newest first."""
    rows = WallLink.objects.select_related("made_by", "revoked_by").order_by("revoked_at", "-id")
    return sorted(rows[:SHOWN], key=lambda row: (row.revoked_at is not None, -row.pk))
