"""Alipay's and WeChat Pay's bills: fetched from the sandbox, read, their fees booked, compared."""

import base64
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest

from kernel import clock
from kernel.ids import public_id
from kernel.sealed_text import opened_file
from payments import facade as payments
from payments.contracts import ALIPAY, WECHAT
from payments.domain.chart import Code
from payments.domain.reconciliation import Side, StatementError
from payments.gateways.bills import BEIJING, wrapped
from payments.gateways.statements import read
from payments.models import ReconStatement
from payments.services.reconciliation import channels, statements
from tests.factories.payments import make_refund
from tests.payments.test_providers import Shop, balance, begin, scan
from tests.payments.test_providers import shop as shop

DAY = date(2026, 5, 4)
NOTHING = {
    "gateway": "id,kind,source,document,amount,fee,net,currency,merchant,created,payout,arrival",
    "bank": "id,kind,amount,currency,balance_after,counterparty,reference,date",
}
WECHAT_HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMS = "总交易单数,应结订单总金额\r\n`1,`10.00\r\n"


def wechat_bill(state: str = "SUCCESS", fee: str = "0.06000", refund: str = "") -> bytes:
    row = [
        "2026-05-04 12:00:03", "wx1", "1900", "0", "", "4200001", "abc", "o", "NATIVE", state,
        "OTHERS", "CNY", "10.00", "0.00", "5030001", "r1", "4.00", "0.00", "ORIGINAL", refund,
        "茶", "", fee, "0.60%", "10.00", "4.00", "",
    ]  # fmt: skip
    line = ",".join(f"`{cell}" for cell in row)
    return f"\ufeff{WECHAT_HEAD}\r\n{line}\r\n{SUMS}".encode()


def pay(method: str) -> payments.IntentInfo:
    """Paid by a code, a part given back."""
    info = begin(method)
    scan(info)
    paid = payments.refresh_intent(intent_id=info.id)
    refund = make_refund(paid, 1_000)
    payments.record_refund(refund_id=refund.id, result=payments.perform_refund(refund_id=refund.id))
    return paid


@pytest.mark.django_db(transaction=True)
def test_bills_are_fetched_their_fees_booked_and_all_agrees(shop: Shop) -> None:
    paid = [pay(ALIPAY), pay(WECHAT)]
    today = clock.system().astimezone(BEIJING).date()
    statements.fetch_day(today, [ALIPAY, WECHAT])
    kept = {row.account: row.rows for row in ReconStatement.objects.filter(side="gateway")}
    assert kept == {ALIPAY: 2, WECHAT: 2}
    for side, columns in NOTHING.items():
        head = f"#quancheng-statement,1,{side},a,{today},{today},Asia/Shanghai"
        payments.take_statement(side=side, data=f"{head}\n{columns}\n".encode())
    before = -balance(Code.GATEWAY_FEE)
    with clock.frozen(datetime.now(UTC) + timedelta(days=1)):
        found = payments.reconcile_day(day=today, fetch=False)
        again = payments.reconcile_day(day=today, fetch=False)
        sheet = payments.day_sheet(day=today)
    assert (found.state, found.open, found.matched, found.absent) == ("clean", 0, 4, ())
    assert again.matched == 4
    assert sheet.counts == {"matched": 4}
    told = {one.document: one.gateway[0].fee for one in sheet.movements if one.family == "charge"}
    assert set(told) == {public_id("pay", one.id) for one in paid}
    # 0.60 % of 100.00, less what came back with a tenth of it; booked once.
    kept_fees = sum(fee.amount for fee in told.values() if fee) - 2 * 6
    assert (before, balance(Code.GATEWAY_FEE), kept_fees) == (0, kept_fees, 108)
    assert payments.trial_balance().balanced
    # A bill that later tells another fee is an exception, not a booking.
    row = ReconStatement.objects.get(account=WECHAT)
    plain = base64.b64decode(orjson.loads(opened_file(row.id, bytes(row.data)))["data"])
    changed = plain.replace(b"`0.60000,`0.60%", b"`0.61000,`0.60%")
    assert changed != plain
    with clock.frozen(datetime.now(UTC) + timedelta(days=1)):
        payments.take_statement(side="gateway", data=wrapped(WECHAT, today, changed))
        assert payments.reconcile_day(day=today, fetch=False).open == 1
    [one] = payments.recon_exceptions_page(state="open").items
    assert (one.kind, abs(one.amount.amount)) == ("fee", 1)


@pytest.mark.django_db(transaction=True)
def test_a_day_without_a_bill_is_incomplete_until_noon_and_then_empty(shop: Shop) -> None:
    """Alipay answers with an empty file, WeChat that it has none; here before and after noon."""
    long_ago = clock.system().astimezone(BEIJING).date() - timedelta(days=40)
    empty = channels.fetch_bill(WECHAT, long_ago)
    assert empty is not None
    assert read(empty, Side.GATEWAY).rows == ()
    today = clock.system().astimezone(BEIJING).date()
    assert channels.fetch_bill(WECHAT, today) is None, "it may still come"
    assert channels.expected(long_ago, BEIJING) == ["gateway"]
    assert channels.expected(today, BEIJING) == ["gateway", ALIPAY, WECHAT]


def test_rows_of_a_bill_are_read_by_name() -> None:
    [row] = read(wrapped(WECHAT, DAY, wechat_bill()), Side.GATEWAY).rows
    assert (row.kind, row.amount, row.fee, row.net, row.source) == ("charge", 1000, 6, 994, "abc")
    [back] = read(wechat_bill("REFUND", "-0.02000", "SUCCESS"), Side.GATEWAY).rows
    assert (back.kind, back.amount, back.fee, back.source) == ("refund", -400, -2, "5030001")
    with pytest.raises(StatementError, match="without rows"):  # it failed: no money has moved
        read(wechat_bill("REFUND", "0.00000", "FAIL"), Side.GATEWAY)
    assert read(wrapped(ALIPAY, DAY, b""), Side.GATEWAY).rows == ()


def test_a_zip_as_it_was_downloaded_is_read() -> None:
    columns = (
        "支付宝交易号,商户订单号,业务类型,完成时间,订单金额（元）,退款批次号/请求号,服务费（元）"
    )
    text = (
        "#支付宝业务明细查询\r\n"
        "#起始日期：[2026年05月04日 00:00:00]   终止日期：[2026年05月05日 00:00:00]\r\n"
        f"#-----业务明细列表-----\r\n{columns}\r\n"
        "2026\t,abc\t,交易,2026-05-04 12:00:00,10.00,,-0.06\r\n"
        "2026\t,abc\t,退款,2026-05-04 13:00:00,-4.00,r1\t,0.02\r\n#-----业务明细列表结束-----\r\n"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.csv", text.encode("gbk"))
    found = read(buffer.getvalue(), Side.GATEWAY)
    assert (found.account, found.first, found.last) == (ALIPAY, DAY, DAY)
    assert [(r.kind, r.amount, r.fee, r.source) for r in found.rows] == [
        ("charge", 1000, 6, "abc"),
        ("refund", -400, -2, "r1"),
    ]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"PK\x03\x04 broken", "file"),
        (b"\x1f\x8b broken", "file"),
        (wechat_bill(fee="0.06100"), "手续费"),
        (wechat_bill(fee="nine"), "手续费"),
        (wechat_bill("MAYBE"), "交易状态"),
        (wechat_bill().removesuffix(SUMS.encode()), "file"),
        (wechat_bill().replace(b"`abc,", b""), "row"),
        (wechat_bill().replace("订单金额,申请".encode(), "金额,申请".encode()), "订单金额"),
        (wechat_bill().replace(b"2026-05-04 12", b"2026-13-04 12"), "交易时间"),
    ],
)
def test_a_broken_bill_is_refused_with_its_field(data: bytes, field: str) -> None:
    with pytest.raises(StatementError) as caught:
        read(data, Side.GATEWAY)
    assert caught.value.field == field


def test_a_wrapped_bill_is_what_its_hash_says() -> None:
    body: dict[str, Any] = orjson.loads(wrapped(WECHAT, DAY, wechat_bill()))
    body["data"] = base64.b64encode(wechat_bill(fee="0.07000")).decode()
    with pytest.raises(StatementError) as caught:
        read(orjson.dumps(body), Side.GATEWAY)
    assert caught.value.field == "sha256"
