"""Whose word on the client's address and scheme counts."""

import ipaddress

import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from answerable.config.proxies import trusted_proxies


@pytest.mark.behaviour("B-48")
@pytest.mark.parametrize(
    ("peer", "said", "client", "secure"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9", True),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9", True),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9", True),
        ("10.0.0.1", "", "10.0.0.1", True),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7", False),
        ("nonsense", "203.0.113.9", "nonsense", False),
    ],
)
def test_only_a_trusted_proxy_is_believed(
    settings: LazySettings, peer: str, said: str, client: str, secure: bool
) -> None:
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("10.0.0.0/8")]
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    headers = {"X-Forwarded-For": said, "X-Forwarded-Proto": "https"}
    trusted_proxies(view)(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers))
    assert (seen[0].META["REMOTE_ADDR"], seen[0].is_secure()) == (client, secure)
