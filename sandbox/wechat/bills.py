"""Bills of a day: every cell begins with a back-tick, amounts are in yuan, the last two lines sum
up. What is downloaded has the SHA-1 that was announced."""

import gzip
import hashlib
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from sandbox.alipay.wording import BEIJING, stamp, yuan
from sandbox.models import ScanMerchant, ScanRefund, ScanTrade
from sandbox.transport.call import Call
from sandbox.wechat.transport import Problem, api

Reply = tuple[int, dict[str, Any] | bytes | None]
TRADES = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
TRADES_SUM = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
FUNDS = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,"
    "资金变更提交申请人,备注,业务凭证号"
)
FUNDS_SUM = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
NONE_YET = Problem(400, "NO_STATEMENT_EXIST", "账单文件不存在")


def _bill(call: Call, merchant: ScanMerchant, body: dict[str, Any], query: Any, kind: str) -> Reply:
    day, which = query.get("bill_date", ""), query.get("bill_type", "ALL")
    data = _file(merchant, kind, day, which)
    fields = {"kind": kind, "day": day, "which": which, "tar": query.get("tar_type", "")}
    return 200, {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        "download_url": f"{call.base_url}/v3/billdownload/file?{urlencode(fields)}",
    }


def _download(call: Call, merchant: ScanMerchant, body: dict[str, Any], query: Any) -> Reply:
    data = _file(merchant, query.get("kind", ""), query.get("day", ""), query.get("which", "ALL"))
    return 200, gzip.compress(data) if query.get("tar") == "GZIP" else data


def _file(merchant: ScanMerchant, kind: str, day: str, which: str) -> bytes:
    try:
        start = datetime.combine(date.fromisoformat(day), time(), BEIJING)
    except ValueError as error:
        raise Problem(400, "PARAM_ERROR", "账单日期格式错误") from error
    end = start + timedelta(days=1)
    paid = list(
        ScanTrade.objects.filter(merchant=merchant, paid_at__gte=start, paid_at__lt=end)
        .select_related("merchant").order_by("pk")
    )  # fmt: skip
    back = list(
        ScanRefund.objects.filter(
            trade__merchant=merchant, done_at__gte=start, done_at__lt=end
        ).select_related("trade__merchant").order_by("pk")
    )  # fmt: skip
    if not paid and not back:
        raise NONE_YET
    if kind == "fundflowbill":
        return _funds(paid, back)
    return _trades(
        paid if which in ("ALL", "SUCCESS") else [], back if which in ("ALL", "REFUND") else []
    )


def _trades(paid: list[ScanTrade], back: list[ScanRefund]) -> bytes:
    rows = [_trade(one) for one in paid] + [_refund(one) for one in back]
    gross, given = sum(one.amount for one in paid), sum(one.amount for one in back)
    fees = sum(one.fee for one in paid) - sum(one.fee for one in back)
    total = [
        str(len(rows)), yuan(gross), yuan(given), "0.00", _fee(fees), yuan(gross), yuan(given)
    ]  # fmt: skip
    return _text(TRADES, rows, TRADES_SUM, total)


def _trade(row: ScanTrade) -> list[str]:
    return [
        stamp(row.paid_at), row.merchant.appid, row.merchant.number, "0", "", row.transaction,
        row.number, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "NATIVE", "SUCCESS", "OTHERS", "CNY",
        yuan(row.amount), "0.00", "0", "0", "0.00", "0.00", "", "", row.subject, "",
        _fee(row.fee), "0.60%", yuan(row.amount), "0.00", "",
    ]  # fmt: skip


def _refund(row: ScanRefund) -> list[str]:
    trade = row.trade
    return [
        stamp(row.done_at), trade.merchant.appid, trade.merchant.number, "0", "",
        trade.transaction, trade.number, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "NATIVE", "REFUND",
        "OTHERS", "CNY", "0.00", "0.00", f"503{row.pk[-24:]}", row.number, yuan(row.amount),
        "0.00", "ORIGINAL", "SUCCESS", trade.subject, "", _fee(-row.fee), "0.60%", "0.00",
        yuan(row.amount), "",
    ]  # fmt: skip


def _funds(paid: list[ScanTrade], back: list[ScanRefund]) -> bytes:
    moves: list[tuple[datetime, str, str, str, int]] = []
    for one in paid:
        assert one.paid_at  # by the query
        moves.append((one.paid_at, one.transaction, "交易", one.number, one.amount))
        moves.append((one.paid_at, one.transaction, "扣除交易手续费", one.number, -one.fee))
    for gone in back:
        assert gone.done_at  # by the query
        number = f"503{gone.pk[-24:]}"
        moves.append((gone.done_at, number, "退款", gone.number, gone.fee - gone.amount))
    moves.sort(key=lambda move: move[0])
    rows, balance = [], 0
    for place, (at, number, name, voucher, amount) in enumerate(moves):
        balance += amount
        rows.append(
            [
                stamp(at), number, f"{number}{place}", name, name,
                "收入" if amount > 0 else "支出", yuan(abs(amount)), yuan(balance), "system",
                "", voucher,
            ]
        )  # fmt: skip
    came = [move[4] for move in moves if move[4] > 0]
    went = [-move[4] for move in moves if move[4] <= 0]
    total = [str(len(moves)), str(len(came)), yuan(sum(came)), str(len(went)), yuan(sum(went))]
    return _text(FUNDS, rows, FUNDS_SUM, total)


def _fee(amount: int) -> str:
    return f"{yuan(amount)}000"  # WeChat writes fees with five decimals


def _text(head: str, rows: list[list[str]], total_head: str, total: list[str]) -> bytes:
    lines = [head]
    lines += [",".join("`" + cell.replace(",", " ") for cell in row) for row in rows]
    lines += [total_head, ",".join("`" + cell for cell in total)]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


bill = api(GET=("wechat.bill", _bill))
download = api(GET=("wechat.bill.download", _download))
