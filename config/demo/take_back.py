"""The first return: the demo's buyer buys two, sends one back, and gets its money."""

import time
from collections.abc import Callable

from config.demo.api import PATIENCE, Api, Refused
from config.demo.progress import Progress
from config.demo.seed import RETAIL
from config.demo.trade import PRODUCT, Trade, yuan


class Comeback(Trade):
    """Told step by step; every write has a key that outlives a kill."""

    def run(self) -> None:
        key = self.progress.key
        buyer = Api(self.base, self.progress[f"api:{RETAIL}:buyer"])
        variant = self.seller.get(f"/products/by-external-id/{PRODUCT}")["variants"][0]["id"]
        order = self.buy(buyer, variant)
        shown = self.seller.get(f"/orders/{order}")
        if shown["state"] == "paid":
            self.seller.post(f"/orders/{order}/ship", key=key("back:ship"))
            shown = self.until(order, {"shipped", "delivered", "completed"})
        self.deliver(order, str(shown["waybill"]))
        asked = buyer.post(
            f"/orders/{order}/returns",
            {
                "lines": [{"variant_id": variant, "quantity": "1"}],
                "cause": "not_as_described",
                "text": "其中一支比图片小很多。",
            },
            key=key("back:ask"),
        )
        number = asked["number"]
        self.step("buyer", f"asks to return one of two ({number}): {yuan(asked['refund_total'])}")
        one = f"/returns/{asked['id']}"
        send_to = {"send_to": "吉林省白山市抚松县参王街 8 号 退货组", "answer": "抱歉，请寄回。"}
        self.seller.post(f"{one}/approve", send_to, key=key("back:approve"))
        sent = {"carrier": "EMS", "waybill": "EA123456789CN"}
        buyer.post(f"{one}/sent", sent, key=key("back:sent"))
        self.step("seller", "approves; the buyer sends it by EMS")
        self.seller.post(f"{one}/receive", {"restock": True}, key=key("back:receive"))
        deadline = time.monotonic() + PATIENCE
        while (ended := buyer.get(one))["state"] != "refunded":
            if time.monotonic() > deadline:
                raise Refused(f"The return is {ended['state']}.")
            time.sleep(0.3)
        self.progress.keep("return", asked["id"])
        self.step("seller", f"has it back on sale; {yuan(ended['refund_total'])} go back")

    def buy(self, buyer: Api, variant: str) -> str:
        """Two of the first trade's product, by card; the order's id."""
        key = self.progress.key
        line = {"variant_id": variant, "quantity": "2"}
        cart = self.progress.once(
            "back:cart",
            lambda: buyer.post("/carts", {"lines": [line]}, key=key("back:cart"))["id"],
        )
        address = {
            "contact": {"name": "王芳", "phone": "13844445678", "email": "buyer@example.com"},
            "address": {"region": "22", "city": "长春市", "line1": "人民大街 1 号"},
        }
        buyer.put(f"/carts/{cart}/address", address, key=key("back:address"))
        body = {"cart_id": cart, "payment_method": "pm_card_visa"}
        done = buyer.check_out(body, key=key("back:checkout"))
        order = str(done["orders"][0])
        self.step("buyer", f"buys two and pays {yuan(buyer.get(f'/orders/{order}')['total'])}")
        return order


def take_back(progress: Progress, say: Callable[[str], None]) -> None:
    """Let the first return happen, or what is left of it."""
    Comeback(progress, say).run()
