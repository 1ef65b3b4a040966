"""A file as a download: never shown inline unless it is a safe picture, streamed by the server's entry."""

from pathlib import Path

from django.http import HttpResponse
from django.utils.http import content_disposition_header

# Pictures that hold no script (SVG does).
SAFE_INLINE = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"}


def download(path: Path, name: str, content_type: str) -> HttpResponse:
    """The response for a file that access has been decided for; the entry replaces its empty body by the file."""
    inline = content_type in SAFE_INLINE
    response = HttpResponse(content_type=content_type if inline else "application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(not inline, name) or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Answerable-File"] = str(path)
    response["Cache-Control"] = "private, no-store"
    return response
