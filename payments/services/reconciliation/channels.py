"""The channels that a platform's money comes through, each with a statement of its own a day."""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import uuid5
from zoneinfo import ZoneInfo

from django.db.models import Q

from kernel import clock, tenancy
from kernel.ids import public_id
from payments import ledger
from payments.contracts import ALIPAY, WECHAT, IntentState
from payments.domain import postings
from payments.domain.postings import Book
from payments.domain.reconciliation import Row
from payments.domain.transfer import Transfer
from payments.errors import GatewayNotConfigured
from payments.gateways.bills import BEIJING, wrapped
from payments.models import LateCharge, PaymentIntent, ProviderAccount, Refund
from payments.services import provider_account

log = logging.getLogger("quancheng.payments")
MAIN = "gateway"
BILLS = (ALIPAY, WECHAT)
SURE = time(12)  # bills are there at ten; by noon of the next day none means: nothing happened
_NONE = ("isp.bill_not_exist", "NO_STATEMENT_EXIST")


def channel_of(account: str) -> str:
    """Which channel's a statement is, by the account that it names."""
    return account if account in BILLS else MAIN


def expected(day: date, here: ZoneInfo) -> list[str]:
    """The channels that tell of a day: the gateway, and each provider since it was set up."""
    rows = ProviderAccount.objects.filter(name__in=BILLS).order_by("name")
    since = {row.name: row.created_at.astimezone(here).date() for row in rows}
    return [MAIN, *(name for name, first in since.items() if first <= day)]


def fetch_bill(name: str, day: date) -> bytes | None:
    """A provider's bill of a day, wrapped, without a transaction; None when it isn't there yet."""
    try:
        data = _alipay(day) if name == ALIPAY else _wechat(day)
    except GatewayNotConfigured:
        return None
    except LookupError as error:
        ready = datetime.combine(day + timedelta(days=1), SURE, BEIJING)
        if str(error.args[0] if error.args else "") not in _NONE or clock.system() < ready:
            log.info("%s: no bill of %s yet (%s)", name, day, error)
            return None
        data = b""
    return None if data is None else wrapped(name, day, data)


def _alipay(day: date) -> bytes:
    return provider_account.alipay().bill(day.isoformat())


def _wechat(day: date) -> bytes | None:
    data, digest = provider_account.wechat().bill(day.isoformat())
    if hashlib.sha1(data, usedforsecurity=False).hexdigest() != digest.lower():
        log.error("wechat: the bill of %s isn't what was announced", day)
        return None
    return data


def book_fees(rows: Iterable[Row]) -> None:
    """Book the fees that a bill tells of payments and refunds we know, once each: what a later
    bill says otherwise is an exception. Inside a transaction."""
    told = [row for row in rows if row.fee and row.source]
    transfers = [*_late_fees(told)]
    bills = [row for row in told if row.account in BILLS]
    charges = {row.source: row for row in bills if row.kind == "charge"}
    refunds = {row.source: row for row in bills if row.kind == "refund"}
    platform = tenancy.current_id()
    paid = PaymentIntent.objects.filter(
        gateway_id__in=charges, gateway__in=BILLS, state=IntentState.SUCCEEDED
    )
    for intent in paid.order_by("id"):
        row = charges[str(intent.gateway_id)]
        if row.currency == intent.currency and row.fee > 0:
            book = Book(platform, row.currency)
            transfers.append(
                postings.gateway_fee(book, intent_id=intent.id, gateway=intent.gateway, fee=row.fee)
            )
            if intent.gateway_fee is None:
                PaymentIntent.objects.filter(id=intent.id).update(gateway_fee=row.fee)
    for refund in Refund.objects.filter(gateway_id__in=refunds).order_by("id"):
        row = refunds[str(refund.gateway_id)]
        if row.currency == refund.currency and row.fee < 0:
            book = Book(platform, row.currency)
            transfers.append(
                postings.gateway_fee_back(
                    book, refund_id=refund.id, gateway=row.account, fee=-row.fee
                )
            )
    if transfers:
        ledger.post(transfers)


def _late_fees(told: Iterable[Row]) -> Iterator[Transfer]:
    """Of charges that came too late, through any gateway: only its statement knows them."""
    rows = {(row.kind, row.source): row for row in told}
    names = {source for _kind, source in rows}
    known = LateCharge.objects.filter(Q(provider_id__in=names) | Q(refund_id__in=names))
    for late in known.order_by("id"):
        book = Book(late.platform_id, late.currency)
        more = {"gateway": late.gateway, "document": public_id("pay", late.intent_id)}
        charge = rows.get(("charge", late.provider_id))
        if charge and charge.fee > 0 and charge.currency == late.currency:
            yield postings.gateway_fee(book, intent_id=late.id, fee=charge.fee, **more)
        back = rows.get(("refund", late.refund_id or ""))
        if back and back.fee < 0 and back.currency == late.currency:
            returned = uuid5(late.id, "returned")
            yield replace(
                postings.gateway_fee_back(book, refund_id=returned, fee=-back.fee, **more),
                journal=late.id,
            )
