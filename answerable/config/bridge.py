"""Calls the WSGI application (Django) in a thread and takes its whole answer, so that no client holds the thread.

Bodies are whole on both sides, so a request crosses between loop and thread once each way. That is why this is not
a2wsgi, which crosses for every part: a small page costs half as much, and eight clients get five times as many.
"""

import asyncio
import contextvars
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO, Any

from answerable.config.protocol import Headers, Scope
from answerable.config.spool import Body

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


@dataclass
class Answer:
    """What the application said. `file` holds the body and stands at its beginning."""

    file: IO[bytes]
    status: int = 500
    headers: Headers = field(default_factory=list)
    size: int = 0


class Bridge:
    """The threads in which pages are made. One a process is best: more of them fight for the interpreter lock."""

    def __init__(self, app: WsgiApp, threads: int = 1) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="wsgi")

    async def call(self, scope: Scope, body: Body, store: IO[bytes]) -> Answer:
        """The application's answer, its body written to `store`. Nothing of one request's context reaches the next."""
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, context.run, _run, self._app, environ(scope, body), store)


def environ(scope: Scope, body: Body) -> Environ:
    """The request in WSGI's words (PEP 3333)."""
    server = scope.get("server") or ("localhost", 80)
    client = scope.get("client") or ("", 0)
    result: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 80),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body.file,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        _add_header(result, name.decode("latin-1"), value.decode("latin-1"))
    if body.size:
        result["CONTENT_LENGTH"] = str(body.size)
    return result


def _add_header(result: Environ, name: str, value: str) -> None:
    # X_Forwarded_For would end up under the same key as X-Forwarded-For, past a proxy that sets only the latter.
    if "_" in name or name == "transfer-encoding":
        return
    key = name.upper().replace("-", "_")
    if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        key = f"HTTP_{key}"
    if key in result:
        value = f"{result[key]}{'; ' if name == 'cookie' else ','}{value}"
    result[key] = value


def _run(app: WsgiApp, request: Environ, store: IO[bytes]) -> Answer:
    answer = Answer(store)

    def write(chunk: bytes) -> None:
        answer.size += len(chunk)
        store.write(chunk)

    def start_response(
        status: str, headers: list[tuple[str, str]], _exc_info: object = None
    ) -> Callable[[bytes], None]:
        # Nothing is sent before the application has returned, so it may still think better of it.
        answer.status = int(status[:3])
        answer.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return write

    result = app(request, start_response)
    try:
        for chunk in result:
            write(chunk)
    finally:
        if close := getattr(result, "close", None):
            close()
    store.seek(0)
    return answer
