"""Alipay's endpoint as a public client for it sees it (python-alipay-sdk)."""

import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from alipay import AliPay

from sandbox.delivery.worker import drain
from tests.factories.payments import rsa_keys

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def app(sandbox: str, key: str) -> dict[str, Any]:
    """A merchant's access, opened with a key of its own."""
    answer = requests.post(
        f"{sandbox}/_sandbox/alipay",
        json={"public_key": rsa_keys()[1]},
        headers={"Authorization": f"Bearer {key}"},
        timeout=5,
    )
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def client(app: dict[str, Any]) -> Any:
    return _client(app, rsa_keys()[0])


def _client(app: dict[str, Any], private: str) -> Any:
    client = AliPay(
        appid=app["app_id"],
        app_notify_url=None,
        app_private_key_string=private,
        alipay_public_key_string=app["alipay_public_key"],
        sign_type="RSA2",
    )
    client._gateway = app["gateway"]
    return client


def test_a_payments_life(app: dict[str, Any], client: Any, receiver: Any) -> None:
    made = client.api_alipay_trade_precreate(
        out_trade_no="A-1", total_amount="88.88", subject="两罐蜂蜜", notify_url=receiver.url
    )
    assert made["code"] == "10000"
    query = client.api_alipay_trade_query(out_trade_no="A-1")
    assert query["sub_code"] == "ACQ.TRADE_NOT_EXIST", "nobody scanned the code yet"
    page = requests.get(made["qr_code"], timeout=5, headers={"Accept-Language": "zh-hans"})
    assert "两罐蜂蜜" in page.text
    assert "¥88.88" in page.text
    assert client.api_alipay_trade_query(out_trade_no="A-1")["trade_status"] == "WAIT_BUYER_PAY"
    receiver.status = 500  # the first notification isn't taken
    requests.post(made["qr_code"], data={"pay": "1"}, timeout=60)
    assert client.api_alipay_trade_query(out_trade_no="A-1")["trade_status"] == "TRADE_SUCCESS"
    drain()
    [sent] = receiver.got
    form = dict(parse_qsl(sent.body.decode()))
    signature = form.pop("sign")
    assert client.verify(form, signature)
    assert (form["trade_status"], form["total_amount"]) == ("TRADE_SUCCESS", "88.88")
    assert form["seller_id"] == app["seller_id"]
    refund = client.api_alipay_trade_refund(
        out_trade_no="A-1", refund_amount="8.88", out_request_no="R-1"
    )
    assert (refund["fund_change"], refund["refund_fee"]) == ("Y", "8.88")
    again = client.api_alipay_trade_refund(
        out_trade_no="A-1", refund_amount="8.88", out_request_no="R-1"
    )
    assert again["fund_change"] == "N", "the same request refunds once"
    too_much = client.api_alipay_trade_refund(
        out_trade_no="A-1", refund_amount="80.01", out_request_no="R-2"
    )
    assert too_much["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    found = client.api_alipay_trade_fastpay_refund_query("R-1", out_trade_no="A-1")
    assert found["refund_amount"] == "8.88"
    closing = client.api_alipay_trade_close(out_trade_no="A-1")
    assert closing["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    _bill(client)


def _bill(client: Any) -> None:
    day = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
    link = client.server_api(
        "alipay.data.dataservice.bill.downloadurl.query",
        {"bill_type": "trade", "bill_date": day},
    )
    file = requests.get(link["bill_download_url"], timeout=60)
    with zipfile.ZipFile(io.BytesIO(file.content)) as bill:
        detail, summary = (bill.read(name).decode("gbk") for name in bill.namelist())
    rows = [line.split(",") for line in detail.splitlines() if line.startswith("2")]
    assert [(row[1].strip(), row[2], row[12], row[22]) for row in rows] == [
        ("A-1", "交易", "88.88", "-0.53"),
        ("A-1", "退款", "-8.88", "0.05"),
    ]
    assert "合计" in summary
    stale = requests.get(link["bill_download_url"] + "x", timeout=60)
    assert stale.status_code == 403


def test_closed_declined_and_changed(client: Any) -> None:
    made = client.api_alipay_trade_precreate(out_trade_no="B-1", total_amount="1.00", subject="x")
    other = client.api_alipay_trade_precreate(out_trade_no="B-1", total_amount="2.00", subject="x")
    assert other["sub_code"] == "ACQ.CONTEXT_INCONSISTENT"
    assert client.api_alipay_trade_cancel(out_trade_no="B-1")["action"] == "close"
    late = requests.post(made["qr_code"], data={"pay": "1"}, timeout=60)
    assert late.status_code == 200
    assert client.api_alipay_trade_query(out_trade_no="B-1")["trade_status"] == "TRADE_CLOSED"
    second = client.api_alipay_trade_precreate(out_trade_no="B-2", total_amount="1.00", subject="x")
    requests.post(second["qr_code"], data={"decline": "1"}, timeout=60)
    assert client.api_alipay_trade_query(out_trade_no="B-2")["trade_status"] == "TRADE_CLOSED"


def test_a_wrong_signature_is_refused(app: dict[str, Any]) -> None:
    answer = _client(app, rsa_keys(1)[0]).api_alipay_trade_query(out_trade_no="A-1")
    assert (answer["code"], answer["sub_code"]) == ("40002", "isv.invalid-signature")
    nobody = requests.post(app["gateway"], data={"app_id": "1", "method": "x"}, timeout=60)
    assert nobody.json()["x_response"]["sub_code"] == "isv.invalid-app-id"
