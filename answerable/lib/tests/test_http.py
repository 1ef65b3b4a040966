"""Outgoing HTTP goes to the world and to nothing inside, whatever names, redirects and name servers say."""

import socket
from typing import Any

import pytest

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
