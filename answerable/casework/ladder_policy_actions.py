"""Write the ladder: from support.toml, and from the desk what the desk owns. Each change is on record, old and new.

An episode that is open keeps its level, its stage and its times: those are rows of its log (decision 0050).
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import Actor, record
from answerable.casework.ladder_policy import DESK, FILE, SETTING, SUBJECT, Content, faults, said
from answerable.lib.errors import Refused
from answerable.people.access import administers
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.people.vendor_actions import keep_setting, locked_setting


def from_file(given: Content, who: Actor, now: datetime) -> Content:
    """What is in force once a file says this. What the desk owns stays as it is; the caller keeps what comes back."""
    known: Content | None = locked_setting(SETTING)
    if known and given["managed"] == DESK:
        if known.get("managed") != DESK:
            # From now on the desk owns it, and begins with what is in force.
            record(who, "ladder_owner", SUBJECT, now, managed=DESK)
        return {**known, "managed": DESK, "version": known.get("version", 1)}
    version = known.get("version", 1) if known else 0
    if known and said(known) == said(given):
        return {**known, "managed": FILE, "version": version}
    new = {**given, "version": version + 1}
    _record(known, new, who, now)
    return new


@transaction.atomic
def change_ladder(by: Person, content: Content, seen: int, now: datetime) -> None:
    """`seen`: the version that was edited; another one meanwhile is not overwritten."""
    known = _editable(by)
    if known["version"] != seen:
        raise Refused("stale", _("Somebody else has changed the ladder meanwhile. What you typed is kept."))
    if any(True for _fault in faults(content)):
        raise Refused("invalid", _("A level has a name, says what it does, and names somebody who can hold it."))
    if said(known) == said(content):
        return
    new = {**said(content), "managed": DESK, "version": seen + 1}
    keep_setting(SETTING, new)
    _record(known, new, actor_of(by), now)


@transaction.atomic
def give_to_file(by: Person, now: datetime) -> None:
    """What is in force stays so until a file that claims it is applied."""
    known = _editable(by)
    keep_setting(SETTING, {**known, "managed": FILE})
    record(actor_of(by), "ladder_owner", SUBJECT, now, managed=FILE)


def _editable(by: Person) -> dict[str, Any]:
    if not administers(by):
        raise Refused("not_allowed", _("Only administrators say what the ladder is."))
    known = locked_setting(SETTING)
    if not known or known.get("managed") != DESK:
        raise Refused("file_owned", _("The file support.toml owns the ladder: change it there and apply it."))
    return {"version": 1, **known}


def _record(known: Content | None, new: Content, who: Actor, now: datetime) -> None:
    was = said(known) if known else None
    record(who, "ladder_policy", SUBJECT, now, version=new["version"], was=was, new=said(new))
