"""What staff did to sort, link and postpone a request, as sentences for staff."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from answerable.tickets.link_words import linked, unlinked
from answerable.ui.words import exact

Data = Mapping[str, Any]


def _tags(data: Data, who: str) -> str:
    new = [tag for tag in data["after"] if tag not in data["before"]]
    gone = [tag for tag in data["before"] if tag not in data["after"]]
    words = {"who": who, "new": ", ".join(new), "gone": ", ".join(gone)}
    if new and gone:
        return _("%(who)s tagged it %(new)s, no longer %(gone)s") % words
    return (_("%(who)s tagged it %(new)s") if new else _("%(who)s took off the tags %(gone)s")) % words


def _fields(data: Data, who: str) -> str:
    labels = data.get("labels", {})
    said = [f"{labels.get(key, key)}: {_words(value)}" for key, value in data["after"].items()]
    return _("%(who)s set %(fields)s") % {"who": who, "fields": ", ".join(said)}


def _words(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "–" if value is None else str(value)[:200]


def _woken(data: Data, who: str) -> str:
    said = {
        "time": _("Its time came: it is in its assignee's view again"),
        "customer": _("The customer wrote: it is no longer snoozed"),
        "promise": _("A promise is at risk: it is no longer snoozed"),
        "solved": _("It is no longer snoozed"),
    }
    return said.get(data.get("why", ""), _("%(who)s woke it") % {"who": who})


def _snoozed(data: Data, who: str) -> str:
    return _("%(who)s snoozed it until %(time)s") % {"who": who, "time": exact(datetime.fromisoformat(data["until"]))}


SORTED: dict[str, Callable[[Data, str], str]] = {
    "tags": _tags,
    "fields": _fields,
    "snoozed": _snoozed,
    "woken": _woken,
    "linked": linked,
    "unlinked": unlinked,
}
