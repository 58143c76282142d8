"""A device that makes passkeys and signs with them, as a browser would hand its answers on."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from platforms import facade
from tests.factories.platforms import PASSWORD

SITE = facade.PasskeySite("market.example", "https://market.example")
TESTSERVER = facade.PasskeySite("testserver", "http://testserver")
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


@dataclass
class Device:
    """One key pair. ``count`` is what it said last; one that stays 0 doesn't count."""

    site: facade.PasskeySite = SITE
    count: int = 0
    counts: bool = True
    verifies: bool = True
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    user: bytes = b""

    def make(self, options: dict[str, Any], **otherwise: Any) -> str:
        """The answer to ``begin_passkey``; ``otherwise`` changes what the browser says."""
        self.user = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps({
            1: 2, 3: -7, -1: 1,
            -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big"),
        })  # fmt: skip
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id
        data = self._data(ATTESTED) + attested + public
        response = {
            "clientDataJSON": self._client("webauthn.create", options, otherwise),
            "attestationObject": cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}),
        }
        return self._answer(response)

    def sign(self, options: dict[str, Any], **otherwise: Any) -> str:
        """The answer to a question of ``ask_to_prove`` or ``ask_passkey_to_sign_in``."""
        self.count += self.counts
        client = self._client("webauthn.get", options, otherwise)
        data = self._data(0)
        signed = data + hashlib.sha256(client).digest()
        return self._answer({
            "clientDataJSON": client,
            "authenticatorData": data,
            "signature": self.key.sign(signed, ec.ECDSA(hashes.SHA256())),
            "userHandle": self.user,
        })  # fmt: skip

    def _client(self, kind: str, options: dict[str, Any], otherwise: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.site.origin}
        return json.dumps(said | otherwise).encode()

    def _data(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        host = hashlib.sha256(self.site.rp_id.encode()).digest()
        return host + bytes([flags]) + self.count.to_bytes(4, "big")

    def _answer(self, response: dict[str, bytes]) -> str:
        own = bytes_to_base64url(self.credential_id)
        said = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": said})


def add_passkey(
    person_id: UUID,
    device: Device | None = None,
    *,
    name: str = "Phone",
    code: str = "",
    password: str = PASSWORD,
) -> tuple[Device, facade.PasskeyAdded]:
    """Give a person a passkey."""
    device = device or Device()
    asked: Any = {"person_id": person_id, "site": device.site, "holder": "browser"}
    options = facade.begin_passkey(password=password, code=code, **asked)
    return device, facade.finish_passkey(name=name, answer=device.make(options), **asked)


def proof_of(person_id: UUID, device: Device) -> str:
    """The code that stands for a confirmation with the device."""
    asked: Any = {"person_id": person_id, "site": device.site, "holder": "browser"}
    options = facade.ask_to_prove(**asked)
    return facade.prove(answer=device.sign(options), **asked).code
