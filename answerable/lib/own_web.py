"""Our own web server on this machine, asked as a browser asks: for what must be seen to work from outside."""

import http.client
from collections.abc import Mapping
from urllib.parse import urlencode

from answerable.lib.hosts import reached_at

_SECONDS = 20


def post(host: str, port: int, path: str, fields: Mapping[str, str]) -> str:
    """Send a form. Why that did not work; "" when the answer is 200."""
    name = reached_at(host)
    connection = http.client.HTTPConnection(name, port, timeout=_SECONDS)
    try:
        connection.request("POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"{name}:{port}: {error}"
    finally:
        connection.close()
    return "" if status == http.HTTPStatus.OK else f"{name}:{port}: answered {status}"
