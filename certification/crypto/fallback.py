"""SM2 by ``gmssl_pyx``: slower, carried along where the system has no libcrypto with SM2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from certification.crypto.sm2 import Sm2KeyPair


def find() -> tuple[GmsslEngine | None, str]:
    """The engine, or None and why."""
    try:
        import gmssl_pyx
    except ImportError as error:
        return None, f"the package gmssl_pyx can't be loaded ({error})"
    return GmsslEngine(gmssl_pyx), ""


class GmsslEngine:
    """SM2 by the GmSSL library inside the package."""

    name = "gmssl_pyx"

    def __init__(self, package: Any) -> None:
        self._gm = package

    def generate(self) -> tuple[bytes, bytes]:
        public, private = self._gm.sm2_key_generate()
        return private, public

    def sign(self, key: Sm2KeyPair, message: bytes, signer_id: bytes) -> bytes:
        found: bytes = self._gm.sm2_sign(key.private, key.public, message, signer_id)
        return found

    def verify(self, public: bytes, message: bytes, signature: bytes, signer_id: bytes) -> bool:
        try:
            return bool(self._gm.sm2_verify(public, message, signature, signer_id))
        except (self._gm.GmsslInnerError, ValueError):
            return False

    def encrypt(self, public: bytes, plain: bytes) -> bytes:
        try:
            found: bytes = self._gm.sm2_encrypt(public, plain)
        except self._gm.GmsslInnerError as error:
            raise ValueError("SM2 can't encrypt for this key.") from error
        return found

    def decrypt(self, key: Sm2KeyPair, cipher: bytes) -> bytes:
        try:
            found: bytes = self._gm.sm2_decrypt(key.private, cipher)
        except self._gm.GmsslInnerError as error:
            raise ValueError("The SM2 ciphertext was changed, or is for another key.") from error
        return found
