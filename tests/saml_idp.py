"""A small SAML identity provider of ours: it signs with xmlsec, and can be told to do everything wrong."""

import base64
import re
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from onelogin.saml2.utils import OneLogin_Saml2_Utils as Utils

HOST = "portal.vendor.test"
NS = 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
EMAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"


def keys() -> tuple[str, str]:
    """A new private key and its certificate, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    cert = built.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), cert.public_bytes(serialization.Encoding.PEM).decode()


@dataclass
class Answer:
    """What it says, right unless told otherwise. `key` says as whom: our entity id and address are made of it."""

    request_id: str
    key: str = "org-norrland"
    email: str = "nia@norrland.test"
    host: str = HOST
    audience: str = ""
    issued: timedelta = timedelta()
    lasts: timedelta = timedelta(minutes=5)
    signed: str = "assertion"
    uid: str = "nia"
    format: str = "persistent"
    # Is taken out of the assertion before it is signed: a pattern.
    without: str = ""
    assertion_id: str = field(default_factory=lambda: f"_{uuid4().hex}")


@dataclass(frozen=True)
class Idp:
    """It, with its keys."""

    private: str
    certificate: str
    entity_id: str = "https://idp.norrland.test/metadata"

    def response(self, answer: Answer) -> str:
        """As a browser would post it."""
        assertion = re.sub(answer.without, "", self._assertion(answer)) if answer.without else self._assertion(answer)
        if answer.signed == "assertion":
            assertion = self._sign(assertion)
        where = f"http://{answer.host}/accounts/saml/{answer.key}/acs/"
        at = _stamp(datetime.now(UTC) + answer.issued)
        whole = (
            f'<samlp:Response {NS} ID="_{uuid4().hex}" Version="2.0" IssueInstant="{at}" Destination="{where}" '
            f'InResponseTo="{answer.request_id}"><saml:Issuer>{self.entity_id}</saml:Issuer><samlp:Status>'
            f'<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{assertion}'
            "</samlp:Response>"
        )
        if answer.signed == "message":
            whole = self._sign(whole)
        return base64.b64encode(whole.encode()).decode()

    def _sign(self, xml: str) -> str:
        signed = Utils.add_sign(xml, self.private, self.certificate)
        text = signed.decode() if isinstance(signed, bytes) else str(signed)
        return re.sub(r"^<\?xml[^>]*\?>\s*", "", text)

    def _assertion(self, answer: Answer) -> str:
        start = datetime.now(UTC) + answer.issued
        at, end = _stamp(start), _stamp(start + answer.lasts)
        base = f"http://{answer.host}/accounts/saml/{answer.key}"
        audience = answer.audience or f"{base}/metadata/"
        return (
            f'<saml:Assertion {NS} ID="{answer.assertion_id}" Version="2.0" IssueInstant="{at}">'
            f"<saml:Issuer>{self.entity_id}</saml:Issuer><saml:Subject>"
            f'<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:{answer.format}">{answer.uid}</saml:NameID>'
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData '
            f'InResponseTo="{answer.request_id}" NotOnOrAfter="{end}" Recipient="{base}/acs/"/>'
            "</saml:SubjectConfirmation></saml:Subject>"
            f'<saml:Conditions NotBefore="{at}" NotOnOrAfter="{end}"><saml:AudienceRestriction><saml:Audience>'
            f"{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{at}"><saml:AuthnContext><saml:AuthnContextClassRef>'
            "urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>"
            f'</saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="{EMAIL}"><saml:AttributeValue>'
            f"{answer.email}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>"
        )


def request_id(location: str) -> str:
    """What our redirect asks of it."""
    packed = base64.b64decode(parse_qs(urlsplit(location).query)["SAMLRequest"][0])
    found = re.search(r'ID="([^"]+)"', zlib.decompress(packed, -15).decode())
    assert found
    return found[1]


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
