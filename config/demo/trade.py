"""The first trade: from a merchant's API key to the merchant's payout, over HTTP throughout."""

import time
from collections.abc import Callable
from typing import Any

import requests
from django.conf import settings

from config.demo.api import PATIENCE, Api, Refused
from config.demo.goods import SHOPS
from config.demo.pictures import picture
from config.demo.progress import Progress
from config.demo.seed import RETAIL

Say = Callable[[str], None]
PRODUCT = "demo-first-trade"
TAX: dict[str, Any] = {
    "name": "吉林省长白山参业有限公司",
    "tax_number": "91220101MA00000013",
    "taxpayer": "general",
    "address": "吉林省白山市抚松县参王街 8 号",
    "phone": "0439-6200000",
    "bank": "吉林银行抚松支行",
    "bank_account": "0710201000000018",
    "drawer": "李敏",
    "default": {"category": "1010402070000000000", "category_name": "中药材", "rate": "9"},
}

HERBS = {
    "goods_category": "mountain/ginseng",
    "category": "1010402070000000000",
    "category_name": "中药材",
    "rate": "9",
}


def yuan(money: dict[str, Any]) -> str:
    """``{"amount": 28900, "currency": "CNY"}`` as ¥289.00."""
    return f"¥{money['amount'] / 100:,.2f}"


class Trade:
    """One trade told step by step; every write has a key that outlives a kill."""

    def __init__(self, progress: Progress, say: Say) -> None:
        self.progress = progress
        self.say = say
        self.number = 0
        self.base = f"http://127.0.0.1:{settings.PORT}/p/{RETAIL}/api/v1"
        self.seller = Api(self.base, progress[f"api:{RETAIL}:seller:{SHOPS[0].code}"])

    def step(self, who: str, what: str) -> None:
        self.number += 1
        self.say(f"  {self.number:>2}. {who:<9} {what}")

    def run(self) -> None:
        variant = self.list_goods()
        cart = self.fill_cart(variant)
        order = self.check_out(cart)
        waybill = self.ship(order)
        self.deliver(order, waybill)
        self.invoice(order, cart)
        self.pay_out(order)
        self.show_timeline(order)

    def list_goods(self) -> str:
        """The merchant puts one product on sale."""
        key = self.progress.key
        seller = self.seller
        category = next(
            row for row in seller.get("/categories", limit=100)["data"] if row["slug"] == "ginseng"
        )
        product = seller.put(
            f"/products/by-external-id/{PRODUCT}",
            {
                "titles": {
                    "zh-Hans": "二十年林下参 单支",
                    "en": "Forest ginseng, 20-year, one root",
                },
                "descriptions": {
                    "zh-Hans": "抚松林下二十年，一支一盒，附采挖日期。",
                    "en": "Twenty years in Fusong's forest, one root a box, dated.",
                },
                "category": category["id"],
                "variants": [{"sku": "GIN-20Y-1", "weight_grams": 420}],
            },
            key=key("product"),
        )
        variant = product["variants"][0]["id"]
        self.step("seller", f"lists “{product['titles']['zh-Hans']}” ({product['id']})")
        if not product["pictures"]:
            self.add_picture(product["id"])
        seller.put(
            f"/variants/{variant}/price",
            {"unit_price": "1280.00", "currency": "CNY"},
            key=key("price"),
        )
        place = seller.get("/warehouses")["data"][0]["id"]
        seller.put(
            "/stock", {"variant": variant, "warehouse": place, "on_hand": "5"}, key=key("stock")
        )
        seller.post(f"/products/{product['id']}/publish", key=key("publish"))
        self.step("seller", "sets the price ¥1,280.00, puts 5 in stock and publishes")
        return str(variant)

    def add_picture(self, product: str) -> None:
        answer = self.seller.session.post(
            f"{self.base}/media",
            data=picture("root", 8),
            headers={"Content-Type": "image/jpeg"},
            timeout=30,
        )
        if answer.status_code != 201:
            raise Refused(f"POST /media answered {answer.status_code}: {answer.text[:300]}")
        body = {"media": answer.json()["id"], "alts": {"zh-Hans": "林下参", "en": "Ginseng"}}
        self.seller.post(f"/products/{product}/pictures", body, key=self.progress.key("picture"))

    def fill_cart(self, variant: str) -> dict[str, Any]:
        """A guest in Changchun puts one root into a cart."""
        cart = Api(self.base).post(
            "/carts",
            {"lines": [{"variant_id": variant, "quantity": "1"}]},
            key=self.progress.key("cart"),
        )
        token = self.progress.once("cart_token", lambda: cart["token"])
        guest = Api(self.base, cart_token=token)
        shown = guest.put(
            f"/carts/{cart['id']}/address",
            {
                "contact": {"name": "王芳", "phone": "13844445678", "email": "wang@example.com"},
                "address": {"region": "22", "city": "长春市", "line1": "人民大街 1 号"},
            },
            key=self.progress.key("address"),
        )
        self.step(
            "guest",
            f"fills a cart: goods {yuan(shown['goods_total'])}, "
            f"delivery {yuan(shown['shipping_total'])}, "
            f"promotions −{yuan(shown['discount_total'])}",
        )
        return {"id": cart["id"], "token": token, "total": shown["total"]}

    def check_out(self, cart: dict[str, Any]) -> str:
        """Goods held, card charged at the gateway, order paid."""
        guest = Api(self.base, cart_token=cart["token"])
        body = {
            "cart_id": cart["id"],
            "payment_method": "pm_card_visa",
            "expected_total": self.progress.once("total", lambda: cart["total"]["amount"]),
        }
        done = guest.check_out(body, key=self.progress.key("checkout"))
        order = str(done["orders"][0])
        paid = yuan({"amount": self.progress["total"], "currency": "CNY"})
        self.step("guest", f"pays {paid} by card 4242 …; order {order} is paid")
        return order

    def ship(self, order: str) -> str:
        """The merchant gets a waybill from the carrier."""
        shown = self.seller.get(f"/orders/{order}")
        if shown["state"] == "paid":
            self.seller.post(f"/orders/{order}/ship", key=self.progress.key("ship"))
            shown = self.until(order, {"shipped", "delivered", "completed"})
        waybill = str(shown["waybill"])
        self.step("seller", f"ships it: waybill {waybill}")
        return waybill

    def deliver(self, order: str, waybill: str) -> None:
        """The carrier moves the parcel and reports each step."""
        headers = {"Authorization": f"Bearer {self.progress['gateway_key']}"}
        session = requests.Session()
        session.trust_env = False
        for _ in range(8):
            answer = session.post(
                f"{settings.CARRIER_URL}/v1/waybills/{waybill}/advance", headers=headers, timeout=20
            )
            if answer.status_code == 409:
                break
        self.until(order, {"delivered", "completed"})
        self.step("carrier", "delivers; its signed reports made the order “delivered”")

    def invoice(self, order: str, cart: dict[str, Any]) -> None:
        """The guest wants an invoice; the merchant enters its tax data and issues it."""
        key = self.progress.key
        asked = Api(self.base, cart_token=cart["token"]).post(
            f"/orders/{order}/invoice-requests",
            {
                "buyer": {
                    "kind": "company",
                    "title": "长春市宏远饲料有限公司",
                    "tax_number": "91220101MA17CC0E5R",
                    "email": "wang@example.com",
                }
            },
            key=key("invoice_request"),
        )
        self.seller.put("/tax-profile", TAX, key=key("tax"))
        self.seller.put("/tax-classes", HERBS, key=key("tax_class"))
        made = self.seller.post(
            f"/invoice-requests/{asked['request']}/issue", {}, key=key("invoice_issue")
        )
        self.step(
            "seller",
            f"issues the invoice {made['number']}: {yuan(made['net'])} and {yuan(made['tax'])} tax",
        )

    def pay_out(self, order: str) -> None:
        """The merchant's share becomes available and goes to the bank."""
        balance = self.balance()
        deadline = time.monotonic() + PATIENCE
        while not balance["available"]["amount"] and "payout" not in self.progress:
            if time.monotonic() > deadline:
                raise Refused(f"Nothing became available: {balance}")
            time.sleep(0.5)
            balance = self.balance()
        if "payout" not in self.progress:
            self.step("ledger", f"releases {yuan(balance['available'])} (price less commission)")
        made = self.seller.post("/payouts", {}, key=self.progress.key("payout"))
        self.progress.once("payout", lambda: made["id"])
        while made["state"] not in ("paid", "failed"):
            if time.monotonic() > deadline + PATIENCE:
                raise Refused(f"The payout is {made['state']}.")
            time.sleep(0.3)
            made = self.seller.get(f"/payouts/{self.progress['payout']}")
        self.step(
            "bank",
            f"{yuan(made['amount'])} is {made['state']} to account "
            f"…{made['destination_last4']} ({made['id']})",
        )

    def balance(self) -> dict[str, Any]:
        found: dict[str, Any] = self.seller.get("/balance")["data"][0]
        return found

    def until(self, order: str, states: set[str]) -> dict[str, Any]:
        """The order, once it has come into one of ``states``."""
        deadline = time.monotonic() + PATIENCE
        while True:
            shown = self.seller.get(f"/orders/{order}")
            if shown["state"] in states:
                return shown
            if time.monotonic() > deadline:
                raise Refused(f"The order is {shown['state']} after {PATIENCE:.0f} s.")
            time.sleep(0.3)

    def show_timeline(self, order: str) -> None:
        lines = self.seller.get(f"/orders/{order}/timeline")["data"]
        self.progress.keep("order", order)
        self.say("      The order's timeline:")
        for line in lines:
            self.say(f"        {line['at'][:19].replace('T', ' ')}  {line['title']}")


def trade(progress: Progress, say: Say) -> None:
    """Run the first trade, or what is left of it."""
    Trade(progress, say).run()
