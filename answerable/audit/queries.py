"""Read the audit trail."""

from collections.abc import Collection, Sequence
from typing import Any

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


def data_of(kind: str, ids: Sequence[int], verbs: Sequence[str]) -> list[dict[str, Any]]:
    """What was recorded of these subjects under these verbs."""
    rows = Record.objects.filter(subject_kind=kind, subject_id__in=ids, verb__in=verbs)
    return list(rows.values_list("data", flat=True))
