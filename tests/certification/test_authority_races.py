"""Races at the authority, with threads on real PostgreSQL."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from certification.models import Authority, Certificate, RevocationList, Timestamp
from certification.services import holders, revoke, stamp, statuses
from kernel import tenancy
from kernel.records.audit import AuditRecord
from kernel.records.outbox import OutboxEvent
from kernel.rotation import rotate
from tests.certification.test_authority import authority_id, make_certificate
from tests.factories.platforms import make_platform

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def here() -> Iterator[tenancy.Tenant]:
    tenant = make_platform()
    with tenancy.scope(tenant):
        yield tenant


def together(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run all at the same moment; what each answered."""
    tenant, gate = tenancy.current(), threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            with tenancy.scope(tenant):
                gate.wait(20)
                return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_first_certificates_at_once_share_one_chain(here: tenancy.Tenant) -> None:
    made = together([make_certificate] * 6)
    assert len({one.serial for one in made}) == 6
    assert len({one.chain for one in made}) == 1
    assert Authority.objects.count() == 2
    key = uuid4()
    merchant = uuid4()
    same = together([lambda: make_certificate(key=key, merchant_id=merchant)] * 4)
    assert len({one.serial for one in same}) == 1
    assert Certificate.objects.filter(merchant_id=merchant).count() == 1


def test_two_revocations_are_one(here: tenancy.Tenant) -> None:
    found = make_certificate()
    reasons = ["key_compromise", "superseded", "unspecified", "affiliation_changed"]
    done = together(
        [lambda r=r: revoke.revoke(certificate_id=found.id, reason=r) for r in reasons]  # type: ignore[misc]
    )
    assert len({(one.reason, one.revoked_at) for one in done}) == 1
    facts = OutboxEvent.objects.filter(type="certification.certificate.revoked.v1")
    assert facts.count() == 1
    audits = AuditRecord.objects.filter(action="certification.certificate.revoked")
    assert audits.count() == 1


def test_lists_at_once_are_numbered_without_gaps(here: tenancy.Tenant) -> None:
    found = [make_certificate() for _ in range(3)]
    owner = authority_id(found[0])
    calls: list[Callable[[], Any]] = []
    for one in found:
        calls.append(lambda one=one: revoke.revoke(certificate_id=one.id, reason="superseded"))  # type: ignore[misc]
        calls.append(lambda: statuses.revocation_list(authority_id=owner))
    together(calls)
    last = statuses.revocation_list(authority_id=owner)
    assert last.entries == 3  # whatever came between, nothing revoked is missing
    numbers = list(RevocationList.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_timestamps_at_once_have_serials_of_their_own(here: tenancy.Tenant) -> None:
    made = together([lambda: [stamp.timestamp(bytes(32)) for _ in range(5)]] * 4)
    ids = {one.id for group in made for one in group}
    assert len(ids) == 20 == Timestamp.objects.count()


def test_keys_follow_the_master_key(here: tenancy.Tenant, settings: Any) -> None:
    found = make_certificate()
    assert found.key_id is not None
    before = settings.PERSONAL_DATA_KEY
    settings.PERSONAL_DATA_KEY = "another master key of the deployment " + uuid4().hex
    settings.PERSONAL_DATA_KEY_PREVIOUS = []
    with pytest.raises(RuntimeError):
        holders.sign(make_certificate().key_id or uuid4(), b"x")
    settings.PERSONAL_DATA_KEY_PREVIOUS = [before]
    assert sum(rotate().values()) >= 3
    settings.PERSONAL_DATA_KEY_PREVIOUS = []
    holders.sign(found.key_id, b"x")  # opens under the new one alone
    settings.PERSONAL_DATA_KEY = before
    with pytest.raises(RuntimeError):
        make_certificate()
