"""What the clients do. Each maker answers a round: one unit of work, and how many requests."""

import itertools
import secrets
from typing import Any

from bench.load import Connection, Round
from bench.seed import PLATFORM

API = f"/p/{PLATFORM}/api/v1"
PAGE = f"/p/{PLATFORM}"
CARD, OFFLINE = "pm_card_visa", "offline_test"
GUEST = {
    "contact": {"name": "王芳", "phone": "13844445678", "email": "wang@example.com"},
    "address": {"region": "22", "city": "长春市", "line1": "人民大街 1 号"},
}
RUN = secrets.token_hex(4)
_numbers = itertools.count()


class Unexpected(Exception):
    """An answer that the scenario doesn't expect."""


async def call(
    connection: Connection,
    method: str,
    path: str,
    body: Any = None,
    *,
    status: int = 200,
    **headers: str,
) -> Any:
    """One API request with a fresh Idempotency-Key where it changes anything; the answer."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if method != "GET":
        sent["Idempotency-Key"] = secrets.token_hex(16)
    found, _headers, content = await connection.request(method, path, body, sent)
    if found != status:
        raise Unexpected(f"{method} {path} answered {found}: {content[:300].decode()}")
    return connection.json(content)


def read(paths: list[str]) -> Round:
    """GET one path after the other; every client begins elsewhere."""

    async def one(connection: Connection, client: int, turn: int) -> int:
        path = paths[(client * 7919 + turn) % len(paths)]
        status, _headers, content = await connection.request("GET", path)
        if status != 200 or not content:
            raise Unexpected(f"GET {path} answered {status}")
        return 1

    return one


def checkout(variants: list[str], *, method: str) -> Round:
    """A guest with two products pays: seven requests, each change with an Idempotency-Key.

    Every round has a cart of its own; variants are taken in turn, so that buyers meet seldom.
    """

    async def one(connection: Connection, client: int, turn: int) -> int:
        place = next(_numbers) * 2
        pair = [variants[(place + n) % len(variants)] for n in (0, 1)]
        cart = await call(
            connection, "POST", f"{API}/carts",
            {"lines": [{"variant_id": pair[0], "quantity": "1"}]}, status=201,
        )  # fmt: skip
        whose, here = {"Cart_Token": cart["token"]}, f"{API}/carts/{cart['id']}"
        line = {"variant_id": pair[1], "quantity": "2"}
        await call(connection, "POST", f"{here}/lines", line, **whose)
        shown = await call(connection, "PUT", f"{here}/address", GUEST, **whose)
        choices = [
            {"merchant_id": part["merchant_id"], "rate_code": part["shipping"][0]["rate_code"]}
            for part in shown["merchants"]
        ]
        await call(connection, "PUT", f"{here}/shipping", {"choices": choices}, **whose)
        shown = await call(connection, "GET", here, **whose)
        body = {
            "cart_id": cart["id"],
            "payment_method": method,
            "expected_total": shown["total"]["amount"],
        }
        done = await call(connection, "POST", f"{API}/checkouts", body, status=201, **whose)
        if done["state"] != "done":
            raise Unexpected(f"the checkout is {done['state']}: {done['error']}")
        order = await call(connection, "GET", f"{API}/orders/{done['orders'][0]}", **whose)
        if order["state"] != "paid":
            raise Unexpected(f"the order is {order['state']}")
        return 7

    return one


def product(number: str, category: str) -> dict[str, Any]:
    """A product as a merchant's program sends it."""
    return {
        "titles": {"zh-Hans": f"新茶 {number}", "en": f"New tea {number}"},
        "descriptions": {"zh-Hans": "春茶。", "en": "Spring tea."},
        "category": category,
        "options": [{"code": "size", "titles": {"zh-Hans": "规格", "en": "Size"}}],
        "variants": [
            {
                "sku": f"{number}-{size}",
                "options": {"size": {"zh-Hans": f"{size} 克", "en": f"{size} g"}},
                "weight_grams": size,
            }
            for size in (50, 500)
        ],
        "external_id": number,
    }


def create(keys: list[str], category: str) -> Round:
    """One product with two variants a request."""

    async def one(connection: Connection, client: int, turn: int) -> int:
        key = keys[client % len(keys)]
        body = product(f"C{RUN}{next(_numbers)}", category)
        await call(
            connection, "POST", f"{API}/products", body, status=201, Authorization=f"Bearer {key}"
        )
        return 1

    return one


def batch(keys: list[str], category: str, *, size: int = 100) -> Round:
    """``size`` new products a request; a round counts as so many."""

    async def one(connection: Connection, client: int, turn: int) -> int:
        key = keys[client % len(keys)]
        number = next(_numbers)
        rows = [product(f"B{RUN}{number}-{n}", category) for n in range(size)]
        done = await call(
            connection,
            "POST",
            f"{API}/products/batch",
            {"products": rows},
            Authorization=f"Bearer {key}",
        )
        if done["succeeded"] != size:
            raise Unexpected(f"{done['failed']} rows failed: {done['data'][0]}")
        return 1

    return one


def scarce(variant: str, sold: list[str], refused: list[str]) -> Round:
    """One buyer of one piece; the outcome goes into ``sold`` or ``refused``."""

    async def one(connection: Connection, client: int, turn: int) -> int:
        lines = [{"variant_id": variant, "quantity": "1"}]
        status, _h, content = await connection.request(
            "POST", f"{API}/carts", {"lines": lines}, {"Idempotency-Key": secrets.token_hex(16)}
        )
        answer = connection.json(content)
        if status != 201:
            refused.append(answer["code"])
            return 1
        whose = {"Cart-Token": answer["token"], "Idempotency-Key": secrets.token_hex(16)}
        here = f"{API}/carts/{answer['id']}"
        await connection.request("PUT", f"{here}/address", GUEST, whose)
        whose["Idempotency-Key"] = secrets.token_hex(16)
        body = {"cart_id": answer["id"], "payment_method": OFFLINE}
        status, _h, content = await connection.request("POST", f"{API}/checkouts", body, whose)
        answer = connection.json(content)
        (sold if status == 201 and answer["state"] == "done" else refused).append(
            str(answer.get("code", answer.get("state")))
        )
        return 3

    return one
