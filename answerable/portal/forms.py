"""What the portal's posts may hold."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from allauth.account.forms import ResetPasswordForm, ResetPasswordKeyForm, UserTokenForm
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from answerable.casework.account_actions import ask_link
from answerable.lib import clock
from answerable.lib.domains import is_free_mail
from answerable.lib.paging import Cursor
from answerable.lib.uploads import CAPS, MB, Caps, MultipleFileField
from answerable.people.actions import prove_address
from answerable.people.models import Person
from answerable.people.queries import account_rules, organization_of_domain, organizations_of
from answerable.portal import guard
from answerable.portal.questions import fields as question_fields
from answerable.portal.questions import questions
from answerable.sla.queries import severities
from answerable.tickets.activity_queries import Wanted

MOST_TEXT = 100_000
# What anybody on the internet may leave with us.
STRANGERS = Caps(10, 10 * MB, 25 * MB)


def _severity_keys() -> list[tuple[str, str]]:
    return [(key, key) for key in severities()]


def _severity_words() -> list[tuple[str, str]]:
    words = [(key, f"{key} {row['name']}: {row['meaning']}") for key, row in severities().items()]
    return [("", gettext("I am not sure")), *words]


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


class TrapInput(forms.TextInput):
    """A field that people neither see nor reach. Not type=hidden, which programs leave alone."""

    is_hidden = True

    def __init__(self) -> None:
        hidden = {"class": "visually-hidden", "aria-hidden": "true", "tabindex": "-1", "autocomplete": "off"}
        super().__init__(attrs=hidden)


def _told(caps: Caps) -> str:
    """The caps in words, and what browsers do."""
    words = gettext(
        "Up to %(files)s files of %(each)s MB each, %(together)s MB together. If this page comes back to be mended, "
        "choose them again: browsers do not hand files back."
    )
    return words % caps.words


class RequestForm(forms.Form):
    """A new request. Who is signed in gives no address, and says for which organization if there are several.

    What the policy has it ask besides stands before the files.
    """

    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("The answer goes there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    subject = forms.CharField(label=_("Subject"), max_length=500)
    text = forms.CharField(
        label=_("What happened, and what did you expect?"),
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 7, "data-autosize": ""}),
    )
    severity = forms.ChoiceField(label=_("How bad is it?"), choices=_severity_words, required=False)
    impact = forms.CharField(
        label=_("What is at stake, and by when?"),
        max_length=5_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-autosize": ""}),
    )
    # See guard.py.
    website = forms.CharField(required=False, widget=TrapInput())
    stamp = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, person: Person | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = questions(signed_in=person is not None)
        self.fields |= question_fields(self.asked)
        caps = STRANGERS if person is None else CAPS
        self.fields["attachments"] = MultipleFileField(
            caps=caps, label=_("Files"), required=False, help_text=_told(caps)
        )
        if person is None:
            return
        for name in ("email", "name", guard.TRAP, guard.STAMP):
            del self.fields[name]
        theirs = organizations_of(person)
        if theirs.count() > 1:
            self.fields["organization"] = forms.ModelChoiceField(theirs, label=_("Organization"), empty_label=None)
            self.order_fields(["organization"])

    def clean(self) -> dict[str, Any]:
        """What is asked for some severities alone, of who states one of them."""
        found = super().clean() or {}
        for one in self.asked:
            if not one.concerns(found.get("severity", "")):
                found[one.name] = None
                self.errors.pop(one.name, None)
            elif one.asked_for and one.required and not found.get(one.name) and one.name not in self.errors:
                words = gettext("We need this for a %(severity)s, so that it reaches the right people at once.")
                self.add_error(one.name, words % {"severity": found["severity"]})
        return found

    def give_back(self, now: datetime) -> None:
        """Make ready to be shown again: as it was filled in, but for the files."""
        if guard.STAMP in self.fields:
            assert isinstance(self.data, QueryDict)
            self.data = guard.renewed(self.data, now, spent=self.has_error(NON_FIELD_ERRORS, guard.SPENT))
        if self.files and "attachments" not in self.errors:
            self.add_error("attachments", gettext("Browsers do not hand files back: please choose them again."))


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
