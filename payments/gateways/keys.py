"""Keys and signatures of the providers that sign with RSA (PKCS#1 v1.5, SHA-256)."""

import base64
import binascii
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_BAD = (ValueError, TypeError, UnsupportedAlgorithm)


def _pem(text: str, kind: str) -> bytes:
    """A key as PEM; consoles of the providers show it as bare base64."""
    text = text.strip()
    if not text.startswith("-----"):
        text = f"-----BEGIN {kind}-----\n{text}\n-----END {kind}-----"
    return text.encode()


@lru_cache(maxsize=256)
def private_key(text: str) -> RSAPrivateKey:
    """A private key in PKCS#8 or PKCS#1, PEM or bare base64. Raises ValueError."""
    for kind in ("PRIVATE KEY", "RSA PRIVATE KEY"):
        try:
            key = serialization.load_pem_private_key(_pem(text, kind), password=None)
        except _BAD:
            continue
        if isinstance(key, RSAPrivateKey) and key.key_size >= 2048:
            return key
    raise ValueError("no RSA private key of at least 2048 bits")


@lru_cache(maxsize=256)
def public_key(text: str) -> RSAPublicKey:
    """A public key, PEM or bare base64. Raises ValueError."""
    try:
        key = serialization.load_pem_public_key(_pem(text, "PUBLIC KEY"))
    except _BAD as error:
        raise ValueError("no public key") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise ValueError("no RSA public key of at least 2048 bits")
    return key


def sign(key: str, message: bytes) -> str:
    """The signature in base64."""
    return base64.b64encode(private_key(key).sign(message, PKCS1v15(), hashes.SHA256())).decode()


def verified(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    """Whether the signature fits."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def opened(key: str, *, nonce: str, associated: str, ciphertext: str) -> bytes | None:
    """What AEAD_AES_256_GCM encloses; None if it was touched or the key is another."""
    try:
        return AESGCM(key.encode()).decrypt(
            nonce.encode(), base64.b64decode(ciphertext, validate=True), associated.encode() or None
        )
    except (InvalidTag, binascii.Error, ValueError):
        return None
