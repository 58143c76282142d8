"""The account's money at the gateway: balance (余额) and its movements."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Q, Sum

from sandbox import clock, conf, idents
from sandbox.models import Account, BalanceTransaction
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import missing
from sandbox.transport.expand import expandable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import Currency, Text


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
) -> str:
    """Add one movement; returns its id."""
    row = BalanceTransaction.objects.create(
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
    )
    return row.pk


def render(row: BalanceTransaction, now: int | None = None) -> dict[str, Any]:
    """The balance transaction object."""
    moment = clock.unix() if now is None else now
    details = [
        {
            "amount": row.fee,
            "application": None,
            "currency": row.currency,
            "description": "Sandbox processing fees",
            "type": "stripe_fee",
        }
    ]
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
        "fee_details": details if row.fee else [],
        "net": row.net,
        "reporting_category": row.reporting_category,
        "source": row.source,
        "status": "available" if row.available_on <= moment else "pending",
        "type": row.type,
    }


def sums(account: Account) -> dict[str, tuple[int, int]]:
    """(available, pending) by currency."""
    now = clock.unix()
    rows = (
        BalanceTransaction.objects.filter(account=account)
        .values_list("currency")
        .annotate(
            available=Sum("net", filter=Q(available_on__lte=now), default=0),
            pending=Sum("net", filter=Q(available_on__gt=now), default=0),
        )
        .order_by("currency")
    )
    return {currency: (int(available), int(pending)) for currency, available, pending in rows}


@operation("GET", "/v1/balance", "balance.retrieve")
def retrieve_balance(call: Call) -> dict[str, Any]:
    found = sums(call.account)

    def column(place: int) -> list[dict[str, Any]]:
        return [
            {"amount": both[place], "currency": currency, "source_types": {"card": both[place]}}
            for currency, both in found.items()
        ]

    return {
        "object": "balance",
        "available": column(0),
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
        "type": Text(clear=False),
        "payout": Text(clear=False),
    },
)
def list_transactions(call: Call) -> dict[str, Any]:
    rows = BalanceTransaction.objects.all()
    for name in ("currency", "source", "type"):
        if call.get(name):
            rows = rows.filter(**{name: call.get(name)})
    if call.get("payout"):
        raise missing("payout", call.get("payout"), param="payout")
    return lists.page(
        call,
        rows,
        lambda found: [render(row) for row in found],
        url="/v1/balance_transactions",
        kind="balance transaction",
    )


@operation("GET", "/v1/balance_transactions/{id}", "balance_transactions.retrieve")
def retrieve_transaction(call: Call, ident: str) -> dict[str, Any]:
    row = BalanceTransaction.objects.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("balance transaction", ident)
    return render(row)


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = BalanceTransaction.objects.filter(account=call.account, pk__in=idents)
    return {row.pk: render(row) for row in rows}


expandable("balance_transaction", {"source": "*"})
loader("txn", _load)
