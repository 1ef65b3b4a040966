"""Hands out a file that access was decided for: asks first where a click would run it, refuses what is infected."""

from pathlib import Path

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from answerable.lib.downloads import download, may_run
from answerable.lib.errors import Refused


def hand_out(request: HttpRequest, path: Path, name: str, infected: str) -> HttpResponseBase:
    """`infected`: what a virus scanner called it, or "" (email contract E-69, E-70)."""
    if infected:
        words = _("A virus scanner found %(virus)s in %(name)s. It is kept, but not given out.")
        raise Refused("infected", words % {"virus": infected, "name": name})
    if may_run(name) and "sure" not in request.GET:
        return render(request, "ui/file_asked.html", {"name": name, "sure_url": f"{request.path}?sure=1"})
    response = download(path, name)
    if not response.has_header("ETag"):
        return response
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
