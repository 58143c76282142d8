"""The two kinds of key this authority uses, and how their signatures are named and checked."""

import enum
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from asn1crypto import algos, core, keys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from certification.crypto import sm2_verify, sm3
from certification.crypto.sm2 import CURVE_OID, SIGNATURE_OID, raw_public

SM3_OID = "1.2.156.10197.1.401"
SHA256_OID = "2.16.840.1.101.3.4.2.1"
ECDSA_SHA256_OID = "1.2.840.10045.4.3.2"


class Algorithm(enum.StrEnum):
    """``p256``: ECDSA on P-256 with SHA-256. ``sm2``: SM2 with SM3 (国密)."""

    P256 = "p256"
    SM2 = "sm2"


@dataclass(frozen=True)
class Signer:
    """The use of one private key; ``sign`` gets the message itself and answers DER {r, s}."""

    algorithm: Algorithm
    spki: bytes
    sign: Callable[[bytes], bytes]


def signature_algorithm(algorithm: Algorithm) -> algos.SignedDigestAlgorithm:
    """The AlgorithmIdentifier of its signatures (RFC 5758: without parameters)."""
    oid = ECDSA_SHA256_OID if algorithm is Algorithm.P256 else SIGNATURE_OID
    return algos.SignedDigestAlgorithm({"algorithm": oid})


def algorithm_of(spki: bytes) -> Algorithm:
    """Which kind of key a SubjectPublicKeyInfo holds. Raises ValueError for any other kind."""
    info = keys.PublicKeyInfo.load(spki)
    if info.algorithm == "ec":
        curve = info["algorithm"]["parameters"].chosen
        if isinstance(curve, core.ObjectIdentifier):
            if curve.dotted == CURVE_OID:
                raw_public(spki)
                return Algorithm.SM2
            if curve.native == "secp256r1":
                return Algorithm.P256
    raise ValueError("Keys are on P-256 (secp256r1) or SM2 (1.2.156.10197.1.301).")


def verify(spki: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature of the key's own algorithm fits; nothing malformed does."""
    try:
        if algorithm_of(spki) is Algorithm.SM2:
            return sm2_verify(raw_public(spki), message, signature)
        key = load_der_public_key(spki)
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def digest(oid: str, data: bytes) -> bytes | None:
    """The digest by a hash's OID; None for a hash this authority doesn't speak."""
    if oid == SM3_OID:
        return sm3(data)
    name = {
        "1.3.14.3.2.26": "sha1",  # only names of certificates in OCSP requests
        SHA256_OID: "sha256",
        "2.16.840.1.101.3.4.2.2": "sha384",
        "2.16.840.1.101.3.4.2.3": "sha512",
    }.get(oid)
    return hashlib.new(name, data, usedforsecurity=name != "sha1").digest() if name else None


def key_identifier(spki: bytes) -> bytes:
    """SHA-1 of the public key's bits (RFC 5280, 4.2.1.2, method 1)."""
    bits = bytes(keys.PublicKeyInfo.load(spki)["public_key"])
    return hashlib.sha1(bits, usedforsecurity=False).digest()
