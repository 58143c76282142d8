"""Returns by the API: who may, what is refused and why, a guest's and a merchant's way."""

from base64 import b64decode
from typing import Any

from kernel import mail, outbox
from kernel.ids import public_id
from marketplace import facade
from marketplace.models import Order
from tests.factories.platforms import api_client, make_key, make_person
from tests.factories.returns import ask, deliver, delivered
from tests.factories.world import World, make_world

PICTURE = {"name": "C:\\lid.png", "data": "iVBORw0KGgo="}


def bought(world: World) -> tuple[facade.OrderInfo, dict[str, str]]:
    info = world.buy(2)
    assert info.group_id is not None
    return deliver(info.order_ids[0]), {"Order-Token": facade.guest_token(info.group_id)}


def test_a_guest_and_a_merchant(platform: Any) -> None:
    world = make_world(1)
    order, token = bought(world)
    guest = api_client()
    merchant = api_client(make_key(merchant_id=order.merchant_id))
    stranger = api_client(make_key())
    where = f"/orders/{public_id('ord', order.id)}"
    assert guest.get(f"{where}/returnable").status_code == 404
    may = guest.get(f"{where}/returnable", headers=token).json()
    assert (may["problem"], may["lines"][0]["left"]) == (None, "2")
    variant = may["lines"][0]["variant_id"]

    def line(quantity: str) -> list[dict[str, str]]:
        return [{"variant_id": variant, "quantity": quantity}]

    body = {"lines": line("1"), "cause": "damaged", "text": "碎了", "pictures": [PICTURE]}
    foreseen = guest.post(
        f"{where}/returns/preview", {"lines": line("1"), "cause": "damaged"}, headers=token
    ).json()
    assert foreseen["total"]["amount"] == 1000 + order.shipping_total.amount
    refusals: list[tuple[dict[str, Any], str, str]] = [
        ({"lines": line("3")}, "marketplace.invalid_return", "lines.0.quantity"),
        ({"lines": line("0.5")}, "marketplace.invalid_return", "lines.0.quantity"),
        ({"lines": line("1") * 2}, "marketplace.invalid_return", "lines.1.variant_id"),
        ({"cause": "mood"}, "marketplace.invalid_return", "cause"),
        ({"pictures": [{"data": "JVBERg=="}]}, "marketplace.invalid_picture", "pictures.0"),
        ({"pictures": [PICTURE] * 7}, "marketplace.invalid_picture", "pictures"),
    ]
    for change, code, field in refusals:
        answer = guest.post(f"{where}/returns", body | change, headers=token)
        found = answer.json()
        assert (answer.status_code, found["code"]) == (422, code), answer.content
        assert found["errors"][0]["field"] == field
    sent = {"headers": token, "idempotency_key": "return-of-the-lid-1"}
    made = guest.post(f"{where}/returns", body, **sent).json()
    assert guest.post(f"{where}/returns", body, **sent).json() == made
    assert made["number"] == f"{order.number}-R1"
    one = f"/returns/{made['id']}"
    for other in (stranger, guest):
        assert other.get(one).status_code == 404
    assert guest.get("/returns").status_code == 404
    assert guest.get(
        "/returns", headers=token, query={"order_id": public_id("ord", order.id)}
    ).json()["data"] == [made]
    assert merchant.get("/returns", query={"state": "requested"}).json()["data"][0] == made
    assert stranger.get("/returns").json()["data"] == []
    [shown] = made["pictures"]
    picture = merchant.get(f"{one}/pictures/{shown['id']}").json()
    assert (picture["name"], b64decode(picture["content"])[:4]) == ("lid.png", b"\x89PNG")
    assert merchant.post(f"{one}/receive", {"restock": True}).status_code == 409
    assert guest.post(f"{one}/approve", {}, headers=token).status_code == 401
    assert stranger.post(f"{one}/approve", {}).status_code == 404
    approved = merchant.post(f"{one}/approve", {"send_to": "人民大街 1 号"}).json()
    assert (approved["state"], approved["send_to"]) == ("approved", "人民大街 1 号")
    late = merchant.post(f"{one}/withdraw")
    assert late.status_code == 403
    told = guest.post(f"{one}/sent", {"carrier": "EMS", "waybill": "E1"}, headers=token).json()
    assert (told["state"], told["waybill"]) == ("sent", "E1")
    gone = guest.post(f"{one}/withdraw", headers=token).json()
    assert (gone["code"], gone["allowed"]) == (
        "marketplace.return_state", ["received", "rejected"],
    )  # fmt: skip
    done = merchant.post(f"{one}/receive", {"restock": True}).json()
    assert (done["kind"], done["state"], done["subject"]) == ("return", "done", made["id"])
    ended = guest.get(one, headers=token).json()
    assert (ended["state"], ended["restocked"]) == ("refunded", True)
    assert ended["refund_total"] == foreseen["total"]
    assert ended["refund"].startswith("ref_")


def test_letters_refusal_and_complaint(platform: Any) -> None:
    world = make_world(1)
    owner = make_person(
        role="merchant_owner", merchant_id=world.shops[0].merchant_id, language="en"
    )
    order, token = bought(world)
    guest, operator = api_client(), api_client(make_key(kind="operator"))
    merchant = api_client(make_key(merchant_id=order.merchant_id))
    where = f"/orders/{public_id('ord', order.id)}/returns"
    lines = [{"variant_id": public_id("var", order.lines[0].variant_id), "quantity": "2"}]
    made = guest.post(where, {"lines": lines, "cause": "no_reason"}, headers=token).json()
    one = f"/returns/{made['id']}"
    assert guest.post(f"{one}/dispute", {}, headers=token).status_code == 409
    merchant.post(f"{one}/reject", {"answer": "用过了"})
    complained = guest.post(f"{one}/dispute", {"text": "没有用过"}, headers=token).json()
    dispute = f"/disputes/{complained['dispute']}"
    said = operator.get(dispute).json()
    assert said["amount"] == made["refund_total"]
    assert "没有用过" in said["evidence"][0]["text"]
    operator.post(f"{dispute}/decision", {"refund": said["amount"], "reason": "未使用"})
    outbox.drain()
    ended = operator.get(one).json()
    assert (ended["state"], ended["dispute"]) == ("refunded", complained["dispute"])
    letters = [letter for letter in mail.letters().items if letter.template == "journeys/return"]
    to_owner = [letter for letter in letters if letter.to == owner.email]
    assert [letter.subject for letter in to_owner] == [
        f"A buyer asks for a return · {made['number']}"
    ]
    to_buyer = [letter for letter in letters if letter.to == "wang@people.example"]
    assert [letter.subject.split(" ")[0] for letter in to_buyer] == [
        "退款正在退回给您", "您的退货申请被拒绝",
    ]  # fmt: skip
    assert "用过了" in to_buyer[1].body
    assert f"returns/{made['id']}/?t=" in to_buyer[1].body


def test_found_by_its_number_or_its_orders(platform: Any) -> None:
    [order] = delivered(make_world(1), 1)
    number = "20261129-R1234567-1"  # drawn at random, so it may begin as a return's place does
    Order.objects.filter(id=order.id).update(number=number)
    made = ask(order)
    for typed in (number, f"{number}-R1"):
        [found] = facade.returns_page(number=typed).items
        assert found.id == made.id
    assert list(facade.returns_page(number="20261129").items) == []
