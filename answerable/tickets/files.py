"""Attachments on disk: each content once, under its own digest, in the files folder."""

import hashlib
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import ProtectedError

from answerable.lib import sql
from answerable.lib.disk import write
from answerable.tickets.models import File


def path_of(sha256: str) -> Path:
    """Where the bytes with this digest lie."""
    return Path(settings.FILES) / sha256[:2] / sha256[2:4] / sha256


def keep(content: bytes) -> File:
    """Store the bytes (before the caller's commit; an orphan of a rolled-back transaction does no harm)."""
    digest = hashlib.sha256(content).hexdigest()
    # Whoever removes these very bytes (`forget`) waits for our commit, and then sees that they are in use.
    sql.rows("SELECT pg_advisory_xact_lock_shared(hashtextextended(%(digest)s, 0))", {"digest": digest})
    target = path_of(digest)
    if not target.exists():
        write(target, content)
    row, _ = File.objects.get_or_create(sha256=digest, defaults={"size": len(content)})
    return row


def let_go(file: File) -> str:
    """Forget a file that nothing uses: the digest of the bytes that may go after the commit, "" where it is in use.

    Whoever keeps the same bytes right now is waited for; who comes later waits for us, and keeps them anew.
    """
    _alone(file.sha256)
    try:
        file.delete()
    except ProtectedError:
        return ""
    return file.sha256


def _alone(sha256: str) -> None:
    sql.rows("SELECT pg_advisory_xact_lock(hashtextextended(%(digest)s, 0))", {"digest": sha256})


def forget(sha256: str) -> None:
    """Take the bytes away, unless the same were kept anew meanwhile. In a transaction; twice does no harm."""
    _alone(sha256)
    if not File.objects.filter(sha256=sha256).exists():
        path_of(sha256).unlink(missing_ok=True)


def unscanned(limit: int) -> list[tuple[int, str]]:
    """Files that no virus scanner has seen, latest first: id and digest."""
    rows = File.objects.filter(scanned_at__isnull=True).order_by("-id")
    return list(rows.values_list("id", "sha256")[:limit])


def mark_scanned(pk: int, now: datetime, infected: str) -> None:
    """Write down what the scanner said; "" for nothing."""
    File.objects.filter(pk=pk).update(scanned_at=now, infected=infected[:200])
