"""SM2 (GB/T 32918): one engine, found when first needed.

The first choice is the system's libcrypto (OpenSSL 3), probed in a process of its own, because some
systems abort a process that loads an unversioned libcrypto. The second is ``gmssl_pyx``. Without
either, SM2 says so clearly and everything with P-256 goes on working.
"""

import functools
from dataclasses import dataclass
from typing import Protocol

from certification.crypto import fallback, libcrypto

DEFAULT_ID = b"1234567812345678"
"""The signer's id where the parties agreed on none (GM/T 0009-2023, 7)."""
CURVE_OID = "1.2.156.10197.1.301"
SIGNATURE_OID = "1.2.156.10197.1.501"
_ALGORITHM = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
_SPKI = bytes.fromhex("3059") + _ALGORITHM + bytes.fromhex("03420004")
_PKCS8_HEAD = bytes.fromhex("308187020100") + _ALGORITHM + bytes.fromhex("046d306b0201010420")
_PKCS8_MIDDLE = bytes.fromhex("a14403420004")


class Sm2Unavailable(RuntimeError):
    """This machine offers no SM2; the text says what would help."""


class Engine(Protocol):
    """SM2 over raw numbers: private 32 bytes, public 64 bytes (x, y); results in DER."""

    name: str

    def generate(self) -> tuple[bytes, bytes]: ...
    def sign(self, key: "Sm2KeyPair", message: bytes, signer_id: bytes) -> bytes: ...
    def verify(self, public: bytes, message: bytes, signature: bytes, signer_id: bytes) -> bool: ...
    def encrypt(self, public: bytes, plain: bytes) -> bytes: ...
    def decrypt(self, key: "Sm2KeyPair", cipher: bytes) -> bytes: ...


@dataclass(frozen=True)
class Sm2KeyPair:
    """``private``: 32 bytes, never shown; ``public``: x and y, 64 bytes."""

    private: bytes
    public: bytes

    def __repr__(self) -> str:
        return f"Sm2KeyPair(public={self.public.hex()})"

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo in DER."""
        return spki(self.public)

    @property
    def pkcs8(self) -> bytes:
        """PrivateKeyInfo in DER (RFC 5208 over RFC 5915)."""
        return _PKCS8_HEAD + self.private + _PKCS8_MIDDLE + self.public

    @classmethod
    def from_pkcs8(cls, der: bytes) -> "Sm2KeyPair":
        """From what ``pkcs8`` wrote. Raises ValueError for anything else."""
        head, middle = len(_PKCS8_HEAD), len(_PKCS8_HEAD) + 32
        body = der[middle : middle + len(_PKCS8_MIDDLE)]
        if len(der) != 138 or der[:head] != _PKCS8_HEAD or body != _PKCS8_MIDDLE:
            raise ValueError("This isn't an SM2 private key in PKCS#8 with its public key.")
        return cls(der[head:middle], der[-64:])


def spki(public: bytes) -> bytes:
    """SubjectPublicKeyInfo in DER of a public key of 64 bytes."""
    return _SPKI + public


def raw_public(der: bytes) -> bytes:
    """x and y from a SubjectPublicKeyInfo. Raises ValueError for another kind of key."""
    if len(der) != len(_SPKI) + 64 or not der.startswith(_SPKI):
        raise ValueError("This isn't an uncompressed SM2 public key.")
    return der[-64:]


def sm2_generate() -> Sm2KeyPair:
    """A new key pair. Raises Sm2Unavailable."""
    return Sm2KeyPair(*engine().generate())


def sm2_sign(key: Sm2KeyPair, message: bytes, *, signer_id: bytes = DEFAULT_ID) -> bytes:
    """An SM2-with-SM3 signature, DER ``SEQUENCE {r, s}``. Raises Sm2Unavailable."""
    return engine().sign(key, message, signer_id)


def sm2_verify(
    public: bytes, message: bytes, signature: bytes, *, signer_id: bytes = DEFAULT_ID
) -> bool:
    """Whether the signature fits; anything malformed doesn't. Raises Sm2Unavailable."""
    return engine().verify(public, message, signature, signer_id)


def sm2_encrypt(public: bytes, plain: bytes) -> bytes:
    """Ciphertext in DER ``SEQUENCE {x, y, C3, C2}``; for keys and other short texts (1 to 255
    bytes). Raises ValueError, Sm2Unavailable."""
    if not 1 <= len(plain) <= 255:
        raise ValueError("SM2 encrypts 1 to 255 bytes; wrap a key with it and the text with SM4.")
    return engine().encrypt(public, plain)


def sm2_decrypt(key: Sm2KeyPair, cipher: bytes) -> bytes:
    """The plain text. Raises ValueError when it was changed or is for another key, and
    Sm2Unavailable."""
    return engine().decrypt(key, cipher)


@functools.cache
def engine() -> Engine:
    """The engine of this process. Raises Sm2Unavailable."""
    found, _why = _search()
    if found is None:
        raise Sm2Unavailable(problem())
    return found


def problem() -> str:
    """Why SM2 can't be used here, with what helps; empty when it can."""
    found, why = _search()
    if found is not None:
        return ""
    return (
        "SM2 (国密) is not available on this machine: "
        + "; ".join(why)
        + ". Certificates, contracts and timestamps with P-256 work; national certificates and "
        "seals don't. Install OpenSSL 3 (Debian: libssl3; macOS: brew install openssl@3), name its "
        "libcrypto in SM2_LIBCRYPTO, or pip install gmssl_pyx."
    )


def substitute() -> str:
    """Why the second engine serves instead of the system's libcrypto; empty when libcrypto does, or
    nothing does."""
    found, why = _search()
    if found is None or not why:
        return ""
    return (
        f"SM2 (国密) is done by {found.name}, not by the system's libcrypto: "
        + "; ".join(why)
        + ". Everything works. To use libcrypto, install OpenSSL 3 (Debian: libssl3; macOS: brew "
        "install openssl@3) or name its libcrypto in SM2_LIBCRYPTO."
    )


@functools.cache
def _search() -> tuple[Engine | None, tuple[str, ...]]:
    why: list[str] = []
    for found in (libcrypto.find, fallback.find):
        made, reason = found()
        if made is not None:
            return made, tuple(why)
        why.append(reason)
    return None, tuple(why)
