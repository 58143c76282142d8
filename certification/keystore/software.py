"""Private keys in the database, wrapped under the deployment's master key."""

from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from certification.crypto import Sm2KeyPair, sm2_generate, sm2_sign
from certification.keystore import wrapping
from certification.keystore.base import KeyRef, KeyStoreProblem
from certification.pki.algorithms import Algorithm, Signer

_ECDSA = ec.ECDSA(hashes.SHA256())


class SoftwareKeyStore:
    """The default store. A key is opened in memory for as long as its ``Signer`` lives."""

    name = "software"

    def generate(self, *, id: UUID, platform_id: UUID, algorithm: Algorithm) -> KeyRef:
        if algorithm is Algorithm.SM2:
            pair = sm2_generate()
            spki, plain = pair.spki, pair.pkcs8
        else:
            key = ec.generate_private_key(ec.SECP256R1())
            spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        wrapped_by, handle = wrapping.wrap(plain, bound=wrapping.bound_to(platform_id, id))
        return KeyRef(id, platform_id, algorithm, spki, handle, wrapped_by)

    def signer(self, key: KeyRef) -> Signer:
        plain = self._open(key)
        if key.algorithm is Algorithm.SM2:
            pair = Sm2KeyPair.from_pkcs8(plain)
            return Signer(key.algorithm, key.spki, lambda message: sm2_sign(pair, message))
        loaded = load_der_private_key(plain, None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        return Signer(key.algorithm, key.spki, lambda message: loaded.sign(message, _ECDSA))

    def destroy(self, key: KeyRef) -> None:
        return None  # the caller empties the row

    def _open(self, key: KeyRef) -> bytes:
        plain = wrapping.unwrap(key.handle, bound=wrapping.bound_to(key.platform_id, key.id))
        if plain is None:
            raise KeyStoreProblem(
                f"The private key {key.id} can't be opened: the master key "
                f"{key.wrapped_by or 'in use'} isn't the one that wrapped it."
            )
        return plain
