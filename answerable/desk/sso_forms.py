"""What the posts of single sign-on's page may hold."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.hosts import LONGEST
from answerable.people import saml_metadata
from answerable.people.models import SignOn
from answerable.people.sso_actions import OIDC, SAML

Idp = OIDC | SAML
# As many letters as allauth's columns hold.
LONGEST_KEY = 191


class OIDCForm(forms.Form):
    """An OpenID Connect provider."""

    server_url = forms.CharField(
        label=gettext_lazy("Issuer"),
        max_length=LONGEST,
        help_text=gettext_lazy("Such as https://login.example.com; its discovery document is read from there."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    client_id = forms.CharField(
        label=gettext_lazy("Client id"),
        max_length=LONGEST_KEY,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        max_length=LONGEST_KEY,
        help_text=gettext_lazy("It is never shown again."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    trusts_addresses = forms.BooleanField(
        label=gettext_lazy("All addresses it names count as verified"),
        required=False,
        help_text=gettext_lazy(
            "For providers that never say so, such as Entra ID, and only where people cannot choose their own address."
        ),
    )

    def clean_server_url(self) -> str:
        """Without the slash at its end, to which allauth would add another one."""
        return str(self.cleaned_data["server_url"]).rstrip("/")

    def idp(self) -> Idp:
        """What was entered, once it is valid."""
        return OIDC(**self.cleaned_data)


class SAMLForm(forms.Form):
    """A SAML identity provider: its metadata, or what stands in there."""

    metadata = forms.CharField(
        label=gettext_lazy("Metadata"),
        max_length=saml_metadata.MOST_LETTERS,
        required=False,
        help_text=gettext_lazy("The XML itself. What it says replaces the three below."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    entity_id = forms.CharField(label=gettext_lazy("Entity id"), max_length=LONGEST, required=False)
    sso_url = forms.CharField(
        label=gettext_lazy("Address to sign in at"),
        max_length=LONGEST,
        required=False,
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    certificate = forms.CharField(
        label=gettext_lazy("Certificate"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )
    email_attribute = forms.CharField(
        label=gettext_lazy("Attribute with the e-mail address"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Only where it has an unusual name."),
    )

    def clean(self) -> dict[str, Any]:
        """Either the metadata or all three."""
        data = super().clean() or {}
        if not data.get("metadata"):
            for name in ("entity_id", "sso_url", "certificate"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Paste the metadata above, or enter this."))
        return data

    def idp(self) -> Idp:
        """What was entered, once it is valid. Raises Refused, whose `field` names what must be mended."""
        data = dict(self.cleaned_data)
        metadata, now = data.pop("metadata"), clock.now()
        given = SAML(**data)
        return saml_metadata.read(metadata, given, now) if metadata else saml_metadata.checked(given, now)


class SwitchForm(forms.Form):
    """Whether it is on, or the only way in."""

    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])


def add_refusal(form: forms.Form, refused: Refused) -> None:
    """The refusal's words at the field that it names, else above all."""
    field = str(refused.data.get("field", ""))
    form.add_error(field if field in form.fields else None, refused.message)


def filled_oidc(sign_on: SignOn | None, data: Any = None) -> OIDCForm:
    """With what is set up, but for the secret."""
    initial: dict[str, object] = {}
    if sign_on is not None and sign_on.app.provider == "openid_connect":
        settings = sign_on.app.settings
        initial = {"server_url": settings.get("server_url", ""), "client_id": sign_on.app.client_id}
        initial["trusts_addresses"] = settings.get("verified_email", False)
    form = OIDCForm(data, initial=initial, auto_id="oidc-%s")
    if initial:
        form.fields["secret"].required = False
        form.fields["secret"].help_text = _("It is never shown again. Empty: the one that is set stays.")
    return form


def filled_saml(sign_on: SignOn | None, data: Any = None) -> SAMLForm:
    """With what is set up."""
    initial: dict[str, object] = {}
    if sign_on is not None and sign_on.app.provider == "saml":
        idp, mapping = sign_on.app.settings["idp"], sign_on.app.settings.get("attribute_mapping", {})
        initial = {"entity_id": idp["entity_id"], "sso_url": idp["sso_url"], "certificate": idp["x509cert"]}
        initial["email_attribute"] = mapping.get("email", "")
    return SAMLForm(data, initial=initial, auto_id="saml-%s")
