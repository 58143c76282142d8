"""Messages about an order: who writes, who reads, once, and a letter to the other side."""

from typing import Any

from kernel import mail, outbox
from kernel.ids import public_id
from marketplace import facade
from tests.factories.platforms import api_client, make_key, make_person
from tests.factories.world import make_world


def test_written_read_and_told(platform: Any) -> None:
    world = make_world(1)
    info = world.buy(1)
    assert info.group_id is not None
    order_id, shop = info.order_ids[0], world.shops[0].merchant_id
    owner = make_person(role="merchant_owner", merchant_id=shop, language="en")
    token = {"Order-Token": facade.guest_token(info.group_id)}
    guest, merchant = api_client(), api_client(make_key(merchant_id=shop))
    reader = api_client(make_key(merchant_id=shop, scopes=("orders:read",)))
    where = f"/orders/{public_id('ord', order_id)}/messages"
    for stranger in (guest, api_client(make_key()), api_client(make_key(kind="buyer"))):
        assert stranger.get(where).status_code == 404
        assert stranger.post(where, {"text": "Hello"}).status_code == 404
    sent = {"headers": token, "idempotency_key": "message-from-a-guest-1"}
    first = guest.post(where, {"text": " 什么时候发货？ "}, **sent).json()
    assert guest.post(where, {"text": " 什么时候发货？ "}, **sent).json() == first
    assert (first["side"], first["text"]) == ("buyer", "什么时候发货？")
    assert facade.unread_messages(order_id=order_id, side="buyer") == 0
    assert facade.unread_messages(order_id=order_id, side="merchant") == 1
    assert facade.unread_orders(merchant_id=shop) == [order_id]
    assert reader.get(where).json()["data"] == [first]
    assert reader.post(where, {"text": "no"}).status_code == 403
    assert merchant.post(where, {"text": " "}).status_code == 422
    assert merchant.post(f"{where}/read").json() == {"unread": 0}
    assert facade.unread_orders(merchant_id=shop) == []
    merchant.post(where, {"text": "今天下午。"})
    assert facade.unread_orders(merchant_id=shop) == []
    assert facade.unread_messages(order_id=order_id, side="buyer") == 1
    texts = [one["text"] for one in guest.get(where, headers=token).json()["data"]]
    assert texts == ["什么时候发货？", "今天下午。"]
    outbox.drain()
    letters = [one for one in mail.letters().items if "#messages" in one.body]
    assert {one.to for one in letters} == {owner.email, "wang@people.example"}
    assert not any("发货" in one.body or "下午" in one.body for one in letters)
