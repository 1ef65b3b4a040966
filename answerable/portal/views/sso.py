"""Single sign-on: find one's organization by the domain of one's address, and the pages on the way back."""

from functools import wraps
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.socialaccount.providers.saml import views as saml
from allauth.socialaccount.providers.saml.utils import get_app_or_404
from allauth.socialaccount.sessions import LoginSession
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from answerable.lib.errors import Refused
from answerable.lib.http import Unreachable
from answerable.lib.limits import allowed, network
from answerable.people.access import OpenView, P, anyone
from answerable.people.models import SignOn
from answerable.people.sso_queries import sign_on_at_work, sign_on_for_address, start_url
from answerable.portal.social import OnceOnly

# Of the pages of the way, from one network within an hour: a large company comes by a single one, each at three pages.
MOST_PAGES = 1500
# An answer of an identity provider with its certificate has about ten kilobytes.
MOST_BYTES = 200_000
KEPT_SECONDS = 600


class AddressForm(forms.Form):
    """Only the domain of it is looked at."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address at work"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@anyone
def find(request: HttpRequest) -> HttpResponse:
    """Enter the address; organizations with single sign-on get their button, others are told so."""
    form = AddressForm(request.POST or None)
    found: SignOn | None = None
    if form.is_valid():
        require_few("sso", request, 60)
        found = sign_on_for_address(form.cleaned_data["email"])
        if found is None:
            form.add_error("email", _("There is no single sign-on for addresses of this domain."))
    staff = sign_on_at_work(None)
    context = {
        "form": form,
        "found": found.label if found else "",
        "start_url": start_url(found) if found else "",
        "staff_url": start_url(staff) if staff else "",
    }
    return render(request, "account/sso.html", context)


def require_few(what: str, request: HttpRequest, most: int) -> None:
    """Raises Refused once there were more of it from this network within an hour."""
    if not allowed(what, network(request.META["REMOTE_ADDR"]), most):
        raise Refused("too_many", _("Too many tries came from here within the hour. Please wait a little."))


def few(view: OpenView[P]) -> OpenView[P]:
    """For pages of the way to an identity provider and back: each leaves something behind, whoever opens it."""

    @wraps(view)
    def enter(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        require_few("sso-page", request, MOST_PAGES)
        return view(request, *args, **kwargs)

    return enter


@csrf_exempt
@require_POST
@anyone
def take_saml(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """allauth's view, which keeps the answer for the page after it: only that one gets the browser's own cookie.

    It comes without any sign of who sends it, so it is kept small and short.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise Refused("too_large", _("That is too long for an answer of an identity provider."))
    get_app_or_404(request, organization_slug)
    LoginSession(request, "saml_acs_session", "saml-acs-session").store.set_expiry(KEPT_SECONDS)
    answer: HttpResponse = saml.acs(request, organization_slug)
    return answer


@anyone
def begin_oidc(request: HttpRequest, provider_id: str) -> HttpResponse:
    """allauth's view; where the identity provider cannot be asked, or says what nobody understands, a page says so."""
    try:
        answer: HttpResponse = oidc.login(request, provider_id)
    except (Unreachable, KeyError) as error:
        adapter = get_adapter(request)
        app = adapter.get_app(request, provider=provider_id)
        try:
            adapter.on_authentication_error(request, app.get_provider(request), exception=error)
        except ImmediateHttpResponse as told:
            refused: HttpResponse = told.response
            return refused
        raise
    return answer


class FinishACS(saml.FinishACSView):
    """allauth's view, with replay protection."""

    def get_provider(self, organization_slug: str) -> Any:
        """Ours."""
        return OnceOnly(self.request, app=self.get_app(organization_slug))


finish_saml = anyone(FinishACS.as_view())


@require_safe
@anyone
def single_logout(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """What we name to identity providers as the place to log out: the page with the button."""
    return redirect("account_logout")


@require_safe
@anyone
def cancelled(request: HttpRequest) -> HttpResponse:
    """Changed their mind at the identity provider."""
    return redirect("account_login")
