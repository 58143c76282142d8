"""SESeal and SES_Signature in ASN.1 (GB/T 38540-2020, 6 and 7)."""

from asn1crypto import core, x509


class ExtData(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("ext_id", core.ObjectIdentifier),
        ("critical", core.Boolean, {"default": False}),
        ("ext_value", core.OctetString),
    ]


class ExtDatas(core.SequenceOf):  # type: ignore[misc]
    _child_spec = ExtData


class Header(core.Sequence):  # type: ignore[misc]
    """SES_Header: ``ES``, version 4, and who made the format's implementation."""

    _fields = [("id", core.IA5String), ("version", core.Integer), ("vid", core.IA5String)]


class CertInfoList(core.SequenceOf):  # type: ignore[misc]
    """Whole certificates of those who may sign (certListType 1)."""

    _child_spec = core.OctetString


class CertDigestObj(core.Sequence):  # type: ignore[misc]
    _fields = [("type", core.PrintableString), ("value", core.OctetString)]


class CertDigestList(core.SequenceOf):  # type: ignore[misc]
    """Digests of their certificates (certListType 2)."""

    _child_spec = CertDigestObj


BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)
"""What asn1crypto raises while it reads bytes that somebody has changed."""
WHOLE, DIGESTS = 1, 2
"""certListType: whether a seal lists its signers' certificates or their digests."""
_LISTS = {WHOLE: CertInfoList, DIGESTS: CertDigestList}


class PropertyInfo(core.Sequence):  # type: ignore[misc]
    """SES_ESPropertyInfo. ``type``: 1 of a unit (单位印章), 2 of a person (个人名章)."""

    # Both kinds of list are a SEQUENCE OF without tags, told apart by the field before.
    _spec_callbacks = {"cert_list": lambda self: _LISTS.get(self["cert_list_type"].native)}
    _fields = [
        ("type", core.Integer),
        ("name", core.UTF8String),
        ("cert_list_type", core.Integer),
        ("cert_list", core.Any),
        ("create_date", core.GeneralizedTime),
        ("valid_start", core.GeneralizedTime),
        ("valid_end", core.GeneralizedTime),
    ]


class PictureInfo(core.Sequence):  # type: ignore[misc]
    """SES_ESPictrueInfo (so spelt in the standard); width and height in millimetres."""

    _fields = [
        ("type", core.IA5String),
        ("data", core.OctetString),
        ("width", core.Integer),
        ("height", core.Integer),
    ]


class SealInfo(core.Sequence):  # type: ignore[misc]
    """SES_SealInfo: what the maker signs."""

    _fields = [
        ("header", Header),
        ("es_id", core.IA5String),
        ("property", PropertyInfo),
        ("picture", PictureInfo),
        ("ext_datas", ExtDatas, {"explicit": 0, "optional": True}),
    ]


class Seal(core.Sequence):  # type: ignore[misc]
    """SESeal."""

    _fields = [
        ("es_eal_info", SealInfo),
        ("cert", core.OctetString),
        ("sign_alg_id", core.ObjectIdentifier),
        ("signed_value", core.BitString),
    ]


class ToBeSigned(core.Sequence):  # type: ignore[misc]
    """TBS_Sign: what a seal signature signs."""

    _fields = [
        ("version", core.Integer),
        ("eseal", Seal),
        ("time_info", core.GeneralizedTime),
        ("data_hash", core.BitString),
        ("property_info", core.IA5String),
        ("ext_datas", ExtDatas, {"explicit": 0, "optional": True}),
    ]


class SealSignature(core.Sequence):  # type: ignore[misc]
    """SES_Signature."""

    _fields = [
        ("to_sign", ToBeSigned),
        ("cert", core.OctetString),
        ("signature_alg_id", core.ObjectIdentifier),
        ("signature", core.BitString),
        ("time_stamp", core.BitString, {"explicit": 0, "optional": True}),
    ]


def bits(data: bytes) -> core.BitString:
    """A BIT STRING of whole bytes."""
    return core.BitString(tuple(int(b) for byte in data for b in f"{byte:08b}"))


def bytes_of(value: core.BitString) -> bytes:
    """The whole bytes in a BIT STRING. Raises ValueError when it has others."""
    if value.contents[:1] != b"\0":
        raise ValueError("a bit string of broken bytes")
    return bytes(value.contents[1:])


def certificate_of(value: core.OctetString) -> x509.Certificate:
    """The certificate in an OCTET STRING, read to its depth. Raises one of BROKEN."""
    found = x509.Certificate.load(value.native, strict=True)
    found["tbs_certificate"].native  # noqa: B018 asn1crypto reads a field when it's asked for
    return found
