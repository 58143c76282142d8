"""How WeChat Pay pushes: the resource enclosed with the merchant's key, the whole signed anew with
each attempt, taken by any 2xx."""

import json
from typing import Any

from sandbox import clock, idents
from sandbox.delivery.manners import MANNERS, Manner
from sandbox.models import Channel, Delivery, ScanMerchant, ScanRefund
from sandbox.scan import keys, pushes
from sandbox.transport.call import Call
from sandbox.wechat.transport import signature


def tell(
    call: Call, merchant: ScanMerchant, *, url: str, subject: str, kind: str, original: str,
    resource: dict[str, Any],
) -> None:  # fmt: skip
    """Queue a notification."""
    plain = json.dumps(resource, ensure_ascii=False).encode()
    body = {
        "id": idents.digest(idents.random(20))[:36],
        "create_time": clock.iso(clock.now()),
        "resource_type": "encrypt-resource",
        "event_type": kind,
        "summary": "支付成功" if original == "transaction" else "退款成功",
        "resource": {
            "original_type": original, **keys.enclose(merchant.apiv3_key, plain, original)
        },
    }  # fmt: skip
    data = json.dumps(body, ensure_ascii=False).encode()
    pushes.notify(call, merchant, url=url, subject=subject, kind=kind, body=data)


def tell_refund(call: Call, row: ScanRefund, url: str) -> None:
    """Of a refund, to the address that its request named."""
    trade = row.trade
    resource = {
        "mchid": trade.merchant.number,
        "out_trade_no": trade.number,
        "transaction_id": trade.transaction,
        "out_refund_no": row.number,
        "refund_id": f"503{row.pk[-24:]}",
        "refund_status": "SUCCESS",
        "success_time": clock.iso(row.done_at),
        "user_received_account": "支付用户零钱",
        "amount": {
            "total": trade.amount,
            "refund": row.amount,
            "payer_total": trade.amount,
            "payer_refund": row.amount,
        },
    }
    tell(
        call, trade.merchant, url=url, subject=row.pk, kind="REFUND.SUCCESS", original="refund",
        resource=resource,
    )  # fmt: skip


def _headers(row: Delivery, stamp: int, body: bytes) -> dict[str, str]:
    merchant = ScanMerchant.objects.get(pk=row.endpoint.metadata["merchant"])
    return signature(merchant, body)


MANNERS[Channel.WECHAT] = Manner(
    content_type="application/json; charset=utf-8",
    headers=_headers,
    good=lambda status, text: status in (200, 201, 202, 204),
    retries="WECHAT_RETRIES",
)
