"""Opening a merchant's access at Alipay or WeChat Pay, by the sandbox account's secret key."""

from typing import Any

from django.http import HttpRequest
from pydantic import Field

from sandbox import idents
from sandbox.models import Channel, ScanMerchant
from sandbox.scan import keys
from sandbox.transport.call import Call
from sandbox.transport.plain import Body, PlainError, Reply, api, read


class MerchantIn(Body):
    """Without ``public_key`` a key pair is made and its private half shown once."""

    public_key: str = Field(default="", max_length=4000)
    mode: str = Field(default="public_key", pattern="^(public_key|certificate)$")


def _open(call: Call, channel: str, data: dict[str, Any]) -> tuple[ScanMerchant, str]:
    wanted = read(MerchantIn, data)
    private, public = ("", wanted.public_key) if wanted.public_key else keys.new_pair()
    try:
        keys.public(public)
    except ValueError as error:
        message = "public_key: an RSA public key, PEM or base64."
        raise PlainError(422, "invalid", message, "public_key") from error
    ours, their_public = keys.new_pair()
    digits = str(int(idents.digest(idents.random(20))[:14], 16)).zfill(16)
    row = ScanMerchant(
        id=idents.new("smc"),
        account=call.account,
        created=call.now,
        channel=channel,
        number=f"9021{digits[:12]}" if channel == Channel.ALIPAY else f"19{digits[:8]}",
        appid=f"wx{idents.digest(digits)[:16]}" if channel == Channel.WECHAT else "",
        seller=f"2088{digits[:12]}" if channel == Channel.ALIPAY else "",
        merchant_key=public,
        merchant_serial=idents.digest(public)[:40].upper(),
        private_key=ours,
        public_key=their_public,
        mode=wanted.mode,
    )
    if channel == Channel.WECHAT:
        row.apiv3_key = idents.random(32)
        row.public_key_id = f"PUB_KEY_ID_0{row.number}{digits[:12]}"
        if wanted.mode == "certificate":
            row.certificates = [_certificate()]
    row.save(force_insert=True)
    return row, private


def _certificate() -> dict[str, str]:
    private, _public = keys.new_pair()
    serial, pem = keys.certificate(private)
    return {"serial": serial, "pem": pem, "key": private}


def _alipay(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    row, private = _open(call, Channel.ALIPAY, data)
    return 201, {
        "object": "alipay_app",
        "app_id": row.number,
        "seller_id": row.seller,
        "gateway": f"{call.base_url}/gateway.do",
        "alipay_public_key": row.public_key,
        "private_key": private or None,
    }


def _wechat(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    row, private = _open(call, Channel.WECHAT, data)
    by_key = row.mode == "public_key"
    return 201, {
        "object": "wechat_merchant",
        "mchid": row.number,
        "appid": row.appid,
        "serial_no": row.merchant_serial,
        "apiv3_key": row.apiv3_key,
        "base_url": call.base_url,
        "public_key_id": row.public_key_id if by_key else "",
        "public_key": row.public_key if by_key else "",
        "private_key": private or None,
    }


def _rotate(call: Call, request: HttpRequest, data: dict[str, Any], mchid: str) -> Reply:
    """A new platform certificate signs from now on; the one before stays valid for a while."""
    row = ScanMerchant.objects.select_for_update().filter(
        account=call.account, channel=Channel.WECHAT, number=mchid
    ).first()  # fmt: skip
    if row is None:
        raise PlainError(404, "not_found", "There is no such merchant.")
    row.certificates = [*row.certificates[-1:], _certificate()]
    row.mode = "certificate"
    row.save()
    return 200, {"serials": [one["serial"] for one in row.certificates]}


alipay = api(POST=("sandbox.alipay", _alipay))
wechat = api(POST=("sandbox.wechat", _wechat))
rotate = api(POST=("sandbox.wechat.rotate", _rotate))
