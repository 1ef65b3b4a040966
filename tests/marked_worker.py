"""`answerable worker`, run by tests: it says its process id wherever it hands something over, so that a test can kill the
one that does. Webhooks of login.example.com are on this machine; everything else is as it always is."""

import os
import socket
import sys
from typing import Any

import pytest
import requests

from answerable.lib import http
from answerable.ops.cli import main

HOST = "login.example.com"


def run(certificate: str) -> int:
    """Until it is told to end. `certificate`: the file of that of the webhook's server."""
    look_up, outside = socket.getaddrinfo, http.outside

    def here(host: Any, *more: Any, **named: Any) -> Any:
        return look_up("127.0.0.1" if host == HOST else host, *more, **named)

    def trusting(seconds: float = http.MOST_SECONDS) -> requests.Session:
        session = outside(seconds)
        session.verify = certificate
        session.headers["X-Worker"] = str(os.getpid())
        return session

    with pytest.MonkeyPatch.context() as patch:
        # What smtplib greets with.
        patch.setattr(socket, "getfqdn", lambda _name="": f"worker-{os.getpid()}.test")
        patch.setattr(socket, "getaddrinfo", here)
        patch.setattr(http, "_is_outside", lambda _address: True)
        patch.setattr(http, "outside", trusting)
        return main(["worker"])


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
