"""PAdES (ETSI EN 319 142-1) by pyHanko: sign, add the proof, renew the proof.

Every step appends a revision; what was signed before stays byte for byte. Times are handed in: the
platform's business clock decides, not the machine's.
"""

import hashlib
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import crl, ocsp, tsp, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation.dss import DocumentSecurityStore

from certification.signing import appearance
from certification.signing.awaiting import run
from certification.signing.container import Container
from certification.signing.ports import (
    Appearance,
    Holder,
    Level,
    Placement,
    Revocation,
    SigningRefused,
    TimestampService,
    ValidationData,
)

# Hexadecimal digits kept free for the signature container. Fixed, because learning the size
# means signing twice; a chain of three P-256 certificates with a timestamp needs about 9,000.
RESERVED = 16_384
RESERVED_PLAIN = 8_192


class _Named(Signer):
    """Tells pyHanko who signs; the container is made by ``Container``, the key stays outside."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(signing_cert=x509.Certificate.load(holder.certificate))


class PortTimestamper(TimeStamper):
    """pyHanko's timestamper over our own authority; no network."""

    def __init__(self, service: TimestampService) -> None:
        super().__init__(include_nonce=True)  # type: ignore[no-untyped-call]
        self._service = service

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self._service.answer(req.dump()))


class Signature:
    """One holder's signing, prepared once and used for many documents."""

    def __init__(self, holder: Holder, *, timestamps: TimestampService | None = None) -> None:
        self.holder = holder
        self.timestamps = timestamps
        self._signer = _Named(holder)
        self._container = Container(holder)

    def sign(
        self,
        document: bytes,
        *,
        at: datetime,
        place: Placement,
        look: Appearance | None = None,
        reason: str = "",
        location: str = "",
        contact: str = "",
    ) -> bytes:
        """The document with one more signature: B-T with a timestamp service, else B-B.

        Raises SigningRefused when the document is encrypted, broken, or already carries a
        signature in this field.
        """
        try:
            writer = _writer(document)
            return self._sign(writer, at, place, look, reason, location, contact)
        except (PdfError, SigningError, ValueError) as error:
            raise SigningRefused(str(error)) from error

    def _sign(
        self,
        writer: IncrementalPdfFileWriter,
        at: datetime,
        place: Placement,
        look: Appearance | None,
        reason: str,
        location: str,
        contact: str,
    ) -> bytes:
        box = None
        if place.visible:
            right, top = place.left + place.width, place.bottom + place.height
            box = (round(place.left), round(place.bottom), round(right), round(top))
        signer = PdfSigner(
            PdfSignatureMetadata(
                field_name=place.field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES,
                reason=reason or None, location=location or None, contact_info=contact or None,
            ),
            signer=self._signer,
            stamp_style=appearance.style(look) if look and box else None,
            new_field_spec=SigFieldSpec(place.field, on_page=place.page, box=box),
        )  # fmt: skip
        session = signer.init_signing_session(writer)
        session.system_time = at
        ready = session.prepare_tbs_document(
            validation_info=None,
            bytes_reserved=RESERVED if self.timestamps else RESERVED_PLAIN,
        )
        prepared, output = ready.digest_tbs_document(output=BytesIO())
        attributes, signature = self._container.sign(prepared.document_digest)
        token = timestamp(signature, self.timestamps) if self.timestamps else b""
        prepared.fill_with_cms(output, self._container.assemble(attributes, signature, token))
        found: bytes = output.getvalue()  # type: ignore[attr-defined]
        return found


def sign_pdf(
    document: bytes,
    *,
    holder: Holder,
    at: datetime,
    place: Placement,
    level: Level = Level.LTA,
    timestamps: TimestampService | None = None,
    revocation: Revocation | None = None,
    look: Appearance | None = None,
    reason: str = "",
    location: str = "",
    contact: str = "",
) -> bytes:
    """Sign at ``level``; above B-B a timestamp service is needed, above B-T also revocation data.

    Raises SigningRefused.
    """
    if level != Level.B and timestamps is None:
        raise TypeError(f"{level} needs a timestamp service.")
    made = Signature(holder, timestamps=None if level == Level.B else timestamps).sign(
        document, at=at, place=place, look=look, reason=reason, location=location, contact=contact
    )
    if level in (Level.B, Level.T):
        return made
    if revocation is None or timestamps is None:
        raise TypeError(f"{level} needs revocation data.")
    proof = revocation.proof(holder.certificate, holder.chain)
    proof += revocation.proof(timestamps.certificate, timestamps.chain)
    return add_proof(made, proof, timestamps=timestamps if level == Level.LTA else None)


def timestamp(content: bytes, service: TimestampService) -> bytes:
    """An RFC 3161 token over ``content``, as DER. Raises SigningRefused when there is none."""
    digest = hashlib.sha256(content).digest()
    try:
        token = run(PortTimestamper(service).async_timestamp(digest, "sha256"))
    except (TimestampRequestError, ValueError) as error:
        raise SigningRefused(f"The timestamp authority gave no timestamp: {error}") from error
    found: bytes = token.dump()
    return found


def add_proof(
    document: bytes, proof: ValidationData, *, timestamps: TimestampService | None = None
) -> bytes:
    """Put validation data into the document security store (DSS); with ``timestamps`` a document
    timestamp over everything follows in the same revision. Data already there isn't repeated."""
    writer = _writer(document)
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=[x509.Certificate.load(der) for der in proof.certificates],
        ocsps=[ocsp.OCSPResponse.load(der) for der in proof.ocsps],
        crls=[crl.CertificateList.load(der) for der in proof.crls],
    )
    output = BytesIO()
    if timestamps is None:
        writer.write(output)  # type: ignore[no-untyped-call]
        return output.getvalue()
    stamper = PdfTimeStamper(PortTimestamper(timestamps))
    run(
        stamper.async_timestamp_pdf(
            writer, "sha256", validation_context=None, bytes_reserved=RESERVED, output=output
        )
    )
    return output.getvalue()


def renew_proof(document: bytes, *, revocation: Revocation, timestamps: TimestampService) -> bytes:
    """Carry the proof on before the last timestamp's certificate ends (PAdES B-LTA, 6.3).

    First today's revocation data of that timestamp's authority, then a new document timestamp
    (with its own authority's data) over all of it.
    """
    from certification.signing.reading import timestamp_chains

    proof = revocation.proof(timestamps.certificate, timestamps.chain)
    for certificate, chain in timestamp_chains(document):
        proof += revocation.proof(certificate, chain)
    return add_proof(document, proof, timestamps=timestamps)


def _writer(document: bytes) -> IncrementalPdfFileWriter:
    try:
        writer = IncrementalPdfFileWriter(BytesIO(document), strict=False)
        encrypted: Any = writer.prev.encrypted
    except (PdfError, ValueError) as error:
        raise SigningRefused(f"This isn't a readable PDF: {error}") from error
    if encrypted:
        raise SigningRefused("The PDF is encrypted; contracts are signed in clear.")
    return writer
