"""What people write into free texts, planted by the API in every context.

``WORDS`` names each text by its context and field; each holds a name and a telephone number that
stand nowhere else. Not planted, because they are published on purpose: texts of shops, products,
categories, contract templates and search settings; the seller's data on its invoices; what the
verification page shows. ``external_id``, ``metadata`` and ``reference`` are the integrator's
own keys, looked up as they are.
"""

from typing import Any
from uuid import UUID, uuid4

from certification import facade as certification
from certification.services.enrol import enrol
from journeys import facade as journeys
from kernel import clock, holds, jobs, outbox
from kernel.ids import parse_public_id, public_id
from logistics.gateways.base import Report
from logistics.services import tracking as logistics
from payments import facade as payments
from payments.services import bank_credits
from tests.factories import identity as identities
from tests.factories.catalog import make_product
from tests.factories.certification_town import NAME, VALUES
from tests.factories.invoices import make_tax_profile
from tests.factories.logistics import book, make_shipment
from tests.factories.onboarding import applicant, filled, take_applications
from tests.factories.passkeys import add_passkey
from tests.factories.payments import cny, make_bank_transfers
from tests.factories.platforms import PASSWORD, api_client, make_key, make_merchant, make_person
from tests.factories.platforms import enrol as enrolled
from tests.factories.reconciliation import make_reconciled
from tests.factories.returns import deliver
from tests.payments.test_wallets import top_up

_FIELDS = (
    "catalog: withdrawn because", "inventory: warehouse's address", "inventory: movement's note",
    "journeys: cell of a list", "journeys: applicant's company", "journeys: whom to ask for",
    "journeys: name of a paper", "journeys: what is asked", "journeys: answer of an applicant",
    "journeys: application refused because",
    "inventory: batch's note", "inventory: receipt's note", "inventory: delivery's note",
    "inventory: transfer's note", "inventory: loss", "inventory: count's note",
    "marketplace: note on an order", "journeys: cancelled because",
    "journeys: note on an invoice", "logistics: the carrier's words", "logistics: the place",
    "marketplace: message", "marketplace: why it goes back", "marketplace: answer to a return",
    "marketplace: why it isn't wanted", "marketplace: answer to a cancellation",
    "marketplace: where it goes back to", "marketplace: name of a picture",
    "payments: what it is for", "payments: changed description", "payments: refunded because",
    "payments: complaint", "payments: answer", "payments: evidence", "payments: name of a file",
    "payments: decision", "payments: inspected", "payments: terms' note", "payments: held because",
    "payments: forfeited because", "payments: split with",
    "payments: entry's name", "payments: entry's reason", "payments: entry's note",
    "payments: rejected because", "payments: exception's note", "payments: a bank's party",
    "payments: payer of a transfer", "payments: remittance", "payments: rule's note",
    "payments: account's holder", "payments: account refused because",
    "payments: invoice declined because",
    "certification: title of a contract", "certification: withdrawn because",
    "certification: refused identity", "certification: revealed because",
    "certification: suspended because", "platforms: name of a key", "platforms: name of a role",
    "platforms: name of a passkey",
    "platforms: merchant returned", "platforms: merchant suspended",
    "platforms: second factor taken off",
    "search: note on what is published", "kernel: webhook's description", "kernel: new description",
    "kernel: kept for a court",
)  # fmt: skip
_NAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚"
    "范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄"
)
WORDS = {field: f"{_NAMES[n]}不愿透露姓名{13512340000 + n * 7}" for n, field in enumerate(_FIELDS)}


def ok(answer: Any, *statuses: int) -> Any:
    """The answer's body; says what was refused."""
    assert answer.status_code in (statuses or (200, 201, 202, 204)), answer.content.decode()
    return answer.json() if answer.content else {}


def write_everything(world: Any) -> None:
    """Each of ``WORDS`` where it belongs."""
    shop = world.shops[0]
    merchant = api_client(make_key(merchant_id=shop.merchant_id))
    operator = make_person()
    staff = api_client(make_key(kind="operator", person_id=operator.id))
    _goods(merchant, shop)
    _platform(staff, merchant, shop.merchant_id)
    _orders(world, merchant)
    _payments(merchant, staff)
    _guarantee(merchant, staff)
    _books(staff, shop.merchant_id)
    _papers(merchant, staff, shop.merchant_id)
    _carried(merchant, shop.merchant_id)
    _applied(staff)


def _goods(merchant: Any, shop: Any) -> None:
    product = make_product(merchant_id=shop.merchant_id)
    path = f"/products/{public_id('prd', product.id)}"
    merchant.post(f"{path}/publish")
    ok(merchant.post(f"{path}/withdraw", {"reason": WORDS["catalog: withdrawn because"]}))
    cell = WORDS["journeys: cell of a list"]
    listed = journeys.upload_import(
        merchant_id=shop.merchant_id, data=f"SKU,title,price\nA-1,茶,{cell}\n".encode()
    )
    journeys.check_import(import_id=listed.id, merchant_id=shop.merchant_id)
    house = ok(merchant.post("/warehouses", {
        "names": {"zh-Hans": "一号仓"}, "address": WORDS["inventory: warehouse's address"],
    }))  # fmt: skip
    assert house["address"] == WORDS["inventory: warehouse's address"]
    row = {"warehouse": house["id"], "variant": public_id("var", shop.variant_id)}
    ok(merchant.put("/stock", row | {
        "on_hand": "5", "note": WORDS["inventory: movement's note"],
    }))  # fmt: skip
    batch = {"stock": [row | {"on_hand": "6", "note": WORDS["inventory: batch's note"]}]}
    ok(merchant.post("/stock/batch", batch))
    _papers_of_stock(merchant, house["id"], row)
    notes = [one["note"] for one in merchant.get("/stock/movements").json()["data"]]
    assert WORDS["inventory: movement's note"] in notes


def _papers_of_stock(merchant: Any, house: str, row: dict[str, str]) -> None:
    lines = [{"variant": row["variant"], "quantity": "2"}]
    receipt = ok(merchant.post("/stock-receipts", {
        "warehouse": house, "reference": "PO-1", "lines": lines, "confirm": True,
        "note": WORDS["inventory: receipt's note"],
    }))  # fmt: skip
    assert receipt["note"] == WORDS["inventory: receipt's note"]
    ok(merchant.post(f"/stock-receipts/{receipt['id']}/receive", {
        "delivery": "1", "lines": lines, "note": WORDS["inventory: delivery's note"],
    }))  # fmt: skip
    other = ok(merchant.post("/warehouses", {"names": {"zh-Hans": "二号仓"}}))
    transfer = ok(merchant.post("/stock-transfers", {
        "source": house, "target": other["id"], "lines": lines,
        "note": WORDS["inventory: transfer's note"],
    }))  # fmt: skip
    path = f"/stock-transfers/{transfer['id']}"
    ok(merchant.post(f"{path}/send"))
    less = [{"variant": row["variant"], "quantity": "1"}]
    done = ok(merchant.post(f"{path}/receive", {
        "lines": less, "loss_cause": "lost", "loss_note": WORDS["inventory: loss"],
    }))  # fmt: skip
    assert done["loss_note"] == WORDS["inventory: loss"]
    ok(merchant.post("/stock-counts", {
        "warehouse": house, "note": WORDS["inventory: count's note"],
    }))  # fmt: skip


def _applied(staff: Any) -> None:
    """An application to sell, asked about, answered and refused."""
    take_applications()
    person = applicant()
    client = api_client(make_key(kind="buyer", person_id=person.id))
    journeys.save_application(person_id=person.id, given=filled(
        31, company=WORDS["journeys: applicant's company"],
        contact_name=WORDS["journeys: whom to ask for"],
    ))  # fmt: skip
    journeys.add_document(
        person_id=person.id, kind=journeys.DocumentKind.BUSINESS_LICENCE,
        data=identities.paper(), name=f"{WORDS['journeys: name of a paper']}.png",
    )  # fmt: skip
    made = ok(client.post("/merchant-application/submit"))
    path = f"/merchant-applications/{made['id']}"
    asked = WORDS["journeys: what is asked"]
    assert ok(staff.post(f"{path}/ask", {"asked": {"other": asked}}))["asked"] == {"other": asked}
    text = WORDS["journeys: answer of an applicant"]
    assert text in str(ok(client.post("/merchant-application/answer", {"text": text})))
    reason = WORDS["journeys: application refused because"]
    assert ok(staff.post(f"{path}/refuse", {"reason": reason}))["reason"] == reason


def _platform(staff: Any, merchant: Any, merchant_id: UUID) -> None:
    key = ok(staff.post("/api-keys", {
        "name": WORDS["platforms: name of a key"], "scopes": ["*"], "kind": "operator",
    }))  # fmt: skip
    assert WORDS["platforms: name of a key"] in str(key)
    role = {"name": WORDS["platforms: name of a role"], "permissions": ["stock"]}
    made = ok(merchant.post("/staff-roles", role))
    ok(merchant.put(f"/staff-roles/{made['id']}", {**role, "permissions": ["orders"]}))
    hook = ok(merchant.post("/webhook-endpoints", {
        "url": "https://hooks.example.com/in",
        "description": WORDS["kernel: webhook's description"],
    }))  # fmt: skip
    hook = hook.get("endpoint", hook)
    ok(merchant.patch(
        f"/webhook-endpoints/{hook['id']}", {"description": WORDS["kernel: new description"]}
    ))  # fmt: skip
    holds.release(holds.hold(WORDS["kernel: kept for a court"]))
    other = make_merchant(approved=False)
    path = f"/merchants/{public_id('mer', other.id)}"
    ok(staff.post(f"{path}/review"))
    ok(staff.post(f"{path}/return", {"reason": WORDS["platforms: merchant returned"]}))
    gone = f"/merchants/{public_id('mer', make_merchant().id)}"
    ok(staff.post(f"{gone}/suspend", {"reason": WORDS["platforms: merchant suspended"]}))
    ok(staff.post("/search/synonyms", {"language": "zh", "terms": ["玉米", "苞谷"]}))
    ok(staff.post("/search/tuning/publish", {"note": WORDS["search: note on what is published"]}))


def _orders(world: Any, merchant: Any) -> None:
    person = make_person(role="buyer")
    buyer = api_client(make_key(kind="buyer", person_id=person.id))
    note = WORDS["marketplace: note on an order"]
    orders = [_bought(buyer, world.shops[0].variant_id, note) for _n in range(2)]
    found = ok(merchant.get(f"/orders/{orders[0]}"))
    assert found["note"] == note
    ok(merchant.post(
        f"/orders/{orders[0]}/cancel", {"reason": WORDS["journeys: cancelled because"]}
    ))  # fmt: skip
    jobs.drain(quiet=True)
    cancelled = ok(merchant.get(f"/orders/{orders[0]}"))
    assert cancelled["cancel_reason"] == WORDS["journeys: cancelled because"]
    _not_wanted(buyer, merchant, _bought(buyer, world.shops[0].variant_id, note))
    make_tax_profile(world.shops[0].merchant_id)
    ok(buyer.post(f"/orders/{orders[1]}/invoice-requests", {
        "buyer": {"kind": "person", "title": "个人"}, "note": WORDS["journeys: note on an invoice"],
    }))  # fmt: skip
    [asked] = ok(merchant.get("/invoice-requests"))["data"]
    ok(merchant.post(f"/invoice-requests/{asked['id']}/decline", {
        "reason": WORDS["payments: invoice declined because"],
    }))  # fmt: skip
    _returned(buyer, merchant, orders[1])
    payer = make_person(role="buyer").id
    top_up(payer, 5000)
    deposit = payments.freeze_deposit(
        key=uuid4(), payer_id=payer, merchant_id=world.shops[0].merchant_id, reference="lot-1",
        amount=cny(2000),
    )  # fmt: skip
    lost = ok(merchant.post(f"/deposits/{public_id('dep', deposit.id)}/forfeit", {
        "reason": WORDS["payments: forfeited because"],
    }))  # fmt: skip
    assert lost["reason"] == WORDS["payments: forfeited because"]


def _not_wanted(buyer: Any, merchant: Any, order: str) -> None:
    line = ok(merchant.post(f"/orders/{order}/pack"))["lines"][0]
    made = ok(buyer.post(f"/orders/{order}/cancellations", {
        "lines": [{"variant_id": line["variant_id"], "quantity": "1"}], "cause": "other",
        "text": WORDS["marketplace: why it isn't wanted"],
    }))  # fmt: skip
    ok(merchant.post(f"/cancellations/{made['id']}/accept", {
        "answer": WORDS["marketplace: answer to a cancellation"],
    }))  # fmt: skip
    found = ok(buyer.get(f"/cancellations/{made['id']}"))
    assert found["text"] == WORDS["marketplace: why it isn't wanted"]
    assert found["answer"] == WORDS["marketplace: answer to a cancellation"]


def _returned(buyer: Any, merchant: Any, order: str) -> None:
    deliver(parse_public_id("ord", order))
    told = {"text": WORDS["marketplace: message"]}
    assert ok(buyer.post(f"/orders/{order}/messages", told))["text"] == told["text"]
    line = ok(buyer.get(f"/orders/{order}"))["lines"][0]
    made = ok(buyer.post(f"/orders/{order}/returns", {
        "lines": [{"variant_id": line["variant_id"], "quantity": "1"}], "cause": "damaged",
        "text": WORDS["marketplace: why it goes back"],
        "pictures": [{"name": f"{WORDS['marketplace: name of a picture']}.png",
                      "data": "iVBORw0KGgo="}],
    }))  # fmt: skip
    assert made["text"] == WORDS["marketplace: why it goes back"]
    where = WORDS["marketplace: where it goes back to"]
    ok(merchant.post(f"/returns/{made['id']}/approve", {
        "send_to": where, "answer": WORDS["marketplace: answer to a return"],
    }))  # fmt: skip
    assert ok(buyer.get(f"/returns/{made['id']}"))["send_to"] == where


def _bought(buyer: Any, variant_id: UUID, note: str) -> str:
    """A paid order's id."""
    lines = [{"variant_id": public_id("var", variant_id), "quantity": "1"}]
    cart = ok(buyer.post("/carts", {"lines": lines}))["id"]
    ok(buyer.put(f"/carts/{cart}/address", {
        "contact": {"name": "王芳", "phone": "13844445678", "email": "wang@people.example"},
        "address": {"region": "22", "city": "长春市", "line1": "人民大街 1 号"},
    }))  # fmt: skip
    done = ok(buyer.post(
        "/checkouts", {"cart_id": cart, "payment_method": "offline_test", "note": note}
    ))  # fmt: skip
    [order] = done["orders"]
    found: str = order["id"] if isinstance(order, dict) else order
    return found


def _payments(merchant: Any, staff: Any) -> None:
    amount = {"amount": 9000, "currency": "CNY"}
    made = ok(merchant.post("/payments/intents", {
        "amount": amount, "reference": "W-1", "description": WORDS["payments: what it is for"],
        "payment_method_types": ["offline_test"],
    }))  # fmt: skip
    path = f"/payments/intents/{made['id']}"
    told = WORDS["payments: changed description"]
    assert ok(merchant.patch(path, {"description": told}))["description"] == told
    ok(merchant.post(f"{path}/confirm", {"payment_method": "offline_test"}))
    back = ok(merchant.post("/refunds", {
        "payment": made["id"], "amount": {"amount": 100, "currency": "CNY"},
        "reason": WORDS["payments: refunded because"],
    }))  # fmt: skip
    assert back["reason"] == WORDS["payments: refunded because"]
    make_bank_transfers()
    bank_credits.take_in({
        "id": "bc_words", "account": "6228000000009999", "amount": 500, "currency": "CNY",
        "remittance": WORDS["payments: remittance"], "received": "2026-05-01T10:00:00+08:00",
        "payer": {"name": WORDS["payments: payer of a transfer"], "number": "6228480402564890018",
                  "bank": "农业银行"},
    })  # fmt: skip
    [credit] = ok(staff.get("/payments/bank-credits"))["data"]
    assert credit["remittance"] == WORDS["payments: remittance"]


def _guarantee(merchant: Any, staff: Any) -> None:
    opened = ok(merchant.post("/escrows", {
        "amount": {"amount": 9000, "currency": "CNY"}, "reference": f"E-{uuid4().hex[:8]}",
        "payment_method_types": ["offline_test"],
        "splits": [{"kind": "tax", "amount": {"amount": 800, "currency": "CNY"},
                    "name": WORDS["payments: split with"]}],
    }))  # fmt: skip
    assert WORDS["payments: split with"] in str(opened)
    ok(merchant.post(
        f"/payments/intents/{opened['payment']}/confirm", {"payment_method": "offline_test"}
    ))  # fmt: skip
    ok(staff.post(f"/escrows/{opened['id']}/inspection-results", {
        "report": "R-1", "result": "passed", "document_sha256": "0" * 64,
        "note": WORDS["payments: inspected"],
    }))  # fmt: skip
    guest = api_client()
    token = {"token": opened["acceptance_token"]}
    dispute = ok(guest.post("/disputes", token | {
        "escrow": opened["id"], "reason": "damaged", "text": WORDS["payments: complaint"],
    }))  # fmt: skip
    path = f"/disputes/{dispute['id']}"
    ok(guest.post(f"{path}/evidence", token | {
        "text": WORDS["payments: evidence"], "file": "JVBERi0xLjcgeA==",
        "name": f"{WORDS['payments: name of a file']}.pdf",
    }))  # fmt: skip
    ok(merchant.post(f"{path}/answer", {"text": WORDS["payments: answer"]}))
    decided = ok(staff.post(f"{path}/decision", {
        "refund": {"amount": 100, "currency": "CNY"}, "reason": WORDS["payments: decision"],
    }))  # fmt: skip
    assert decided["decision"] == WORDS["payments: decision"]


def _books(staff: Any, merchant_id: UUID) -> None:
    proposed = _entry(staff)
    assert proposed["name"] == WORDS["payments: entry's name"]
    other = api_client(make_key(kind="operator", person_id=make_person().id))
    ok(other.post(
        f"/ledger/entries/{proposed['id']}/approve", {"note": WORDS["payments: entry's note"]}
    ))  # fmt: skip
    refused = _entry(staff)
    ok(other.post(
        f"/ledger/entries/{refused['id']}/reject", {"note": WORDS["payments: rejected because"]}
    ))  # fmt: skip
    rule = ok(staff.post(
        "/commission-rules", {"rate": "3", "note": WORDS["payments: rule's note"]}
    ))  # fmt: skip
    assert rule["note"] == WORDS["payments: rule's note"]
    ok(staff.post("/instalment-terms", {
        "first_percent": 30, "most_parts": 4, "longest_days": 90, "most_grace_days": 5,
        "note": WORDS["payments: terms' note"],
    }))  # fmt: skip
    ok(staff.post("/payout-plan/hold", {
        "merchant": public_id("mer", merchant_id), "reason": WORDS["payments: held because"],
    }))  # fmt: skip
    change = ok(staff.post("/payout-account-changes", {
        "bank": "中国银行", "holder": WORDS["payments: account's holder"],
        "number": "6222020000000018", "merchant": public_id("mer", merchant_id),
    }))  # fmt: skip
    ok(other.post(f"/payout-account-changes/{change['id']}/refuse", {
        "reason": WORDS["payments: account refused because"],
    }))  # fmt: skip
    make_reconciled("pay_words", party=WORDS["payments: a bank's party"])
    for one in ok(staff.get("/reconciliation/exceptions"))["data"]:
        booked = _entry(staff, reference=one["id"])["id"]
        ok(other.post(f"/ledger/entries/{booked}/approve", {}))
        ok(staff.post(f"/reconciliation/exceptions/{one['id']}/resolve", {
            "resolution": "entry", "entry": booked, "note": WORDS["payments: exception's note"],
        }))  # fmt: skip
    again = str(ok(staff.get("/reconciliation/exceptions")))
    assert WORDS["payments: exception's note"] in again
    assert WORDS["payments: a bank's party"] in again


def _entry(staff: Any, **more: str) -> Any:
    return ok(staff.post("/ledger/entries", more | {
        "name": WORDS["payments: entry's name"], "reason": WORDS["payments: entry's reason"],
        "debit": {"code": "suspense"}, "credit": {"code": "bank"},
        "amount": {"amount": 100, "currency": "CNY"},
    }))  # fmt: skip


def _papers(merchant: Any, staff: Any, merchant_id: UUID) -> None:
    certification.load_contract_templates()
    form = certification.current_template(code="corn_sale").id
    made = ok(merchant.post("/contracts", {
        "title": WORDS["certification: title of a contract"],
        "template": public_id("ctt", form), "drafter": "seller", "values": VALUES,
        "parties": [{"role": "seller", "merchant": public_id("mer", merchant_id)},
                    {"role": "buyer", "merchant": public_id("mer", make_merchant().id)}],
    }))  # fmt: skip
    ok(merchant.post(f"/contracts/{made['id']}/proposals", {}))
    ok(merchant.post(f"/contracts/{made['id']}/withdraw", {
        "reason": WORDS["certification: withdrawn because"],
    }))  # fmt: skip
    subject = certification.Subject.merchant(make_merchant().id)
    identity = public_id("idn", identities.in_review(subject, identities.company()).id)
    path = f"/identities/{identity}"
    ok(staff.post(f"{path}/claim"))
    ok(staff.post(f"{path}/reveal", {"reason": WORDS["certification: revealed because"]}))
    refused = ok(staff.post(f"{path}/reject", {"reason": WORDS["certification: refused identity"]}))
    assert refused["reason"] == WORDS["certification: refused identity"]
    certificate = enrol(
        key=uuid4(), profile="organization", algorithm=certification.Algorithm.P256,
        subject={"common_name": NAME, "organization_name": NAME}, merchant_id=merchant_id,
    )  # fmt: skip
    ok(staff.post(f"/certificates/{public_id('cer', certificate.id)}/suspend", {
        "note": WORDS["certification: suspended because"],
    }))  # fmt: skip
    person = make_person(password=PASSWORD)
    add_passkey(person.id, name=WORDS["platforms: name of a passkey"])
    person = make_person()
    enrolled(person.id)
    ok(staff.post(f"/people/{person.public_id}/second-factor/reset", {
        "reason": WORDS["platforms: second factor taken off"],
    }))  # fmt: skip


def _carried(merchant: Any, merchant_id: UUID) -> None:
    """What the carrier tells of an order's parcel, on its timeline too."""
    orders = ok(merchant.get("/orders"))["data"]
    order = next(one["id"] for one in orders if one["state"] == "paid")
    book(make_shipment(merchant_id=merchant_id, reference=order), waybill="SBX-WORDS")
    report = Report(
        "evt_words", 1, "asked", WORDS["logistics: the carrier's words"],
        WORDS["logistics: the place"], clock.system(),
    )  # fmt: skip
    assert logistics.record_tracking(carrier="sandbox", waybill="SBX-WORDS", reports=[report]) == 1
    outbox.drain()
    assert WORDS["logistics: the carrier's words"] in str(
        merchant.get(f"/orders/{order}/timeline").json()
    )
