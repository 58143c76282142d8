"""PDFs that nobody should have to read: encrypted ones, and ones that unpack to too much."""

import zlib
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer


def encrypted(data: bytes) -> bytes:
    """The same behind a password."""
    out: Any = copy_into_new_writer(PdfFileReader(BytesIO(data)))
    out.encrypt("owner", "user")
    kept = BytesIO()
    out.write(kept)
    return kept.getvalue()


def bomb(size: int = 2**26) -> bytes:
    """A thousandth of ``size`` that unpacks to it: the reading stops long before."""
    stream = zlib.compress(bytes(size), 9)
    return b"".join((
        b"%PDF-1.5\n1 0 obj\n<</Type/XRef/Size 2/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length ",
        str(len(stream)).encode(), b">>\nstream\n", stream, b"\nendstream\nendobj\n",
        b"startxref\n9\n%%EOF",
    ))  # fmt: skip
