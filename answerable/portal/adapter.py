"""How allauth behaves here: whom it lets in, where a log-in leads, and that mails are written by us."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from answerable.casework.account_actions import ask_link, set_password
from answerable.casework.account_changes import note_change
from answerable.lib import clock
from answerable.lib.sealed import Unreadable, seal, unseal
from answerable.people.models import Person, SignOn
from answerable.people.queries import vendor
from answerable.people.seeing_actions import stop_all
from answerable.people.sso_queries import sign_on_for, sign_on_for_address


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hook object for this product."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """By none of allauth's own ways: accounts begin in views.sign_up."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Whose organization wants single sign-on only is told so by the domain alone, whether the password is right or
        the account exists.
        """
        super().pre_authenticate(request, **credentials)
        sign_on = sign_on_for_address(str(credentials.get("email", "")).lower())
        if sign_on is not None and sign_on.sso_only:
            raise ValidationError(
                _("People of %s use “Sign in with your organization”, below.") % sign_on.label, code="sso_only"
            )

    def pre_login(self, request: HttpRequest, user: Person, **how: Any) -> HttpResponse | None:
        """Nobody gets in, by whatever way, before the address is proven: the link goes there instead; and by no way but
        single sign-on where that is the only one.
        """
        refused: HttpResponse | None = super().pre_login(request, user, **how)
        # What an identity provider said is done with: it is not kept while the second step is waited for.
        (how["signal_kwargs"] or {}).clear()
        if refused:
            return refused
        sign_on = sign_on_for(user)
        if sign_on is not None and sign_on.sso_only and not _came_by(sign_on, request, user):
            clear_login(request)
            return redirect("account_sso")
        if user.email_verified_at is not None:
            return None
        clear_login(request)
        ask_link(user.email, clock.now())
        return redirect("account_email_verification_sent")

    def login(self, request: HttpRequest, user: Person) -> None:
        """The last moment of each log-in: who was suspended while it waited at the second step is out as well."""
        if not user.is_active:
            clear_login(request)
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        super().login(request, user)

    def logout(self, request: HttpRequest) -> None:
        """Whose eyes one looked with is over, too, and that is kept."""
        if isinstance(request.user, Person):
            stop_all(request.user, request.session, clock.now())
        super().logout(request)

    def set_password(self, user: Person, password: str) -> None:
        """Ours, with what goes with it."""
        set_password(user, password, clock.now())

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff land at the desk, customers at their requests."""
        assert isinstance(request.user, Person)
        return reverse("desk:queue") if request.user.is_staff else reverse("portal:my_requests")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Person,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """allauth tells of each change of an account here. Who has never been in has just chosen a first password."""
        if user.last_login is not None:
            note_change(user, template_prefix.rpartition("/")[2], clock.now())


def _came_by(sign_on: SignOn, request: HttpRequest, user: Person) -> bool:
    last = (get_authentication_records(request, user) or [{}])[-1]
    return (last.get("method"), last.get("provider")) == ("socialaccount", sign_on.app.provider_id)


class SecondStepAdapter(DefaultMFAAdapter):
    """allauth's hook object for authenticator apps and passkeys."""

    def encrypt(self, text: str) -> str:
        """What codes are made of is not to be had from a copy of the database."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Called where a code is checked."""
        try:
            return unseal(encrypted_text)
        except Unreadable:
            words = _("This installation has another secret key since you set this up. Ask an administrator.")
            raise ValidationError(words, code="unreadable") from None

    def get_totp_issuer(self) -> str:
        """What the app on the phone calls us."""
        return vendor().name

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """A passkey holds for the host of the page that made it; browsers let no other page use it."""
        return {**super().get_public_key_credential_rp_entity(), "name": vendor().name}
