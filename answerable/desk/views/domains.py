"""The proof of an e-mail domain: the TXT record to be set, and the button that looks for it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.sso_actions import verify_domain
from answerable.desk.frame import frame
from answerable.desk.organization_forms import DomainForm
from answerable.desk.views.grants import cared_for
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.lib.limits import allowed
from answerable.people.access import PersonRequest, staff_only
from answerable.people.domain_actions import ask_proof, expected_record
from answerable.people.models import Domain
from answerable.people.organization_queries import domain
from answerable.people.person_queries import proven_at

# Within an hour, for each domain.
MOST_LOOKS = 20
# What a look says without anything being wrong.
_ANSWERS = {"no_record", "no_answer"}


@require_POST
@staff_only
def ask(request: PersonRequest, slug: str) -> HttpResponse:
    """A domain that its owner is to prove."""
    row = ask_proof(request.user, cared_for(request, slug), checked(DomainForm(request.POST))["domain"], clock.now())
    target = reverse("desk:domain_proof", kwargs={"slug": slug, "pk": row.pk})
    return HttpResponse(headers={"HX-Redirect": target}) if request.htmx else redirect(target)


@require_safe
@staff_only
def proof(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """What to set, and whether it was found."""
    return _page(request, domain(cared_for(request, slug), pk))


@require_POST
@staff_only
def check(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Look now. What was found stands on the page."""
    row = domain(cared_for(request, slug), pk)
    if row.verified_at is None and not allowed("domain", str(pk), MOST_LOOKS):
        words = _("It was looked for %s times within the hour. A new record takes its time: come back later.")
        return _page(request, row, Refused("too_many", words % MOST_LOOKS))
    try:
        verify_domain(request.user, row, clock.now())
    except Refused as refused:
        if refused.code not in _ANSWERS:
            raise
        return _page(request, row, refused)
    return redirect("desk:domain_proof", slug=slug, pk=pk)


def _page(request: PersonRequest, row: Domain, answer: Refused | None = None) -> HttpResponse:
    context = {
        "view_title": _("Proof of %s") % row.name,
        "organization": row.organization,
        "domain": row,
        "record": expected_record(row),
        "answer": answer.message if answer else "",
        "found": answer.data.get("found", []) if answer else [],
        "would_join": len(proven_at([row.name]).get(row.name, ())) if row.verified_at is None else 0,
    }
    return render(request, "desk/domain_proof.html", context | frame(request.user, "organizations", clock.now()))
