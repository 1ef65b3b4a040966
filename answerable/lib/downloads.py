"""A file as a download: never shown inline unless it is a safe picture, streamed by the server's entry."""

from pathlib import Path

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from answerable.lib.markup import names
from answerable.lib.pictures import HEAD, image_type

# What a double click on Windows, macOS or Linux would run, or open as a disk (email contract E-69).
_RUN_BY_A_CLICK = names("""
    app application appref-ms bat cmd com command cpl desktop dll dmg exe gadget hta img inf iso jar js jse lnk msc msi
    msp pif ps1 psc1 reg scf scr sh sys url vb vbe vbs vhd vhdx workflow ws wsc wsf wsh xll
""")


def may_run(name: str) -> bool:
    """Whether opening a file of this name would run it."""
    return name.rpartition(".")[2].strip().lower() in _RUN_BY_A_CLICK


def download(path: Path, name: str) -> HttpResponse:
    """The response for a file that access has been decided for; the entry replaces its empty body by the file.

    It is what its first bytes say, and nothing but a picture is shown.
    """
    kind = _kind(path)
    response = HttpResponse(content_type=kind or "application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(not kind, name) or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Answerable-File"] = str(path)
    # A picture is asked for again with each look at its page, and sent once: its name on disk is its content's digest.
    response["Cache-Control"] = "private, no-cache" if kind else "private, no-store"
    if kind:
        response["ETag"] = f'"{path.name}"'
    return response


def _kind(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return image_type(file.read(HEAD))
    except OSError:  # the entry says that it is gone
        return ""
