"""A security key of ours: it signs whatever it is asked, with or without its owner's PIN."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from answerable.people.models import Person

HOST = "testserver"
ORIGIN = f"https://{HOST}"
Flag = AuthenticatorData.FLAG


@dataclass(frozen=True)
class SoftKey:
    """One, and whose it is."""

    owner: Person
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = b"soft key"

    def register(self) -> Authenticator:
        """As if its owner had added it."""
        make: Any = ES256.from_cryptography_key
        public = make(self.private.public_key())
        own = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = AuthenticatorData.create(sha256(HOST.encode()).digest(), Flag.UP | Flag.UV | Flag.AT, 0, own)
        made = CollectedClientData.create("webauthn.create", b"", ORIGIN)
        response = {
            "clientDataJSON": websafe_encode(made),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        }
        stored = {"name": "key", "credential": self._json(response)}
        return Authenticator.objects.create(user=self.owner, type=Authenticator.Type.WEBAUTHN, data=stored)

    def answer(self, challenge: str, *, verified: bool) -> dict[str, Any]:
        """What the browser posts; `verified`: the owner's PIN was entered."""
        flags = Flag.UP | (Flag.UV if verified else Flag(0))
        data = AuthenticatorData.create(sha256(HOST.encode()).digest(), flags, 1)
        asked = CollectedClientData.create("webauthn.get", challenge, ORIGIN)
        signature = self.private.sign(data + asked.hash, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(asked),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
            "userHandle": websafe_encode(user_pk_to_url_str(self.owner).encode()),
        }
        return self._json(response)

    def _json(self, response: dict[str, str]) -> dict[str, Any]:
        name = websafe_encode(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
