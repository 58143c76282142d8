"""Routes as a merchant's and an operator's programs use them: certificates, seals, templates,
contracts, bulk signing, reviews."""

import base64
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from certification import facade
from certification.facade import Subject
from certification.services import bulk
from kernel import clock, mail
from kernel.audit import Sought, entries
from kernel.ids import parse_public_id, public_id
from kernel.tenancy import Tenant
from tests.certification.test_authority import request_of
from tests.certification.test_contracts import CORN
from tests.factories.identity import company, in_review, verified_merchant
from tests.factories.platforms import (
    api_client,
    code_of,
    enrol,
    make_key,
    make_merchant,
    make_person,
)

SUPPLY: dict[str, Any] = {
    "title": {"en": "Supply"},
    "roles": [{"role": role, "label": {"en": role}} for role in ("seller", "buyer")],
    "fields": [{"name": "total", "type": "money", "label": {"en": "Total"}, "required": True}],
    "body": [{"kind": "clause", "text": {"en": "The total is {{total}}."}}],
}


def ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.json()


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.content.decode()[:500]
    return str(answer.json()["code"])


class Shop:
    """A verified merchant with its owner's key and second factor, and the operator."""

    def __init__(self) -> None:
        self.merchant = make_merchant()
        self.owner = make_person(merchant_id=self.merchant.id, role="merchant_owner")
        verified_merchant(self.merchant.id)
        key = make_key(merchant_id=self.merchant.id, person_id=self.owner.id)
        self.api, self.operator = api_client(key), api_client(make_key(kind="operator"))

    def certificate(self, algorithm: str = "p256") -> str:
        body = {"profile": "organization", "algorithm": algorithm}
        return str(ok(self.api.post("/certificates", body), 201)["id"])


@pytest.fixture
def shop(platform: Tenant) -> Shop:
    return Shop()


def test_certificates_and_seals(shop: Shop) -> None:
    api, operator = shop.api, shop.operator
    profiles = {one["code"] for one in ok(api.get("/certificate-profiles"))["data"]}
    assert {"organization", "person", "message"} <= profiles
    first = shop.certificate()
    chain = api.get(f"/certificates/{first}/chain")
    assert chain.content.count(b"BEGIN CERTIFICATE") == 3
    renewed = ok(api.post(f"/certificates/{first}/renew", {}), 201)
    assert (renewed["renews"], renewed["state"]) == (first, "valid")
    ok(operator.post(f"/certificates/{first}/suspend", {"note": "asked"}))
    assert ok(operator.post(f"/certificates/{first}/resume"))["state"] == "valid"

    body = {"kind": "contract", "name": "丰泽粮贸", "certificate": shop.certificate("sm2")}
    refused = ok(api.post("/seals", body), 201)["id"]
    assert code(operator.post(f"/seals/{refused}/refuse", {"note": " "}), 422) == "invalid"
    assert ok(operator.post(f"/seals/{refused}/refuse", {"note": "blurred"}))["state"] == "refused"
    seal = ok(api.post("/seals", body), 201)["id"]
    ok(operator.post(f"/seals/{seal}/make"))
    assert api.get(f"/seals/{seal}/picture").content[:4] == b"\x89PNG"
    use = {"digest": "ab" * 32, "document": "HT-1"}
    assert base64.b64decode(ok(api.post(f"/seals/{seal}/use", use))["signature"])[:1] == b"0"
    [used] = ok(api.get(f"/seals/{seal}/uses"))["data"]
    assert (used["document"], used["digest"]) == ("HT-1", "ab" * 32)
    colleague = make_person(merchant_id=shop.merchant.id, role="merchant_staff")
    granted = ok(api.post(f"/seals/{seal}/grants", {"person": colleague.public_id}), 201)
    assert granted["id"] in {one["id"] for one in ok(api.get(f"/seals/{seal}/grants"))["data"]}
    stranger = {"person": make_person().public_id}
    assert code(api.post(f"/seals/{seal}/grants", stranger), 404) == "not_found"
    ok(operator.post(f"/seals/{seal}/suspend", {"note": ""}))
    assert api.post(f"/seals/{seal}/use", {**use, "document": "HT-2"}).status_code == 409
    assert ok(operator.post(f"/seals/{seal}/resume"))["state"] == "valid"


def test_operators_change_kinds_of_certificates(shop: Shop) -> None:
    api, operator, where = shop.api, shop.operator, "/certificate-profiles/organization"
    first = ok(operator.get(where))
    assert (first["days"], first["held_here"], first["effective_from"]) == (730, True, None)
    wrong = operator.patch(
        where, {"names": {"en": "Seal", "fr": "Sceau"}, "algorithms": ["sm2"] * 2}
    )
    assert code(wrong, 422) == "certification.invalid_profile"
    fields = {one["field"] for one in wrong.json()["errors"]}
    assert fields == {"names.fr", "names.zh-Hans", "algorithms"}
    bodies: list[dict[str, Any]] = [
        {"days": 1826}, {"days": 0}, {"level": "none"}, {"algorithms": []},
        {"algorithms": ["rsa"]}, {"policy": "1.2.3"},
    ]  # fmt: skip
    for bad in bodies:
        assert operator.patch(where, bad).status_code == 422, bad
    too_long = operator.patch("/certificate-profiles/event", {"days": 8})
    assert too_long.json()["errors"][0]["field"] == "days"
    other_key = operator.patch("/certificate-profiles/encryption", {"algorithms": ["p256"]})
    assert code(other_key, 422) == "certification.invalid_profile"  # the second of dual ones: SM2
    for hidden in ("timestamp", "nothing"):
        assert operator.patch(f"/certificate-profiles/{hidden}", {"days": 9}).status_code == 404
    assert api.patch(where, {"days": 30}).status_code == 403

    before = shop.certificate()
    changed = ok(operator.patch(where, {"days": 30, "algorithms": ["p256"], "held_here": False}))
    assert (changed["days"], changed["level"]) == (30, "verified")
    ok(operator.patch(where, {"days": 30}))  # as it is: nothing new
    found = ok(operator.get(f"{where}/versions"))["data"]
    assert [(one["days"], one["held_here"]) for one in found] == [(30, False), (730, True)]
    body: dict[str, Any] = {"profile": "organization", "algorithm": "p256"}
    refused = api.post("/certificates", body)
    assert code(refused, 422) == "certification.key_is_the_holders"
    assert refused.json()["errors"][0]["field"] == "csr"
    assert api.post("/certificates", {**body, "algorithm": "sm2"}).status_code == 422
    assert api.post(f"/certificates/{before}/renew", {}).status_code == 422
    key = ec.generate_private_key(ec.SECP256R1())
    own = ok(api.post("/certificates", {**body, "csr": request_of(key).decode()}), 201)
    days = datetime.fromisoformat(own["not_after"]) - datetime.fromisoformat(own["not_before"])
    assert days <= timedelta(days=30, minutes=10)
    assert ok(api.get(f"/certificates/{before}"))["not_after"] > own["not_after"]
    [entry] = entries(Sought(action="certification.profile.changed")).items
    assert (entry.before["days"], entry.after["days"]) == (730, 30)


def test_another_application_under_the_same_external_id_is_refused(shop: Shop) -> None:
    api, where = shop.api, "/certificates/by-external-id/C-17"
    first, second = (
        {"profile": "organization", "csr": request_of(ec.generate_private_key(curve)).decode()}
        for curve in (ec.SECP256R1(), ec.SECP256R1())
    )
    made = ok(api.put(where, first))
    assert ok(api.put(where, first))["id"] == made["id"]
    without = {"profile": "organization", "algorithm": "p256"}
    for body, field in (
        (second, "csr"), (without, "csr"), ({**without, "algorithm": "sm2"}, "algorithm"),
        ({**first, "profile": "person"}, "profile"),
    ):  # fmt: skip
        refused = api.put(where, body)
        assert code(refused, 409) == "certification.external_id_taken"
        assert refused.json()["errors"][0]["field"] == field
    held = ok(api.put("/certificates/by-external-id/C-18", without))
    assert ok(api.put("/certificates/by-external-id/C-18", without))["id"] == held["id"]
    assert code(api.put("/certificates/by-external-id/C-18", first), 409)
    broken = api.put(where, {**first, "csr": "no request"})
    assert code(broken, 422) == "certification.invalid_request"


def test_templates_and_contracts(shop: Shop) -> None:
    api = shop.api
    broken = {**SUPPLY, "body": [{"kind": "clause", "text": {"en": "{{totl}}"}}]}
    made = ok(api.post("/contract-templates", {"code": "supply", "definition": broken}), 201)
    where = f"/contract-templates/{made['id']}"
    refused = api.post(f"{where}/publish")
    assert code(refused, 422) == "certification.bad_template"
    assert refused.json()["errors"][0]["field"] == "definition.body.0.text"
    assert ok(api.put(where, {"definition": SUPPLY}))["definition"] == SUPPLY
    assert ok(api.post(f"{where}/publish"))["state"] == "published"
    assert code(api.put(where, {"definition": SUPPLY}), 409) == "certification.template_not_draft"
    assert ok(api.get(where))["number"] == 1
    guest = api_client(make_key(kind="buyer", person_id=make_person(role="buyer").id))
    assert guest.get(where).status_code == 404

    other = Shop()
    draft = {"template": made["id"], "drafter": "seller", "values": {}, "parties": [
        {"role": "seller", "merchant": shop.merchant.public_id},
        {"role": "buyer", "merchant": other.merchant.public_id},
    ]}  # fmt: skip
    contract = f"/contracts/{ok(api.post('/contracts', draft), 201)['id']}"
    missing = api.post(f"{contract}/proposals", {})
    assert code(missing, 422) == "certification.bad_values"
    assert [one["field"] for one in missing.json()["errors"]] == ["values.total"]
    values = {"total": {"amount": 100, "currency": "CNY"}}
    ok(api.post(f"{contract}/proposals", {"values": values}), 201)
    ok(other.api.post(f"{contract}/agree", {"round": 1}))
    opened = ok(api.post(f"{contract}/open-signing", {"order": "sequential"}))
    early = {"sha256": opened["agreed_sha256"], "code": "123456"}
    turn = other.api.post(f"{contract}/sign", early)
    assert (code(turn, 409), turn.json()["waiting_for"]) == (
        "certification.not_your_turn", "seller",
    )  # fmt: skip
    ok(other.api.post(f"{contract}/remind", {"party": "seller"}))
    assert other.api.post(f"{contract}/remind", {"party": "seller"}).status_code in (409, 429)
    end = {"end_day": "2027-01-01", "reason": "x"}
    assert code(api.post(f"{contract}/terminations", end), 409) == "certification.not_in_force"
    with clock.frozen(clock.system() + timedelta(days=15)):
        assert code(api.post(f"{contract}/sign", early), 409) == "certification.signing_over"
    assert ok(api.post(f"{contract}/withdraw", {"reason": "sold"}))["state"] == "withdrawn"
    assert ok(api.post(f"{where}/retire"))["state"] == "retired"


def test_a_definition_is_previewed(shop: Shop) -> None:
    asked = {"definition": SUPPLY, "values": {}, "language": "en"}
    first, again = (
        shop.api.post("/contract-templates/preview", asked, idempotency_key="seen-twice")
        for _ in range(2)
    )
    assert first.status_code == 200, first.content
    assert first.content.startswith(b"%PDF-")
    assert again.content == first.content
    assert again["Content-Type"] == "application/pdf"


def test_an_invited_party_joins(shop: Shop) -> None:
    made = ok(shop.api.post("/contract-templates", {"code": "join", "definition": SUPPLY}), 201)
    ok(shop.api.post(f"/contract-templates/{made['id']}/publish"))
    guest = make_person(role="buyer")
    draft = {
        "template": made["id"], "drafter": "seller",
        "values": {"total": {"amount": 100, "currency": "CNY"}},
        "parties": [
            {"role": "seller", "merchant": shop.merchant.public_id},
            {"role": "buyer", "name": "Wang Wu", "email": guest.email},
        ],
    }  # fmt: skip
    contract = ok(shop.api.post("/contracts", draft), 201)
    ok(shop.api.post(f"/contracts/{contract['id']}/proposals", {}), 201)
    letter = mail.letters().items[0]
    secret = letter.body.split("/contracts/invitations/")[1].split()[0].rstrip("/")
    buyer = api_client(make_key(kind="buyer", person_id=guest.id))
    wrong = buyer.post("/contracts/join", {"secret": "x" * 40})
    assert code(wrong, 404) == "certification.invitation_unknown"
    joined = ok(buyer.post("/contracts/join", {"secret": secret}))
    assert joined["id"] == contract["id"]
    assert buyer.get(f"/contracts/{contract['id']}").status_code == 200


def test_reviews(shop: Shop) -> None:
    info = in_review(Subject.merchant(make_merchant().id), company("另一公司"))
    operator, where = shop.operator, f"/identities/{info.public_id}"
    assert operator.post(f"{where}/ask-for-more", {"reason": "cut"}).status_code == 409
    ok(operator.post(f"{where}/claim"))
    clear = ok(operator.post(f"{where}/reveal", {"reason": "compare"}))
    assert (clear["name"], clear["representative"]) == ("另一公司", "王芳")
    assert ok(operator.post(f"{where}/release"))["claimed"] is False
    ok(operator.post(f"{where}/claim"))
    assert ok(operator.post(f"{where}/ask-for-more", {"reason": "cut"}))["reason"] == "cut"
    assert ok(operator.post(f"{where}/erase", {"reason": "asked"}))["state"] == "erased"
    held = facade.identity_of(Subject.merchant(shop.merchant.id))
    assert held is not None
    kept = operator.post(f"/identities/{held.public_id}/erase", {"reason": "asked"})
    assert code(kept, 409) == "certification.under_legal_hold"
    weak = api_client(make_key(merchant_id=shop.merchant.id, scopes=("identity:read",)))
    assert weak.post(f"{where}/reveal", {"reason": "x"}).status_code == 403


def test_bulk(shop: Shop) -> None:
    api = shop.api
    facade.load_contract_templates()
    ids: list[UUID] = [
        facade.current_template(code="corn_sale").id,
        parse_public_id("cer", shop.certificate()),
    ]
    factor = enrol(shop.owner.id)
    confirmed = ok(api.post("/second-factor/confirmations", {
        "code": code_of(factor.secret, ahead=1), "purpose": bulk.PURPOSE,
        "digest": bulk.consent_digest(
            template_id=ids[0], party="seller", certificate_id=ids[1]
        ),
    }), 201)  # fmt: skip
    until = (clock.business() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    asked = {"template": public_id("ctt", ids[0]), "party": "seller", "valid_until": until,
             "certificate": public_id("cer", ids[1]), "confirmation": confirmed["id"]}  # fmt: skip
    consent = ok(api.post("/automatic-consents", asked), 201)
    assert api.post("/automatic-consents", asked).status_code in (409, 422)  # spent
    bare = api_client(make_key(merchant_id=shop.merchant.id))
    assert bare.post("/automatic-consents", asked).status_code == 404  # a person consents
    plain = {name: value for name, value in CORN.items() if isinstance(value, str)}
    row = {"seller.name": "A", "buyer.name": "B", "quantity": "200 TNE", "unit_price": "2310",
           "total": "462000", **plain}  # fmt: skip
    sheet = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    begun = ok(api.post("/bulk-signings", {"consent": consent["id"], "csv": sheet}), 202)
    where = f"/bulk-signings/{begun['id']}"
    from kernel import jobs

    jobs.drain(quiet=True)
    done = ok(api.get(where))
    assert (done["state"], done["signed"], done["failed"]) == ("done", 1, 0)
    assert api.get(f"{where}/contracts/1").content[:5] == b"%PDF-"
    assert ok(api.get(f"{where}/contracts"))["data"][0]["state"] == "signed"
    assert api_client(make_key()).get(where).status_code == 404
    assert code(api.post(f"{where}/cancel"), 409) == "invalid_transition"
    withdrawn = ok(api.post(f"/automatic-consents/{consent['id']}/withdraw"))
    assert withdrawn["state"] == "withdrawn"
    again = api.post("/bulk-signings", {"consent": consent["id"], "csv": sheet})
    assert code(again, 403) == "certification.no_automatic_consent"
