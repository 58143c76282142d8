"""The authority's own certificates: OCSP responders, the timestamp authority, the seal maker.

They are made when first needed and followed by new ones in time. Which one serves now is kept in
memory for a short while, because every OCSP response and timestamp needs it.
"""

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from certification.authority import chains, issuing
from certification.authority.keyring import make_key, signer
from certification.contracts.authority import CertificateState, Role
from certification.domain.profiles import DEFAULTS, Profile
from certification.gateways.base import CertificateOrder
from certification.models import Authority, Certificate
from certification.pki import certificates
from certification.pki.algorithms import Algorithm, Signer
from certification.selectors.certificates import chain_of, opened, sealed
from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.transactions import atomic, cursor, in_transaction
from platforms import facade as platforms

KEEP = 30.0  # seconds
_PROFILES = {profile.code: profile for profile in DEFAULTS}
_kept: dict[tuple[UUID, UUID, str], tuple[float, "Service"]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Service:
    """A certificate of the authority's own with the use of its key; ``chain`` as elsewhere."""

    certificate_id: UUID | None
    signer: Signer
    certificate: bytes
    chain: tuple[bytes, ...]
    not_before: datetime
    not_after: datetime


def responder(owner: Authority) -> Service:
    """Who answers OCSP for this authority: a delegated responder that it has certified itself;
    the root answers for itself."""
    if owner.role == Role.ROOT:
        der = bytes(owner.certificate)
        return Service(None, signer(owner.key), der, (), owner.not_before, owner.not_after)
    return _service("ocsp", owner)


def timestamp_authority() -> Service:
    """Who signs timestamps."""
    return _service("timestamp", chains.authority(Algorithm.P256))


def seal_maker(algorithm: Algorithm = Algorithm.SM2) -> Service:
    """The unit that makes seals (制章单位)."""
    return _service("seal_maker", chains.authority(algorithm))


def platform_seal(algorithm: Algorithm = Algorithm.P256) -> Service:
    """Who signs for the platform itself: evidence, heads of chains."""
    return _service("platform_seal", chains.authority(algorithm))


def _service(code: str, owner: Authority) -> Service:
    name, now = (tenancy.current_id(), owner.id, code), time.monotonic()
    with _lock:
        until, found = _kept.get(name, (0.0, None))
    if found is not None and now < until and _serves(found, _PROFILES[code]):
        return found
    made = _newest(code, owner)
    if made is None:
        with atomic():
            with cursor() as sql:
                sql.execute(
                    "SELECT pg_advisory_xact_lock("
                    "hashtextextended('certification.service' || %s, 0))",
                    [str(tenancy.current_id())],
                )
            made = _newest(code, owner) or _make(_PROFILES[code], owner)
    if not in_transaction():  # one that is rolled back must not be remembered
        with _lock:
            _kept[name] = (now + KEEP, made)
            if len(_kept) > 1000:
                _kept.clear()
    return made


def _newest(code: str, owner: Authority) -> Service | None:
    rows = Certificate.objects.filter(
        profile=code, authority_id=owner.id, state=CertificateState.VALID,
        merchant_id=None, person_id=None,
    ).select_related("key")  # fmt: skip
    for row in rows.order_by("-not_after")[:3]:
        assert row.key is not None
        assert row.not_before is not None
        assert row.not_after is not None
        found = Service(
            row.id, signer(row.key), opened(row.certificate_sealed), chain_of(row),
            row.not_before, row.not_after,
        )  # fmt: skip
        if _serves(found, _PROFILES[code]):
            return found
    return None


def _serves(found: Service, profile: Profile) -> bool:
    """Valid now, and not in the last tenth of its life, when a new one takes over."""
    now = clock.business()
    return found.not_before <= now < found.not_after - timedelta(days=profile.days) / 10


def _make(profile: Profile, owner: Authority) -> Service:
    algorithm = Algorithm(owner.algorithm)
    key = make_key(algorithm, purpose=profile.code)
    code = platforms.get_platform().code
    subject = {
        "organization_name": f"Quancheng test authority, platform {code}"[:64],
        "common_name": f"{code} {profile.names['en']}"[:64],
    }
    order = CertificateOrder(uuid7(), profile, algorithm, subject, bytes(key.spki), profile.days)
    issued = issuing.issue(order, by=owner)
    row = Certificate(
        id=order.certificate_id, request_key=uuid7(), provider="own", authority=owner,
        algorithm=algorithm.value, profile=profile.code, key=key, spki=key.spki,
        subject_sealed=sealed(orjson.dumps(subject)), serial=issued.serial, days=profile.days,
        certificate_sealed=sealed(issued.certificate),
        chain_sealed=sealed(certificates.pem_chain(issued.chain)),
        not_before=issued.not_before, not_after=issued.not_after,
    )  # fmt: skip
    row.move(CertificateState.VALID, action="certification.certificate.issued")
    row.save(force_insert=True)
    return Service(
        row.id, signer(key), issued.certificate, issued.chain, issued.not_before, issued.not_after
    )
