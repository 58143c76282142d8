"""Alipay's and WeChat Pay's bills of a day (账单), as they came: a zip of GBK CSV files, and a CSV
whose every cell begins with a back-tick. Both write yuan where their APIs may speak fen.

A row's ``source`` is the number that the API knows too: of a payment our own ``out_trade_no``, of a
refund our request's number (Alipay) or WeChat's refund id. Fees stand here and nowhere else.
"""

import base64
import csv
import gzip
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from payments.contracts import ALIPAY, WECHAT
from payments.domain.reconciliation import Row, Side, Statement, StatementError
from payments.domain.reconciliation.strict import day_of

BEIJING = ZoneInfo("Asia/Shanghai")
LARGEST = 200_000_000  # bytes of a bill once it is unpacked
_SPAN = re.compile(r"起始日期：\[(\d{4})年(\d\d)月(\d\d)日.*终止日期：\[(\d{4})年(\d\d)月(\d\d)日")


def wrapped(protocol: str, day: date, data: bytes) -> bytes:
    """A bill in the form in which gateways' statements are kept; empty ``data``: the provider says
    that there was nothing on this day."""
    return orjson.dumps(
        {
            "object": "gateway_statement",
            "protocol": protocol,
            "account": protocol,
            "from": day.isoformat(),
            "to": day.isoformat(),
            "zone": str(BEIJING),
            "sha256": hashlib.sha256(data).hexdigest(),
            "data": base64.b64encode(data).decode(),
        },
        option=orjson.OPT_INDENT_2,
    )


def sniffed(data: bytes) -> Statement | None:
    """A bill handed in as it was downloaded; None if this isn't one."""
    if data[:2] == b"\x1f\x8b":
        data = _unzipped(data)
    if data[:4] == b"PK\x03\x04":
        rows, span = _alipay_file(data)
        if span is None:
            raise StatementError(0, "file", "There is no 起始日期 in this file.")
        return _statement(ALIPAY, span, rows)
    if not data.removeprefix(b"\xef\xbb\xbf").startswith("交易时间,".encode()):
        return None
    rows = _wechat_file(data)
    if not rows:
        raise StatementError(0, "file", "A bill without rows doesn't say of which day it is.")
    days = [row.day for row in rows]
    return _statement(WECHAT, (min(days), max(days)), rows)


def read_alipay(body: Mapping[str, Any]) -> Statement:
    """Raises StatementError."""
    data = _data(body)
    return _statement(ALIPAY, _span(body), _alipay_file(data)[0] if data else [])


def read_wechat(body: Mapping[str, Any]) -> Statement:
    """Raises StatementError."""
    data = _data(body)
    return _statement(WECHAT, _span(body), _wechat_file(data) if data else [])


def _statement(name: str, span: tuple[date, date], rows: list[Row]) -> Statement:
    return Statement(Side.GATEWAY, name, span[0], span[1], BEIJING, tuple(rows))


def _span(body: Mapping[str, Any]) -> tuple[date, date]:
    return day_of(str(body.get("from")), 0, "from"), day_of(str(body.get("to")), 0, "to")


def _data(body: Mapping[str, Any]) -> bytes:
    try:
        data = base64.b64decode(str(body.get("data", "")), validate=True)
    except ValueError as error:
        raise StatementError(0, "data", "This isn't base64.") from error
    if body.get("sha256") != hashlib.sha256(data).hexdigest():
        raise StatementError(0, "sha256", "This isn't the hash of data.", "Fetch it again.")
    return _unzipped(data) if data[:2] == b"\x1f\x8b" else data


def _unzipped(data: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            plain = file.read(LARGEST + 1)
    except (OSError, EOFError) as error:
        raise StatementError(0, "file", "This gzip file is broken.") from error
    if len(plain) > LARGEST:
        raise StatementError(0, "file", f"More than {LARGEST} bytes.")
    return plain


def _alipay_file(data: bytes) -> tuple[list[Row], tuple[date, date] | None]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            names = [n for n in file.infolist() if n.file_size <= LARGEST]
            texts = [file.read(name).decode("gbk") for name in names]
    except (zipfile.BadZipFile, UnicodeDecodeError, RuntimeError, NotImplementedError) as error:
        raise StatementError(0, "file", "This isn't a zip of GBK text.") from error
    for text in texts:
        if "业务明细列表" in text:
            return list(_alipay_rows(text)), _stated(text)
    raise StatementError(
        0, "file", "There is no 业务明细 in this file.", "Take the bill of type trade."
    )


def _stated(text: str) -> tuple[date, date] | None:
    found = _SPAN.search(text)
    if found is None:
        return None
    numbers = [int(part) for part in found.groups()]
    first, end = date(*numbers[:3]), date(*numbers[3:])
    # The end is midnight after the last day.
    return first, end if end == first else date.fromordinal(end.toordinal() - 1)


def _alipay_rows(text: str) -> Iterator[Row]:
    head: list[str] | None = None
    for number, cells in enumerate(csv.reader(io.StringIO(text)), 1):
        if not cells or cells[0].startswith("#"):
            continue
        if head is None:
            head = [cell.strip() for cell in cells]
            continue
        told = _cells(number, head, cells)
        trade, number_ = told("支付宝交易号"), told("商户订单号")
        refund = told("业务类型") == "退款"
        request = told("退款批次号/请求号")
        amount, cost = _fen(number, told, "订单金额（元）"), _fen(number, told, "服务费（元）")
        yield _row(
            line=number,
            id=f"{trade}:{request}" if refund else trade,
            kind="refund" if refund else "charge",
            amount=amount,
            fee=-cost,  # what Alipay takes is written as a negative amount
            source=request if refund else number_,
            at=_moment(number, "完成时间", told("完成时间")),
            account=ALIPAY,
        )


def _wechat_file(data: bytes) -> list[Row]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StatementError(0, "file", "This isn't UTF-8.") from error
    lines = list(csv.reader(io.StringIO(text)))
    head = lines[0] if lines else []
    if "商户订单号" not in head:
        raise StatementError(1, "file", "The first line isn't that of a trade bill.")
    rows = []
    for number, cells in enumerate(lines[1:], 2):
        if not cells or not cells[0].startswith("`"):  # the head of the sums: the bill is over
            break
        row = _wechat_row(number, _cells(number, head, [c.removeprefix("`") for c in cells]))
        if row is not None:
            rows.append(row)
    else:
        raise StatementError(len(lines), "file", "The sums at the end are missing: cut off?")
    return rows


def _wechat_row(number: int, told: Any) -> Row | None:
    state = told("交易状态")
    if state not in ("SUCCESS", "REFUND", "REVOKED"):
        raise StatementError(number, "交易状态", f"{state!r} isn't known.")
    refund = state != "SUCCESS"
    if refund and told("退款状态") in ("FAIL", "CHANGE"):
        return None  # no money has moved
    amount = _fen(number, told, "申请退款金额" if refund else "订单金额")
    return _row(
        line=number,
        id=told("微信退款单号") if refund else told("微信订单号"),
        kind="refund" if refund else "charge",
        amount=-amount if refund else amount,
        fee=_fen(number, told, "手续费"),
        source=told("微信退款单号") if refund else told("商户订单号"),
        at=_moment(number, "交易时间", told("交易时间")),
        account=WECHAT,
        currency=told("货币种类"),
    )


def _row(*, amount: int, fee: int, at: datetime, currency: str = "CNY", **more: Any) -> Row:
    return Row(
        side=Side.GATEWAY, amount=amount, fee=fee, net=amount - fee, at=at, day=at.date(),
        currency=currency, **more,
    )  # fmt: skip


def _cells(number: int, head: list[str], cells: list[str]) -> Any:
    """The cell of a column by its name."""
    if len(cells) != len(head):
        raise StatementError(
            number, "row", f"{len(cells)} cells where {len(head)} columns are named."
        )
    found = {name: cell.strip() for name, cell in zip(head, cells, strict=True)}

    def told(name: str) -> str:
        if name not in found:
            raise StatementError(number, name, "This column is missing.")
        return found[name]

    return told


def _fen(number: int, told: Any, name: str) -> int:
    text = told(name)
    try:
        value = Decimal(text).scaleb(2)
    except InvalidOperation as error:
        raise StatementError(number, name, f"{text!r} isn't an amount in yuan.") from error
    if not value.is_finite() or value != value.to_integral_value() or abs(value) > 10**15:
        raise StatementError(number, name, f"{text!r} isn't a whole number of fen.")
    return int(value)


def _moment(number: int, name: str, text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise StatementError(
            number, name, f"{text!r} isn't a time.", "As 2026-11-27 08:30:00."
        ) from error
