"""What was done to a schedule, as sentences from the audit trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from answerable.audit.models import Record
from answerable.ui.words import exact


@dataclass(frozen=True)
class Said:
    """One line of the history."""

    id: int
    at: datetime
    text: str


def sentences(rows: Sequence[Record]) -> list[Said]:
    """In the order of the rows."""
    return [Said(row.pk, row.at, _sentence(row.verb, row.actor_label, row.data)) for row in rows]


def _sentence(verb: str, who: str, data: Mapping[str, Any]) -> str:
    said = {
        "make_schedule": _("%(who)s made this schedule"),
        "schedule_owner": _("%(who)s gave this schedule to the desk"),
        "retire_schedule": _("%(who)s retired this schedule"),
        "remove_override": _("%(who)s removed an override"),
        "renew_feed": _("%(who)s renewed the calendar address"),
        "ask_swap": _("%(who)s asked to swap"),
        "swap_accepted": _("%(who)s accepted a swap"),
        "swap_declined": _("%(who)s declined a swap"),
        "swap_withdrawn": _("%(who)s withdrew a swap"),
        "swap_lapsed": _("A swap lapsed: nobody answered in time"),
        "change_schedule": _("%(who)s changed its name or whether it is paged for P0"),
    }
    if verb == "schedule_layers":
        words = {"who": who, "number": data["version"], "since": exact(datetime.fromisoformat(data["since"]))}
        return _("%(who)s wrote version %(number)s of the layers, in force from %(since)s") % words
    if verb == "put_override":
        times = {name: exact(datetime.fromisoformat(data[name])) for name in ("start", "end")}
        words = {"who": who, "name": data["name"] or _("nobody"), **times}
        return _("%(who)s put %(name)s on call from %(start)s until %(end)s") % words
    return said.get(verb, "%(who)s: " + verb.replace("_", " ")) % {"who": who}
