"""Building seals and seal signatures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from certification.crypto import sm3
from certification.crypto.sm2 import SIGNATURE_OID
from certification.pki.algorithms import Signer
from certification.seals.structures import (
    WHOLE,
    Seal,
    SealInfo,
    SealSignature,
    ToBeSigned,
    bits,
)

VENDOR = "QUANCHENG"
VERSION = 4
UNIT, PERSON = 1, 2


LISTED = WHOLE
DIGEST_TYPE = "SM3"


@dataclass(frozen=True)
class SealContents:
    """What a seal says. ``kind``: UNIT or PERSON; sizes in millimetres; times aware."""

    code: str
    kind: int
    name: str
    certificates: Sequence[bytes]
    created_at: datetime
    valid_from: datetime
    valid_until: datetime
    picture_type: str
    picture: bytes
    width: int
    height: int


def make_seal(contents: SealContents, *, maker: Signer, maker_certificate: bytes) -> bytes:
    """An SESeal in DER: the maker signs the seal's information with SM2 and SM3."""
    info = SealInfo(
        {
            "header": {"id": "ES", "version": VERSION, "vid": VENDOR},
            "es_id": contents.code,
            "property": {
                "type": contents.kind,
                "name": contents.name,
                "cert_list_type": LISTED,
                "cert_list": _list(contents.certificates),
                "create_date": contents.created_at.replace(microsecond=0),
                "valid_start": contents.valid_from.replace(microsecond=0),
                "valid_end": contents.valid_until.replace(microsecond=0),
            },
            "picture": {
                "type": contents.picture_type,
                "data": contents.picture,
                "width": contents.width,
                "height": contents.height,
            },
        }
    )
    made = Seal(
        {
            "es_eal_info": info,
            "cert": maker_certificate,
            "sign_alg_id": SIGNATURE_OID,
            "signed_value": bits(maker.sign(info.dump())),
        }
    )
    return bytes(made.dump())


def _list(certificates: Sequence[bytes]) -> list[Any]:
    if LISTED == WHOLE:
        return list(certificates)
    return [{"type": DIGEST_TYPE, "value": sm3(der)} for der in certificates]


def sign_with_seal(
    seal: bytes,
    *,
    digest: bytes,
    document: str,
    at: datetime,
    signer: Signer,
    certificate: bytes,
) -> SealSignature:
    """An SES_Signature over an SM3 digest; ``document`` names what was signed (ASCII).

    A timestamp token over the signature may be added afterwards with ``with_timestamp``.
    """
    to_sign = ToBeSigned(
        {
            "version": VERSION,
            "eseal": Seal.load(seal),
            "time_info": at.replace(microsecond=0),
            "data_hash": bits(digest),
            "property_info": document,
        }
    )
    made = SealSignature(
        {
            "to_sign": to_sign,
            "cert": certificate,
            "signature_alg_id": SIGNATURE_OID,
            "signature": bits(signer.sign(to_sign.dump())),
        }
    )
    return made


def with_timestamp(made: SealSignature, token: bytes) -> bytes:
    """The signature with a timestamp token over its signature value, DER."""
    made["time_stamp"] = bits(token)
    return bytes(made.dump(force=True))
