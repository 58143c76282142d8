"""WeChat Pay's endpoints as a public client for them sees them (wechatpayv3)."""

import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core

from sandbox.delivery.worker import drain
from tests.factories.payments import rsa_keys

pytestmark = pytest.mark.django_db(transaction=True)


def _merchant(sandbox: str, key: str, mode: str) -> dict[str, Any]:
    answer = requests.post(
        f"{sandbox}/_sandbox/wechat",
        json={"public_key": rsa_keys()[1], "mode": mode},
        headers={"Authorization": f"Bearer {key}"},
        timeout=5,
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _client(
    merchant: dict[str, Any], monkeypatch: pytest.MonkeyPatch, notify_url: str = "http://x.test/"
) -> Any:
    begin = Core._init_certificates

    def at_sandbox(self: Any) -> None:
        self._gate_way = merchant["base_url"]
        begin(self)

    monkeypatch.setattr(Core, "_init_certificates", at_sandbox)
    client = WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=merchant["mchid"],
        private_key=rsa_keys()[0],
        cert_serial_no=merchant["serial_no"],
        apiv3_key=merchant["apiv3_key"],
        appid=merchant["appid"],
        notify_url=notify_url,
        public_key=merchant["public_key"] or None,
        public_key_id=merchant["public_key_id"] or None,
    )
    client._core._gate_way = merchant["base_url"]
    return client


@pytest.mark.parametrize("mode", ["public_key", "certificate"])
def test_a_payments_life(
    sandbox: str, key: str, receiver: Any, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    merchant = _merchant(sandbox, key, mode)
    client = _client(merchant, monkeypatch, receiver.url)
    code, text = client.pay(description="两罐蜂蜜", out_trade_no="W1", amount={"total": 8888})
    assert code == 200, text
    url = json.loads(text)["code_url"]
    code, text = client.query(out_trade_no="W1")
    assert json.loads(text)["trade_state"] == "NOTPAY"
    requests.post(url, data={"pay": "1"}, timeout=60)
    code, text = client.query(out_trade_no="W1")
    assert (json.loads(text)["trade_state"], json.loads(text)["amount"]["total"]) == (
        "SUCCESS",
        8888,
    )
    drain()
    [sent] = receiver.got
    opened = client.callback(sent.headers, sent.body.decode())
    assert opened["event_type"] == "TRANSACTION.SUCCESS"
    assert opened["resource"]["out_trade_no"] == "W1"
    code, text = client.close("W1")
    assert (code, json.loads(text)["code"]) == (400, "ORDERPAID")
    amount = {"refund": 888, "total": 8888, "currency": "CNY"}
    for _ in range(2):  # the same number refunds once
        code, text = client.refund(out_refund_no="WR1", out_trade_no="W1", amount=amount)
        assert (code, json.loads(text)["status"]) == (200, "SUCCESS")
    code, text = client.query_refund("WR1")
    assert json.loads(text)["amount"]["refund"] == 888
    too_much = {"refund": 8001, "total": 8888, "currency": "CNY"}
    code, text = client.refund(out_refund_no="WR2", out_trade_no="W1", amount=too_much)
    assert (code, json.loads(text)["code"]) == (400, "INVALID_REQUEST")
    _bills(client)


def _bills(client: Any) -> None:
    day = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
    code, text = client.trade_bill(bill_date=day)
    told = json.loads(text)
    code, data = client.download_bill(told["download_url"])
    assert code == 200
    if data.startswith(b"\x1f\x8b"):  # the sum is over what is inside
        data = gzip.decompress(data)
    assert hashlib.sha1(data, usedforsecurity=False).hexdigest() == told["hash_value"]
    lines = data.decode("utf-8-sig").splitlines()
    assert all(cell.startswith("`") for cell in lines[1].split(","))
    paid, refunded = (line.split(",") for line in lines[1:3])
    assert (paid[6], paid[12], paid[22]) == ("`W1", "`88.88", "`0.53000")
    assert (refunded[15], refunded[16]) == ("`WR1", "`8.88")
    assert lines[-1].split(",")[:3] == ["`2", "`88.88", "`8.88"]
    code, text = client.fundflow_bill(bill_date=day)
    code, data = client.download_bill(json.loads(text)["download_url"])
    assert code == 200
    code, text = client.trade_bill(bill_date="2020-01-01")
    assert json.loads(text)["code"] == "NO_STATEMENT_EXIST"


def test_the_platform_certificate_rotates(
    sandbox: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant = _merchant(sandbox, key, "certificate")
    client = _client(merchant, monkeypatch)
    assert client.pay(description="x", out_trade_no="W1", amount={"total": 1})[0] == 200
    rotated = requests.post(
        f"{sandbox}/_sandbox/wechat/{merchant['mchid']}/rotate",
        headers={"Authorization": f"Bearer {key}"},
        timeout=5,
    )
    assert len(rotated.json()["serials"]) == 2
    assert client.query(out_trade_no="W1")[0] == 200, "the client fetched the new certificate"


def test_a_wrong_signature_is_refused(sandbox: str, key: str) -> None:
    merchant = _merchant(sandbox, key, "public_key")
    answer = requests.get(
        f"{sandbox}/v3/pay/transactions/out-trade-no/W1?mchid={merchant['mchid']}", timeout=5
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")
