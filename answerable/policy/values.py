"""The small words of support.toml: durations, shares, addresses, zones. Each reads what a person writes, refuses
with what was expected, and writes itself back the same way in JSON.

The text of a ValueError here completes the sentence "expected …" (see read.py).
"""

import re
import zoneinfo
from fractions import Fraction
from functools import cache
from typing import Annotated
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import AfterValidator, BeforeValidator, PlainSerializer, StrictBool, StrictInt, StringConstraints

from answerable.lib.hosts import is_https

MINUTE, HOUR, DAY = 60, 3600, 86_400
_TIME_UNITS = {"min": MINUTE, "h": HOUR, "d": DAY}
_AMOUNT = re.compile(r"([1-9][0-9]{0,8}) ?([A-Za-z]+)")
# The engine looks this far for a due time; a longer promise could never fall due (sla contract §1.3).
LONGEST = 365 * DAY
LONGEST_WARNING = 30 * DAY


def read_duration(value: object) -> int:
    """Seconds, from "30 min", "2 h" or "3 d" (a day is 24 hours)."""
    seconds = _amount(value, _TIME_UNITS)
    if seconds is None:
        raise ValueError('a duration such as "30 min", "2 h" or "3 d"')
    if seconds > LONGEST:
        raise ValueError('a duration of at most "365 d"')
    return seconds


def show_duration(seconds: int) -> str:
    """The way a person would write it: hours up to two days, then days."""
    if seconds % DAY == 0 and seconds >= 2 * DAY:
        return f"{seconds // DAY} d"
    if seconds % HOUR == 0:
        return f"{seconds // HOUR} h"
    return f"{seconds // MINUTE} min"


def _read_promise(value: object) -> int | None:
    if value == "none":
        return None
    try:
        return read_duration(value)
    except ValueError as error:
        raise ValueError(f'{error}, or "none"') from None


def _show_promise(seconds: int | None) -> str:
    return "none" if seconds is None else show_duration(seconds)


def _amount(value: object, units: dict[str, int]) -> int | None:
    found = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[2] not in units:
        return None
    return int(found[1]) * units[found[2]]


def _read_share(value: object) -> Fraction:
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%", value) if isinstance(value, str) else None
    share = Fraction(found[1]) / 100 if found else None
    if share is None or not 0 < share <= 1:
        raise ValueError('a percentage above 0 and up to 100, such as "99.5 %"')
    return share


def _show_share(share: Fraction) -> str:
    return f"{float(share * 100):.9g} %"


def _read_warning(value: object) -> str:
    """ "25%" or "1800s": how much of a promise is left when its people are warned."""
    found = re.fullmatch(r"([1-9][0-9]?) ?%", value) if isinstance(value, str) else None
    if found:
        return f"{found[1]}%"
    seconds = _amount(value, _TIME_UNITS)
    if seconds is None or seconds > LONGEST_WARNING:
        raise ValueError(
            'a share of the promise such as "25 %" (1 % to 99 %) or a time left such as "30 min" (1 min to 30 d)'
        )
    return f"{seconds}s"


def show_warning(label: str) -> str:
    """The way a person would write it: "25 %" or "30 min"."""
    return f"{label[:-1]} %" if label.endswith("%") else show_duration(int(label[:-1]))


def _person(value: str) -> str:
    address = value.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError('one e-mail address such as "support@acme.example"') from None
    return address


def _address(value: str) -> str:
    address = _person(value)
    if "+" in address:
        raise ValueError("an address without + (Answerable makes plus-forms of it)")
    return address


def read_domain(value: str) -> str:
    """A domain of e-mail addresses, as it is compared."""
    domain = value.strip().lower()
    try:
        validate_email(f"reply@{domain}")
    except ValidationError:
        raise ValueError('a mail domain such as "acme.example"') from None
    return domain


def _host(value: str) -> str:
    host = value.strip().lower()
    if not _HOST.fullmatch(host):
        raise ValueError('a server\'s name or IP address such as "imap.acme.example"')
    return host


def _https(value: str) -> str:
    if not is_https(value):
        raise ValueError('an address by https such as "https://oauth2.googleapis.com/token"')
    return value


def _variable(value: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,99}", value):
        raise ValueError("the name of an environment variable in capitals, never the secret itself")
    return value


def _label(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,99}", value):
        raise ValueError('the name of a label such as "severity"')
    return value


def _label_values(value: object) -> tuple[str, ...]:
    """One value of a label, or any of several."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not found or not all(isinstance(one, str) and one for one in found):
        raise ValueError('a value of the label such as "critical", or a list of them')
    return tuple(str(one) for one in found)


def _after(value: str) -> str:
    folder = value.removeprefix("move:").strip()
    if value not in {"leave", "flag"} and (not value.startswith("move:") or not folder):
        raise ValueError('"leave", "flag" or "move:" with a folder')
    return f"move:{folder}" if value.startswith("move:") else value


def _web_address(value: str) -> str:
    wanted = 'a web address such as "https://support.acme.example"'
    try:
        parts = urlsplit(value)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or re.search(r"[\s?#@\\]", value):
        raise ValueError(wanted)
    return value.rstrip("/")


def _link(value: str) -> str:
    try:
        parts = urlsplit(value)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or len(value) > 2_000 or re.search(r"[\s<>\"\\\x00-\x1f]|//[^/]*@", value):
        raise ValueError('a web address such as "https://docs.acme.example/start"')
    return value


def _hand_off(value: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError('a time of day such as "09:00", up to "23:59"')
    return value


def _paged(value: str) -> str:
    """Whom a step pages: one of the staff, whoever is on call by a schedule, or by their role."""
    name = value.strip().lower()
    schedule = name.removeprefix("on_call.")
    if name in {"leads", "admins"} or (name != schedule and re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", schedule)):
        return name
    try:
        validate_email(name)
    except ValidationError:
        wanted = 'an address such as "ana@acme.example", "on_call." with a schedule\'s key, "leads" or "admins"'
        raise ValueError(wanted) from None
    return name


@cache
def zones() -> frozenset[str]:
    """Every zone name there is: a set, because ZoneInfo("Europe") finds a folder and fails oddly."""
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "Factory"}


def _zone(value: str) -> str:
    if value not in zones():
        raise ValueError('a time zone name such as "Europe/Berlin" or "UTC"')
    return value


_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|[0-9a-f:.]{2,45}")

# Names go into mail headers, so a line break in one would be a hole.
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Sentence = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Duration = Annotated[int, BeforeValidator(read_duration), PlainSerializer(show_duration, when_used="json")]
Promise = Annotated[int | None, BeforeValidator(_read_promise), PlainSerializer(_show_promise, when_used="json")]
Share = Annotated[Fraction, BeforeValidator(_read_share), PlainSerializer(_show_share, when_used="json")]
Label = Annotated[str, AfterValidator(_label)]
LabelValues = Annotated[tuple[str, ...], BeforeValidator(_label_values)]
Warn = Annotated[str, BeforeValidator(_read_warning), PlainSerializer(show_warning, when_used="json")]
Address = Annotated[str, AfterValidator(_address)]
PersonAddress = Annotated[str, AfterValidator(_person)]
MailDomain = Annotated[str, AfterValidator(read_domain)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Link = Annotated[str, AfterValidator(_link)]
Paged = Annotated[str, AfterValidator(_paged)]
Host = Annotated[str, AfterValidator(_host)]
HttpsAddress = Annotated[str, AfterValidator(_https)]
Variable = Annotated[str, AfterValidator(_variable)]
After = Annotated[Line, AfterValidator(_after)]
HandOff = Annotated[str, AfterValidator(_hand_off)]
Zone = Annotated[str, AfterValidator(_zone)]
Switch = StrictBool
Count = StrictInt
