"""Contracts at the operator's desk: how each stands; document and evidence for a reason kept."""

import html
import io
import zipfile
from typing import Any

import pytest

from certification import facade as certification
from certification.services.agreements.proof import evidence_source
from kernel import tenancy
from kernel.ids import parse_public_id
from tests.factories.platforms import api_client, make_key, make_platform
from tests.factories.storefront import Browser, operator
from tests.storefront.test_contracts import Side, opened

pytestmark = pytest.mark.usefixtures("platform")


def sides() -> tuple[Side, Side]:
    seller, buyer = Side("丰泽粮贸"), Side("金牧饲料")
    seller.certify("丰泽粮贸")
    buyer.certify("金牧饲料")
    return seller, buyer


def in_force(seller: Side, buyer: Side) -> str:
    """A contract that both have signed, with its evidence package."""
    contract = opened(seller, buyer)
    contract_id = parse_public_id("ctr", contract)
    for role, side in (("seller", seller), ("buyer", buyer)):
        assert side.factor
        page = certification.certificates_page(merchant_id=side.merchant.id, algorithm="p256")
        info = certification.contract_state(contract_id=contract_id)
        certification.sign_contract(
            contract_id=contract_id, role=role, certificate_id=page.items[0].id, seal_id=None,
            signer=certification.Signer(
                side.person.id, side.factor.code(), info.agreed_sha256, "203.0.113.7"
            ),
        )  # fmt: skip
    certification.make_package(evidence_source(contract_id=contract_id))
    return contract


def seen(browser: Browser, path: str) -> str:
    answer = browser.see(path)
    assert answer.status_code == 200, answer.content.decode()[:1500]
    return html.unescape(answer.content.decode())


def opening(contract: str) -> list[tuple[str, Any]]:
    found = certification.inspections(contract_id=parse_public_id("ctr", contract))
    return [(one.action, one.after["reason"]) for one in found.items]


def test_operators_open_document_and_evidence_for_a_reason_that_is_kept() -> None:
    seller, buyer = sides()
    contract, desk = in_force(seller, buyer), operator()
    path = f"/operator/contracts/{contract}/"
    page = seen(desk, path)
    for there in ("金牧饲料", "In force", "Nobody yet.", "Everyone has signed."):
        assert there in page
    refused = desk.send(f"{path}document/", page=path, reason="  ")
    assert refused.status_code == 422
    assert 'id="why_error"' in refused.content.decode()
    assert opening(contract) == []
    pdf = desk.send(f"{path}document/", page=path, reason="Complaint 17")
    assert pdf.content.startswith(b"%PDF")
    package = desk.send(f"{path}evidence/", page=path, reason="Court order")
    assert "no-store" in pdf["Cache-Control"]
    assert "no-store" in package["Cache-Control"]
    assert "contract.pdf" in zipfile.ZipFile(io.BytesIO(package.content)).namelist()
    assert opening(contract) == [
        ("certification.contract.opened", "Complaint 17"),
        ("certification.evidence.opened", "Court order"),
    ]
    assert "Complaint 17" in seen(desk, path)
    # The reason is the platform's; the parties' own history doesn't tell it.
    assert "Complaint 17" not in seller.text(f"/contracts/{contract}/")
    assert "certification.contract.opened" in seen(desk, f"/operator/audit/?about={contract}")


def test_the_list_finds_contracts_and_others_are_kept_out() -> None:
    seller, buyer = sides()
    contract, desk = opened(seller, buyer), operator()
    path = f"/operator/contracts/{contract}/"
    number = certification.contract_state(contract_id=parse_public_id("ctr", contract)).number
    assert contract in seen(desk, f"/operator/contracts/?state=signing&q={number}")
    assert contract not in seen(desk, "/operator/contracts/?state=effective")
    assert number in b"".join(desk.see("/operator/contracts/?format=csv")).decode()
    page = seen(desk, path)
    assert "It waits for 商户 丰泽粮贸" in page
    assert "It is made when every party has signed." in page
    early = desk.send(f"{path}evidence/", page=path, reason="too early")
    assert early.status_code == 409
    assert opening(contract) == []
    assert seller.see(path).status_code == 403
    refused = seller.browser.send(f"{path}document/", reason="mine")
    assert not refused.content.startswith(b"%PDF")
    assert opening(contract) == []
    with tenancy.scope(make_platform()):
        assert operator().see(path).status_code == 404


def test_the_api_has_the_same_for_operators(platform: Any) -> None:
    seller, buyer = sides()
    contract = in_force(seller, buyer)
    base = f"/contracts/{contract}/inspection"
    reader = api_client(make_key(kind="operator", scopes=("certification:read",)))
    assert reader.get(f"{base}/document?reason=why").json()["code"] == "forbidden"
    key = api_client(make_key(kind="operator", scopes=("contracts:reveal",)))
    unsaid = key.get(f"{base}/evidence")
    assert (unsaid.status_code, unsaid.json()["errors"][0]["field"]) == (422, "reason")
    assert key.get(f"{base}/document?reason=Court").content.startswith(b"%PDF")
    assert key.get(f"{base}/evidence?reason=Court").content[:2] == b"PK"
    assert [why for _action, why in opening(contract)] == ["Court", "Court"]
    side = api_client(make_key(merchant_id=seller.merchant.id))
    assert side.get(f"{base}/document?reason=mine").status_code == 403
    assert side.get(f"/contracts/{contract}/document").status_code == 200
    assert side.get(f"/evidence/{contract}").status_code == 200
    assert api_client(make_key(kind="operator")).get(f"/evidence/{contract}").status_code == 403


def test_what_a_contract_says_is_opened_for_a_reason_too() -> None:
    seller, buyer = sides()
    contract, desk = opened(seller, buyer), operator()
    path = f"/operator/contracts/{contract}/"
    said = values_of(contract)
    telling = [one.after for one in said if len(one.after) > 5]  # not a day or year of some date
    assert telling, "the contract has values to hide"
    before = seen(desk, path)
    assert not [one for one in telling if one in before]
    refused = desk.send(f"{path}terms/", page=path, reason="")
    assert refused.status_code == 422
    told = html.unescape(refused.content.decode())
    assert not [one for one in telling if one in told]
    assert opening(contract) == []
    answer = desk.send(f"{path}terms/", page=path, reason="Complaint 18")
    assert "no-store" in answer["Cache-Control"]
    shown = html.unescape(answer.content.decode())
    assert all(one.label in shown and one.after in shown for one in said)
    assert opening(contract) == [("certification.terms.opened", "Complaint 18")]
    assert not [one for one in telling if one in seen(desk, path)]


def test_the_api_tells_operators_how_a_contract_stands_not_what_it_says() -> None:
    seller, buyer = sides()
    contract = opened(seller, buyer)
    contract_id = parse_public_id("ctr", contract)
    reader = api_client(make_key(kind="operator", scopes=("certification:read",)))
    party = api_client(make_key(merchant_id=seller.merchant.id))
    own = party.get(f"/contracts/{contract}").json()
    assert own["values"]
    one = reader.get(f"/contracts/{contract}").json()
    [listed] = reader.get("/contracts").json()["data"]
    for there in (one, listed):
        assert (there["values"], there["reason"], there["metadata"]) == (None, None, {})
        assert [side["detail"] for side in there["parties"]] == [None, None]
        assert [side["name"] for side in there["parties"]] == [
            side["name"] for side in own["parties"]
        ]
        for kept in ("state", "number", "agreed_sha256", "sign_by", "agreed_at"):
            assert there[kept] == own[kept]
    assert reader.get(f"/contracts/{contract}/proposals").status_code == 403
    writer = api_client(make_key(kind="operator", scopes=("certification:write",)))
    assert writer.put(f"/contracts/{contract}", {"values": {}}).status_code == 403
    base = f"/contracts/{contract}/inspection/terms"
    assert reader.get(f"{base}?reason=why").status_code == 403
    key = api_client(make_key(kind="operator", scopes=("contracts:reveal",)))
    assert key.get(base).json()["errors"][0]["field"] == "reason"
    assert party.get(f"{base}?reason=mine").status_code == 403
    assert opening(contract) == []
    found = key.get(f"{base}?reason=Court").json()
    assert found["contract"]["values"] == own["values"]
    rounds = certification.contract_proposals(certification.contract_state(contract_id=contract_id))
    assert len(found["proposals"]) == len(rounds) > 0
    assert opening(contract) == [("certification.terms.opened", "Court")]


def values_of(contract: str) -> list[certification.Change]:
    info = certification.contract_state(contract_id=parse_public_id("ctr", contract))
    return certification.contract_values(info)
