"""The day's bill: a zip of two GBK CSV files, detail and summary, behind a link of 30 seconds."""

import io
import zipfile
from datetime import date, datetime, time, timedelta

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from sandbox import clock
from sandbox.alipay.methods import BILL_SALT, BILL_SECONDS
from sandbox.alipay.wording import BEIJING, stamp, yuan
from sandbox.models import ScanMerchant, ScanRefund, ScanTrade

HEAD = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,"
    "对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,"
    "商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The file that a signed link stands for; 403 when the link is older than 30 seconds."""
    try:
        number, kind, day = signing.loads(
            request.GET.get("t", ""), salt=BILL_SALT, max_age=BILL_SECONDS
        )
    except signing.BadSignature:
        return HttpResponse("expired", status=403)
    merchant = ScanMerchant.objects.get(pk=number)
    answer = HttpResponse(_zip(merchant, str(kind), str(day)), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{merchant.seller}_{day}.zip"'
    return answer


def _zip(merchant: ScanMerchant, kind: str, day: str) -> bytes:
    label = "业务明细" if kind == "trade" else "账务明细"
    compact, buffer = day.replace("-", ""), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in _files(merchant, day, label):
            info = zipfile.ZipInfo(f"{merchant.seller}0156_{compact}_{name}.csv")
            file.writestr(info, text.encode("gbk", "replace"))
    return buffer.getvalue()


def _files(merchant: ScanMerchant, day: str, label: str) -> list[tuple[str, str]]:
    start = datetime.combine(date.fromisoformat(day), time(), BEIJING)
    end = start + timedelta(days=1)
    paid = ScanTrade.objects.filter(merchant=merchant, paid_at__gte=start, paid_at__lt=end)
    back = ScanRefund.objects.select_related("trade").filter(
        trade__merchant=merchant, done_at__gte=start, done_at__lt=end
    )
    rows = [_row(one, "交易", one.paid_at, one.amount, one.fee, "") for one in paid.order_by("pk")]
    rows += [
        _row(one.trade, "退款", one.done_at, -one.amount, -one.fee, one.number)
        for one in back.order_by("pk")
    ]
    first = f"{start:%Y年%m月%d日 %H:%M:%S}"
    last = f"{end:%Y年%m月%d日 %H:%M:%S}"
    head = [
        f"#支付宝{label}查询",
        f"#账号：[{merchant.seller}0156]",
        f"#起始日期：[{first}]   终止日期：[{last}]",
    ]
    made = f"#导出时间：[{clock.now().astimezone(BEIJING):%Y年%m月%d日 %H:%M:%S}]"
    gross, given = sum(one.amount for one in paid), sum(one.amount for one in back)
    fees = sum(one.fee for one in paid) - sum(one.fee for one in back)
    detail = [
        *head,
        f"#-----------------------------------------{label}列表----------------------------------",
        HEAD,
        *rows,
        f"#-----------------------------------------{label}列表结束------------------------------",
        f"#交易合计：{len(paid)}笔，商家实收共{yuan(gross)}元，商家优惠共0.00元",
        f"#退款合计：{len(back)}笔，商家实收退款共-{yuan(given)}元，商家优惠退款共0.00元",
        made,
    ]
    summary = [
        *head,
        "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,"
        "商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）",
        f"合计\t,\t,{len(paid)},{len(back)},{yuan(gross)},{yuan(gross - given)},0.00,0.00,0.00,"
        f"{yuan(-fees)},0.00,{yuan(gross - given - fees)}",
        made,
    ]
    return [
        (label, "\r\n".join(detail) + "\r\n"),
        (f"{label}(汇总)", "\r\n".join(summary) + "\r\n"),
    ]


def _row(
    trade: ScanTrade, kind: str, done: datetime | None, amount: int, fee: int, request: str
) -> str:
    cells = [
        f"{trade.transaction}\t", f"{trade.number}\t", kind, trade.subject.replace(",", "，"),
        stamp(trade.created_at), stamp(done), "", "", "", "", "159****5620", yuan(amount),
        yuan(amount), "0.00", "0.00", "0.00", "0.00", "0.00", "", "0.00", "0.00",
        f"{request}\t" if request else "", yuan(-fee), "0.00", "",
    ]  # fmt: skip
    return ",".join(cells)
