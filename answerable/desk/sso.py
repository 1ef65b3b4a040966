"""Single sign-on as its page shows it: what the identity provider needs, and whether each step is as it should be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.urls import reverse
from django.utils.translation import gettext as _

from answerable.lib import certificates
from answerable.lib.errors import Refused
from answerable.people.models import Organization, SignOn
from answerable.people.queries import domains_of, vendor
from answerable.people.sso_queries import Check, entity_id, key_of

# A certificate that ends within this time is one to change now.
SOON = timedelta(days=21)


@dataclass(frozen=True)
class Needs:
    """What is entered at an identity provider, by the kind of it: (what it is called there, the text)."""

    oidc: list[tuple[str, str]]
    saml: list[tuple[str, str]]


def needs(organization: Organization | None) -> Needs:
    """Known before anything is set up."""
    key = key_of(organization)
    return Needs(
        oidc=[(_("Redirect address (redirect URI)"), _ours("openid_connect_callback", provider_id=key))],
        saml=[
            (_("Entity id, and address of our metadata"), entity_id(key)),
            (_("Where answers go (ACS URL)"), _ours("saml_acs", organization_slug=key)),
        ],
    )


def checks(sign_on: SignOn, now: datetime) -> list[Check]:
    """Each step; wrong is what cannot work as it stands."""
    steps = _saml(sign_on, now) if sign_on.app.provider == "saml" else _oidc(sign_on)
    return [_switched(sign_on), _domains(sign_on), *steps, _only(sign_on)]


def _switched(sign_on: SignOn) -> Check:
    on = sign_on.off_at is None
    return Check(_("Single sign-on"), _("on") if on else _("switched off: nobody is let in"), is_right=on)


def _domains(sign_on: SignOn) -> Check:
    if sign_on.organization is None:
        return Check(_("For whom"), _("staff who have an account already"), is_right=True)
    names = ", ".join(sorted(domains_of(sign_on.organization)))
    return Check(_("Domains verified or claimed"), names or _("none: nobody can sign in"), is_right=bool(names))


def _ours(name: str, **key: str) -> str:
    return urljoin(f"{vendor().portal_address}/", reverse(name, kwargs=key))


def _oidc(sign_on: SignOn) -> list[Check]:
    app = sign_on.app
    said = _("all of them") if app.settings.get("verified_email") else _("those it says are verified")
    callback = _ours("openid_connect_callback", provider_id=app.provider_id)
    return [
        Check(_("Identity provider (OpenID Connect)"), str(app.settings.get("server_url", "")), is_right=True),
        Check(_("Client id"), app.client_id, is_right=bool(app.client_id)),
        Check(_("Client secret"), _("set") if app.secret else _("missing"), is_right=bool(app.secret)),
        Check(_("Addresses that count"), said, is_right=True),
        Check(_("Redirect address, to enter there"), callback, is_right=callback.startswith("https:")),
    ]


def _saml(sign_on: SignOn, now: datetime) -> list[Check]:
    idp, key = sign_on.app.settings["idp"], sign_on.app.client_id
    acs = _ours("saml_acs", organization_slug=key)
    return [
        Check(_("Identity provider (SAML)"), str(idp["entity_id"]), is_right=bool(idp["entity_id"])),
        Check(_("Its address"), str(idp["sso_url"]), is_right=bool(idp["sso_url"])),
        _certificate(str(idp["x509cert"]), now),
        Check(_("Our entity id, and metadata, to enter there"), entity_id(key), is_right=True),
        Check(_("Where answers go, to enter there"), acs, is_right=acs.startswith("https:")),
    ]


def _certificate(text: str, now: datetime) -> Check:
    try:
        until = certificates.read(text).until
    except Refused as refused:
        return Check(_("Its certificate"), refused.message, is_right=False)
    words = _("good until %s") if until > now else _("ended on %s")
    return Check(_("Its certificate"), words % until.date(), is_right=until > now + SOON)


def _only(sign_on: SignOn) -> Check:
    words = _("refused: single sign-on only") if sign_on.sso_only else _("work as well")
    return Check(_("Passwords"), words, is_right=True)
