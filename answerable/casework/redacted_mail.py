"""Raw mail of a ticket, without what has to go: written anew, or emptied where that cannot be done."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime

from answerable.lib.blanking import Letters, in_bytes, masked
from answerable.mail import bounded
from answerable.mail.blanking import holds, without
from answerable.mail.files import Attachment
from answerable.mail.incoming import Incoming
from answerable.mail.models import RawMail


def lock_mail(ticket_ids: Iterable[int]) -> list[int]:
    """The mail of these tickets, locked, in the order of ids: whoever decides on mail takes it before the tickets."""
    rows = RawMail.objects.select_for_update(of=("self",)).filter(ticket_id__in=list(ticket_ids)).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def mail_with(ticket_id: int, typed: str, wanted: Letters) -> list[int]:
    """The mail whose kept bytes hold the text in any encoding."""
    rows = RawMail.objects.filter(ticket_id=ticket_id, purged_at__isnull=True).order_by("pk")
    kept = rows.values_list("pk", "body").iterator(chunk_size=20)
    return [pk for pk, body in kept if holds(bytes(body), typed, wanted)]


def rewrite(raw_id: int, typed: str, wanted: Letters, mark: str, now: datetime) -> None:
    """The message without the text, and without files that hold it."""
    raw = RawMail.objects.get(pk=raw_id)
    body = _written(
        raw,
        lambda text, is_html: masked(text, wanted, mark, html=is_html)[0],
        lambda file: not _holds(file, typed, wanted),
    )
    if body is None or holds(body, typed, wanted):
        empty([raw_id], now)
    else:
        RawMail.objects.filter(pk=raw_id).update(body=body)


def _holds(file: Attachment, typed: str, wanted: Letters) -> bool:
    if file.content_type.startswith("message/"):
        return holds(file.content, typed, wanted)
    return in_bytes(file.content, typed, wanted)


def mail_with_file(ticket_id: int, digest: str) -> list[int]:
    """The mail that has the file: what brought it, what came twice, and what was held."""
    rows = RawMail.objects.filter(ticket_id=ticket_id, purged_at__isnull=True).order_by("pk")
    return [raw.pk for raw in rows.iterator(chunk_size=20) if _has(raw, digest)]


def _has(raw: RawMail, digest: str) -> bool:
    said = _read(raw)
    return said is not None and any(file.sha256 == digest for file in said.attachments)


def with_copies(raw_ids: Iterable[int]) -> list[int]:
    """These, and the same messages that came once more: by another address of ours, or sent again."""
    ids = list(raw_ids)
    return [*ids, *RawMail.objects.filter(duplicate_of__in=ids).values_list("pk", flat=True)]


def rewrite_without_file(raw_id: int, digest: str, now: datetime) -> None:
    """The message without the file of this digest."""
    raw = RawMail.objects.filter(pk=raw_id, purged_at__isnull=True).first()
    if raw is None:
        return
    body = _written(raw, lambda text, _is_html: text, lambda file: file.sha256 != digest)
    if body is None:
        empty([raw_id], now)
    else:
        RawMail.objects.filter(pk=raw_id).update(body=body)


def empty(raw_ids: Iterable[int], now: datetime) -> None:
    """Let go of the bytes: that it came, from whom, its size and digest stay."""
    rows = RawMail.objects.filter(pk__in=list(raw_ids), purged_at__isnull=True)
    rows.update(body=b"", trace="", purged_at=now)


def is_changed(raw: RawMail) -> bool:
    """Whether what is kept of it is not all that came."""
    return hashlib.sha256(bytes(raw.body)).hexdigest() != raw.sha256


def _written(raw: RawMail, change: Callable[[str, bool], str], keeps: Callable[[Attachment], bool]) -> bytes | None:
    said = _read(raw)
    # A report or a giant is more than words and files.
    return None if said is None or said.quarantine or said.report else without(bytes(raw.body), said, change, keeps)


def _read(raw: RawMail) -> Incoming | None:
    """None for what cannot be read within its bounds."""
    try:
        return bounded.read(bytes(raw.body), envelope_from=raw.envelope_from if raw.source == "smtp" else None)
    except (bounded.Unreadable, OSError):
        return None
