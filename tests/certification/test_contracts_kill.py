"""Killed (SIGKILL) between a consent and its signature: the signature comes without a new code, by
the job or by asking again, and once."""

import signal
from datetime import timedelta
from io import BytesIO

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from certification.agreement_tasks import finish_signing
from certification.models import ContractParty, Signing
from certification.selectors import agreements
from certification.services.agreements import signing
from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.jobs import JobContext
from platforms.models import Confirmation
from tests.certification.test_contracts import here, opened, sides
from tests.zygote import Zygote

__all__ = ["here"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill, pytest.mark.slow]
POINTS = (
    "certification.contract.after_consent",
    "certification.sign.before_work",
    "certification.sign.after_work",
    "certification.sign.after_commit",
)


@pytest.mark.parametrize("point", POINTS)
def test_killed_between_consent_and_signature(
    here: tenancy.Tenant, zygote: Zygote, point: str
) -> None:
    seller, buyer = sides()
    found = opened(seller, buyer)
    digest = found.agreed_sha256
    ended = zygote.run(
        "tests.certification.killed:sign", scope=here.code, failpoint=point, id_=found.id,
        role="seller", person=seller.person, code=seller.secret.code(), digest=digest,
    )  # fmt: skip
    assert ended.signal == signal.SIGKILL, ended
    party = ContractParty.objects.get(contract_id=found.id, role="seller")
    assert party.signing_key is not None  # the consent is on record
    assert party.signed_at is None
    with clock.frozen(clock.system() + timedelta(minutes=3)):  # the dead one's lease is over
        if point == POINTS[0]:
            job = JobContext(uuid7(), "certification.finish_signing", 1)
            finish_signing(job, contract_id=str(found.id), role="seller")
        else:  # the signer asks again, with a code that is spent
            again = signing.Signer(seller.person, "000000", digest)
            signing.sign(contract_id=found.id, role="seller", signer=again)
        done = agreements.contract(contract_id=found.id)
        assert (done.state, done.signatures) == ("signing", 1)
        done = signing.sign(contract_id=found.id, role="buyer", signer=buyer.signer(digest))
    assert (done.state, done.signatures) == ("effective", 2)
    document = PdfFileReader(BytesIO(agreements.document(contract_id=found.id)))
    assert len(document.embedded_regular_signatures) == 2
    assert Signing.objects.filter(document_id=found.id, state="done").count() == 2
    spent = Confirmation.objects.filter(person_id=seller.person, used_at__isnull=False)
    assert spent.count() == 1
