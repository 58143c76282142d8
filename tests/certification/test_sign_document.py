"""Signing as a service: once for each key, one at a time for each document, whatever is killed."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import typst
from django.db import connections

from certification.contracts.authority import Algorithm
from certification.errors.authority import CertificateNotUsable
from certification.errors.evidence import SigningFailed, SigningInProgress, SigningKeyReused
from certification.models import Signing
from certification.services import enrol
from certification.services.sign_document import SignatureOrder, sign_document
from certification.signing import Placement
from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.tenancy import Tenant

PLACE = Placement("Seller", -1, 60, 60, 180, 60)


@pytest.fixture(scope="session")
def contract() -> bytes:
    """An unsigned page."""
    made = typst.compile(b"= Contract\n200 t of yellow corn", format="pdf")
    assert isinstance(made, bytes)
    return made


def certificate(algorithm: Algorithm = Algorithm.P256, name: str = "Alpha Grain") -> UUID:
    return enrol.enrol(
        key=uuid7(),
        profile="organization",
        algorithm=algorithm,
        subject={"common_name": name, "organization_name": name},
        merchant_id=uuid7(),
    ).id


def order(contract: bytes, **changes: Any) -> SignatureOrder:
    values: dict[str, Any] = {
        "key": uuid7(),
        "document_id": uuid7(),
        "sequence": 0,
        "document": contract,
        "certificate_id": changes.get("certificate_id") or certificate(),
        "place": PLACE,
        "consent_id": uuid7(),
        "signer_name": "吉林阿尔法粮食有限公司",
    }
    return SignatureOrder(**(values | changes))


def test_signs_once_for_a_key(platform: Tenant, contract: bytes) -> None:
    asked = order(contract, sm2_certificate_id=certificate(Algorithm.SM2))
    first = sign_document(asked)
    assert first.document.startswith(contract)
    assert len(first.sm2_signature) in range(68, 73)
    again = sign_document(asked)
    assert again == first
    with pytest.raises(SigningKeyReused):
        sign_document(order(contract, key=asked.key, certificate_id=asked.certificate_id))
    sealed = bytes(Signing.objects.get().result_sealed or b"")
    assert b"PDF" not in sealed


def test_the_second_party_signs_over_the_first(platform: Tenant, contract: bytes) -> None:
    first = sign_document(order(contract))
    document_id = Signing.objects.get().document_id
    with pytest.raises(SigningInProgress):  # the turn is taken: read the document again
        sign_document(order(contract, document_id=document_id))
    second = sign_document(
        order(
            first.document,
            document_id=document_id,
            sequence=1,
            place=Placement("Buyer", -1, 300, 60, 180, 60),
        )
    )
    assert second.document.startswith(first.document)


def test_what_cannot_be_signed_says_why(platform: Tenant, contract: bytes) -> None:
    broken = order(b"%PDF-1.7 nothing")
    for _attempt in range(2):
        with pytest.raises(SigningFailed):
            sign_document(broken)
    sm2 = certificate(Algorithm.SM2)
    with pytest.raises(CertificateNotUsable):
        sign_document(order(contract, certificate_id=sm2))


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_signature(platform: Tenant, contract: bytes) -> None:
    asked, told, made = order(contract), [], []
    barrier = threading.Barrier(3)

    def sign(which: SignatureOrder) -> None:
        try:
            with tenancy.scope(platform):
                barrier.wait()
                made.append(sign_document(which).sha256)
        except SigningInProgress:
            told.append(1)
        finally:
            connections.close_all()

    other = order(contract, document_id=asked.document_id, certificate_id=asked.certificate_id)
    threads = [threading.Thread(target=sign, args=(w,)) for w in (asked, asked, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert len(made) + len(told) == 3
    assert Signing.objects.filter(state="done").count() == 1


class Killed(BaseException):
    """As SIGKILL: no handler of ours may notice."""


def _die(order: SignatureOrder) -> None:
    raise Killed


@pytest.mark.parametrize("point", ["before_work", "after_work", "after_commit"])
def test_killed_anywhere_it_is_signed_once(
    platform: Tenant, contract: bytes, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    asked = order(contract)

    def die(name: str) -> None:
        if name == f"certification.sign.{point}":
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("certification.services.sign_document.hit", die)
        with pytest.raises(Killed):
            sign_document(asked)
    if point != "after_commit":  # its lease still runs: nobody else may begin
        with pytest.raises(SigningInProgress):
            sign_document(asked)
    with clock.frozen(clock.system() + timedelta(seconds=61)):
        made = sign_document(asked)
    assert Signing.objects.filter(state="done").count() == 1
    assert made.document.count(b"/ByteRange") == 2  # the signature and its document timestamp
    assert sign_document(asked) == made


def test_another_party_goes_on_after_a_lost_attempt(
    platform: Tenant, contract: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = order(contract)
    with monkeypatch.context() as patch:
        patch.setattr(
            "certification.services.sign_document._make",
            lambda asked: (_ for _ in ()).throw(Killed),
        )
        with pytest.raises(Killed):
            sign_document(lost)
    with clock.frozen(clock.system() + timedelta(seconds=61)):
        sign_document(order(contract, document_id=lost.document_id))
    assert sorted(Signing.objects.values_list("state", flat=True)) == ["done", "failed"]
    with pytest.raises(SigningFailed):
        sign_document(lost)
