"""An order that needs a contract: the mill buys 30 t of corn from the shelf and pays; the contract
is drawn up and waits for both owners, whose apps are in ``demo.json``."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from config.demo.api import PATIENCE, Api, Refused
from config.demo.goods import CORN_SHOP, FEED_MILL
from config.demo.progress import Progress
from config.demo.seed import CORN_MARKET
from config.demo.trade import yuan

TONNES = "30"


class Purchase:
    """The order told step by step; each write has a key that outlives a kill."""

    def __init__(self, progress: Progress, say: Callable[[str], None]) -> None:
        base = f"http://127.0.0.1:{settings.PORT}/p/{CORN_MARKET}/api/v1"
        self.progress, self.say, self.number = progress, say, 0
        self.seller = Api(base, progress[f"api:{CORN_MARKET}:seller:{CORN_SHOP.code}"])
        self.mill = Api(base, progress[f"api:{CORN_MARKET}:owner:{FEED_MILL.code}"])
        self.buyer = Api(base, progress[f"api:{CORN_MARKET}:buyer:{FEED_MILL.code}"])

    def step(self, who: str, what: str) -> None:
        self.number += 1
        self.say(f"  {self.number:>2}. {who:<9} {what}")

    def run(self) -> None:
        order = self.buy()
        found = self.until(order)
        self.progress.keep("contract_order", order)
        self.step("journey", f"draws up {found['number']} from the order; both have a letter")
        self.say(f"      It ships once both have signed: {found['page']}")

    def buy(self) -> str:
        key = self.progress.key
        product = self.seller.get("/products/by-external-id/demo-CORN-01")
        line = {"variant_id": product["variants"][0]["id"], "quantity": TONNES}
        cart = self.progress.once(
            "order:cart",
            lambda: self.buyer.post("/carts", {"lines": [line]}, key=key("order:cart"))["id"],
        )
        address = {
            "contact": {"name": "陈静", "phone": "13844445679"},
            "address": {"region": "22", "city": "长春市", "line1": "饲料厂路 8 号"},
        }
        self.buyer.put(f"/carts/{cart}/address", address, key=key("order:address"))
        body = {
            "cart_id": cart,
            "payment_method": "pm_card_visa",
            "company": self.mill.get("/identity")["merchant"],
        }
        done = self.buyer.check_out(body, key=key("order:checkout"))
        order = str(done["orders"][0])
        paid = yuan(self.buyer.get(f"/orders/{order}")["total"])
        self.step("buyer", f"the mill's owner buys {TONNES} t for the mill and pays {paid}")
        return order

    def until(self, order: str) -> dict[str, Any]:
        """The order's contract, once it is drawn up."""
        deadline = time.monotonic() + PATIENCE
        while not (found := self.buyer.get(f"/orders/{order}/contract"))["contract"]:
            if time.monotonic() > deadline:
                raise Refused(f"There is no contract for {order} after {PATIENCE:.0f} s.")
            time.sleep(0.3)
        return found


def order_with_contract(progress: Progress, say: Callable[[str], None]) -> None:
    """Place the order, or what is left of it."""
    Purchase(progress, say).run()
