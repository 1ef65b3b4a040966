"""The editor of a schedule: what is typed, who would be on call then, and only then it is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.desk.arranging import arranged
from answerable.desk.frame import frame
from answerable.desk.on_call_forms import Moment
from answerable.desk.on_call_layers import DAYS, MOST, Typed, alike, posted, typed_of
from answerable.desk.on_call_page import drawn
from answerable.desk.views.on_call import find_schedule
from answerable.desk.wish_forms import zones
from answerable.escalation.rota import Rota
from answerable.escalation.schedule_access import may_edit, may_take
from answerable.escalation.schedule_actions import (
    LONGEST_AHEAD,
    Spec,
    Wanted,
    begin_with,
    checked,
    preview,
    rewrite,
    turn_of,
)
from answerable.escalation.schedule_queries import changes_of, spec_at
from answerable.escalation.schedules import Schedule
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.zones import is_zone
from answerable.people.access import PersonRequest, staff_only
from answerable.people.queries import staff

PREVIEW_DAYS = 14


@dataclass(frozen=True)
class Sheet:
    """The form as it stands. `since_text` "" means from now on; `wrong`: what is to be mended, by field."""

    name: str
    tz: str
    p0: bool
    since_text: str
    since: datetime
    layers: Sequence[Typed]
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """All of it can be read."""
        return not self.wrong and all(layer.layer is not None for layer in self.layers)

    @property
    def spec(self) -> Spec:
        """The layers as they are kept, once all of it can be read."""
        return {"tz": self.tz, "layers": [dict(one.layer) for one in self.layers if one.layer is not None]}


@require_safe
@staff_only
def show(request: PersonRequest, key: str) -> HttpResponse:
    """The layers in force, ready to be changed."""
    schedule, now = _editable(request, key), clock.now()
    spec, known = spec_at(schedule, now), _known()
    layers = [typed_of(layer, known) for layer in spec["layers"]] or [_blank(now)]
    return _page(request, schedule, Sheet(schedule.name, spec["tz"], schedule.p0, "", now, layers))


def _editable(request: PersonRequest, key: str) -> Schedule:
    schedule = find_schedule(key)
    if not may_edit(request.user, schedule):
        raise Refused("not_allowed", _("This schedule is not yours to change: its page says who does."))
    return schedule


def _known() -> dict[str, str]:
    return {one.email: one.label for one in staff() if may_take(one)}


def _blank(now: datetime) -> Typed:
    return Typed(start=timezone.localtime(now).date().isoformat())


@require_POST
@staff_only
def save(request: PersonRequest, key: str) -> HttpResponse:
    """Look what it comes to, add or take out a layer, or save: by the button that was pressed."""
    schedule, now = _editable(request, key), clock.now()
    what, sheet = request.POST.get("do", "look"), _read(request.POST.dict(), now)
    if what not in {"look", "save"}:
        return _page(
            request, schedule, replace(sheet, layers=arranged(sheet.layers, what, partial(_blank, now), MOST), wrong={})
        )
    if not sheet.is_right:
        return _page(request, schedule, sheet, told=True, status=422)
    layers, spec = _turns(schedule, sheet)
    sheet, wanted = replace(sheet, layers=layers), Wanted(sheet.name, sheet.p0, spec, sheet.since)
    if what == "save":
        seen, confirmed = request.POST.get("seen", ""), request.POST.get("confirmed") == "yes"
        try:
            rewrite(request.user, schedule, wanted, now, seen=seen, confirmed=confirmed)
        except Refused as refused:
            if refused.code not in {"gap", "stale"}:
                raise
            schedule = find_schedule(key)
            sheet = replace(sheet, wrong={"": refused.message})
            return _page(request, schedule, sheet, wanted, told=True, status=409)
        messages.success(request, _("Saved."))
        return redirect("desk:on_call_one", key=key)
    return _page(request, schedule, sheet, wanted, told=True)


def _read(data: Mapping[str, str], now: datetime) -> Sheet:
    name, tz = data.get("name", "").strip()[:200], data.get("tz", "").strip()[:64]
    text, since, wrong = data.get("since", "").strip()[:40], now, {}
    if not name:
        wrong["name"] = _("Give it a name.")
    if not is_zone(tz):
        wrong["tz"] = _("No time zone is called so. One is called Europe/Berlin, another UTC.")
    try:
        since = max(Moment(required=False).clean(text) or now, now)
        if since > now + LONGEST_AHEAD:
            wrong["since"] = _("A change can be planned for the year ahead, not for later.")
    except forms.ValidationError as error:
        wrong["since"] = error.messages[0]
    layers = posted(data, _known())
    try:
        if not wrong and all(one.layer for one in layers):
            checked(tz, [one.layer for one in layers if one.layer])
    except Refused as refused:
        wrong[""] = refused.message
    return Sheet(name, tz, bool(data.get("p0")), text, since, layers, wrong)


def _turns(schedule: Schedule, sheet: Sheet) -> tuple[list[Typed], Spec]:
    """Whose turn it is to be when the change begins: who was chosen, else who has it now, so that nobody is swapped."""
    spec, before = sheet.spec, spec_at(schedule, sheet.since)
    layers = []
    was = alike([one.get("name", "") for one in before["layers"]], [one.name for one in sheet.layers])
    for number, typed in enumerate(sheet.layers):
        place, offered = was[number], [address for address, _name in typed.choices]
        holds = turn_of(before, place, sheet.since) if place is not None else None
        offer = holds if holds in offered else turn_of(spec, number, sheet.since)
        # What was only offered is no choice: with another beginning somebody else may have it.
        chosen = typed.first if typed.first in offered and typed.first != typed.offer else offer
        if chosen is not None and turn_of(spec, number, sheet.since) is not None:
            spec = begin_with(spec, number, chosen, sheet.since)
        has_it = turn_of(spec, number, sheet.since)
        layers.append(replace(typed, first=has_it or "", offer=offer or "", choices=typed.choices if has_it else ()))
    return layers, spec


def _page(
    request: PersonRequest,
    schedule: Schedule,
    sheet: Sheet,
    wanted: Wanted | None = None,
    *,
    told: bool = False,
    status: int = 200,
) -> HttpResponse:
    """`told`: what is wrong with the layers is said; `wanted`: and what all of it comes to."""
    now, me = clock.now(), request.user
    shifts, gaps = preview(me, schedule, wanted, now, PREVIEW_DAYS) if wanted else ([], [])
    context = {
        "view_title": schedule.name,
        "schedule": schedule,
        "sheet": sheet,
        "told": told,
        "days": list(zip(DAYS, _day_names(), strict=True)),
        "zones": zones(),
        "people": sorted(_known().items(), key=lambda one: one[1].casefold()),
        "seen": changes_of(schedule),
        "is_looked": wanted is not None,
        "rows": drawn(Rota(()), shifts, me.pk, now, sheet.tz) if wanted else [],
        "gaps": gaps,
        "preview_days": PREVIEW_DAYS,
        "may_add": len(sheet.layers) < MOST,
    }
    return render(request, "desk/on_call_layers.html", context | frame(me, "on_call", now), status=status)


def _day_names() -> list[str]:
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
