"""The document security store: certificates and revocation data a PDF carries, and since when."""

from datetime import datetime

from asn1crypto import cms
from cryptography import x509
from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader

from certification.verification.evidence import Evidence, Proof

MOST = 200  # objects read from one store

Times = list[tuple[int, datetime]]


def proven(times: Times, revision: int, now: datetime) -> datetime:
    """The earliest proven time at which this revision existed; ``now`` without any."""
    return min((time for stamped, time in times if stamped > revision), default=now)


def certificates(reader: PdfFileReader) -> list[x509.Certificate]:
    """The store's certificates; unreadable ones are left out."""
    found = []
    for reference in _references(reader, "/Certs"):
        certificate = _loaded(_data(reference))
        if certificate is not None:
            found.append(certificate)
    return found


def certificates_in(data: cms.SignedData) -> list[x509.Certificate]:
    """The certificates of a CMS container."""
    loaded = [_loaded(c.chosen.dump()) for c in data["certificates"] if c.name == "certificate"]
    return [c for c in loaded if c is not None]


def signer_of(data: cms.SignedData, pool: list[x509.Certificate]) -> x509.Certificate | None:
    """The certificate that the container's only signer names."""
    wanted = data["signer_infos"][0]["sid"]
    for candidate in (*certificates_in(data), *pool):
        if wanted.name == "issuer_and_serial_number":
            number = wanted.chosen["serial_number"].native
            if candidate.serial_number == number and (
                candidate.issuer.public_bytes() == wanted.chosen["issuer"].dump()
            ):
                return candidate
        elif _key_identifier(candidate) == wanted.chosen.native:
            return candidate
    return None


def wider(evidence: Evidence, ders: list[bytes]) -> Evidence:
    """The evidence with more candidates for chains."""
    found = [c for c in map(_loaded, ders) if c is not None]
    return Evidence(
        evidence.roots,
        list(dict.fromkeys([*evidence.certificates, *found])),
        [*evidence.ocsps],
        [*evidence.crls],
        evidence.status_now,
    )


def collect(reader: PdfFileReader, evidence: Evidence, times: Times, now: datetime) -> Evidence:
    """The evidence with the store's revocation data, each since its revision was timestamped."""
    ocsps, crls = list(evidence.ocsps), list(evidence.crls)
    for name, into in (("/OCSPs", ocsps), ("/CRLs", crls)):
        for reference in _references(reader, name):
            revision = reader.xrefs.get_introducing_revision(reference.reference)
            # A timestamp of the same revision covers the data too.
            known = min((t for stamped, t in times if stamped >= revision), default=now)
            into.append(Proof(_data(reference), known))
    return Evidence(evidence.roots, evidence.certificates, ocsps, crls, evidence.status_now)


def revocation_data(reader: PdfFileReader) -> tuple[list[bytes], list[bytes]]:
    """The store's OCSP responses and CRLs, DER."""
    ocsps = [_data(reference) for reference in _references(reader, "/OCSPs")]
    return ocsps, [_data(reference) for reference in _references(reader, "/CRLs")]


def has_data(reader: PdfFileReader) -> bool:
    """Whether there is any revocation data."""
    return bool(_references(reader, "/OCSPs") or _references(reader, "/CRLs"))


def _references(reader: PdfFileReader, name: str) -> list[IndirectObject]:
    if "/DSS" not in reader.root or name not in reader.root["/DSS"]:
        return []
    listed = reader.root["/DSS"][name]
    return [
        listed.raw_get(place)
        for place in range(min(len(listed), MOST))
        if isinstance(listed.raw_get(place), IndirectObject)
    ]


def _data(reference: IndirectObject) -> bytes:
    found: bytes = reference.get_object().data  # type: ignore[no-untyped-call]
    return found


def _loaded(data: bytes) -> x509.Certificate | None:
    try:
        certificate = x509.load_der_x509_certificate(data)
        hash(certificate)
        _names = certificate.subject, certificate.issuer
    except ValueError:
        return None
    return certificate


def _key_identifier(certificate: x509.Certificate) -> bytes | None:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return None
    return found.value.digest
