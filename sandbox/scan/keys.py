"""RSA keys, certificates and AES-GCM as both providers use them."""

import base64
import binascii
import os
from datetime import timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from sandbox import clock


def new_pair() -> tuple[str, str]:
    """A fresh private key (PKCS#8) and its public key, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def certificate(private: str, *, days: int = 1800) -> tuple[str, str]:
    """(serial number, PEM) of a platform certificate for the key."""
    key = _private(private)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox WeChat Pay (no real one)")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    return f"{made.serial_number:X}", pem


@lru_cache(maxsize=128)
def _private(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("not RSA")
    return key


@lru_cache(maxsize=128)
def public(text: str) -> rsa.RSAPublicKey:
    """A public key, PEM or bare base64. Raises ValueError."""
    if not text.strip().startswith("-----"):
        text = f"-----BEGIN PUBLIC KEY-----\n{text.strip()}\n-----END PUBLIC KEY-----"
    key = serialization.load_pem_public_key(text.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def sign(private: str, message: bytes) -> str:
    """SHA256-RSA2048 in base64."""
    return base64.b64encode(_private(private).sign(message, PKCS1v15(), hashes.SHA256())).decode()


def fits(text: str, message: bytes, signature: str) -> bool:
    """Whether the signature is by the public key."""
    try:
        public(text).verify(
            base64.b64decode(signature, validate=True), message, PKCS1v15(), hashes.SHA256()
        )
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def enclose(key: str, plain: bytes, associated: str) -> dict[str, str]:
    """AEAD_AES_256_GCM, as WeChat Pay encloses resources and certificates."""
    nonce = base64.b16encode(os.urandom(6)).decode()
    sealed = AESGCM(key.encode()).encrypt(nonce.encode(), plain, associated.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": nonce,
        "associated_data": associated,
        "ciphertext": base64.b64encode(sealed).decode(),
    }
