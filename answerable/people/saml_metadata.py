"""What a SAML identity provider says of itself, as XML that somebody pastes. It is never fetched."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser as Parser

from answerable.lib import certificates
from answerable.lib.errors import Refused
from answerable.people.sso_actions import SAML

MOST_LETTERS = 200_000


def read(text: str, given: SAML, now: datetime) -> SAML:
    """What the XML says, and the rest as given. Of several certificates the given one, if it is among them.

    Raises Refused, whose `field` says where it must be mended.
    """
    found = _parsed(text)
    sign_on = found.get("singleSignOnService", {}).get("url", "")
    if not (found.get("entityId") and sign_on):
        words = _("Metadata: it names no identity provider, or none that is reached by redirect.")
        raise Refused("invalid", words, field="metadata")
    chosen = _chosen(found, given.certificate)
    return checked(SAML(found["entityId"], sign_on, chosen, given.email_attribute), now)


def checked(saml: SAML, now: datetime) -> SAML:
    """The same, once its certificate is one that may be used. Raises Refused."""
    try:
        certificate = certificates.read(saml.certificate)
    except Refused as refused:
        raise Refused("invalid", f"{_('Certificate')}: {refused.message}", field="certificate") from None
    if certificate.until <= now:
        words = _("Certificate: it ended on %s. Ask for the one that is used now.") % certificate.until.date()
        raise Refused("invalid", words, field="certificate")
    return SAML(saml.entity_id, saml.sso_url, certificate.pem, saml.email_attribute)


def _parsed(text: str) -> dict[str, Any]:
    try:
        # Neither document types nor entities are let in, so nothing is fetched or grows. An empty element has no text.
        return dict(Parser.parse(text.strip()).get("idp", {}))
    except (ValueError, SyntaxError, TypeError, AttributeError) as error:
        words = _("Metadata: this is no XML that can be read.")
        raise Refused("invalid", words, field="metadata") from error


def _chosen(found: dict[str, Any], given: str) -> str:
    several = found.get("x509certMulti", {}).get("signing", ())
    if not several:
        return str(found.get("x509cert", ""))
    known = {_same(one): one for one in several}
    if len(known) == 1:
        return str(several[0])
    try:
        return str(known[_same(given)])
    except (KeyError, Refused):
        words = _("Certificate: the metadata has %s that sign. Enter the one that is used now.") % len(known)
        raise Refused("invalid", words, field="certificate") from None


def _same(text: str) -> str:
    return certificates.read(text).pem
