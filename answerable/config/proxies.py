"""Believe what a proxy says of the client's address and scheme, if the proxy is one of TRUSTED_PROXIES, else never."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase]


def trusted_proxies(get_response: Handler) -> Handler:
    """Sets REMOTE_ADDR to the client and `is_secure()` to what the proxy saw; drops the headers from anybody else."""
    networks = settings.TRUSTED_PROXIES

    def is_trusted(address: str) -> bool:
        try:
            return any(ipaddress.ip_address(address) in network for network in networks)
        except ValueError:
            return False

    def middleware(request: HttpRequest) -> HttpResponseBase:
        said = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        scheme = request.META.pop("HTTP_X_FORWARDED_PROTO", "")
        if is_trusted(request.META.get("REMOTE_ADDR", "")):
            hops = [hop.strip() for hop in said.split(",") if hop.strip()]
            # The nearest hop that is no proxy of ours: whatever stands further left was written by the client.
            request.META["REMOTE_ADDR"] = next(
                (hop for hop in reversed(hops) if not is_trusted(hop)), request.META["REMOTE_ADDR"]
            )
            request.META["HTTP_X_FORWARDED_PROTO"] = "https" if scheme == "https" else "http"
        return get_response(request)

    return middleware
