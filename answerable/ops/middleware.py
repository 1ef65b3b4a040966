"""For the bench alone (settings.BENCH): says in a header how many statements a page sent to the database."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase]


class _Count:
    """Passed each statement on its way; an execute_wrapper costs a call, where DEBUG would keep every text."""

    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.statements += 1
        return execute(*args)


def count_queries(get_response: Handler) -> Handler:
    """Outermost, so that nothing goes uncounted."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        count = _Count()
        with connection.execute_wrapper(count):
            response = get_response(request)
        response["X-Answerable-Queries"] = str(count.statements)
        return response

    return middleware
