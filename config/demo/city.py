"""The city's purchase: three merchants, a coupon and the platform's promotion, one payment, four
parcels (one order goes in two), one exchange, one partial return, one complaint decided for the
buyer; and who has what in the end."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
from django.conf import settings

from config.demo.api import PATIENCE, Api, Refused
from config.demo.goods import SHOPS
from config.demo.progress import Progress
from config.demo.promotions import COUPON
from config.demo.seed import RETAIL
from config.demo.trade import yuan

QUANTITIES = (1, 3, 2)  # of each shop's goods; one of the second comes back, the third is wrong
ADDRESS = {
    "contact": {"name": "王芳", "phone": "13844445678", "email": "buyer@example.com"},
    "address": {"region": "22", "city": "长春市", "line1": "人民大街 1 号"},
}
BUYER = "买家"
OUTSIDE = {"gateway", "bank", "settlement", "offline"}  # the money itself: where buyers' went to


class City:
    """Told step by step; each write has a key that outlives a kill.

    ``callers`` are the APIs of ``buyer``, ``operator`` and each shop by its code; ``advance`` lets
    the carrier move a parcel on; ``pause`` is what is done while something is waited for.
    """

    def __init__(
        self,
        progress: Progress,
        say: Callable[[str], None],
        *,
        callers: Mapping[str, Api],
        advance: Callable[[str], None],
        pause: Callable[[], None],
    ) -> None:
        self.progress, self.say, self.number = progress, say, 0
        self.buyer, self.operator = callers["buyer"], callers["operator"]
        self.sellers = [callers[shop.code] for shop in SHOPS]
        self.advance, self.pause = advance, pause

    def step(self, who: str, what: str) -> None:
        self.number += 1
        self.say(f"  {self.number:>2}. {who:<9} {what}")

    def run(self) -> list[tuple[str, int]]:
        """What each party has in the end, in minor units; it sums to zero."""
        before = self.progress.once("city:before", self.stands)
        orders = self.buy()
        for place, (seller, order) in enumerate(zip(self.sellers, orders, strict=True)):
            self.deliver(seller, order, in_two=place == 1)
        self.step("sellers", "ship four parcels, one order in two; the carrier delivers them")
        self.exchange(orders[0])
        self.send_back(orders[1])
        self.complain(orders[2])
        found = self.parties(before, self.stands())
        self.say("      Who has what of it:")
        for name, amount in found:
            self.say(f"        {name:<34} {amount / 100:>12,.2f}")
        self.say(f"        {'together':<34} {sum(amount for _name, amount in found) / 100:>12,.2f}")
        return found

    def key(self, name: str) -> str:
        return self.progress.key(f"city:{name}")

    def buy(self) -> list[str]:
        """One cart, one payment, three orders, in the order of the shops."""
        lines = []
        for seller, quantity in zip(self.sellers, QUANTITIES, strict=True):
            [first] = seller.get("/products", state="published", limit=1)["data"]
            product = seller.get(f"/products/{first['id']}")
            lines.append({"variant_id": product["variants"][0]["id"], "quantity": str(quantity)})
        cart = self.progress.once(
            "city:cart",
            lambda: self.buyer.post("/carts", {"lines": lines}, key=self.key("cart"))["id"],
        )
        self.buyer.post(f"/carts/{cart}/codes", {"code": COUPON}, key=self.key("code"))
        shown = self.buyer.put(f"/carts/{cart}/address", ADDRESS, key=self.key("address"))
        if shown["merchants"]:
            self.step(
                "buyer",
                f"fills a cart from {len(shown['merchants'])} merchants: goods "
                f"{yuan(shown['goods_total'])}, delivery {yuan(shown['shipping_total'])}",
            )
            for one in shown["discounts"]:
                self.say(f"      {one['name']['zh-Hans']}: −{yuan(one['amount'])}")
        body = {"cart_id": cart, "payment_method": "pm_card_visa"}
        done = self.buyer.check_out(body, key=self.key("checkout"), pause=self.pause)
        orders = done["orders"]
        placed = {self.buyer.get(f"/orders/{one}")["merchant_id"]: one for one in orders}
        found = [placed[seller.get("/merchant")["id"]] for seller in self.sellers]
        total = sum(self.buyer.get(f"/orders/{one}")["total"]["amount"] for one in orders)
        self.step("buyer", f"pays {yuan({'amount': total})} at once, for three orders")
        return found

    def deliver(self, seller: Api, order: str, *, in_two: bool) -> None:
        """All of the order in one parcel; ``in_two``: one piece first, then the rest."""

        def read() -> dict[str, Any]:
            return seller.get(f"/orders/{order}")

        sent = {"shipped", "delivered", "completed"}
        if in_two and read()["state"] == "paid":
            first = {"variant_id": read()["lines"][0]["variant_id"], "quantity": "1"}
            seller.post(f"/orders/{order}/parcels", {"lines": [first]}, key=self.key("parcel"))
        if in_two:
            self.wait(read, {"partly_shipped", *sent})
        if read()["state"] in ("paid", "partly_shipped"):
            seller.post(f"/orders/{order}/ship", key=self.key(f"ship:{order}"))
        self.wait(read, sent)
        for parcel in seller.get(f"/orders/{order}/parcels")["data"]:
            self.advance(str(parcel["waybill"]))
        self.wait(read, {"delivered", "completed"})

    def ask(self, order: str, what: str, cause: str, text: str) -> Any:
        """To ``return`` or ``exchange`` one piece of the order's first line."""
        line = self.buyer.get(f"/orders/{order}")["lines"][0]
        wanted = {"lines": [{"variant_id": line["variant_id"], "quantity": "1"}]}
        body = {**wanted, "cause": cause, "text": text}
        return self.buyer.post(f"/orders/{order}/{what}s", body, key=self.key(what))

    def exchange(self, order: str) -> None:
        """What doesn't work is replaced by the same; no money moves."""
        seller = self.sellers[0]
        asked = self.ask(order, "exchange", "defective", "打开就是坏的，请换一件。")
        one = f"/returns/{asked['id']}"
        to = {"send_to": "长春市仓储路 2 号", "answer": "抱歉，马上为您换新。"}
        seller.post(f"{one}/approve", to, key=self.key("exchange:approve"))
        if self.buyer.get(one)["state"] == "approved":
            sent = {"carrier": "EMS", "waybill": "EA000000005CN"}
            self.buyer.post(f"{one}/sent", sent, key=self.key("exchange:sent"))
        seller.post(f"{one}/exchange/receive", {"restock": False}, key=self.key("exchange:receive"))
        if self.buyer.get(one)["state"] == "received":
            seller.post(f"{one}/exchange/send", key=self.key("exchange:send"))
        resent = self.wait(lambda: self.buyer.get(one), {"resent", "exchanged"})
        self.advance(str(resent["resent_waybill"]))
        self.buyer.post(f"{one}/exchange/confirm", key=self.key("exchange:confirm"))
        self.step("buyer", f"has a defective one replaced ({asked['number']}): no money moves")

    def send_back(self, order: str) -> None:
        """One of three comes back."""
        seller = self.sellers[1]
        asked = self.ask(order, "return", "no_reason", "买多了一件。")
        one = f"/returns/{asked['id']}"
        seller.post(f"{one}/approve", {"send_to": "长春市仓储路 1 号"}, key=self.key("approve"))
        self.buyer.post(
            f"{one}/sent", {"carrier": "EMS", "waybill": "EA000000004CN"}, key=self.key("sent")
        )
        seller.post(f"{one}/receive", {"restock": True}, key=self.key("receive"))
        ended = self.wait(lambda: self.buyer.get(one), {"refunded"})
        self.step("buyer", f"returns one of three and gets {yuan(ended['refund_total'])}")

    def complain(self, order: str) -> None:
        """The third order is wrong; the merchant answers, the operator decides for the buyer."""
        [escrow] = self.buyer.get("/escrows", reference=order)["data"]
        made = self.buyer.post(
            "/disputes",
            {"escrow": escrow["id"], "reason": "not_as_described", "text": "尺码全错了。"},
            key=self.key("complaint"),
        )
        one = f"/disputes/{made['id']}"
        if self.buyer.get(one)["state"] == "needs_response":
            self.sellers[2].post(f"{one}/answer", {"text": "发货单无误。"}, key=self.key("answer"))
        if self.operator.get(one)["state"] == "under_review":
            decision = {"refund": made["amount"], "reason": "照片显示尺码不符，全额退款。"}
            self.operator.post(f"{one}/decision", decision, key=self.key("decide"))
        ended = self.wait(lambda: self.operator.get(one), {"lost"})
        if ended["refund"]:
            self.wait(lambda: self.operator.get(f"/refunds/{ended['refund']}"), {"succeeded"})
        self.step("operator", f"decides the complaint for the buyer: {yuan(ended['refunded'])}")

    def stands(self) -> list[dict[str, Any]]:
        """Every account of the ledger."""
        rows: list[dict[str, Any]] = self.operator.get("/ledger/trial-balance")["data"]
        return rows

    def parties(
        self, before: list[dict[str, Any]], after: list[dict[str, Any]]
    ) -> list[tuple[str, int]]:
        """What each has more than before: credits less debits, by whose account it is."""
        names = {
            seller.get("/merchant")["id"]: shop.zh
            for seller, shop in zip(self.sellers, SHOPS, strict=True)
        }
        found = dict.fromkeys([BUYER, *names.values()], 0)
        for rows, sign in ((after, 1), (before, -1)):
            for row in rows:
                name = names.get(row["owner"] or "", f"平台 {row['code']}")
                name = BUYER if row["code"] in OUTSIDE else name
                grown = row["credits_posted"] - row["debits_posted"]
                found[name] = found.get(name, 0) + sign * grown
        # The gateway kept its fee of the buyer's money, and the platform bears it.
        fee = -found.get("平台 gateway_fee", 0)
        found[BUYER], found["支付网关"] = found[BUYER] - fee, fee
        return [(name, amount) for name, amount in found.items() if amount]

    def wait(self, read: Callable[[], dict[str, Any]], states: set[str]) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while (shown := read())["state"] not in states:
            if time.monotonic() > deadline:
                raise Refused(f"{shown['id']} is {shown['state']} after {PATIENCE:.0f} s.")
            self.pause()
        return shown


def city(progress: Progress, say: Callable[[str], None]) -> None:
    """Let the purchase happen, or what is left of it."""
    base = f"http://127.0.0.1:{settings.PORT}/p/{RETAIL}/api/v1"
    keys = {name: progress[f"api:{RETAIL}:{name}"] for name in ("buyer", "operator")}
    keys |= {shop.code: progress[f"api:{RETAIL}:seller:{shop.code}"] for shop in SHOPS}
    callers = {name: Api(base, key) for name, key in keys.items()}
    session = requests.Session()
    session.trust_env = False
    headers = {"Authorization": f"Bearer {progress['gateway_key']}"}

    def advance(waybill: str) -> None:
        url = f"{settings.CARRIER_URL}/v1/waybills/{waybill}/advance"
        while session.post(url, headers=headers, timeout=20).status_code != 409:
            pass

    City(progress, say, callers=callers, advance=advance, pause=lambda: time.sleep(0.3)).run()
    progress.keep("city", True)
