"""Single sign-on at the desk: set up, tried, switched, made the only way in; what is needed for it, what happened."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import sso_actions
from answerable.desk.frame import frame
from answerable.desk.sso import checks, needs
from answerable.desk.sso_forms import OIDCForm, SAMLForm, SwitchForm, add_refusal, filled_oidc, filled_saml
from answerable.desk.views.grants import cared_for
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.people import sign_on_actions
from answerable.people.access import PersonRequest, administers, admins_only, staff_only
from answerable.people.models import Organization, SignOn
from answerable.people.queries import domains_of
from answerable.people.sso_actions import set_up
from answerable.people.sso_queries import STAFF, attempts, has_let_in, people_of, sign_on_of_organization, start_url


def _whose(request: PersonRequest, slug: str) -> Organization | None:
    """The organization, or None for the staff; for who looks after it. Raises Refused."""
    if slug != STAFF:
        return cared_for(request, slug)
    if not administers(request.user):
        raise Refused("not_allowed", _("Only administrators decide how the staff sign in."))
    return None


def _sign_on(organization: Organization | None) -> SignOn:
    found = sign_on_of_organization(organization)
    if found is None:
        raise Refused("not_found", _("No single sign-on is set up there."))
    return found


@require_safe
@staff_only
def test(request: PersonRequest, organization: str) -> HttpResponse:
    """Step by step. `organization` is its slug, or "staff"."""
    now, sign_on = clock.now(), _sign_on(_whose(request, organization))
    context = {
        "view_title": _("Single sign-on of %s") % sign_on.label,
        "set_up_slug": organization,
        "checks": checks(sign_on, now),
        "attempts": attempts(sign_on),
        "start_url": start_url(sign_on),
    }
    return render(request, "desk/sso.html", context | frame(request.user, "", now))


@require_safe
@staff_only
def show(request: PersonRequest, organization: str) -> HttpResponse:
    """How it is set up. Who looks after the organization reads it; administrators change it."""
    return _page(request, organization)


def _page(request: PersonRequest, slug: str, **bound: forms.Form) -> HttpResponse:
    row = _whose(request, slug)
    sign_on = sign_on_of_organization(row)
    context = {
        "view_title": _("Single sign-on of %s") % (row.name if row else _("your staff")),
        "slug": slug,
        "organization": row,
        "sign_on": sign_on,
        "start_url": start_url(sign_on) if sign_on else "",
        "domains": sorted(domains_of(row)) if row else [],
        "head_count": people_of(sign_on).count() if sign_on else 0,
        "is_tried": has_let_in(sign_on) if sign_on else False,
        "needs": needs(row),
        "oidc_form": bound.get("oidc") or filled_oidc(sign_on),
        "saml_form": bound.get("saml") or filled_saml(sign_on),
        "may_change": administers(request.user),
    }
    status = 422 if bound else 200
    return render(request, "desk/sso_set_up.html", context | frame(request.user, "", clock.now()), status=status)


@require_POST
@admins_only
def oidc(request: PersonRequest, organization: str) -> HttpResponse:
    """By OpenID Connect from now on."""
    form = filled_oidc(sign_on_of_organization(_whose(request, organization)), request.POST)
    return _set_up(request, organization, "oidc", form)


@require_POST
@admins_only
def saml(request: PersonRequest, organization: str) -> HttpResponse:
    """By SAML from now on."""
    form = filled_saml(sign_on_of_organization(_whose(request, organization)), request.POST)
    return _set_up(request, organization, "saml", form)


def _set_up(request: PersonRequest, slug: str, kind: str, form: OIDCForm | SAMLForm) -> HttpResponse:
    """What is wrong stands beside its field, and what was entered is still there."""
    if form.is_valid():
        try:
            set_up(request.user, _whose(request, slug), form.idp(), clock.now())
        except Refused as refused:
            add_refusal(form, refused)
    if form.errors:
        return _page(request, slug, **{kind: form})
    return redirect("desk:sso_set_up", organization=slug)


def _answer(request: PersonRequest) -> bool:
    return bool(checked(SwitchForm(request.POST))["answer"] == "yes")


@require_POST
@admins_only
def switch(request: PersonRequest, organization: str) -> HttpResponse:
    """Off, or on again."""
    sso_actions.switch(request.user, _sign_on(_whose(request, organization)), clock.now(), on=_answer(request))
    return redirect("desk:sso_set_up", organization=organization)


@require_POST
@admins_only
def only(request: PersonRequest, organization: str) -> HttpResponse:
    """The only way in, or one beside passwords."""
    sso_actions.make_only(request.user, _sign_on(_whose(request, organization)), clock.now(), only=_answer(request))
    return redirect("desk:sso_set_up", organization=organization)


@require_POST
@admins_only
def remove(request: PersonRequest, organization: str) -> HttpResponse:
    """No single sign-on any more."""
    sign_on_actions.remove(request.user, _sign_on(_whose(request, organization)), clock.now())
    return redirect("desk:sso_set_up", organization=organization)
