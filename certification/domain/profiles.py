"""Certificate profiles (证书模板): what each kind of certificate says.

These are the definitions a platform begins with; newer ones are rows with the day they hold from.
Key usage and names follow GB/T 20518 and RFC 5280, document signing RFC 9336.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BASE = "2.25.281370612893469128846912371560219283775"
"""This product's own arc (a UUID under 2.25, Recommendation ITU-T X.667). Nothing below it is a
policy of a licensed provider."""
TSA_POLICY = f"{BASE}.2.1"
TEST_UNIT = "TEST ONLY 仅供测试"
NOTICE = (
    "TEST ONLY. Issued by a test authority of the Quancheng software, not by a licensed provider. "
    "仅供测试:非依法设立的电子认证服务机构签发。"
)
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"
SIGNING = ("digital_signature", "non_repudiation")
SUBJECT = ("common_name", "organization_name", "organization_identifier", "serial_number",
           "title", "email_address", "locality_name", "state_or_province_name")  # fmt: skip
"""Which names a subject may have; ``country_name`` is always CN."""
LONGEST = 1825
"""Days that any certificate may be valid, five years."""
LONGEST_OF = {"event": 7}
"""Less for kinds that are meant to be short."""


@dataclass(frozen=True)
class Profile:
    """``days``: the longest validity. ``level``: the identity level the holder needs (empty: none).
    ``held_here``: whether a key may be made and kept here; else only the holder's own (a request).
    ``holder``: ``merchant``, ``person`` or ``platform`` (the authority's own services, not for
    enrolment). ``required``: names the subject must have."""

    code: str
    names: Mapping[str, str]
    holder: str
    algorithms: tuple[str, ...]
    key_usage: tuple[str, ...]
    days: int
    policy: str
    extended_key_usage: tuple[str, ...] = ()
    extended_critical: bool = False
    required: tuple[str, ...] = ("common_name",)
    level: str = ""
    ocsp_no_check: bool = False
    held_here: bool = True

    @classmethod
    def from_definition(cls, code: str, definition: Mapping[str, Any]) -> "Profile":
        """From a stored row. Raises ValueError naming what isn't right."""
        unknown = set(definition) - set(cls.__dataclass_fields__)
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        values: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in definition.items()
        }
        try:
            made = cls(code=code, **values)
        except TypeError as error:
            raise ValueError(str(error)) from error
        made.check()
        return made

    def definition(self) -> dict[str, Any]:
        """What is stored."""
        names = set(self.__dataclass_fields__) - {"code"}
        values = {name: getattr(self, name) for name in names}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}

    def check(self) -> None:
        """Raises ValueError when certificates by it couldn't be right."""
        if self.holder not in ("merchant", "person", "platform"):
            raise ValueError("holder is merchant, person or platform")
        if not self.algorithms or set(self.algorithms) - {"p256", "sm2"}:
            raise ValueError("algorithms are p256 and sm2")
        if not self.key_usage or set(self.key_usage) - KEY_USAGES:
            raise ValueError(f"key_usage is of {', '.join(sorted(KEY_USAGES))}")
        if not 1 <= self.days <= LONGEST:
            raise ValueError(f"days is 1 to {LONGEST}")
        if set(self.required) - set(SUBJECT):
            raise ValueError(f"required is of {', '.join(SUBJECT)}")
        parts = self.policy.split(".")
        if len(parts) < 3 or not all(part.isdigit() for part in parts):
            raise ValueError("policy is an object identifier")


KEY_USAGES = frozenset(
    {
        "digital_signature",
        "non_repudiation",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
    }
)
_DOCUMENT = (DOCUMENT_SIGNING, "email_protection")
DEFAULTS = (
    Profile(
        code="organization",
        names={"en": "Organization, signing", "zh-Hans": "单位签名证书"},
        holder="merchant", algorithms=("p256", "sm2"), key_usage=SIGNING, days=730,
        policy=f"{BASE}.1.1", extended_key_usage=_DOCUMENT, level="verified",
        required=("common_name", "organization_name"),
    ),
    Profile(
        code="person",
        names={"en": "Person, signing", "zh-Hans": "个人签名证书"},
        holder="person", algorithms=("p256", "sm2"), key_usage=SIGNING, days=365,
        policy=f"{BASE}.1.2", extended_key_usage=_DOCUMENT, level="verified",
    ),
    Profile(
        code="event",
        names={"en": "One signature, short-lived", "zh-Hans": "事件证书"},
        holder="person", algorithms=("p256", "sm2"), key_usage=SIGNING, days=1,
        policy=f"{BASE}.1.3", extended_key_usage=_DOCUMENT, level="verified",
    ),
    Profile(
        code="message",
        names={"en": "Messages of a system, signing", "zh-Hans": "报文签名证书"},
        holder="merchant", algorithms=("p256", "sm2"), key_usage=("digital_signature",), days=730,
        policy=f"{BASE}.1.4", level="verified",
        required=("common_name", "organization_name"),
    ),
    Profile(
        code="encryption",
        names={"en": "Encryption (the second of dual certificates)", "zh-Hans": "加密证书"},
        holder="merchant", algorithms=("sm2",), days=730, policy=f"{BASE}.1.5",
        key_usage=("key_encipherment", "data_encipherment", "key_agreement"),
        level="verified", required=("common_name", "organization_name"),
    ),
    Profile(
        code="seal_maker",
        names={"en": "Maker of electronic seals", "zh-Hans": "电子印章制章人证书"},
        holder="platform", algorithms=("sm2", "p256"), key_usage=SIGNING, days=1825,
        policy=f"{BASE}.1.6",
    ),
    Profile(
        code="timestamp",
        names={"en": "Timestamp authority", "zh-Hans": "时间戳服务证书"},
        holder="platform", algorithms=("p256",), key_usage=SIGNING, days=1825,
        policy=TSA_POLICY, extended_key_usage=("time_stamping",), extended_critical=True,
    ),
    Profile(
        code="ocsp",
        names={"en": "Status responder", "zh-Hans": "证书状态服务证书"},
        holder="platform", algorithms=("p256", "sm2"), key_usage=("digital_signature",), days=365,
        policy=f"{BASE}.1.8", extended_key_usage=("ocsp_signing",), ocsp_no_check=True,
    ),
    Profile(
        code="platform_seal",
        names={"en": "The platform's own records", "zh-Hans": "平台存证签名证书"},
        holder="platform", algorithms=("p256", "sm2"), key_usage=SIGNING, days=1825,
        policy=f"{BASE}.1.9", extended_key_usage=_DOCUMENT,
    ),
)  # fmt: skip
