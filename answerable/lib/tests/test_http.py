"""Outgoing HTTP goes to the world and to nothing inside, whatever names, redirects and name servers say."""

import io
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from answerable.lib import http


def names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Every name has these addresses; returns what was connected to."""
    connected: list[str] = []

    def look_up(_host: str, port: int, *_rest: Any, **_more: Any) -> list[Any]:
        return [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port)) for one in addresses]

    def connect(address: tuple[str, int], *_rest: Any, **_more: Any) -> socket.socket:
        connected.append(address[0])
        raise OSError("as far as this test goes")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    return connected


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "169.254.169.254", "10.0.0.7", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.7", "2002:7f00:1::",
    ],
)  # fmt: skip
@pytest.mark.behaviour("B-127")
def test_a_name_that_means_a_place_inside_is_not_asked(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    connected = names(monkeypatch, address)
    with pytest.raises(http.Unreachable, match="not an address outside"):
        http.outside().get("https://login.example.com/.well-known/openid-configuration")
    assert connected == []


def test_nor_one_that_means_both(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = names(monkeypatch, "93.184.216.34", "10.0.0.7")
    with pytest.raises(http.Unreachable):
        http.outside().post("https://login.example.com/token", data={"code": "x"})
    assert connected == []


def test_what_was_judged_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = names(monkeypatch, "93.184.216.34")
    with pytest.raises(http.Unreachable, match="as far as this test goes"):
        http.outside().get("https://login.example.com/")
    assert set(connected) == {"93.184.216.34"}


def test_without_tls_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = names(monkeypatch, "93.184.216.34")
    with pytest.raises(http.Unreachable, match="only https"):
        http.outside().get("http://login.example.com/")
    assert connected == []


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:3128")
    connected = names(monkeypatch, "93.184.216.34")
    with pytest.raises(http.Unreachable):
        http.outside().get("https://login.example.com/")
    assert set(connected) == {"93.184.216.34"}


def answer(body: bytes) -> requests.Response:
    response = requests.Response()
    response.raw = urllib3.HTTPResponse(io.BytesIO(body), preload_content=False)
    return response


def test_an_answer_is_read_as_far_as_it_is_one() -> None:
    assert http._whole(answer(b'{"issuer": "x"}')).json() == {"issuer": "x"}
    assert http._whole(answer(b"")).content == b""
    with pytest.raises(http.Unreachable, match="too long"):
        http._whole(answer(b"x" * (http.MOST_BYTES + 1)))


def test_an_answer_that_trickles_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 1000, 6))
    monkeypatch.setattr(http, "monotonic", lambda: next(ticks))
    monkeypatch.setattr(http, "_PIECE", 1)
    with pytest.raises(http.Unreachable, match="too long"):
        http._whole(answer(b"slow"))


class Says(BaseHTTPRequestHandler):
    """Answers, or leads on."""

    def do_GET(self) -> None:
        if self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            return
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "http://login.example.com/")
        self.end_headers()
        self.wfile.write(b'{"issuer": "it"}')

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, str]]:
    """The port of an https server on this machine whose certificate is login.example.com's, and that certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "it")]), datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName("login.example.com")]), critical=False)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files = tmp_path / "key.pem", tmp_path / "cert.pem"
    files[0].write_bytes(private)
    files[1].write_bytes(built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[1], files[0])
    with HTTPServer(("127.0.0.1", 0), Says) as one:
        one.socket = context.wrap_socket(one.socket, server_side=True)
        thread = threading.Thread(target=one.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        port = one.server_port
        here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_more: here)
        monkeypatch.setattr(http, "_is_outside", lambda _address: True)
        yield port, str(files[1])
        one.shutdown()
        thread.join()


def test_the_certificate_must_be_that_of_the_name(server: tuple[int, str]) -> None:
    port, certificate = server
    session = http.outside()
    session.verify = certificate
    assert session.get(f"https://login.example.com:{port}/").json() == {"issuer": "it"}
    with pytest.raises(http.Unreachable, match=r"other\.example\.com"):
        session.get(f"https://other.example.com:{port}/")
    with pytest.raises(http.Unreachable, match="only https"):
        session.get(f"https://login.example.com:{port}/away")


def test_an_answer_that_breaks_off_is_none(server: tuple[int, str]) -> None:
    port, certificate = server
    session = http.outside()
    session.verify = certificate
    with pytest.raises(http.Unreachable):
        session.get(f"https://login.example.com:{port}/cut")


def test_a_name_that_cannot_be_one_is_not_reached() -> None:
    with pytest.raises(http.Unreachable):
        http.outside().get("https://hooks..example.com/")
