"""A small site behind the real entry, run by Granian in a process of its own. Its set-up comes in one variable."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from answerable.config.bridge import Environ
from answerable.config.entry import entry
from answerable.config.spool import Limits
from answerable.live.pump import Pump

SETUP: dict[str, Any] = json.loads(os.environ["SMALL_SITE"])
FILES = Path(SETUP["files"])
SCRIPTS = Path(__file__).parents[2] / "ui/static/ui"
Page = tuple[str, dict[str, str], bytes]
runs: list[str] = []
left: ContextVar[str] = ContextVar("left", default="")
pump: Pump


def site(request: Environ, start_response: Any) -> Iterable[bytes]:
    """The pages that the tests ask for."""
    path = request["PATH_INFO"]
    runs.append(path)
    status, headers, body = script(path) if path.startswith("/static/") else PAGES.get(path, page)(request)
    start_response(status, list(headers.items()))
    return [body]


def told(value: object) -> Page:
    """Some value, as JSON."""
    return "200 OK", {"Content-Type": "application/json"}, json.dumps(value).encode()


def asked(request: Environ, name: str) -> str:
    """One word of the query."""
    query: str = request["QUERY_STRING"]
    return parse_qs(query, keep_blank_values=True)[name][0]


def page(_request: Environ) -> Page:
    """Any page."""
    return "200 OK", {"Content-Type": "text/plain"}, b"a page"


def length(request: Environ) -> Page:
    """What arrived."""
    data = request["wsgi.input"].read()
    return told([len(data), hashlib.sha256(data).hexdigest(), request.get("CONTENT_LENGTH")])


def big(request: Environ) -> Page:
    """A page as large as asked for."""
    return "200 OK", {}, b"x" * int(asked(request, "size"))


def attachment(request: Environ) -> Page:
    """An attachment, named to the entry."""
    return "200 OK", {"X-Answerable-File": asked(request, "name"), "Content-Length": "0"}, b""


def broken(_request: Environ) -> Page:
    """A page that fails."""
    raise ValueError("broken on purpose")


def remembered(_request: Environ) -> Page:
    """What a request before this one left behind."""
    before = left.get()
    left.set("left")
    return told(before)


def script(path: str) -> Page:
    """The scripts of the product."""
    return "200 OK", {"Content-Type": "text/javascript"}, (SCRIPTS / Path(path).name).read_bytes()


def token(_request: Environ) -> Page:
    """A fresh token, as a view would give it; refused once access has ended."""
    text = (FILES / "token").read_text()
    _, headers, body = told({"token": text})
    return ("200 OK" if text else "403 Forbidden"), headers, body


PAGES: dict[str, Callable[[Environ], Page]] = {
    "/length": length,
    "/big": big,
    "/file": attachment,
    "/broken": broken,
    "/remembered": remembered,
    "/token": token,
    "/environ": lambda request: told({key: value for key, value in request.items() if isinstance(value, str)}),
    "/runs": lambda _: told(runs),
    "/streams": lambda _: told(len(pump.clients)),
    "/browser": lambda _: ("200 OK", {"Content-Type": "text/html"}, Path(__file__).with_name("page.html").read_bytes()),
}

settings.configure(SECRET_KEY=SETUP["secret"])
pump = Pump(SETUP["database"], **SETUP["pump"])
limits = Limits(**SETUP["limits"])
application = entry(site, pump, FILES, limits.body_bytes, limits=limits)
