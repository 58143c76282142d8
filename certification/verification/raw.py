"""Signatures found by their bytes alone, for files too damaged to be read as a PDF."""

import hashlib
import re

from asn1crypto import cms

_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_MOST = 20


def changed(document: bytes) -> bool:
    """Whether some signature in these bytes tells that what it covers was changed."""
    ranges = [tuple(int(n) for n in m.groups()) for m in _RANGE.finditer(document)]
    return any(_broken(document, *found) for found in ranges[:_MOST] if len(found) == 4)


def _broken(document: bytes, start: int, length: int, again: int, rest: int) -> bool:
    try:
        container = bytes.fromhex(document[start + length + 1 : again - 1].decode("ascii"))
        data = cms.ContentInfo.load(container)["content"]
        signer = data["signer_infos"][0]
        algorithm = signer["digest_algorithm"]["algorithm"].native
        covered = document[start : start + length] + document[again : again + rest]
        digest = hashlib.new(algorithm, covered).digest()
        if data["encap_content_info"]["content_type"].native == "tst_info":
            info = data["encap_content_info"]["content"].parsed
            return bool(info["message_imprint"]["hashed_message"].native != digest)
        for attribute in signer["signed_attrs"]:
            if attribute["type"].native == "message_digest":
                return bool(attribute["values"][0].native != digest)
    except (ValueError, KeyError, TypeError, IndexError):
        return False
    return False
