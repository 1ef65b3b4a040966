"""A vendor's product as our widget meets it: a server of its own at another origin, with a strict content policy and a
key of its own, by which it says who its user is."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PAGE = """<!doctype html><html lang="en"><head><title>Acme Cloud</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script src="{support}/widget.js" data-product="cloud" async></script><script src="/host.js" defer></script></head>
<body><main><h1>Acme Cloud</h1><button id="deep">Report this job</button></main></body></html>"""
SCRIPT = """
const token = async () => (await (await fetch("/token")).json()).token;
(window.answerableQueue ??= []).push((answerable) => {
  if (location.search.includes("user")) answerable.identify(token);
  document.querySelector("#deep").addEventListener("click", () => answerable.open({ form: { subject: "Job 7" } }));
});
window.told = [];
for (const name of ["open", "close", "unread", "sent"])
  document.addEventListener(`answerable:${name}`, ({ detail }) => told.push([name, detail]));
"""


@dataclass
class HostPage:
    """The product. `support`: where we are."""

    support: str
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    port: int = 0

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def policy(self) -> dict[str, Any]:
        """As [widget.cloud] of a policy."""
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        said: dict[str, Any] = {"key": "cloud", "name": "Acme Cloud", "origins": [self.origin], "algorithm": "RS256"}
        return said | {
            "keys": [{"id": "1", "public_key": pem}],
            "vouches_for": ["norrland.example"],
            "brand": "#7a3ff2",
        }

    def token(self) -> str:
        """Of its one user."""
        now = datetime.now(UTC)
        claims = {
            "sub": "17",
            "jti": str(uuid.uuid4()),
            "aud": f"{self.support}/widget/cloud",
            "iat": now,
            "exp": now + timedelta(minutes=5),
            "email": "nils@norrland.example",
            "email_verified": True,
            "name": "Nils Ek",
        }
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"})

    @property
    def headers(self) -> dict[str, str]:
        """Nothing that our widget does not need: no style, no picture, and no HTML made from text."""
        sources = f"default-src 'none'; script-src 'self' {self.support}; frame-src {self.support}; connect-src 'self'"
        return {"Content-Security-Policy": f"{sources}; require-trusted-types-for 'script'"}

    def answer(self, path: str) -> tuple[str, str]:
        if path == "/host.js":
            return "text/javascript", SCRIPT
        if path == "/token":
            return "application/json", f'{{"token": "{self.token()}"}}'
        return "text/html; charset=utf-8", PAGE.format(support=self.support)


@contextmanager
def host_page(support: str) -> Iterator[HostPage]:
    """It serves."""
    product = HostPage(support)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, text = product.answer(self.path.partition("?")[0])
            self.send_response(200)
            for name, value in product.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    product.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield product
    finally:
        server.shutdown()
        server.server_close()
