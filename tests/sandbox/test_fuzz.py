"""Whatever is sent, the gateway answers with its own errors, never with a crash."""

import random
from urllib.parse import quote_plus

import pytest
import requests

from .test_transport import call

WORDS = ["amount", "currency", "metadata", "expand", "created", "card", "payment_method_data", "x"]
WORDS += [
    "destination",
    "external_account",
    "line_items",
    "transfer_data",
    "capabilities",
    "source",
]
VALUES = [
    "",
    "1",
    "-1",
    "cny",
    "true",
    "{}",
    "[]",
    "pm_card_visa",
    "é中\u202e",
    "9" * 30,
    "a.b",
    "%",
]
PARTS = ["", "0", "1", "99999999999", "gte", "card", "number", "type", "[", "]", "中", " "]


def key_of(chance: random.Random) -> str:
    name = chance.choice(WORDS)
    for _ in range(chance.choice([0, 0, 1, 1, 2, 15])):
        name += f"[{chance.choice(PARTS)}]"
    return name + chance.choice(["", "", "", "[", "]", "[]"])


def body_of(chance: random.Random) -> str:
    pairs = ["amount=700&currency=cny"] if chance.random() < 0.5 else []
    for _ in range(chance.randint(0, 5)):
        key, value = key_of(chance), chance.choice(VALUES)
        pairs.append(f"{key if chance.random() < 0.5 else quote_plus(key)}={quote_plus(value)}")
    return "&".join(pairs)


@pytest.mark.parametrize("seed", range(4))
def test_random_forms(sandbox: str, key: str, seed: int) -> None:
    chance = random.Random(seed)
    paths = [
        "/v1/payment_intents",
        "/v1/customers",
        "/v1/payment_methods",
        "/v1/refunds",
        "/v1/webhook_endpoints",
        "/v1/accounts",
        "/v1/charges",
        "/v1/checkout/sessions",
        "/v1/disputes",
        "/v1/payouts",
        "/v1/setup_intents",
        "/v1/tokens",
        "/v1/transfers",
    ]
    statuses = set()
    for _ in range(60):
        path, body = chance.choice(paths), body_of(chance)
        answers = [call(sandbox, key, path, body.encode(), headers=FORM)]
        answers.append(call(sandbox, key, f"{path}?{body}"))
        for answer in answers:
            assert answer.status_code in (200, 400, 402, 404), (path, body, answer.text)
            assert answer.status_code == 200 or answer.json()["error"]["message"]
            statuses.add(answer.status_code)
    assert {200, 400} <= statuses


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/payment_intents/%00",
        "/v1/payment_intents/" + "x" * 3000,
        "/v1/customers/%E4%B8%AD%FF",
        "/v1/payment_intents?starting_after=" + "x" * 4000,
        "/v1/balance_transactions?source=%00",
        "/bank/v1/transfers?limit=%C2%B2",
        "/bank/v1/transfers/%00",
        "/bank/v1/transfers?reference=%00",
        "/carrier/v1/waybills/%00",
        "/carrier/v1/waybills/SBX%F0",
        "/carrier/v1/labels/%00.png",
        "/_sandbox/3ds/%00",
        "/_sandbox/checkout/%00",
        "/_sandbox/onboarding/%00",
        "/_sandbox/files/%00",
        "/_sandbox/receipts/%00",
        "/_sandbox/deliveries?subject=%00",
    ],
)
def test_odd_addresses(sandbox: str, key: str, path: str) -> None:
    answer: requests.Response = call(sandbox, key, path)
    assert answer.status_code in (400, 404, 422), (answer.status_code, answer.text)
