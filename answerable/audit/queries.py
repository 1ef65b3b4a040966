"""Read the audit trail."""

from collections.abc import Collection

from answerable.audit.models import Record


def trail(kind: str, pk: int, before: int | None, size: int, without: Collection[str] = ()) -> list[Record]:
    """What was done to this subject, latest first; `before`: older than that record. One more than `size`, if any.

    `without`: verbs that are left out.
    """
    rows = Record.objects.filter(subject_kind=kind, subject_id=pk).exclude(verb__in=without).order_by("-id")
    return list((rows if before is None else rows.filter(pk__lt=before))[: size + 1])


def last_of(kind: str, pk: int, verbs: Collection[str], size: int) -> list[Record]:
    """The last records of these verbs about this subject, latest first."""
    rows = Record.objects.filter(subject_kind=kind, subject_id=pk, verb__in=verbs)
    return list(rows.order_by("-id")[:size])
