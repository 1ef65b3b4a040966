"""Hand a call to a service of apprise: only to those listed here, whose hosts nobody can choose (DESIGN.md, §6).

Whoever may name a host could have us ask machines inside our own network: for those there is the webhook.
"""

import logging

import apprise
from django.utils.translation import gettext as _

from answerable.lib.errors import Refused, Undeliverable
from answerable.notify.calls import Call

# What it logs may name tokens and telephone numbers.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

# By the word before "://": the service. Each reaches one person's own device or room, at a host of its own.
SERVICES = {
    "clicksend": "ClickSend",
    "discord": "Discord",
    "nexmo": "Vonage",
    "ntfy": "ntfy.sh",
    "ntfys": "ntfy.sh",
    "pbul": "Pushbullet",
    "pover": "Pushover",
    "prowl": "Prowl",
    "signl4": "SIGNL4",
    "slack": "Slack",
    "tgram": "Telegram",
    "threema": "Threema",
    "twilio": "Twilio",
    "vonage": "Vonage",
}
SECONDS = 5.0


def service_of(address: str) -> str:
    """The name of the service. Raises Refused for one that is not listed, or an address that it cannot use."""
    scheme = address.partition("://")[0].strip().lower()
    if scheme not in SERVICES:
        names = ", ".join(sorted(set(SERVICES.values())))
        words = _("This service is not among those that can page: %(names)s. Or use a webhook.")
        raise Refused("unknown_service", words % {"names": names})
    if _made(address) is None:
        words = _("%(service)s cannot use this address: see how it is written.")
        raise Refused("bad_address", words % {"service": SERVICES[scheme]})
    return SERVICES[scheme]


def _made(address: str) -> apprise.NotifyBase | None:
    # Options after "?" switch off certificates, among others: none are taken.
    if "?" in address or len(address) > 1000:
        return None
    found = apprise.Apprise.instantiate(address.strip(), suppress_exceptions=True)
    if not isinstance(found, apprise.NotifyBase) or (found.secure_protocol is None and found.protocol is None):
        return None
    if type(found).__name__ == "NotifyNtfy" and getattr(found, "mode", "") != "cloud":
        return None
    found.socket_connect_timeout = found.socket_read_timeout = SECONDS
    return found


def send(address: str, call: Call) -> str:
    """What became of it, in words. Raises Undeliverable."""
    name = service_of(address)
    made = _made(address)
    assert made is not None
    text = f"{call.text}\n{call.link}".strip()
    if not made.notify(body=text, title=call.title, notify_type=apprise.NotifyType.WARNING):
        raise Undeliverable(f"{name} did not take it", permanent=False)
    return f"{name} took it"
