"""The account's money at the gateway: balance (余额) and its movements."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Q, Sum

from sandbox import conf, idents
from sandbox.models import Account, BalanceTransaction, Payout
from sandbox.rows import Rows
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.expand import expandable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import Choice, Currency, Text, wrong

_ENTRIES = Rows(BalanceTransaction)
# The specification enumerates these on the object, not on the filter.
TYPES = (
    "adjustment",
    "application_fee",
    "application_fee_refund",
    "charge",
    "payment",
    "payment_refund",
    "payout",
    "payout_cancel",
    "payout_failure",
    "refund",
    "refund_failure",
    "topup",
    "topup_reversal",
    "transfer",
    "transfer_refund",
)


def fee_on(amount: int) -> int:
    """What the gateway keeps of a captured amount: a percentage, half up, plus a fixed part."""
    share = Decimal(amount) * conf.fee_percent() / 100
    return int(share.quantize(Decimal(1), ROUND_HALF_UP)) + int(conf.get("FEE_FIXED"))


def book(
    call: Call,
    *,
    amount: int,
    currency: str,
    kind: str,
    source: str,
    fee: int = 0,
    available_on: int | None = None,
    category: str | None = None,
    description: str | None = None,
    application_fee: int = 0,
) -> str:
    """Add one movement; returns its id. ``application_fee`` is the platform's part of ``fee``."""
    row = BalanceTransaction(
        id=idents.new("txn"),
        account=call.account,
        created=call.now,
        amount=amount,
        fee=fee,
        net=amount - fee,
        currency=currency,
        type=kind,
        reporting_category=category or kind,
        source=source,
        available_on=call.now if available_on is None else available_on,
        description=description,
        application_fee=application_fee,
    )
    return _ENTRIES.insert(row).pk


def _fees(row: BalanceTransaction) -> list[dict[str, Any]]:
    parts = (
        (row.fee - row.application_fee, None, "Sandbox processing fees", "stripe_fee"),
        (row.application_fee, "ca_sandbox", "Application fee", "application_fee"),
    )
    return [
        {
            "amount": amount,
            "application": application,
            "currency": row.currency,
            "description": words,
            "type": kind,
        }
        for amount, application, words, kind in parts
        if amount
    ]


def render(row: BalanceTransaction, now: int) -> dict[str, Any]:
    """The balance transaction object, as it is at ``now``."""
    return {
        "id": row.pk,
        "object": "balance_transaction",
        "amount": row.amount,
        "available_on": row.available_on,
        "balance_type": "payments",
        "created": row.created,
        "currency": row.currency,
        "description": row.description,
        "exchange_rate": None,
        "fee": row.fee,
        "fee_details": _fees(row),
        "net": row.net,
        "reporting_category": row.reporting_category,
        "source": row.source,
        "status": "available" if row.available_on <= now else "pending",
        "type": row.type,
    }


def sums(call: Call) -> dict[str, tuple[int, int]]:
    """(available, pending) by currency."""
    now = call.now
    rows = (
        BalanceTransaction.objects.filter(account=call.account)
        .values_list("currency")
        .annotate(
            available=Sum("net", filter=Q(available_on__lte=now), default=0),
            pending=Sum("net", filter=Q(available_on__gt=now), default=0),
        )
        .order_by("currency")
    )
    return {currency: (int(available), int(pending)) for currency, available, pending in rows}


def need_available(call: Call, amount: int, currency: str, *, problem: str) -> None:
    """Refuse when less than ``amount`` is available; the account's money stays locked meanwhile."""
    Account.objects.select_for_update().get(pk=call.account.pk)
    available, _ = sums(call).get(currency, (0, 0))
    if available < amount:
        raise GatewayError(
            f"{problem} Available in {currency}: {available}.",
            code="balance_insufficient",
        )


@operation("GET", "/v1/balance", "balance.retrieve")
def retrieve_balance(call: Call) -> dict[str, Any]:
    found = sums(call)

    def column(place: int) -> list[dict[str, Any]]:
        return [
            {"amount": both[place], "currency": currency, "source_types": {"card": both[place]}}
            for currency, both in found.items()
        ] or [{"amount": 0, "currency": call.account.default_currency, "source_types": {"card": 0}}]

    return {
        "object": "balance",
        "available": column(0),
        "connect_reserved": [
            {"amount": 0, "currency": call.account.default_currency},
        ],
        "livemode": False,
        "pending": column(1),
    }


@operation(
    "GET",
    "/v1/balance_transactions",
    "balance_transactions.list",
    lists.PAGE
    | {
        "created": lists.CREATED,
        "currency": Currency(),
        "source": Text(clear=False),
        "type": Choice(values=TYPES),
        "payout": Text(clear=False),
    },
)
def list_transactions(call: Call) -> dict[str, Any]:
    rows = BalanceTransaction.objects.all()
    for name in ("currency", "source", "type"):
        if call.get(name):
            rows = rows.filter(**{name: call.get(name)})
    if call.get("payout"):
        rows = rows.filter(payout=_automatic(call, call.get("payout")))
    return lists.page(
        call,
        rows,
        lambda found: [render(row, call.now) for row in found],
        url="/v1/balance_transactions",
        kind="balance transaction",
    )


def _automatic(call: Call, ident: str) -> str:
    """The id of an automatic payout; only those settle movements."""
    payout = Payout.objects.filter(account=call.account, pk=ident).first()
    if payout is None:
        raise missing("payout", ident, param="payout")
    if not payout.automatic:
        raise wrong(
            "Balance transaction history can only be filtered on automatic payouts, not manual "
            "ones.",
            "payout",
        )
    return ident


@operation("GET", "/v1/balance_transactions/{id}", "balance_transactions.retrieve")
def retrieve_transaction(call: Call, ident: str) -> dict[str, Any]:
    row = BalanceTransaction.objects.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("balance transaction", ident)
    return render(row, call.now)


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = _ENTRIES.all("account_id = %s AND id = ANY(%s)", [call.account.pk, idents])
    return {row.pk: render(row, call.now) for row in rows}


expandable("balance_transaction", {"source": "*"})
loader("txn", _load)
