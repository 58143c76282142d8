"""A contract's document to read: as it stands now, whole or a page of it as a picture."""

from io import BytesIO

from django.core.cache import cache

from certification.contracts.agreements import ContractInfo
from certification.errors.agreements import TypesettingFailed
from certification.selectors.agreements import document
from certification.services.agreements.negotiate import document_of
from kernel import personal
from kernel.errors import NotFound
from kernel.typeset import TypesetFailed, page_picture

KEEP = 600  # seconds, sealed under the contract's own key


def mark(info: ContractInfo) -> str:
    """What tells one state of the document from another."""
    return info.document_sha256 or info.agreed_sha256 or f"{info.round}.{info.version}"


def readable(info: ContractInfo) -> bytes:
    """The PDF: as signed or agreed, else typeset from the present values. Raises NotFound while
    there is nothing to read, TypesettingFailed."""
    if info.agreed_sha256:
        return document(contract_id=info.id)
    if info.template_id is None:
        raise NotFound
    key = f"certification:reading:{info.id}:{mark(info)}"
    kept = cache.get(key)
    plain = personal.open_data(info.id, kept) if kept else None
    if plain is None:
        plain = document_of(info, at=info.updated_at).pdf
        cache.set(key, personal.seal_data(info.id, plain), KEEP)
    return plain


def page_count(info: ContractInfo) -> int:
    """How many pages there are to read."""
    from pyhanko.pdf_utils.reader import PdfFileReader  # heavy: loaded where it is needed

    root = PdfFileReader(BytesIO(readable(info)), strict=False).root
    return int(root["/Pages"]["/Count"])


def picture_of(info: ContractInfo, page: int) -> bytes:
    """A page of it (from 1) as PNG. Raises NotFound, TypesettingFailed."""
    data = readable(info)
    if not 1 <= page <= page_count(info):
        raise NotFound
    try:
        return page_picture(data, page=page)
    except TypesetFailed as error:
        raise TypesettingFailed(str(error)) from error
