"""What a printed code (QR) leads to: the document's newest evidence, judged now."""

from certification.services import evidence
from certification.services.verify_document import verify_document
from certification.verification import DocumentReport
from kernel.errors import NotFound


def verify_code(code: str) -> DocumentReport:
    """The report of the document with this code. Raises NotFound, NoEvidence."""
    document_id = evidence.document_of_code(code)
    if document_id is None:
        raise NotFound
    _info, content = evidence.package(document_id=document_id)
    return verify_document(content)
