"""A document with its RFC 3161 timestamp beside it, as one file: heads of hash chains (每日封存).

A ZIP of ``document.json``, ``document.tst`` (the TimeStampToken, DER), the authority's certificates
and how to check it with OpenSSL.
"""

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import orjson
from asn1crypto import cms, pem
from cryptography import x509

from certification.verification import dss, tokens
from certification.verification.evidence import Evidence
from certification.verification.findings import (
    DocumentReport,
    Finding,
    Problem,
    TimestampReport,
    verdict_of,
)

DOCUMENT, TOKEN = "document.json", "document.tst"
LARGEST = 1024 * 1024
README = """# A sealed head 封存

`document.json` names the heads of hash chains at the end of a day; `document.tst` is an RFC 3161
timestamp over it. 用 openssl 即可核验:

```
openssl ts -verify -token_in -in document.tst -data document.json -CAfile root.pem \\
  -untrusted chain.pem
```

Trust is yours to give: compare the fingerprint of `root.pem` with what you were told.
"""


def pack(document: bytes, token: bytes, *, roots: Sequence[bytes]) -> bytes:
    """The file for someone else to check. ``roots``: DER of the authority's roots."""
    data = cms.ContentInfo.load(token)["content"]
    chain = [c.chosen.dump() for c in data["certificates"]]
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(DOCUMENT, document)
        archive.writestr(TOKEN, token)
        archive.writestr("root.pem", b"".join(pem.armor("CERTIFICATE", der) for der in roots))
        archive.writestr("chain.pem", b"".join(pem.armor("CERTIFICATE", der) for der in chain))
        archive.writestr("README.md", README)
    return made.getvalue()


def is_stamped(data: bytes) -> bool:
    """Whether these bytes are such a file."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return {DOCUMENT, TOKEN} <= set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def verify_stamped(data: bytes, *, evidence: Evidence, now: datetime) -> DocumentReport:
    """What it proves. Never raises for a bad one: it says so."""
    base = DocumentReport(
        kind="stamped", sha256=hashlib.sha256(data).hexdigest(), size=len(data), checked_at=now
    )
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if any(archive.getinfo(name).file_size > LARGEST for name in (DOCUMENT, TOKEN)):
                return replace(base, findings=(Finding(Problem.TOO_COMPLEX),))
            document, token = archive.read(DOCUMENT), archive.read(TOKEN)
            names = tuple(sorted(archive.namelist()))
        content = cms.ContentInfo.load(token)["content"]
        found = tuple(tokens.check(token, document, evidence, at=now))
        signer = dss.signer_of(content, dss.certificates_in(content))
        time: datetime = content["encap_content_info"]["content"].parsed["gen_time"].native
        told = orjson.loads(document)
        title = f"{told.get('day', '')}" if isinstance(told, dict) else ""
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError, IndexError,
            NotImplementedError, RuntimeError, OSError, EOFError) as error:  # fmt: skip
        finding = Finding(Problem.NOT_READABLE, {"detail": str(error)[:200]})
        return replace(base, findings=(finding,))
    stamps = (_report(signer, time, found),) if signer is not None else ()
    return replace(base, findings=found, timestamps=stamps, files=names, title=title)


def _report(
    signer: x509.Certificate, time: datetime, found: tuple[Finding, ...]
) -> TimestampReport:
    name = signer.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return TimestampReport(
        field=TOKEN, authority=str(name[0].value) if name else "", time=time,
        verdict=verdict_of(found), findings=found, valid_to=signer.not_valid_after_utc,
    )  # fmt: skip
