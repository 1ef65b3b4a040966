"""What if: past requests under another policy, beside what became of them. Nothing is changed by asking."""

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.desk.frame import frame
from answerable.desk.report_forms import PolicyForm
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, staff_only
from answerable.people.models import Person
from answerable.policy.queries import Policy, last
from answerable.policy.read import BadPolicy, parse
from answerable.reports.access import may_compare
from answerable.reports.replay import Comparison, Limits, simulate
from answerable.reports.what_if import BROKEN, EXCUSED, KEPT, NONE, OPEN
from answerable.tickets.access import visible_to

# A page holds a thread while it is made: what takes longer is for `answerable simulate`.
LIMITS = Limits(tickets=20_000, seconds=2)


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """The policy in force, to be changed and compared."""
    _require(request.user)
    applied = last()
    form = PolicyForm(initial={"text": applied.text if applied else "", "days": 90})
    return _page(request, form, clock.now())


@require_POST
@staff_only
def compare(request: PersonRequest) -> HttpResponse:
    """The same page with the answer, or with what is wrong in the policy, line by line."""
    _require(request.user)
    now = clock.now()
    form = PolicyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, now)
    text = form.cleaned_data["text"]
    # A chosen file stands in the text from now on: a browser would not send it a second time.
    shown = PolicyForm(initial={"text": text, "days": form.cleaned_data["days"]})
    try:
        policy = parse(text, "support.toml")
    except BadPolicy as bad:
        return _page(request, shown, now, problems=bad.problems)
    found = _simulate(request.user, policy, now - timedelta(days=form.cleaned_data["days"]), now)
    return _page(request, shown, now, found=found)


def _simulate(person: Person, policy: Policy, since: datetime, now: datetime) -> Comparison:
    return simulate(policy, visible_to(person, now), since, now, limits=LIMITS)


def _require(person: Person) -> None:
    if not may_compare(person):
        raise Refused("not_found", _("There is no such page."))


def _verdicts() -> dict[str, str]:
    return {
        KEPT: _("kept"),
        BROKEN: _("broken"),
        EXCUSED: _("excused"),
        OPEN: _("undecided"),
        NONE: _("no promise"),
    }


def _page(request: PersonRequest, form: PolicyForm, now: datetime, **more: object) -> HttpResponse:
    context = {"view_title": _("What if"), "form": form, "problems": [], "found": None, "verdicts": _verdicts()} | more
    return render(request, "desk/what_if.html", context | frame(request.user, "reports", now))
