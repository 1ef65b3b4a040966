"""What every desk page shows around its subject: the rail with its counts, and what it listens to."""

from datetime import datetime

from django.utils.translation import gettext as _

from answerable.lib.addresses import url
from answerable.live.access import sign
from answerable.mail.room_queries import in_quarantine
from answerable.people.models import Person, Role
from answerable.tickets.queries import COUNT_CAP, counts

Link = tuple[str, str, str | None, bool]


def titles() -> dict[str, str]:
    """The views by key, in the words of the rail."""
    return {
        "risk": _("Promises at risk"),
        "mine": _("My open"),
        "unassigned": _("Unassigned in my teams"),
        "waiting": _("Waiting for customer"),
        "all": _("All open"),
        "solved": _("Recently solved"),
    }


def view_url(view: str) -> str:
    """The address of a view."""
    return url("desk:queue") if view == "all" else url("desk:view", view=view)


def rail(person: Person, current: str, found: dict[str, int]) -> list[tuple[str, list[Link]]]:
    """Headings with their links: (name, url, count or None, is current)."""

    def link(view: str) -> Link:
        return titles()[view], view_url(view), _capped(found[view]) if view in found else None, view == current

    groups = [
        (_("Mine"), [link("risk"), link("mine")]),
        (_("My teams"), [link("unassigned")]),
        (_("Everything"), [link("all"), link("waiting"), link("solved")]),
        (_("Figures"), [_page("reports", _("Reports"), current), _page("wall", _("Wall"), current)]),
    ]
    customers = [_page("organizations", _("Organizations"), current), _page("people", _("People"), current)]
    if person.role == Role.CSM:
        customers.insert(0, _page("my_organizations", _("My organizations"), current))
    groups.append((_("Customers"), customers))
    in_force, versions = _page("policy", _("In force"), current), _page("policy_versions", _("Versions"), current)
    groups.append((_("Policy"), [in_force, versions]))
    if person.role == Role.ADMIN:
        received = _page("mail", _("Received"), current)
        waiting = in_quarantine()
        if waiting:  # what waits there is said on every page
            received = (*received[:2], _capped(waiting), received[3])
        others = [
            _page(name, title, current)
            for name, title in (("outbox", _("Sent")), ("senders", _("Senders")), ("wordings", _("Texts")))
        ]
        groups.append((_("Mail"), [received, *others]))
    return groups


def _page(name: str, title: str, current: str) -> Link:
    return title, url(f"desk:{name}"), None, name == current


def _capped(count: int) -> str:
    return f"{COUNT_CAP}+" if count >= COUNT_CAP else str(count)


def frame(person: Person, current: str, now: datetime) -> dict[str, object]:
    """Context of a page with the rail."""
    found = counts(person, now)
    return {
        "now": now,
        "rail": rail(person, current, found),
        "broken": _capped(found["broken"]) if found["broken"] else "",
        "at_risk": _capped(found["risk"] - found["broken"]) if found["risk"] > found["broken"] else "",
        **live(person, ["desk"]),
    }


def own_stream(person: Person) -> str:
    """Where a member of staff hears of notices to them alone."""
    return f"person:{person.pk}:staff"


def live(person: Person, streams: list[str]) -> dict[str, object]:
    """What base.html tells live.js: a token, and where to get the next one. Every page hears of new notices."""
    streams = [*streams, own_stream(person)]
    return {
        "live_token": sign(streams, person.pk),
        "live_url": f"{url('desk:live')}?streams={','.join(streams)}",
    }
