"""Who sends the public form: a person, or a program. Without anybody else's help, and without a puzzle.

Programs fill in a field that people never see, and send at once; a stamp in the form says when it was opened. Whoever
is turned away gets the form back as it was filled in, so a person loses nothing but a moment. What gave a program away
is not said.
"""

from collections.abc import Mapping
from datetime import datetime

from django.core import signing
from django.http import QueryDict
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from answerable.lib.limits import allowed, network
from answerable.people.queries import vendor

TRAP, STAMP = "website", "stamp"
# The code of the error that says so.
SPENT = "spent"
# Nobody reads a form and fills it in in less.
QUICKEST = 3
DAY = 86_400
_SALT = "portal.guard"


def stamp(now: datetime) -> str:
    """For one form that is handed out now: good for one request, within a day."""
    return signing.dumps([int(now.timestamp()), get_random_string(16)], salt=_SALT)


def _age(given: str, now: datetime) -> float | None:
    """Seconds since the form was handed out; None for a stamp that is none of ours."""
    try:
        made, _nonce = signing.loads(given, salt=_SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return now.timestamp() - float(made)


def complaint(data: Mapping[str, str], now: datetime) -> str:
    """Why this is not taken as it came, in words for a person; "" if it is."""
    age = _age(data[STAMP], now)
    if data[TRAP] or age is None or age < QUICKEST:
        return _(
            "This may have been sent by a program, so it was not taken. Nothing is lost: please look it over and send "
            "it once more. If that does not help, write to %(address)s."
        ) % {"address": vendor().support_address}
    if age > DAY:
        return _("This page was open for more than a day. Nothing is lost: look it over and send it once more.")
    return ""


def spend(data: Mapping[str, str]) -> bool:
    """Use the stamp up; False if it was. In the transaction that opens the request: both or neither."""
    return allowed("form-stamp", data[STAMP], 1, DAY)


def renewed(data: QueryDict, now: datetime, *, spent: bool) -> QueryDict:
    """What the form that comes back shows: the same, with nothing in the trap and a stamp that is good."""
    again = data.copy()
    age = _age(data.get(STAMP, ""), now)
    again[TRAP] = ""
    if spent or age is None or age > DAY:
        again[STAMP] = stamp(now)
    return again


def crowded(place: str, email: str) -> str:
    """Why this is too much from one place or for one address within the hour, in words; "" if it is not. Counts it."""
    rules = vendor().settings
    few = allowed("form", email.lower(), int(str(rules.get("form_per_address", 5))))
    if few and allowed("form-network", network(place), int(str(rules.get("form_per_network", 20)))):
        return ""
    return _(
        "Several requests came from here within the hour. Nothing is lost: wait a little and send it then, log in, or "
        "write to %(address)s."
    ) % {"address": vendor().support_address}
