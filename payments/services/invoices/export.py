"""Invoices as files: for the tax platform's import, for a bookkeeper's table, for a program."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from payments.contracts_invoices import (
    BuyerKind,
    InvoiceKind,
    InvoiceLine,
    InvoiceType,
    SalesInvoiceInfo,
    Treatment,
)
from payments.errors_invoices import ExportTooLarge
from payments.selectors import invoices as selectors
from payments.services import sheets
from payments.services.invoices.documents import document
from payments.services.invoices.papers import unit_text

JSON = "json"
TYPES = {**sheets.TYPES, JSON: "application/json"}
MOST = 1000
PAGE = 100
# The columns of the platform's import (批量开票导入模板), in its language whatever the reader's.
HEADS = (
    "发票流水号", "发票类型", "特定业务类型", "是否含税", "受票方自然人标识", "购买方名称",
    "购买方纳税人识别号", "购买方地址", "购买方电话", "购买方开户银行", "购买方银行账号",
    "备注", "销售方开户行", "销售方银行账号", "购买方邮箱",
)  # fmt: skip
LINE_HEADS = (
    "发票流水号", "项目名称", "商品和服务税收编码", "规格型号", "单位", "数量", "单价", "金额",
    "税率", "折扣金额", "是否使用优惠政策", "优惠政策类型",
)  # fmt: skip
RED_HEADS = (*LINE_HEADS[:9], "税额", "对应蓝字发票流水号", "开具红字发票原因")


def export(
    *,
    merchant_id: UUID,
    format: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> bytes:
    """A merchant's invoices of a time as ``csv`` (a row a line), ``xlsx`` (as the tax platform
    takes them; red ones on a sheet of their own) or ``json``. Raises ExportTooLarge."""
    found = _all(merchant_id, since, until)
    if format == JSON:
        data = {"invoices": [document(info) for info in found]}
        return orjson.dumps(data, option=orjson.OPT_INDENT_2)
    if format == sheets.CSV:
        return sheets.written([("lines", _table(found))], format)
    blue = [info for info in found if info.kind == InvoiceKind.BLUE]
    red = [info for info in found if info.kind == InvoiceKind.RED]
    pages = [
        ("1-发票基本信息", [list(HEADS), *(_head(info) for info in blue)]),
        (
            "2-发票明细信息",
            [list(LINE_HEADS), *([*_line(info, one), "", *_relief(one)] for info in blue
                                 for one in info.lines)],
        ),
        (
            "红字发票",
            [list(RED_HEADS), *([*_line(info, one), one.tax.major, info.original_number,
                                 _cause(info)] for info in red for one in info.lines)],
        ),
    ]  # fmt: skip
    return sheets.written(pages, format)


def _all(
    merchant_id: UUID, since: datetime | None, until: datetime | None
) -> list[SalesInvoiceInfo]:
    found: list[SalesInvoiceInfo] = []
    cursor = None
    while True:
        page = selectors.sales_invoices_page(
            merchant_id=merchant_id, since=since, until=until, order=("id",), cursor=cursor,
            limit=PAGE,
        )  # fmt: skip
        found += page.items
        if len(found) > MOST:
            raise ExportTooLarge(
                _("There are more than %(most)s.") % {"most": MOST}, field="from", limit=MOST
            )
        cursor = page.next_cursor
        if cursor is None:
            return found


def _head(info: SalesInvoiceInfo) -> list[Any]:
    buyer = info.buyer
    kind = "增值税专用发票" if info.type == InvoiceType.SPECIAL else "普通发票"
    person = "是" if buyer and buyer.kind == BuyerKind.PERSON else ""
    known = (
        [buyer.title, buyer.tax_number, buyer.address, buyer.phone, buyer.bank, buyer.bank_account]
        if buyer
        else [""] * 6
    )
    return [
        info.number, kind, "", "否", person, *known, info.note, info.seller.get("bank", ""),
        info.seller.get("bank_account", ""), buyer.email if buyer else "",
    ]  # fmt: skip


def _line(info: SalesInvoiceInfo, line: InvoiceLine) -> list[Any]:
    """The tax platform takes rates as fractions (0.13) and amounts without tax."""
    return [
        info.number, line.name, line.category, line.specification,
        unit_text(line.unit, True) if line.unit else "",
        "" if line.quantity is None else line.quantity,
        "" if line.unit_price is None else line.unit_price,
        line.net.major, line.rate.scaleb(-2),
    ]  # fmt: skip


def _relief(line: InvoiceLine) -> list[str]:
    if line.treatment == Treatment.TAXED:
        return ["否", ""]
    return ["是", "免税" if line.treatment == Treatment.EXEMPT else "不征税"]


def _cause(info: SalesInvoiceInfo) -> str:
    causes = {
        "mistake": "开票有误", "return": "销货退回", "ended": "服务中止", "allowance": "销售折让",
    }  # fmt: skip
    return causes.get(info.reason, "")


def _table(found: Sequence[SalesInvoiceInfo]) -> list[list[Any]]:
    head = [
        pgettext("invoice", "Number"),
        pgettext("invoice", "Kind"),
        pgettext("invoice", "Type"),
        pgettext("invoice", "Date"),
        pgettext("invoice", "Refers to"),
        pgettext("invoice", "Order"),
        pgettext("invoice", "Title"),
        pgettext("invoice", "Tax number"),
        pgettext("invoice", "Item"),
        pgettext("invoice", "Tax category"),
        pgettext("invoice", "Unit"),
        pgettext("invoice", "Quantity"),
        pgettext("invoice", "Unit price"),
        pgettext("invoice", "Amount"),
        pgettext("invoice", "Rate"),
        pgettext("invoice", "Tax"),
        pgettext("invoice", "Amount and tax"),
        pgettext("invoice", "Currency"),
    ]
    rows: list[list[Any]] = [head]
    for info in found:
        for line in info.lines:
            rows.append([
                info.number, info.kind, info.type, info.issued_at.isoformat(timespec="seconds"),
                info.original_number, info.reference, info.buyer.title if info.buyer else "",
                info.buyer.tax_number if info.buyer else "", line.name, line.category, line.unit,
                "" if line.quantity is None else line.quantity,
                "" if line.unit_price is None else line.unit_price, line.net.major, line.rate,
                line.tax.major, line.gross.major, line.gross.currency,
            ])  # fmt: skip
    return rows
