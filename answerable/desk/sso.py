"""What an administrator checks about single sign-on, in the order in which it is set up."""

from urllib.parse import urljoin

from django.urls import reverse
from django.utils.translation import gettext as _

from answerable.people.models import SignOn
from answerable.people.queries import domains_of, vendor
from answerable.people.sso_queries import Check, entity_id


def checks(sign_on: SignOn) -> list[Check]:
    """Each step; wrong is what cannot work as it stands."""
    return [_domains(sign_on), *(_saml(sign_on) if sign_on.app.provider == "saml" else _oidc(sign_on)), _only(sign_on)]


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


def _saml(sign_on: SignOn) -> list[Check]:
    idp, key = sign_on.app.settings["idp"], sign_on.app.client_id
    acs = _ours("saml_acs", organization_slug=key)
    return [
        Check(_("Identity provider (SAML)"), str(idp["entity_id"]), is_right=bool(idp["entity_id"])),
        Check(_("Its address"), str(idp["sso_url"]), is_right=bool(idp["sso_url"])),
        Check(_("Its certificate"), _("set") if idp["x509cert"] else _("missing"), is_right=bool(idp["x509cert"])),
        Check(_("Our entity id, and metadata, to enter there"), entity_id(key), is_right=True),
        Check(_("Where answers go, to enter there"), acs, is_right=acs.startswith("https:")),
    ]


def _only(sign_on: SignOn) -> Check:
    words = _("refused: single sign-on only") if sign_on.sso_only else _("work as well")
    return Check(_("Passwords"), words, is_right=True)
