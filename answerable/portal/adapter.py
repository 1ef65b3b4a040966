"""How allauth behaves here: whom it lets in, where a log-in leads, and that its mails leave through our own outbox."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ResetPasswordForm
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from answerable.casework.account_actions import set_password
from answerable.casework.account_mail import post_account_mail
from answerable.lib import clock
from answerable.people.models import Person
from answerable.people.queries import by_email, vendor
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
        if refused:
            return refused
        sign_on = sign_on_for(user)
        if sign_on is not None and sign_on.sso_only and not _came_by_sso(request, user):
            clear_login(request)
            return redirect("account_sso")
        if user.email_verified_at is not None:
            return None
        clear_login(request)
        form = ResetPasswordForm({"email": user.email})
        if form.is_valid():
            form.save(request)
        return redirect("account_email_verification_sent")

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

    def get_reset_password_from_key_url(self, key: str) -> str:
        """At the policy's own address: the Host header of whoever asked must not choose where a secret link points."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{vendor().portal_address}{path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail in our outbox, for a person whom we know."""
        person = by_email(email)
        if person is not None:
            # Not `user`: the context processors put who asks in its place, and that may be anybody.
            context = {**context, "is_first": person.email_verified_at is None}
            message = self.render_mail(template_prefix, email, context)
            post_account_mail(person, str(message.subject), str(message.body), clock.now())

    def format_email_subject(self, subject: str) -> str:
        """No site name in brackets."""
        return subject


def _came_by_sso(request: HttpRequest, user: Person) -> bool:
    records = get_authentication_records(request, user)
    return bool(records) and records[-1]["method"] == "socialaccount"


class SecondStepAdapter(DefaultMFAAdapter):
    """allauth's hook object for authenticator apps and passkeys."""

    def get_totp_issuer(self) -> str:
        """What the app on the phone calls us."""
        return vendor().name

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """A passkey holds for the host of the page that made it; browsers let no other page use it."""
        return {**super().get_public_key_credential_rp_entity(), "name": vendor().name}
