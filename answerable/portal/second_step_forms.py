"""The second step's forms: allauth's, each a little stricter."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from allauth.mfa.webauthn.internal.auth import parse_authentication_response

from answerable.people.second_step_actions import use_code, was_used


class _Once(forms.BaseAuthenticateForm):
    def clean_code(self) -> str:
        """A code that was used is a wrong one, and is counted as such by allauth."""
        if was_used(self.user, self.cleaned_data["code"]):
            self.cleaned_data["code"] = ""
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP and not use_code(self.authenticator, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_Once, forms.AuthenticateForm):
    """At the log-in."""


class CodeAgainForm(_Once, forms.ReauthenticateForm):
    """Before what matters."""


class PasskeyAloneForm(LoginWebAuthnForm):
    """A passkey in the place of a password: whoever holds it must also have shown that they are its owner."""

    def clean_credential(self) -> Any:
        """allauth asks this of the browser, but takes an answer to the second step's question, which does not."""
        answer = parse_authentication_response(self.cleaned_data["credential"])
        found = super().clean_credential()
        if not answer.response.authenticator_data.is_user_verified():
            raise get_adapter().validation_error("incorrect_code")
        return found
