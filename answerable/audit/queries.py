"""Read the audit trail."""

from answerable.audit.models import Record


def trail(kind: str, pk: int, before: int | None, size: int) -> list[Record]:
    """What was done to this subject, latest first; `before`: older than that record. One more than `size`, if any."""
    rows = Record.objects.filter(subject_kind=kind, subject_id=pk).order_by("-id")
    return list((rows if before is None else rows.filter(pk__lt=before))[: size + 1])
