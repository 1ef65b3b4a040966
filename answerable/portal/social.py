"""How allauth's single sign-on behaves here: whose word counts for whom is decided by people.sso_actions alone."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal.statekit import get_states
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.core.cache import cache
from django.core.exceptions import MultipleObjectsReturned
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Names

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.http import outside
from answerable.people.models import Person, SignOn
from answerable.people.queries import vendor
from answerable.people.sso_actions import Said, admit, note_attempt, use_assertion
from answerable.people.sso_queries import acs_address, entity_id, sign_on_of_app
from answerable.portal.assertions import Asked, require_answer

# allauth leaves these to each provider's settings, and its defaults are lax.
STRICT = {
    "strict": True,
    "want_assertion_signed": True,
    "reject_idp_initiated_sso": True,
    "reject_deprecated_algorithm": True,
}


# How long what a provider says of itself (its addresses) is believed without asking again.
SAYS_SECONDS = 300


class Remembering(OpenIDConnectOAuth2Adapter):
    """allauth's, for the page where a log-in begins: anybody may open that as often as they like."""

    @property
    def openid_config(self) -> Any:
        """As fetched lately."""
        key = f"oidc-says:{sha256(self.get_provider().server_url.encode()).hexdigest()}"
        return cache.get_or_set(key, lambda: super(Remembering, self).openid_config, SAYS_SECONDS)


class SocialAdapter(DefaultSocialAccountAdapter):
    """allauth's hook object for identity providers."""

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        """As stored; for SAML with what no setting may weaken."""
        apps: list[Any] = super().list_apps(request, provider, client_id)
        for app in apps:
            if app.provider == SAMLProvider.id:
                app.settings["advanced"] = app.settings.get("advanced", {}) | STRICT
                app.settings["sp"] = {"entity_id": entity_id(app.client_id)}
        return apps

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """allauth's; what begins a log-in remembers."""
        found = super().get_provider(request, provider, client_id)
        if found.id == OpenIDConnectProvider.id:
            found.oauth2_adapter_class = Remembering
        return found

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """allauth takes a kind of provider for a name, too; there may be several of a kind."""
        try:
            return super().get_app(request, provider, client_id)
        except MultipleObjectsReturned:
            raise SocialApp.DoesNotExist from None

    def get_requests_session(self) -> Any:
        """Whatever an identity provider names (in its discovery document too) is fetched from outside alone.

        Where we are tried out without TLS, one may run beside us.
        """
        if not vendor().portal_address.startswith("https:"):
            return super().get_requests_session()
        return outside()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """allauth makes nobody: `admit` does."""
        return False

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        """allauth looks nobody up by address: `admit` does, and asks whose domain it is."""
        return False

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        """Our persons have one name."""
        user = super().populate_user(request, sociallogin, data)
        parts = [str(data.get(part) or "") for part in ("first_name", "last_name")]
        user.name = str(data.get("name") or " ".join(filter(None, parts)))[:200]
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """The one gate: whoever the account was tied to before, today's word must hold for that very person."""
        sign_on = sign_on_of_app(sociallogin.provider.app.pk)
        said = _said(sociallogin)
        try:
            person = _let_in(sign_on, sociallogin, said)
        except Refused as refused:
            note_attempt(sign_on, refused.code, said.address, refused.message, clock.now())
            raise
        # Not `connect`, which would write the person's whole row as it was read.
        sociallogin.user = sociallogin.account.user = person
        note_attempt(sign_on, "let_in", said.address, "", clock.now())

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """A page that says what to do; why is for whoever set it up. What answers no question of ours is no try."""
        context = extra_context or {}
        if exception or "state" in context or get_states(request):
            why = context.get("saml_last_error_reason") or exception or error or ""
            note_attempt(sign_on_of_app(provider.app.pk), "not_valid", "", str(why), clock.now())
        raise ImmediateHttpResponse(render(request, "socialaccount/authentication_error.html", status=403))


def _let_in(sign_on: SignOn, sociallogin: Any, said: Said) -> Person:
    if sociallogin.state.get("process") != "login":
        raise Refused("sso_connect", _("An account cannot be tied to another sign-in."))
    return admit(sign_on, said, sociallogin.account, clock.now())


def _said(sociallogin: Any) -> Said:
    """The first address: an identity provider that gives several names its own first."""
    address = next(iter(sociallogin.email_addresses), None)
    if address is None:
        return Said("", is_verified=False)
    # Some providers say it as text, and then "false" would count as true.
    verified = (
        str(address.verified).lower() == "true" or sociallogin.provider.app.settings.get("verified_email") is True
    )
    return Said(str(address.email), is_verified=verified, name=sociallogin.user.name)


def _ends(response: Any, now: datetime) -> datetime:
    """Until when the assertion could be sent again, and some more: clocks differ."""
    end = datetime.fromtimestamp(response.get_last_assertion_not_on_or_after() or 0, UTC)
    return max(end, now) + timedelta(days=1)


def _asked(key: str, response: Any) -> Asked:
    return Asked(entity_id(key), acs_address(key), response.get_last_response_in_response_to())


class OnceOnly(SAMLProvider):
    """allauth's SAML, with each assertion good for one log-in, for us, and for what we asked."""

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> Any:
        """Called once signature and times were found right."""
        now = clock.now()
        sign_on: SignOn = sign_on_of_app(self.app.pk)
        try:
            require_answer(response.get_last_response_xml(), _asked(self.app.client_id, response))
            use_assertion(sign_on, response.get_last_assertion_id(), _ends(response, now), now)
        except Refused as refused:
            note_attempt(sign_on, refused.code, "", refused.message, now)
            raise
        login = super().sociallogin_from_response(request, response)
        if login.account.uid == response.get_nameid() and response.get_nameid_format() == Names.NAMEID_TRANSIENT:
            login.account.uid = ""
        return login
