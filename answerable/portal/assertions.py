"""What a SAML assertion must say itself before it counts: that it is for us, and the answer to what we asked.

python3-saml checks both only where they are said, and takes the question from the envelope, which nobody signs: an
assertion for another service of the same identity provider, put into an envelope of ours, would let its owner in there
get in here as the person whom it names.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Names
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML as Xml

from answerable.lib.errors import Refused


@dataclass(frozen=True)
class Asked:
    """Who asked (our entity id), where the answer was to go, and in which question."""

    entity_id: str
    address: str
    question: str | None


def require_answer(response: str, asked: Asked) -> None:
    """Raises Refused unless the one assertion of this response, whose signature was found right, says all of it."""
    document = Xml.to_etree(response)
    restrictions = Xml.query(document, "/samlp:Response/saml:Assertion/saml:Conditions/saml:AudienceRestriction")
    if not restrictions or not all(asked.entity_id in _audiences(one) for one in restrictions):
        raise Refused("sso_audience", _("Your organization's sign-in does not say that it is meant for us."))
    confirmations = Xml.query(document, "/samlp:Response/saml:Assertion/saml:Subject/saml:SubjectConfirmation")
    if not any(_confirms(one, asked) for one in confirmations):
        raise Refused("sso_question", _("Your organization's sign-in does not say that it answers what we asked."))


def _audiences(restriction: Any) -> list[str]:
    return [str(one.text or "").strip() for one in restriction.findall("saml:Audience", namespaces=Names.NSMAP)]


def _confirms(confirmation: Any, asked: Asked) -> bool:
    data = confirmation.find("saml:SubjectConfirmationData", namespaces=Names.NSMAP)
    return (
        confirmation.get("Method") == Names.CM_BEARER
        and data is not None
        and bool(asked.question)
        and data.get("InResponseTo") == asked.question
        and data.get("Recipient") == asked.address
    )
