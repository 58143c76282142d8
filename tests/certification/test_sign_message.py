"""Messages signed for others (customs, inspection), judged by openssl."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from certification import facade
from certification.contracts.authority import Algorithm
from certification.errors.authority import CertificateNotUsable
from certification.models import ContractParty
from certification.services import revoke
from certification.services.agreements.signing import _certificate
from certification.services.enrol import enrol
from kernel.errors import NotFound
from kernel.records.audit import AuditRecord
from kernel.tenancy import Tenant
from tests.certification.judges import DISTID, openssl, write, write_pem
from tests.factories.platforms import make_merchant

MESSAGE = "<CEB311Message><orderNo>订单 1</orderNo></CEB311Message>".encode()


def made(
    merchant: UUID, profile: str = "message", algorithm: Algorithm = Algorithm.P256
) -> facade.CertificateInfo:
    names = {"common_name": "丰泽粮贸", "organization_name": "丰泽粮贸"}
    return enrol(
        key=uuid4(), profile=profile, algorithm=algorithm, merchant_id=merchant, subject=names
    )


def test_a_customs_message(platform: Tenant, tmp_path: Path) -> None:
    merchant = make_merchant().id
    held = made(merchant)
    for timestamped in (False, True):
        signed = facade.sign_message(
            certificate_id=held.id, message=MESSAGE, purpose="customs CEB311",
            merchant_id=merchant, timestamped=timestamped,
        )  # fmt: skip
        root = write_pem(tmp_path / "root", signed.chain[-1])
        judge = ("cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-CAfile", root,
                 "-in", write(tmp_path / "sig", signed.signature), "-content")  # fmt: skip
        assert openssl(*judge, write(tmp_path / "good", MESSAGE))[0] == 0
        assert openssl(*judge, write(tmp_path / "bad", MESSAGE + b" "))[0] != 0
    assert AuditRecord.objects.filter(action="certification.message.signed").count() == 2
    with pytest.raises(NotFound):
        facade.sign_message(
            certificate_id=held.id, message=b"x", purpose="x", merchant_id=make_merchant().id
        )
    revoke.revoke(certificate_id=held.id, reason="key_compromise")
    with pytest.raises(CertificateNotUsable) as refused:
        facade.sign_message(certificate_id=held.id, message=b"x", purpose="x")
    assert refused.value.params["state"] == "revoked"


def test_the_national_way(platform: Tenant, tmp_path: Path) -> None:
    held = made(make_merchant().id, algorithm=Algorithm.SM2)
    signed = facade.sign_message(certificate_id=held.id, message=MESSAGE, purpose="inspection")
    leaf = write_pem(tmp_path / "leaf", signed.certificate)
    key = write(tmp_path / "pub", openssl("x509", "-in", leaf, "-noout", "-pubkey")[1].encode())
    judge = ("dgst", "-sm3", "-verify", key, "-sigopt", DISTID, "-signature",
             write(tmp_path / "sig", signed.signature))  # fmt: skip
    assert openssl(*judge, write(tmp_path / "good", MESSAGE))[0] == 0
    assert openssl(*judge, write(tmp_path / "bad", MESSAGE + b" "))[0] != 0
    wrong = DISTID.replace("1234567812345678", "8765432187654321")
    other = [wrong if part == DISTID else part for part in judge]
    assert openssl(*other, tmp_path / "good")[0] != 0


def test_contracts_are_signed_with_what_is_meant_for_documents(platform: Tenant) -> None:
    """Not with a message or encryption certificate, though it ends later."""
    merchant = make_merchant().id
    mine = made(merchant, "organization")
    made(merchant, "message")
    made(merchant, "encryption", Algorithm.SM2)
    assert _certificate(ContractParty(merchant_id=merchant), None) == (mine.id, None)
