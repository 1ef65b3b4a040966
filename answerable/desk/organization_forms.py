"""What the posts of organization pages may hold. Choices are handed in, so that a form asks the database nothing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from answerable.people.models import Organization, Person
from answerable.people.organization_actions import OrganizationSpec
from answerable.people.queries import staff
from answerable.sla.queries import plan_name, terms

Choices = Sequence[tuple[str, str]]


class OrganizationForm(forms.Form):
    """Name, plan, who looks after it, and where it is."""

    name = forms.CharField(label=_("Name"), max_length=200)
    plan = forms.ChoiceField(label=_("Plan"), required=False)
    csm = forms.ChoiceField(label=_("Customer success manager"), required=False)
    zone = forms.CharField(label=_("Time zone"), max_length=64, initial="UTC", help_text=_("Such as Europe/Berlin"))

    def __init__(self, *args: Any, plans: Choices, csms: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("plan", plans), ("csm", csms)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [*choices]


class DomainForm(forms.Form):
    """An e-mail domain to claim."""

    domain = forms.CharField(label=_("E-mail domain"), max_length=253, help_text=_("Such as example.com"))


class MemberForm(forms.Form):
    """Somebody to be a member, by their address."""

    address = forms.EmailField(label=_("E-mail address"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)


class GrantForm(forms.Form):
    """Why somebody may read the organization's requests, and until the end of which day."""

    person = forms.IntegerField(widget=forms.HiddenInput(), min_value=1, max_value=2**63 - 1)
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("The person reads it, and it stays in the history.")
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until it is revoked."),
    )


class StandingForm(forms.Form):
    """Until when somebody is CC'd on every request, and whether on the open ones too."""

    person = forms.IntegerField(widget=forms.HiddenInput(), min_value=1, max_value=2**63 - 1)
    open_too = forms.BooleanField(label=_("Put them on the open requests too"), required=False)
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until you end it."),
    )


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("It stays in the history."))


class MergeForm(forms.Form):
    """Who is the same person; `across`: though they belong to different organizations."""

    person = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    across = forms.BooleanField(required=False)


class AddressForm(forms.Form):
    """Whom to look for, by their address."""

    address = forms.EmailField(label=_("E-mail address"), max_length=254)


def organization_form(data: Any = None, organization: Organization | None = None) -> OrganizationForm:
    """The form with today's plans and people, filled from the organization."""
    initial = None
    if organization is not None:
        initial = {"name": organization.name, "plan": organization.plan, "zone": organization.zone}
        initial["csm"] = str(organization.csm_id or "")
    plans = [("", _default()), *((key, str(plan["name"])) for key, plan in terms().plans.items())]
    csms = [("", str(_("Nobody"))), *((str(one.pk), one.label) for one in staff())]
    if organization is not None and organization.plan not in dict(plans):
        plans.append((organization.plan, _unknown(organization.plan)))
    return OrganizationForm(data, initial=initial, auto_id="organization-%s", plans=plans, csms=csms)


def _default() -> str:
    return _("%(plan)s, unless another is chosen") % {"plan": plan_name("")}


def _unknown(plan: str) -> str:
    return _("%(plan)s (no longer in the policy)") % {"plan": plan}


def spec_of(data: dict[str, Any]) -> OrganizationSpec:
    """What the form says, for the verbs."""
    csm: Person | None = staff().filter(pk=data["csm"]).first() if data["csm"] else None
    return OrganizationSpec(name=data["name"], csm=csm, zone=data["zone"].strip())
