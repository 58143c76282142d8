"""How Alipay pushes: a form that is signed once, taken by the seven letters ``success``."""

from sandbox.delivery.manners import MANNERS, Manner
from sandbox.models import Channel, Delivery


def _headers(row: Delivery, stamp: int, body: bytes) -> dict[str, str]:
    return {}


MANNERS[Channel.ALIPAY] = Manner(
    content_type="application/x-www-form-urlencoded; charset=utf-8",
    headers=_headers,
    good=lambda status, text: status == 200 and text.strip() == "success",
    retries="ALIPAY_RETRIES",
)
