"""Reading signed PDFs: signatures, timestamps and the certificates that come with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import cms, x509
from asn1crypto.parser import peek
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import ValidationInfoReadingError


@dataclass(frozen=True)
class Embedded:
    """One signature or document timestamp as it stands in a PDF."""

    field: str
    timestamp: bool
    contents: bytes
    """The CMS container, DER, without its padding."""
    byte_range: tuple[int, int, int, int]
    certificate: bytes
    chain: tuple[bytes, ...]
    time: datetime | None
    """Of the timestamp (its own, or the signature's); None for a signature without one."""
    value: bytes = b""
    """The signature itself, which its timestamp covers."""
    token: bytes = b""
    """The signature's timestamp (RFC 3161), DER."""
    token_chain: tuple[bytes, ...] = ()
    """The chain of that timestamp's authority, its own certificate first."""


def embedded(document: bytes) -> list[Embedded]:
    """All signatures and document timestamps, in the order they were made."""
    reader = PdfFileReader(BytesIO(document), strict=False)
    pool = _dss_certificates(reader)
    return [_read(found, pool) for found in reader.embedded_signatures]


def timestamp_chains(document: bytes) -> Iterator[tuple[bytes, tuple[bytes, ...]]]:
    """Certificate and chain of the last document timestamp's authority."""
    stamps = [found for found in embedded(document) if found.timestamp]
    if stamps:
        yield stamps[-1].certificate, stamps[-1].chain


def signed_bytes(document: bytes, found: Embedded) -> bytes:
    """What this signature covers: the document without the container itself."""
    start, length, again, rest = found.byte_range
    return document[start : start + length] + document[again : again + rest]


def issuers(certificate: x509.Certificate, pool: list[x509.Certificate]) -> list[x509.Certificate]:
    """The chain from ``pool``, nearest first, as far as it goes; by names and key identifiers."""
    found: list[x509.Certificate] = []
    here = certificate
    while not _self_issued(here) and len(found) < 10:
        above = [c for c in pool if c.subject == here.issuer and c not in found]
        wanted = here.authority_key_identifier
        above = [c for c in above if not wanted or c.key_identifier == wanted] or above
        if not above:
            break
        found.append(above[0])
        here = above[0]
    return found


def token_of(signer: cms.SignerInfo) -> cms.ContentInfo | None:
    """The signature timestamp (unsigned attribute of RFC 3161, appendix A), if there is one."""
    if not signer["unsigned_attrs"]:
        return None
    for attribute in signer["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            return attribute["values"][0]
    return None


def token_time(token: cms.ContentInfo) -> datetime:
    """When a timestamp token says it was made."""
    found: datetime = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    return found


def _read(found: object, pool: list[x509.Certificate]) -> Embedded:
    data = found.signed_data  # type: ignore[attr-defined]
    mine = [c.chosen for c in data["certificates"] if c.name == "certificate"]
    certificate = found.signer_cert  # type: ignore[attr-defined]
    timestamp = found.sig_object_type == "/DocTimeStamp"  # type: ignore[attr-defined]
    padded: bytes = found.pkcs7_content  # type: ignore[attr-defined]
    container = cms.ContentInfo.load(padded)
    token = None if timestamp else token_of(data["signer_infos"][0])
    time = token_time(container) if timestamp else token_time(token) if token else None
    start, length, again, rest = (int(n) for n in found.byte_range)  # type: ignore[attr-defined]
    return Embedded(
        field=found.field_name,  # type: ignore[attr-defined]
        timestamp=timestamp,
        contents=padded[: peek(padded)],  # as read, the padding cut off
        byte_range=(start, length, again, rest),
        certificate=certificate.dump(),
        chain=tuple(c.dump() for c in issuers(certificate, mine + pool)),
        time=time,
        value=data["signer_infos"][0]["signature"].native,
        token=token.dump() if token else b"",
        token_chain=_token_chain(token, mine + pool) if token else (),
    )


def _token_chain(token: cms.ContentInfo, pool: list[x509.Certificate]) -> tuple[bytes, ...]:
    data = token["content"]
    wanted = data["signer_infos"][0]["sid"].chosen
    near = [c.chosen for c in data["certificates"] if c.name == "certificate"]
    for candidate in near + pool:
        number = wanted["serial_number"].native
        if candidate.serial_number == number and candidate.issuer == wanted["issuer"]:
            chain = issuers(candidate, near + pool)
            return tuple(c.dump() for c in (candidate, *chain))
    return ()


def _dss_certificates(reader: PdfFileReader) -> list[x509.Certificate]:
    try:
        return list(DocumentSecurityStore.read_dss(reader).load_certs())
    except ValidationInfoReadingError:
        return []


def _self_issued(certificate: x509.Certificate) -> bool:
    return bool(certificate.subject == certificate.issuer)
