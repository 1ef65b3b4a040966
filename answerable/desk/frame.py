"""What every desk page shows around its subject: the rail with its counts, and what it listens to."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from answerable.lib.addresses import url
from answerable.live.access import sign
from answerable.mail.room_queries import in_quarantine
from answerable.people.models import Person, Role
from answerable.people.queries import teams_of
from answerable.tickets.conditions import Condition
from answerable.tickets.queries import COUNT_CAP
from answerable.tickets.saved import PERSONAL, SHARED, TEAM
from answerable.tickets.view_queries import Count, counts, faults_of, saved_views
from answerable.tickets.viewing import View, built_in, of_team


class Link(NamedTuple):
    """A line of the rail. `shown`: its count, None for none; `key`: of a view whose count changes as one looks."""

    name: str
    href: str
    shown: str | None
    is_current: bool
    key: str = ""


Groups = list[tuple[str, list[View]]]
# Counted besides, for the head of the queue; no view of its own.
_LATE = View("late", "", (Condition("is", "any", ("late",)),))
# Whose count says nothing: what was solved lately is no work.
_UNCOUNTED = ("solved",)


def view_url(key: str) -> str:
    """The address of a view."""
    return url("desk:queue") if key == "all" else url("desk:view", view=key)


def view_groups(person: Person, saved: Sequence[View]) -> Groups:
    """The views of the rail under their headings."""
    known = built_in()

    def named(*keys: str) -> list[View]:
        return [known[key] for key in keys]

    def kept(scope: str, team_id: int | None = None) -> list[View]:
        return [view for view in saved if view.scope == scope and team_id in (None, view.team_id)]

    groups: Groups = [(_("Mine"), [*named("risk", "mine", "mentions"), *kept(PERSONAL)])]
    # Every team has the same ones, and its own.
    groups += [(name, [*of_team(pk, name), *kept(TEAM, pk)]) for pk, _key, name in teams_of(person).teams]
    groups.append((_("Everything"), [*named("all", "waiting", "escalated", "solved"), *kept(SHARED)]))
    return groups


def _view_links(groups: Groups, current: str, found: dict[str, Count]) -> list[tuple[str, list[Link]]]:
    def link(view: View, heading: str) -> Link:
        name = view.name.removesuffix(f" · {heading}")
        if view.pk is not None and faults_of(view):
            return Link(name, view_url(view.key), _("mend"), view.key == current)
        count = _capped(found[view.key]) if view.key in found else None
        return Link(name, view_url(view.key), count, view.key == current, view.key if count is not None else "")

    return [(heading, [link(view, heading) for view in views]) for heading, views in groups]


def rail(person: Person, current: str, views: list[tuple[str, list[Link]]]) -> list[tuple[str, list[Link]]]:
    """Headings with their links."""
    *others, (everything, all_views) = views
    groups = [*others, (everything, [*all_views, _page("set_aside", _("Set aside"), current)])]
    answers = (("canned", _("Canned replies")), ("articles", _("Articles")))
    groups.append((_("Answers"), [_page(name, title, current) for name, title in answers]))
    shifts = (("on_call", _("On call")), ("shift", _("Hand-over")), ("alerts", _("Alerts")))
    groups.append((_("Shifts"), [_page(name, title, current) for name, title in shifts]))
    figures = (("reports", _("Reports")), ("bulk_runs", _("Bulk changes")), ("wall", _("Wall")))
    groups.append((_("Figures"), [_page(name, title, current) for name, title in figures]))
    customers = [_page("organizations", _("Organizations"), current), _page("people", _("People"), current)]
    if person.role == Role.CSM:
        customers.insert(0, _page("my_organizations", _("My organizations"), current))
    groups.append((_("Customers"), customers))
    in_force, versions = _page("policy", _("In force"), current), _page("policy_versions", _("Versions"), current)
    people = [_page("paging", _("Paging"), current), _page("ladder_policy", _("Ladder"), current)]
    own = (("outside", _("Outside tools")), ("widget", _("Widget")))
    tools = [_page(name, title, current) for name, title in own] if person.role == Role.ADMIN else []
    groups.append((_("Policy"), [in_force, *people, *tools, versions]))
    if person.role == Role.ADMIN:
        received = _page("mail", _("Received"), current)
        waiting = in_quarantine()
        if waiting:  # what waits there is said on every page
            received = received._replace(shown=_at_most(waiting))
        more = [
            _page(name, title, current)
            for name, title in (("outbox", _("Sent")), ("senders", _("Senders")), ("wordings", _("Texts")))
        ]
        groups.append((_("Mail"), [received, *more]))
    return groups


def _page(name: str, title: str, current: str) -> Link:
    return Link(title, url(f"desk:{name}"), None, name == current)


def _at_most(count: int) -> str:
    return f"{COUNT_CAP}+" if count >= COUNT_CAP else str(count)


def _capped(count: Count) -> str:
    return f"{count.number}+" if count.more else str(count.number)


def counted(person: Person, groups: Groups, now: datetime) -> dict[str, Count]:
    """What the views of the rail count, and the broken promises; one statement. Not all may be counted: the desk's own
    are before those of many teams."""
    own = built_in()
    views = [view for _heading, each in groups for view in each if view.key not in _UNCOUNTED]
    views.sort(key=lambda view: view.key not in own)
    return counts(person, [_LATE, *(view for view in views if view.pk is None or not faults_of(view))], now)


def chips(found: dict[str, Count]) -> dict[str, object]:
    """How many promises are broken, and how many fall due within the hour, as _queue_chips.html says them."""
    late, risk = found["late"], found["risk"]
    soon = Count(risk.number - late.number, risk.more)
    return {
        "broken": _capped(late) if late.number else "",
        "at_risk": _capped(soon) if soon.number > 0 else "",
    }


def live_counts(person: Person, saved: Sequence[View], now: datetime) -> dict[str, object]:
    """What changes around the rows: the counts by their views' keys, and the chips."""
    found = counted(person, view_groups(person, saved), now)
    return {"live_counts": [(key, _capped(count)) for key, count in found.items() if key != "late"], **chips(found)}


def frame(person: Person, current: str, now: datetime, saved: Iterable[View] | None = None) -> dict[str, object]:
    """Context of a page with the rail. `saved`: the views that stand in it, where they were asked already."""
    groups = view_groups(person, list(saved) if saved is not None else saved_views(person))
    found = counted(person, groups, now)
    return {
        "now": now,
        "rail": rail(person, current, _view_links(groups, current, found)),
        **chips(found),
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
