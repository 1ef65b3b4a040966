"""Links as sentences for staff. The number of the other request is put in for who may see it alone (`number`)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

Data = Mapping[str, Any]


def other_words(how: str, number: int | None) -> str:
    """What it is to the other one, in words."""
    with_number = {
        "related": _("related to #%(number)s"),
        "duplicate_of": _("a duplicate of #%(number)s"),
        "has_duplicate": _("the original of #%(number)s"),
        "incident_of": _("an incident of the problem #%(number)s"),
        "has_incident": _("the problem of #%(number)s"),
    }
    without = {
        "related": _("related to another request"),
        "duplicate_of": _("a duplicate of another request"),
        "has_duplicate": _("the original of another request"),
        "incident_of": _("an incident of another request, its problem"),
        "has_incident": _("the problem of another request"),
    }
    return without[how] if number is None else with_number[how] % {"number": number}


def linked(data: Data, who: str) -> str:
    """A problem's conversation doesn't say each of its incidents: they may be thousands, and stand beside it."""
    if data["how"] == "has_incident" and "number" not in data:
        return ""
    words = {"who": who, "what": other_words(data["how"], data.get("number"))}
    return _("%(who)s linked it: it is %(what)s") % words


def unlinked(data: Data, who: str) -> str:
    """The same of the end."""
    if data["how"] == "has_incident" and "number" not in data:
        return ""
    words = {"who": who, "what": other_words(data["how"], data.get("number"))}
    return _("%(who)s unlinked it: it is no longer %(what)s") % words
