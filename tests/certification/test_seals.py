"""Seals by GB/T 38540: made, used by who may, judged in ten steps."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from asn1crypto import core
from PIL import Image

from certification.contracts.authority import Algorithm
from certification.contracts.seals import SealInfo, SealState
from certification.crypto import sm3
from certification.errors.authority import CertificateNotUsable
from certification.errors.seals import (
    InvalidSealPicture,
    SealNeedsSm2,
    SealNotGranted,
    SealNotUsable,
)
from certification.models import Certificate, Seal, SealUse
from certification.pki.certificates import pem_chain
from certification.seals import making, picture
from certification.seals.checking import Step, Trust, check, check_seal
from certification.seals.structures import DIGESTS, SealSignature, bytes_of
from certification.selectors.seals import seal_uses_page
from certification.services import revoke, seals
from certification.services.enrol import enrol
from certification.services.use_seal import apply_seal, check_seal_signature, trust
from kernel import clock, tenancy
from kernel.actors import Actor, acting
from kernel.errors import Invalid, InvalidTransition, NotFound
from kernel.records.outbox import OutboxEvent
from tests.certification.judges import DISTID, openssl, write
from tests.factories.platforms import make_merchant, make_person, make_platform

pytestmark = pytest.mark.django_db
NAME = "黑龙江玉米贸易有限公司"
DOCUMENT = b"%PDF-1.7 the contract"


def merchant(merchant_id: UUID, person_id: UUID | None = None) -> Actor:
    return Actor(kind="merchant", id=uuid4(), merchant_id=merchant_id, person_id=person_id,
                 scopes=frozenset({"*"}))  # fmt: skip


def make_seal(owner: UUID | None = None, *, made: bool = True, **fields: Any) -> SealInfo:
    owner = owner or uuid4()
    subject = {"common_name": NAME, "organization_name": NAME}
    certificate = enrol(
        key=uuid4(), profile="organization", algorithm=Algorithm.SM2, subject=subject,
        merchant_id=owner,
    )  # fmt: skip
    values = {"kind": "contract", "name": NAME, "certificate_id": certificate.id, **fields}
    applied = seals.apply(key=uuid4(), merchant_id=owner, **values)
    return seals.make(seal_id=applied.id) if made else applied


def use(seal: SealInfo, **fields: Any) -> bytes:
    values = {"key": uuid4(), "document": "ctr_1", "digest": sm3(DOCUMENT), **fields}
    return apply_seal(seal_id=seal.id, **values)


def test_seal_signature_holds_in_all_ten_steps(platform: Any, tmp_path: Path) -> None:
    seal = make_seal()
    der = use(seal)
    report = check_seal_signature(der, DOCUMENT)
    assert report.ok, report.problems
    assert [f.step for f in report.findings] == list(Step)
    assert (report.name, report.signer, report.timestamped) == (NAME, NAME, True)
    assert report.picture == seal.picture
    # Judged by OpenSSL too: the signature over TBS_Sign and the maker's over SES_SealInfo.
    found = SealSignature.load(der)
    eseal = found["to_sign"]["eseal"]
    for certificate, signed, value in (
        (found["cert"], found["to_sign"], found["signature"]),
        (eseal["cert"], eseal["es_eal_info"], eseal["signed_value"]),
    ):
        pem = write(tmp_path / "cert", pem_chain([certificate.native]))
        openssl("x509", "-in", pem, "-pubkey", "-noout", "-out", tmp_path / "pub")
        body = write(tmp_path / "body", signed.dump())
        judge = ["dgst", "-sm3", "-verify", tmp_path / "pub", "-sigopt", DISTID, "-signature"]
        assert openssl(*judge, write(tmp_path / "sig", bytes_of(value)), body)[0] == 0
        assert openssl(*judge, tmp_path / "sig", write(tmp_path / "b2", b"x"))[0] != 0
    assert openssl("asn1parse", "-inform", "DER", "-in", write(tmp_path / "ses", der))[0] == 0


def test_a_seal_may_list_its_signers_by_digest(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As seals of other makers do (certListType 2)."""
    monkeypatch.setattr(making, "LISTED", DIGESTS)
    der = use(make_seal())
    listed = SealSignature.load(der)["to_sign"]["eseal"]["es_eal_info"]["property"]
    assert (listed["cert_list_type"].native, len(listed["cert_list"])) == (2, 1)
    assert check_seal_signature(der, DOCUMENT).ok
    found = SealSignature.load(der)
    found["cert"] = SealSignature.load(use(make_seal()))["cert"].native
    assert "signer_not_in_seal" in check_seal_signature(found.dump(force=True), DOCUMENT).problems


def test_every_changed_byte_is_found(platform: Any) -> None:
    der = use(make_seal())
    judge = trust()
    assert "document_changed" in check_seal_signature(der, DOCUMENT + b" ").problems
    # What holds the token together (algorithm names, lengths) is CMS's own; the rest is ours.
    ends = len(der) - len(SealSignature.load(der)["time_stamp"].dump())
    token = [len(der) - 8, ends + der[ends:].index(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10") + 60]
    for place in [*range(0, ends, max(1, ends // 100)), *token]:
        wrong = bytearray(der)
        wrong[place] ^= 0x04
        report = check(bytes(wrong), document_digest=sm3(DOCUMENT), trust=judge)
        assert not report.ok, f"byte {place} of {len(der)}"
    for junk in (b"", b"junk", der[:-1], der + b"\0"):
        assert check(junk, document_digest=sm3(DOCUMENT), trust=judge).problems == ("unreadable",)


def test_reasons_are_the_true_ones(platform: Any) -> None:
    seal = make_seal()
    der = use(seal)
    with tenancy.scope(make_platform()):
        make_seal()
        foreign = check_seal_signature(der, DOCUMENT)
    assert {"maker_not_trusted", "signer_not_trusted"} <= set(foreign.problems)
    revoke.revoke(certificate_id=seal.certificate_id, reason="key_compromise")
    assert check_seal_signature(der, DOCUMENT).ok  # it was revoked after it signed
    with pytest.raises(CertificateNotUsable) as refused:
        use(seal)
    assert refused.value.params["state"] == "revoked"
    row = Certificate.objects.get(id=seal.certificate_id)
    row.revoked_at = clock.business() - timedelta(days=1)
    row.save()
    assert check_seal_signature(der, DOCUMENT).problems == ("signer_revoked",)

    other = make_seal()
    found = SealSignature.load(use(other))
    stranger = SealSignature.load(der)
    found["cert"] = stranger["cert"].native
    mixed = check_seal_signature(found.dump(force=True), DOCUMENT)
    assert {"signer_not_in_seal", "signature_wrong"} <= set(mixed.problems)
    lapsed = check_seal(other.der, at=clock.business() + timedelta(days=1200), trust=trust())
    assert "seal_not_valid_then" in lapsed
    assert check_seal(other.der, at=clock.business(), trust=trust()) == ()
    nobody = Trust((), lambda _der, _at: False)
    assert "maker_not_trusted" in check_seal(other.der, at=clock.business(), trust=nobody)
    assert core.load(der) is not None


def test_only_the_authorised_use_a_seal(platform: Any) -> None:
    owner, keeper = make_merchant().id, uuid4()
    clerk = make_person(role="merchant_staff", merchant_id=owner).id
    with acting(merchant(owner, keeper)):
        seal = make_seal(owner)
        use(seal)
    with acting(merchant(owner, clerk)), pytest.raises(SealNotGranted):
        use(seal)
    with pytest.raises(NotFound):
        seals.grant(seal_id=seal.id, person_id=make_person().id)
    given = seals.grant(seal_id=seal.id, person_id=clerk)
    with acting(merchant(owner, clerk)):
        use(seal)
    with acting(merchant(owner)), pytest.raises(SealNotGranted):
        use(seal)  # a key without a person needs an authorisation of its own
    with acting(merchant(uuid4(), clerk)), pytest.raises(SealNotGranted):
        use(seal)
    seals.withdraw_grant(seal_id=seal.id, grant_id=given.id)
    with acting(merchant(owner, clerk)), pytest.raises(SealNotGranted):
        use(seal)
    with pytest.raises(NotFound):
        seals.withdraw_grant(seal_id=seal.id, grant_id=uuid4())
    with pytest.raises(Invalid):
        seals.grant(seal_id=seal.id, person_id=clerk, valid_until=clock.business())
    log = seal_uses_page(seal_id=seal.id).items
    assert [(u.person_id, u.grant_id is not None) for u in log] == [(clerk, True), (keeper, True)]


def test_use_is_repeatable_and_logged_once(platform: Any) -> None:
    seal, key = make_seal(), uuid4()
    assert use(seal, key=key) == use(seal, key=key)
    assert SealUse.objects.count() == 1
    assert Seal.objects.get().uses == 1


def test_states_of_a_seal(platform: Any) -> None:
    seal = make_seal(made=False)
    with pytest.raises(SealNotUsable):
        use(seal)
    with pytest.raises(InvalidTransition):
        seals.change(seal_id=seal.id, state="valid")
    seal = seals.make(seal_id=seal.id)
    assert seals.make(seal_id=seal.id) == seal
    for state, ok in (("suspended", False), ("valid", True), ("revoked", False)):
        assert seals.change(seal_id=seal.id, state=state, note="why").state == state
        if ok:
            use(seal)
            continue
        with pytest.raises(SealNotUsable) as refused:
            use(seal)
        assert refused.value.params["state"] == state
    with pytest.raises(InvalidTransition):
        seals.change(seal_id=seal.id, state="valid")
    other = make_seal(made=False)
    assert seals.refuse(seal_id=other.id, note="the name is another").state == SealState.REFUSED
    with pytest.raises(InvalidTransition):
        seals.make(seal_id=other.id)
    names = OutboxEvent.objects.filter(aggregate_id=seal.id).order_by("version")
    assert [n.split(".")[2] for n in names.values_list("type", flat=True)] == [
        "made", "changed", "changed", "changed"]  # fmt: skip


def test_application_is_checked(platform: Any) -> None:
    owner = uuid4()
    p256 = enrol(key=uuid4(), profile="organization", merchant_id=owner,
                 subject={"common_name": "x", "organization_name": "x"})  # fmt: skip
    with pytest.raises(SealNeedsSm2):
        seals.apply(key=uuid4(), merchant_id=owner, kind="company", name="x",
                    certificate_id=p256.id)  # fmt: skip
    seal = make_seal(owner)
    with pytest.raises(NotFound):  # another merchant's certificate
        seals.apply(key=uuid4(), merchant_id=uuid4(), kind="company", name="x",
                    certificate_id=seal.certificate_id)  # fmt: skip
    wrongs: list[dict[str, Any]] = [{"kind": "none"}, {"name": " "}, {"name": "x" * 61}]
    for wrong in wrongs:
        with pytest.raises(Invalid):
            make_seal(made=False, **wrong)
    for bad in (b"", b"<svg/>", b"\x89PNG\r\n\x1a\njunk", bytes(200_001)):
        with pytest.raises(InvalidSealPicture):
            make_seal(made=False, picture=bad)
    sent = make_seal(made=False, picture=picture.name_stamp("李雷"))
    assert Image.open(BytesIO(sent.picture)).size == (210, 210)


def test_rows_of_a_seal_hold_no_name_in_clear(platform: Any) -> None:
    seal = make_seal(kind="person", name="Zhao Plantedname")
    row = Seal.objects.get(id=seal.id)
    stored = b"".join(bytes(v or b"") for v in (row.name_sealed, row.seal_sealed))
    assert b"Plantedname" not in stored
    assert b"Plantedname" in seal.der


@pytest.mark.parametrize(
    "name", ["李", "李雷", "王小明", "欧阳某某", "John Smith", "买买提·艾合买提"]
)
def test_pictures_are_drawn_for_any_name(name: str) -> None:
    for made in (picture.name_stamp(name), picture.company_seal(name, line="合同专用章")):
        found = Image.open(BytesIO(made)).convert("RGBA")
        assert len(made) < 40_000
        red = sum(found.getchannel("A").histogram()[129:])
        assert red > 1000
    with pytest.raises(ValueError, match="needs a name"):
        picture.company_seal("  ")
