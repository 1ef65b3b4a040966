"""Who opens a page without an account: told apart by a digest that leads back to nobody; and who is no visitor."""

import re
from collections.abc import Mapping

from django.utils.crypto import salted_hmac

from answerable.lib.limits import network

# What programs call themselves that fetch pages for themselves; an honest one says so in one of these words.
_ROBOT = re.compile(
    r"bot\b|bot[/;_-]|crawl|spider|slurp|fetch|preview|scan|monitor|uptime|headless|lighthouse|facebookexternalhit"
    r"|whatsapp|telegram|curl|wget|python|java/|go-http|okhttp|libwww|http-?client|axios|node|feed|rss",
    re.IGNORECASE,
)


def visitor(address: str, agent: str) -> str:
    """The same for the same browser in the same network."""
    return salted_hmac("lib.visitors", f"{network(address)}\n{agent}").hexdigest()[:32]


def looks(headers: Mapping[str, str]) -> bool:
    """Whether a person looks at what is asked for: no robot, and no browser that fetches it in case they will."""
    ahead = headers.get("Sec-Purpose", "") + headers.get("Purpose", "") + headers.get("X-Moz", "")
    agent = headers.get("User-Agent", "")
    return "prefetch" not in ahead.lower() and bool(agent) and not _ROBOT.search(agent)
