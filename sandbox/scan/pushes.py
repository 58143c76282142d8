"""Notifications about trades, to the address that each trade names."""

from sandbox import idents
from sandbox.delivery import queue, signing
from sandbox.models import Channel, Endpoint, ScanMerchant
from sandbox.transport.call import Call


def notify(
    call: Call, merchant: ScanMerchant, *, url: str, subject: str, kind: str, body: bytes
) -> None:
    """Queue a push to the address that the trade named."""
    if not url:
        return
    channel = Channel(merchant.channel)
    rows = Endpoint.objects.filter(
        account=merchant.account, channel=channel, url=url, metadata__merchant=merchant.pk
    )
    endpoint = rows.first() or Endpoint.objects.create(
        id=idents.new("cbk"),
        account=merchant.account,
        created=call.now,
        channel=channel,
        url=url,
        secret=signing.new_secret(),
        enabled_events=["*"],
        metadata={"merchant": merchant.pk},
    )
    call.endpoints[channel] = [endpoint]
    queue.push(call, channel=channel, subject=subject, kind=kind, body=lambda one: body)
