"""Roots and issuing authorities: made when first needed, followed by new generations in time."""

from datetime import datetime, timedelta

from asn1crypto import x509

from certification.authority.keyring import make_key, signer
from certification.contracts.authority import Role
from certification.domain.profiles import BASE, NOTICE, TEST_UNIT
from certification.models import Authority
from certification.pki import certificates
from certification.pki.algorithms import Algorithm, key_identifier
from kernel import audit, clock, tenancy
from kernel.ids import public_id, uuid7
from kernel.transactions import atomic, cursor
from platforms import facade as platforms

ROOT_YEARS, ISSUING_YEARS = timedelta(days=30 * 365), timedelta(days=15 * 365)
LONGEST = timedelta(days=1825 + 31)
"""An issuing authority that lives shorter than this issues no more: certificates must fit in."""
SKEW = timedelta(minutes=5)
_USAGE = frozenset({"key_cert_sign", "crl_sign"})


def authority(algorithm: Algorithm, role: Role = Role.ISSUING) -> Authority:
    """The generation that issues now, by the platform's clock; made if there is none.

    Raises KeyStoreProblem, Sm2Unavailable.
    """
    found = _newest(algorithm, role, clock.business())
    if found is not None:
        return found
    with atomic():
        with cursor() as sql:
            sql.execute(
                "SELECT pg_advisory_xact_lock("
                "hashtextextended('certification.authority' || %s, 0))",
                [str(tenancy.current_id())],
            )
        return _newest(algorithm, role, clock.business()) or _found(algorithm, role)


def chain_of(row: Authority) -> tuple[bytes, ...]:
    """The authority's certificate and those above it, DER, the root last."""
    found = [bytes(row.certificate)]
    while row.parent is not None:
        row = row.parent
        found.append(bytes(row.certificate))
    return tuple(found)


def name_of(row: Authority) -> x509.Name:
    """Its distinguished name, byte for byte as in its certificate."""
    return x509.Name.load(bytes(row.subject_der))


def crl_url(row_id: str) -> str:
    return platforms.platform_url(f"/api/v1/authorities/{row_id}/crl")


def certificate_url(row_id: str) -> str:
    return platforms.platform_url(f"/api/v1/authorities/{row_id}/certificate")


def ocsp_url() -> str:
    return platforms.platform_url("/api/v1/ocsp")


def _newest(algorithm: Algorithm, role: Role, at: datetime) -> Authority | None:
    needed = LONGEST if role == Role.ISSUING else ISSUING_YEARS
    rows = Authority.objects.filter(algorithm=algorithm.value, role=role)
    rows = rows.select_related("key", "parent__key")
    return (
        rows.filter(not_before__lte=at, not_after__gte=at + needed).order_by("-generation").first()
    )


def _found(algorithm: Algorithm, role: Role) -> Authority:
    above = None if role == Role.ROOT else authority(algorithm, Role.ROOT)
    generation = Authority.objects.filter(algorithm=algorithm.value, role=role).count() + 1
    key, row_id = make_key(algorithm, purpose=role), uuid7()
    begin = (clock.business() - SKEW).replace(microsecond=0)
    end = begin + (ROOT_YEARS if role == Role.ROOT else ISSUING_YEARS)
    issuer = signer(above.key if above else key)
    contents = certificates.Contents(
        subject=_subject(algorithm, role, generation),
        spki=bytes(key.spki),
        not_before=begin,
        not_after=end,
        key_usage=_USAGE,
        path_length=1 if role == Role.ROOT else 0,
        policies=(f"{BASE}.1", certificates.ANY_POLICY),
        notice=NOTICE,
        crl_urls=(crl_url(public_id("cau", above.id)),) if above else (),
        issuer_urls=(certificate_url(public_id("cau", above.id)),) if above else (),
    )
    der = certificates.issue(contents, issuer=issuer, issuer_name=name_of(above) if above else None)
    row = Authority(
        id=row_id, algorithm=algorithm.value, role=role, generation=generation, key=key,
        parent=above, certificate=der, subject_der=certificates.name_of(contents.subject).dump(),
        key_identifier=key_identifier(bytes(key.spki)).hex(), not_before=begin, not_after=end,
    )  # fmt: skip
    row.save(force_insert=True)
    audit.record(
        action="certification.authority.founded",
        target=row,
        after={"algorithm": algorithm.value, "role": role, "generation": generation},
    )
    return row


def _subject(algorithm: Algorithm, role: Role, generation: int) -> dict[str, str | list[str]]:
    info = platforms.get_platform()
    kind = "Root" if role == Role.ROOT else "Issuing"
    shown = "P-256" if algorithm is Algorithm.P256 else "SM2"
    return {
        "country_name": "CN",
        "organization_name": f"Quancheng test authority, platform {info.code}"[:64],
        "organizational_unit_name": TEST_UNIT,
        "common_name": f"{info.code} Test {kind} CA {shown} G{generation}"[-64:],
    }


def serial_of(certificate: bytes) -> int:
    """The serial number in a certificate."""
    found: int = x509.Certificate.load(certificate).serial_number
    return found
