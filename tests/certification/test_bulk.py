"""Bulk signing: by consent only, resumed where it was killed, never twice."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from certification.contracts.evidence import BulkInfo
from certification.errors.evidence import InvalidRows, NoAutomaticConsent
from certification.models import AutomaticConsent, BulkRow, BulkSigning, Certificate
from certification.services import bulk, fill_contract, revoke
from certification.services.templates import create_template
from certification.services.verify_document import verify_document
from certification.signing import Placement
from kernel import clock, tenancy
from kernel.errors import DomainError, Invalid
from kernel.ids import public_id, uuid7
from kernel.jobs import JobContext
from kernel.tenancy import Tenant
from platforms import facade as platforms
from tests.certification.test_routes import SUPPLY
from tests.certification.test_sign_document import Killed, certificate, contract
from tests.factories.platforms import (
    api_client,
    code_of,
    enrol,
    make_key,
    make_merchant,
    make_person,
)

__all__ = ["contract"]


SHORT: dict[str, Any] = {**SUPPLY, "fields": []}


@pytest.fixture
def consent(platform: Tenant) -> AutomaticConsent:
    """A consent, given with a second factor."""
    certificate_id, person = certificate(), make_person()
    merchant_id = Certificate.objects.get(id=certificate_id).merchant_id
    assert merchant_id
    template_id = create_template(code="short", definition=SHORT, merchant_id=merchant_id).id
    factor: Any = enrol(person.id)
    confirmed = platforms.confirm_second_factor(
        person_id=person.id,
        code=code_of(factor.secret, ahead=1),
        purpose=bulk.PURPOSE,
        digest=bulk.consent_digest(
            template_id=template_id, party="seller", certificate_id=certificate_id
        ),
    )
    given = bulk.give_consent(
        merchant_id=merchant_id,
        person_id=person.id,
        template_id=template_id,
        party="seller",
        certificate_id=certificate_id,
        confirmation_id=confirmed.id,
        valid_until=clock.business() + timedelta(days=30),
    )
    return AutomaticConsent.objects.get(id=given.id)


def start(consent: AutomaticConsent, rows: int = 60) -> BulkInfo:
    text = "number,seller.name,buyer.name\r\n" + "".join(
        f"HT-{n},Alpha,Beta 饲料 {n}\r\n" for n in range(rows)
    )
    return bulk.start_bulk(merchant_id=consent.merchant_id, consent_id=consent.id, text=text)


def run(bulk_id: UUID, contract: bytes) -> BulkInfo:
    def fill(_bulk: BulkSigning) -> bulk.Fill:
        def one(values: Any) -> tuple[bytes, Placement]:
            if values["number"] == "HT-7":
                return b"broken", Placement("seller")
            return contract, Placement("seller")

        return one

    BulkSigning.objects.get(id=bulk_id)
    job = JobContext(uuid7(), "certification.bulk_sign", 1)
    object.__setattr__(job, "progress", lambda done, total: None)
    return bulk.run_bulk(job, bulk_id=bulk_id, fill=fill)


def test_all_rows_and_those_that_fail_say_why(consent: AutomaticConsent, contract: bytes) -> None:
    begun = start(consent)
    assert (begun.state, begun.total, begun.signed) == ("queued", 60, 0)
    done = run(begun.id, contract)
    assert (done.state, done.signed, done.failed) == ("done", 59, 1)
    [failed] = bulk.rows_page(bulk_id=begun.id, state="failed").items
    assert (failed.place, "readable PDF" in failed.problem) == (8, True)
    report = verify_document(bulk.signed_document(bulk_id=begun.id, place=1))
    [signature] = report.signatures
    assert (report.verdict, signature.level) == ("valid", "B-B")
    sealed = bytes(BulkRow.objects.get(bulk_id=begun.id, place=2).values_sealed)
    assert b"Beta" not in sealed


@pytest.mark.parametrize("point", ["after_work", "after_commit"])
def test_killed_it_goes_on_without_signing_twice(
    consent: AutomaticConsent, contract: bytes, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    begun = start(consent)
    seen: list[str] = []

    def die(name: str) -> None:
        seen.append(name)
        if name == f"certification.bulk.{point}" and len(seen) >= 3:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(bulk, "hit", die)
        with pytest.raises(Killed):
            run(begun.id, contract)
    before = dict(BulkRow.objects.filter(state="signed").values_list("place", "sha256"))
    assert 0 < len(before) < 59
    done = run(begun.id, contract)
    assert (done.signed, done.failed) == (59, 1)
    after = dict(BulkRow.objects.filter(state="signed").values_list("place", "sha256"))
    assert before.items() <= after.items()


def test_only_with_consent(consent: AutomaticConsent, contract: bytes, platform: Tenant) -> None:
    begun = start(consent, 3)
    later = replace(platform, clock_offset=timedelta(days=31))
    with tenancy.scope(later), pytest.raises(NoAutomaticConsent):
        start(consent)
    bulk.withdraw_consent(consent_id=consent.id, merchant_id=consent.merchant_id)
    with pytest.raises(NoAutomaticConsent):
        start(consent)
    done = run(begun.id, contract)  # queued before, but nothing is signed any more
    assert (done.signed, done.failed) == (0, 3)


def test_consents_and_lists_are_listed_for_their_merchant_alone(
    consent: AutomaticConsent, platform: Tenant
) -> None:
    begun, mine = start(consent, rows=2), make_merchant()
    AutomaticConsent.objects.filter(id=consent.id).update(merchant_id=mine.id)
    BulkSigning.objects.filter(id=begun.id).update(merchant_id=mine.id)
    own = api_client(make_key(merchant_id=mine.id))
    other = api_client(make_key())
    for path, id_ in (
        ("/automatic-consents", public_id("aco", consent.id)),
        ("/bulk-signings", public_id("blk", begun.id)),
    ):
        assert [one["id"] for one in own.get(path).json()["data"]] == [id_]
        assert other.get(path).json()["data"] == []


def test_a_revoked_certificate_signs_no_more(consent: AutomaticConsent, contract: bytes) -> None:
    begun = start(consent, 2)
    revoke.revoke(certificate_id=consent.certificate_id, reason="key_compromise")
    done = run(begun.id, contract)
    assert (done.signed, done.failed) == (0, 2)
    assert "已吊销" in bulk.rows_page(bulk_id=begun.id).items[0].problem


def test_cancelled(consent: AutomaticConsent, contract: bytes) -> None:
    begun = start(consent, 2)
    info = bulk.cancel_bulk(bulk_id=begun.id, merchant_id=consent.merchant_id)
    assert info.state == "cancelled"
    assert run(begun.id, contract).signed == 0


@pytest.mark.parametrize(
    "text", ["", "a,b\n", "a,a\n1,2\n", "a,b\n1\n", "a,b\n1,2,3\n", 'a,b\n"1,2\n', ",b\n1,2\n"]
)
def test_lists_that_cannot_be_used(text: str) -> None:
    with pytest.raises(InvalidRows):
        bulk.read_rows(text)


def test_what_a_list_cannot_fill_is_told_before_anything_is_signed(
    consent: AutomaticConsent,
) -> None:
    with pytest.raises(InvalidRows, match=r"buyer\.name"):
        bulk.start_bulk(
            merchant_id=consent.merchant_id, consent_id=consent.id, text="seller.name\nAlpha\n"
        )
    assert not BulkSigning.objects.exists()
    table = {"name": "goods", "type": "table", "label": {"en": "Goods"}, "required": True}
    made = create_template(
        code="goods", definition={**SUPPLY, "fields": [table]}, merchant_id=consent.merchant_id
    )
    with pytest.raises(Invalid, match="goods"):
        fill_contract.require_fillable(template_id=made.id)
    fill_contract.require_fillable(template_id=consent.template_id)


def test_the_shipped_template_from_a_list(platform: Tenant) -> None:
    """Cells are text: money, quantities and numbers are read from it; what isn't right is named."""
    from certification import facade
    from certification.services.fill_contract import filler
    from tests.certification.test_contracts import CORN

    facade.load_contract_templates()
    template_id = facade.current_template(code="corn_sale").id
    plain = {name: value for name, value in CORN.items() if not isinstance(value, dict)}
    good = {
        **plain, "quantity": "200 TNE", "unit_price": "2,310.00", "total": "462000.00 CNY",
        "deposit": "46200", "number": "HT-9", "seller.name": "丰泽粮贸", "buyer.name": "金牧饲料",
    }  # fmt: skip
    consent = AutomaticConsent(party="seller")
    fill = filler(BulkSigning(template_id=template_id, consent=consent))
    document, place = fill(good)
    assert (document[:5], place.field, place.page) == (b"%PDF-", "seller", place.page)
    for column, cell in (("total", "462 thousand"), ("quantity", "200 XYZ"), ("moisture", "wet")):
        with pytest.raises(DomainError) as refused:
            fill({**good, column: cell})
        said = str(refused.value.problems if hasattr(refused.value, "problems") else refused.value)
        assert column in said
        assert column in bulk._told(refused.value)
    with pytest.raises(Invalid, match=r"buyer\.name"):
        fill({**good, "buyer.name": ""})
