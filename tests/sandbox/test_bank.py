"""The bank: idempotent transfers, magic accounts, a statement that adds up."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from sandbox.magic import bank as magic

from .test_idempotency import race
from .test_webhooks import drain

TRANSFER = {
    "amount": 125000,
    "currency": "CNY",
    "account": "6222000000000000",
    "name": "Seller Ltd",
    "reference": "po_1",
}


class Bank:
    def __init__(self, address: str, key: str) -> None:
        self.address = f"{address}/bank/v1"
        self.headers = {"Authorization": f"Bearer {key}"}

    def post(self, path: str, body: Any = None, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.post(
            f"{self.address}{path}", json=body, headers=self.headers | named, timeout=10
        )

    def get(self, path: str) -> Any:
        answer = requests.get(f"{self.address}{path}", headers=self.headers, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, **changes: Any) -> requests.Response:
        return self.post("/transfers", TRANSFER | {"key": "k1"} | changes)

    def money(self, currency: str = "CNY") -> int:
        return int(
            next(b["amount"] for b in self.get("/balance")["data"] if b["currency"] == currency)
        )


@pytest.fixture
def bank(sandbox: str, key: str) -> Bank:
    return Bank(sandbox, key)


def test_paid_at_once(bank: Bank) -> None:
    before = bank.money()
    answer = bank.send()
    made = answer.json()
    assert answer.status_code == 201
    assert (made["status"], made["failure_code"]) == ("paid", None)
    assert made["completed"].endswith("Z")
    assert made["account"] == "6222••••0000"
    assert bank.money() == before - 125000
    entry = bank.get("/statement?currency=CNY")["data"][0]
    assert (entry["amount"], entry["balance_after"]) == (-125000, before - 125000)
    assert (entry["transfer"], entry["reference"]) == (made["id"], "po_1")
    assert bank.get(f"/transfers/{made['id']}") == made
    assert bank.get("/transfers?reference=po_1")["data"] == [made]
    assert bank.get("/transfers?key=k1")["data"] == [made]
    assert bank.get("/transfers?reference=po_2")["data"] == []


def test_same_key(bank: Bank) -> None:
    first = bank.send()
    again = bank.post("/transfers", TRANSFER, Idempotency_Key="k1")
    assert again.status_code == 200
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    other = bank.send(amount=1)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_reused")
    assert len(bank.get("/statement")["data"]) == 1


@pytest.mark.parametrize("row", magic.published(), ids=lambda row: str(row["account"]))
def test_magic_accounts(bank: Bank, row: dict[str, Any]) -> None:
    before = bank.money()
    made = bank.send(account=row["account"]).json()
    if row["outcome"] in ("paid", "failed"):
        assert made["status"] == row["outcome"]
    else:
        assert made["status"] == "pending"
        assert bank.money() == before - 125000
        drain()
        assert bank.get(f"/transfers/{made['id']}")["status"] == "pending"
        drain(later=60)
        made = bank.get(f"/transfers/{made['id']}")
    paid = row["failure_code"] is None
    assert made["status"] == ("paid" if paid else "failed")
    assert made["failure_code"] == row["failure_code"]
    assert bool(made["failure_message"]) is not paid
    assert bank.money() == before - (125000 if paid else 0)


def test_advance_settles_now(bank: Bank) -> None:
    made = bank.send(account="6222000000000004").json()
    for _ in range(2):
        done = bank.post(f"/transfers/{made['id']}/advance").json()
        assert done["status"] == "failed"
    assert [entry["kind"] for entry in bank.get("/statement")["data"]] == ["return", "transfer"]


def test_empty_purse(bank: Bank) -> None:
    made = bank.send(amount=bank.money() + 1).json()
    assert (made["status"], made["failure_code"]) == ("failed", "insufficient_funds")
    made = bank.send(key="k2", currency="KRW", amount=bank.money("KRW") + 1).json()
    assert made["failure_code"] == "insufficient_funds"
    assert (
        bank.send(key="k3", currency="KRW", amount=bank.money("KRW")).json()["status"] != "failed"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": "5"},
        {"amount": 1.5},
        {"amount": True},
        {"currency": "ZZZ"},
        {"currency": "cny"},
        {"account": "12"},
        {"account": "6222-0000-0000"},
        {"name": ""},
        {"reference": "r" * 141},
        {"key": ""},
        {"key": 5},
        {"extra": 1},
    ],
)
def test_bad_input(bank: Bank, change: dict[str, Any]) -> None:
    answer = bank.send(**change)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["field"] == next(iter(change))
    assert bank.get("/transfers")["data"] == []


def test_bad_bodies_and_strangers(bank: Bank, sandbox: str) -> None:
    from tests.factories.sandbox import make_account

    url = f"{bank.address}/transfers"
    for body in ("{", "[]", '"x"', '{"name": "\\u0000"}'):
        answer = requests.post(url, data=body, headers=bank.headers, timeout=60)
        assert answer.status_code == 400
    assert requests.get(url, timeout=60).status_code == 401
    assert requests.put(url, headers=bank.headers, timeout=60).status_code == 405
    made = bank.send().json()
    other = Bank(sandbox, make_account())
    answer = requests.get(f"{url}/{made['id']}", headers=other.headers, timeout=60)
    assert answer.status_code == 404
    assert other.get("/transfers")["data"] == []
    assert other.post(f"/transfers/{made['id']}/advance").status_code == 404


@pytest.mark.race
def test_same_key_at_once_pays_once(bank: Bank) -> None:
    before = bank.money()
    answers = race(8, lambda number: bank.send())
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert bank.money() == before - 125000


@pytest.mark.race
def test_statement_is_in_order_under_load(bank: Bank) -> None:
    before = bank.money()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: bank.send(key=f"k{n}", amount=n + 1), range(24)))
    entries = bank.get("/statement?limit=100")["data"][::-1]
    assert len(entries) == 24
    for entry in entries:
        before += entry["amount"]
        assert entry["balance_after"] == before
    assert bank.money() == before


def test_pushes(bank: Bank, receiver: Any) -> None:
    made = bank.post("/callbacks", {"url": receiver.url}).json()
    assert made["secret"].startswith("whsec_")
    assert "secret" not in bank.get("/callbacks")["data"][0]
    bank.send()
    bank.send(key="k2", account="6222000000000002")
    drain()
    kinds = sorted(json.loads(body)["type"] for body in receiver.bodies())
    assert kinds == ["bank.transfer.failed", "bank.transfer.paid"]
    assert "Stripe-Signature" not in receiver.got[0].headers
    answer = requests.delete(
        f"{bank.address}/callbacks/{made['id']}", headers=bank.headers, timeout=5
    )
    assert answer.json()["deleted"]


@pytest.mark.race
def test_settled_by_hand_and_by_time_at_once(bank: Bank) -> None:
    before = bank.money()
    made = [bank.send(key=f"k{n}", account="6222000000000004").json()["id"] for n in range(12)]

    def settle(number: int) -> int:
        if number % 2:
            drain(later=60)
            return 200
        answers = [bank.post(f"/transfers/{ident}/advance").status_code for ident in made]
        return max(answers)

    assert race(4, settle) == [200] * 4
    assert bank.money() == before
    assert len(bank.get("/statement?limit=100")["data"]) == 24


@pytest.mark.race
def test_advancing_does_not_wait_for_the_worker(bank: Bank) -> None:
    """The worker holds its row and will want the transfer; waiting for it would be a deadlock."""
    from sandbox import database
    from sandbox.models import Due

    made = bank.send(account="6222000000000003").json()["id"]
    with database.atomic():
        assert Due.objects.select_for_update().get(subject=made)
        answer = bank.post(f"/transfers/{made}/advance")
    assert answer.json()["status"] == "paid"
    drain(later=60)
    assert bank.get(f"/transfers/{made}")["status"] == "paid"
