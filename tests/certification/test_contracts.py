"""Contracts: negotiated, signed, amended, ended; races; what is refused and how."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections
from pyhanko.pdf_utils.reader import PdfFileReader

from certification.contracts.agreements import ContractInfo, PartyInput
from certification.contracts.authority import Algorithm
from certification.errors import agreements as wrong
from certification.models import ContractParty
from certification.selectors import agreements
from certification.services import templates
from certification.services.agreements import chaining, draft, ending, negotiate, signing
from certification.services.agreements.proof import evidence_source
from certification.services.enrol import enrol as enrol_certificate
from kernel import clock, mail, tenancy
from kernel.actors import SYSTEM, acting
from kernel.errors import DomainError, Invalid, InvalidTransition
from platforms.facade import WrongCode
from tests.factories.platforms import enrol, make_merchant, make_person, make_platform

CORN: dict[str, Any] = {
    "grade": "2", "crop_year": "2026", "origin": "吉林省公主岭市",
    "quantity": {"value": "200", "unit": "TNE"}, "tolerance": "1",
    "unit_price": {"amount": 231_000, "currency": "CNY"},
    "total": {"amount": 46_200_000, "currency": "CNY"}, "moisture": "14.0",
    "bulk_density": "690", "impurity": "1.0", "imperfect": "8.0", "mould": "2.0",
    "warehouse": "长春一号粮库", "delivery_from": "2026-11-25", "delivery_to": "2026-12-20",
    "delivery_mode": "receipt", "inspector": "省粮油检验站", "payment_days": "5",
    "deposit": {"amount": 4_620_000, "currency": "CNY"}, "breach_rate": "0.5",
    "breach_share": "10", "dispute": "changchun",
}  # fmt: skip


def judge(*command: str) -> str:
    """What a tool of poppler's says."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@dataclass(frozen=True)
class Side:
    merchant: UUID
    person: UUID
    secret: Any

    def signer(self, digest: str) -> signing.Signer:
        return signing.Signer(self.person, self.secret.code(), digest)


def side(name: str, *, certified: bool = True) -> Side:
    merchant = make_merchant(name=name)
    person = make_person(merchant_id=merchant.id, role="merchant_owner")
    if certified:
        enrol_certificate(
            key=uuid4(), profile="organization", algorithm=Algorithm.P256,
            merchant_id=merchant.id,
            subject={"common_name": name, "organization_name": name},
        )  # fmt: skip
    return Side(merchant.id, person.id, enrol(person.id))


def sides() -> tuple[Side, Side]:
    return side("丰泽粮贸"), side("金牧饲料")


def corn(seller: Side, buyer: Side, **fields: Any) -> ContractInfo:
    templates.load_shipped()
    asked: dict[str, Any] = {"values": CORN, "key": uuid4(), **fields}
    return draft.draft_contract(
        drafter="seller", merchant_id=seller.merchant,
        template_id=agreements.current_template(code="corn_sale").id,
        parties=[PartyInput("seller", seller.merchant), PartyInput("buyer", buyer.merchant)],
        **asked,
    )  # fmt: skip


def test_a_number_carries_the_houses_day(platform: Any) -> None:
    seller, buyer = sides()
    with clock.frozen(clock.system().replace(year=2027, month=1, day=31, hour=16)):
        assert corn(seller, buyer).number.startswith("HT20270201")


def opened(seller: Side, buyer: Side, **fields: Any) -> ContractInfo:
    found = corn(seller, buyer, **fields)
    negotiate.propose(contract_id=found.id, role="seller")
    negotiate.agree(contract_id=found.id, role="buyer", round=1)
    return negotiate.open_signing(contract_id=found.id, role="seller")


def signed(seller: Side, buyer: Side, found: ContractInfo) -> ContractInfo:
    for role, who in zip([p.role for p in found.parties], (seller, buyer), strict=True):
        found = signing.sign(
            contract_id=found.id, role=role, signer=who.signer(found.agreed_sha256)
        )
    return found


def test_negotiated_signed_amended_ended(platform: Any, tmp_path: Path) -> None:
    seller, buyer = sides()
    found = corn(seller, buyer)
    found = negotiate.propose(contract_id=found.id, role="seller", message="首次报价")
    with pytest.raises(wrong.NotYourTurn):
        negotiate.propose(contract_id=found.id, role="seller")
    lower = {**CORN, "total": {"amount": 46_000_000, "currency": "CNY"}}
    found = negotiate.propose(contract_id=found.id, role="buyer", values=lower, round=1)
    (change,) = agreements.proposals(found)[0].changes
    assert (change.before, change.after) == ("¥462,000.00", "¥460,000.00")
    with pytest.raises(wrong.StaleRound):
        negotiate.agree(contract_id=found.id, role="seller", round=1)
    found = negotiate.agree(contract_id=found.id, role="seller", round=2)
    assert found.state == "agreed"
    found = negotiate.open_signing(contract_id=found.id, role="buyer")
    found = signed(seller, buyer, found)
    assert (found.state, found.signatures) == ("effective", 2)
    path = tmp_path / "contract.pdf"
    path.write_bytes(agreements.document(contract_id=found.id))
    told = judge("pdfsig", "-nocert", str(path))
    assert told.count("Signature is Valid") == 2
    text = judge("pdftotext", str(path), "-")
    assert "人民币肆拾陆万元整" in text
    consent = found.party("buyer").consent
    assert consent is not None
    assert (consent.person_id, consent.digest) == (buyer.person, found.agreed_sha256)
    source = evidence_source(contract_id=found.id)
    assert len(source.parties) == 2
    assert {"certification.contract.drafted", "certification.contract.effective"} <= {
        line.action for line in source.history
    }
    change_of = chaining.amend(
        contract_id=found.id, role="buyer", key=uuid4(), merchant_id=buyer.merchant,
        values={"delivery_to": "2027-01-10"},
    )  # fmt: skip
    assert change_of.parent_sha256 == found.document_sha256
    with pytest.raises(wrong.ChainBusy):
        chaining.terminate(
            contract_id=found.id, role="seller", key=uuid4(), merchant_id=seller.merchant,
            end_day="2027-01-01", reason="x",
        )  # fmt: skip
    assert carried(change_of, seller, buyer, by="second").state == "effective"
    assert agreements.contract(contract_id=found.id).state == "amended"
    last = chaining.terminate(
        contract_id=found.id, role="seller", key=uuid4(), merchant_id=seller.merchant,
        end_day="2027-01-01", reason="提前履行完毕",
    )  # fmt: skip
    amended = agreements.contract(contract_id=change_of.id)
    assert last.parent_sha256 == amended.document_sha256
    carried(last, seller, buyer, by="first")
    assert agreements.contract(contract_id=found.id).state == "terminated"


def carried(found: ContractInfo, seller: Side, buyer: Side, *, by: str) -> ContractInfo:
    other = "first" if by == "second" else "second"
    negotiate.propose(contract_id=found.id, role=by)
    negotiate.agree(contract_id=found.id, role=other, round=1)
    found = negotiate.open_signing(contract_id=found.id, role=by)
    with clock.frozen(clock.system() + timedelta(minutes=5 if by == "second" else 10)):
        return signed(seller, buyer, found)


def test_what_is_refused_on_the_way(platform: Any) -> None:
    seller, buyer = side("丰泽粮贸"), side("金牧饲料", certified=False)
    short = {name: value for name, value in CORN.items() if name not in ("grade", "moisture")}
    found = corn(seller, buyer, values=short)
    with pytest.raises(wrong.BadValues) as missing:
        negotiate.propose(contract_id=found.id, role="seller")
    assert {one.field for one in missing.value.problems} == {"values.grade", "values.moisture"}
    negotiate.propose(contract_id=found.id, role="seller", values=CORN)
    negotiate.agree(contract_id=found.id, role="buyer", round=1)
    found = negotiate.open_signing(contract_id=found.id, role="seller", order="sequential")
    digest = found.agreed_sha256
    with pytest.raises(wrong.NotYourTurn):
        signing.sign(contract_id=found.id, role="buyer", signer=buyer.signer(digest))
    with pytest.raises(wrong.WrongDigest):
        signing.sign(contract_id=found.id, role="seller", signer=seller.signer("0" * 64))
    with pytest.raises(wrong.SignerNotAllowed):
        signing.sign(contract_id=found.id, role="seller", signer=buyer.signer(digest))
    nobody = signing.Signer(seller.person, "000000", digest)
    with pytest.raises(WrongCode):
        signing.sign(contract_id=found.id, role="seller", signer=nobody)
    ending.remind(contract_id=found.id, role="buyer", whom="seller")
    with pytest.raises(wrong.RemindedRecently):
        ending.remind(contract_id=found.id, role="buyer", whom="seller")
    with pytest.raises(Invalid):
        ending.remind(contract_id=found.id, role="seller", whom="buyer")
    signing.sign(contract_id=found.id, role="seller", signer=seller.signer(digest))
    with pytest.raises(wrong.AlreadySigned):
        signing.sign(contract_id=found.id, role="seller", signer=seller.signer(digest))
    with pytest.raises(wrong.NoSigningCertificate):
        signing.sign(contract_id=found.id, role="buyer", signer=buyer.signer(digest))
    with pytest.raises(wrong.TooLateToWithdraw):
        ending.reject(contract_id=found.id, role="seller", reason="x")
    with clock.offset(timedelta(days=15)):
        with pytest.raises(wrong.SigningOver):
            signing.sign(contract_id=found.id, role="buyer", signer=buyer.signer(digest))
        assert ending.expire_due() == 1
    assert agreements.contract(contract_id=found.id).state == "expired"


def test_rejected_and_withdrawn(platform: Any) -> None:
    seller, buyer = sides()
    found = opened(seller, buyer)
    with pytest.raises(Invalid):
        ending.reject(contract_id=found.id, role="buyer", reason=" ")
    gone = ending.reject(contract_id=found.id, role="buyer", reason="价格过高")
    assert (gone.state, gone.reason) == ("rejected", "价格过高")
    with pytest.raises(InvalidTransition):
        signing.sign(contract_id=found.id, role="seller", signer=seller.signer(found.agreed_sha256))
    assert ending.withdraw(contract_id=corn(seller, buyer).id, role="seller").state == "withdrawn"


def test_invited_party_joins_by_its_own_address(platform: Any) -> None:
    seller, guest = side("丰泽粮贸"), make_person(email="guest@example.com")
    templates.load_shipped()
    found = draft.draft_contract(
        key=uuid4(), drafter="seller", merchant_id=seller.merchant, values=CORN,
        template_id=agreements.current_template(code="corn_sale").id,
        parties=[
            PartyInput("seller", seller.merchant),
            PartyInput("buyer", name="王五", email="guest@example.com"),
        ],
    )  # fmt: skip
    negotiate.propose(contract_id=found.id, role="seller")
    letter = mail.letters().items[0]
    secret = letter.body.split("/contracts/invitations/")[1].split()[0].rstrip("/")
    with acting(make_actor(make_person().id)), pytest.raises(DomainError):
        negotiate.join(secret=secret, actor=make_actor(make_person().id))
    joined = negotiate.join(secret=secret, actor=make_actor(guest.id))
    assert joined.party("buyer").person_id == guest.id
    with pytest.raises(wrong.InvitationUnknown):
        negotiate.join(secret=secret, actor=make_actor(guest.id))


@pytest.mark.parametrize(
    ("known", "subject"), [("en", "contract"), ("zh-Hans", "合同"), ("", "合同"), ("ru", "合同")]
)
def test_letters_to_who_has_no_account_are_in_the_language_that_was_chosen(
    platform: Any, known: str, subject: str
) -> None:
    seller = side("丰泽粮贸")
    templates.load_shipped()
    found = draft.draft_contract(
        key=uuid4(), drafter="seller", merchant_id=seller.merchant, values=CORN,
        template_id=agreements.current_template(code="corn_sale").id,
        parties=[
            PartyInput("seller", seller.merchant),
            PartyInput("buyer", name="王五", email="guest@example.com", language=known),
        ],
    )  # fmt: skip
    negotiate.propose(contract_id=found.id, role="seller")
    letter = mail.letters().items[0]
    assert subject in letter.subject.lower(), letter.subject
    assert found.party("buyer").language == known.lower()


def make_actor(person_id: UUID) -> Any:
    from kernel.actors import Actor

    return Actor(kind="buyer", id=person_id, person_id=person_id)


def _pdf(pages: int = 1) -> bytes:
    made = templates.preview(
        definition=templates.shipped("termination"), values={}, language="zh-Hans"
    )[1]
    return made.pdf


def test_a_document_of_ones_own(platform: Any) -> None:
    seller, buyer = sides()
    found = draft.draft_contract(
        key=uuid4(), drafter="seller", merchant_id=seller.merchant, title="自备合同",
        parties=[PartyInput("seller", seller.merchant), PartyInput("buyer", buyer.merchant)],
    )  # fmt: skip
    with acting(SYSTEM):
        found = draft.put_document(contract_id=found.id, data=_pdf())
    negotiate.propose(contract_id=found.id, role="seller")
    negotiate.agree(contract_id=found.id, role="buyer", round=1)
    found = negotiate.open_signing(contract_id=found.id, role="buyer")
    done = signed(seller, buyer, found)
    assert done.state == "effective"


@pytest.fixture
def here() -> Iterator[tenancy.Tenant]:
    with tenancy.scope(make_platform()) as tenant:
        yield tenant


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_signers_at_once_both_sign(here: tenancy.Tenant) -> None:
    seller, buyer = sides()
    found = opened(seller, buyer)
    orders: list[Callable[[], Any]] = [
        partial(
            signing.sign, contract_id=found.id, role=role, signer=who.signer(found.agreed_sha256)
        )
        for role, who in (("seller", seller), ("buyer", buyer))
    ]
    problems = together(orders)
    assert problems == [None, None]
    done = agreements.contract(contract_id=found.id)
    assert (done.state, done.signatures) == ("effective", 2)
    signatures = PdfFileReader(
        BytesIO(agreements.document(contract_id=found.id))
    ).embedded_regular_signatures
    assert len(signatures) == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_sign_against_reject(here: tenancy.Tenant) -> None:
    seller, buyer = sides()
    found = opened(seller, buyer)
    together(
        [
            lambda: signing.sign(
                contract_id=found.id, role="seller", signer=seller.signer(found.agreed_sha256)
            ),
            lambda: ending.reject(contract_id=found.id, role="buyer", reason="no"),
        ],
    )
    done = agreements.contract(contract_id=found.id)
    assert done.state == "rejected"
    party = ContractParty.objects.get(contract_id=found.id, role="seller")
    assert done.signatures == (1 if party.signed_at else 0)


def together(calls: list[Callable[[], Any]]) -> list[DomainError | None]:
    """Run them at the same moment, each in a thread with its own connection."""
    tenant, gate = tenancy.current(), threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> DomainError | None:
        try:
            with tenancy.scope(tenant):
                gate.wait(20)
                call()
        except DomainError as error:
            return error
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
