"""The CMS container of a PAdES signature (RFC 5652, CAdES attributes of ETSI EN 319 122-1).

Built from its bytes: of one holder's signatures only the digest and the signature differ, so the
rest is encoded once. (Assembling it from objects costs three times what all else of signing does.)
"""

import hashlib

from asn1crypto import x509

from certification.signing.ports import Holder

_SHA256 = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier, with NULL
_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_DATA = bytes.fromhex("06092a864886f70d010701")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
_SIGNING_CERTIFICATE_V2 = bytes.fromhex("060b2a864886f70d010910022f")
_TIMESTAMP_TOKEN = bytes.fromhex("060b2a864886f70d010910020e")
_VERSION_1 = bytes.fromhex("020101")


def der(tag: int, *parts: bytes) -> bytes:
    """One DER element."""
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def set_of(parts: list[bytes]) -> bytes:
    """The content of a DER SET OF: elements sorted by their encoding (X.690, 11.6)."""
    return b"".join(sorted(parts))


class Container:
    """What makes a holder's containers."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        certificate = x509.Certificate.load(holder.certificate)
        number = certificate["tbs_certificate"]["serial_number"].dump()
        issuer = certificate.issuer.dump()
        named = der(0x30, der(0x30, der(0xA4, issuer)), number)
        digest = der(0x04, hashlib.sha256(holder.certificate).digest())
        self._constant = [
            der(0x30, _CONTENT_TYPE, der(0x31, _DATA)),
            der(0x30, _SIGNING_CERTIFICATE_V2,
                der(0x31, der(0x30, der(0x30, der(0x30, digest, named))))),
        ]  # fmt: skip
        self._signer = _VERSION_1 + der(0x30, issuer, number) + _SHA256
        self._certificates = der(0xA0, set_of(list({holder.certificate, *holder.chain})))

    def sign(self, digest: bytes) -> tuple[bytes, bytes]:
        """Signed attributes (as SET OF) and the signature, for a document's SHA-256 digest."""
        attribute = der(0x30, _MESSAGE_DIGEST, der(0x31, der(0x04, digest)))
        attributes = set_of([*self._constant, attribute])
        return attributes, self._holder.sign(der(0x31, attributes))

    def assemble(self, attributes: bytes, signature: bytes, token: bytes = b"") -> bytes:
        """The container; ``token`` is a signature timestamp (RFC 3161) to carry along."""
        unsigned = b""
        if token:
            unsigned = der(0xA1, der(0x30, _TIMESTAMP_TOKEN, der(0x31, token)))
        signer = der(
            0x30, self._signer, der(0xA0, attributes), _ECDSA_SHA256, der(0x04, signature), unsigned
        )
        data = der(
            0x30, _VERSION_1, der(0x31, _SHA256), der(0x30, _DATA), self._certificates,
            der(0x31, signer),
        )  # fmt: skip
        return der(0x30, _SIGNED_DATA, der(0xA0, data))
