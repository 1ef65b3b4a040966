"""What the portal's posts may hold."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.forms import ResetPasswordForm, ResetPasswordKeyForm, UserTokenForm
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from answerable.casework.account_actions import ask_link
from answerable.casework.request_form import MOST_TEXT
from answerable.lib import clock
from answerable.lib.domains import is_free_mail
from answerable.lib.paging import Cursor
from answerable.people.actions import prove_address
from answerable.people.models import Person
from answerable.people.queries import account_rules, organization_of_domain
from answerable.sla.queries import severities
from answerable.tickets.activity_queries import Wanted


def _severity_keys() -> list[tuple[str, str]]:
    return [(key, key) for key in severities()]


class ReplyForm(forms.Form):
    """A customer's reply."""

    text = forms.CharField(max_length=MOST_TEXT, required=False, strip=False)


class SeverityForm(forms.Form):
    """The customer's position."""

    severity = forms.ChoiceField(choices=_severity_keys)
    impact = forms.CharField(max_length=5_000, required=False)


class ListForm(forms.Form):
    """What to show of a list. A mangled address shows all of it: each part that is not known is left open."""

    q = forms.CharField(max_length=200, required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("All")),
            ("open", _("Open")),
            ("waiting", _("Waiting for you")),
            ("done", _("Solved or closed")),
        ],
    )
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[
            ("", _("Last activity")),
            ("newest", _("Newest first")),
            ("promise", _("Next promise")),
            ("severity", _("Severity")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["severity"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("All")), *_severity_keys()]

    def wanted(self, after: Cursor | None) -> Wanted:
        """The list to show, from `after` on."""
        self.is_valid()
        said = self.cleaned_data
        return Wanted(
            words=said.get("q", ""),
            status=said.get("status", ""),
            severity=said.get("severity", ""),
            sort=said.get("sort") or "activity",
            after=after,
        )

    def address(self) -> str:
        """The filter as a query string, without what is left open."""
        return urlencode([(name, value) for name, value in self.cleaned_data.items() if value])


class SignUpForm(forms.Form):
    """An address, and no password: whoever chose one here could own the account of somebody who follows the link."""

    email = forms.EmailField(
        label=_("Your e-mail address at work"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_email(self) -> str:
        """What the policy says of the domain; of the person, nothing is said."""
        email: str = self.cleaned_data["email"].lower()
        domain, rules = email.rpartition("@")[2], account_rules()
        if is_free_mail(domain):
            if rules.free_mail == "refuse":
                raise ValidationError(gettext("Please use your address at work: %s is open to everybody.") % domain)
        elif rules.unknown_domains == "refuse" and organization_of_domain(domain) is None:
            raise ValidationError(gettext("We know no organization with addresses at %s. Ask support.") % domain)
        return email


class AskLinkForm(ResetPasswordForm):
    """ "Forgot your password": the address is looked up by a job, so that how long this takes says nothing."""

    def clean_email(self) -> str:
        """allauth's looks for the account."""
        email: str = self.cleaned_data["email"]
        return email.lower()

    def save(self, request: HttpRequest, **how: Any) -> str:
        """Ours, for allauth's."""
        email: str = self.cleaned_data["email"]
        ask_link(email, clock.now())
        return email


class LinkForm(UserTokenForm):
    """What stands in the link of such a mail. Who is suspended chooses no password: it would wait for their return."""

    def _get_user(self, uidb36: str) -> Person | None:
        person: Person | None = super()._get_user(uidb36)
        return person if person is not None and person.is_active else None


class ChoosePasswordForm(ResetPasswordKeyForm):
    """The page behind the link in a mail: a first password, or another one. Who gets here has proven the address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.user is None:  # a link that no longer works has its page too
            return
        self.is_first = self.user.email_verified_at is None
        self.fields["password1"].label = _("Password") if self.is_first else _("New password")
        self.fields["password2"].label = _("The same again")
        if not self.user.name:
            self.fields["name"] = forms.CharField(
                label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
            )
            self.order_fields(["name"])

    def save(self) -> None:
        """Both or neither: the address proven, and the password set."""
        with transaction.atomic():
            prove_address(self.user, clock.now(), self.cleaned_data.get("name", ""))
            super().save()
