"""Transfers (分账) of a platform's balance to a connected account, and taking them back."""

from typing import Any

from sandbox import idents
from sandbox.models import (
    Account,
    BalanceTransaction,
    Charge,
    Refund,
    Transfer,
    TransferReversal,
)
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.expand import expandable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import Integer, Text, merge_metadata, wrong

from .. import balance
from ..happen import changed, emit
from . import show

BIG = Integer(least=1, most=10**13)


def render_reversal(row: TransferReversal) -> dict[str, Any]:
    """The transfer reversal object."""
    return {
        "id": row.pk,
        "object": "transfer_reversal",
        "amount": row.amount,
        "balance_transaction": row.balance_transaction,
        "created": row.created,
        "currency": row.currency,
        "destination_payment_refund": row.destination_payment_refund,
        "metadata": row.metadata,
        "source_refund": row.source_refund,
        "transfer": row.transfer_id,
    }


def render(row: Transfer) -> dict[str, Any]:
    """The transfer object with its latest reversals."""
    found = list(row.reversals.order_by("-pk")[:11]) if row.amount_reversed else []
    shown = [render_reversal(one) for one in found[:10]]
    return {
        "id": row.pk,
        "object": "transfer",
        "amount": row.amount,
        "amount_reversed": row.amount_reversed,
        "balance_transaction": row.balance_transaction,
        "created": row.created,
        "currency": row.currency,
        "description": row.description,
        "destination": row.destination_id,
        "destination_payment": row.destination_payment,
        "livemode": False,
        "metadata": row.metadata,
        "reversals": lists.envelope(f"/v1/transfers/{row.pk}/reversals", shown, len(found) > 10),
        "reversed": row.amount_reversed >= row.amount,
        "source_transaction": row.source_transaction,
        "source_type": "card",
        "transfer_group": row.transfer_group,
    }


def destination(call: Call, ident: str, param: str = "destination") -> Account:
    """A connected account that may receive transfers."""
    row = Account.objects.filter(pk=ident, platform=call.account).first()
    if row is None or row.data.get("deleted"):
        raise missing("destination", ident, param=param)
    if not show.enabled(row, "transfers"):
        raise GatewayError(
            "Your destination account needs to have at least one of the following capabilities "
            "enabled: transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
            param=param,
        )
    return row


def make(
    call: Call,
    to: Account,
    amount: int,
    currency: str,
    *,
    source: Charge | None = None,
    group: str | None = None,
    fee: int = 0,
    description: str | None = None,
    metadata: dict[str, str] | None = None,
) -> Transfer:
    """Move the money: out of the platform's balance, into the connected account's as a payment.

    ``fee`` is what the platform keeps of that payment. With a source the money becomes available
    when the source does.
    """
    ready = call.now
    if source is not None and source.balance_transaction:
        ready = max(
            ready, BalanceTransaction.objects.get(pk=source.balance_transaction).available_on
        )
    row = Transfer(
        id=idents.new("tr"),
        account=call.account,
        created=call.now,
        destination=to,
        amount=amount,
        currency=currency,
        source_transaction=source.pk if source else None,
        transfer_group=group,
        description=description,
        metadata=metadata or {},
    )
    row.balance_transaction = balance.book(
        call,
        amount=-amount,
        currency=currency,
        kind="transfer",
        source=row.pk,
        available_on=ready,
        description=description,
    )
    row.destination_payment = _payment(call.acting(to), row, ready, fee)
    row.save(force_insert=True)
    emit(call, "transfer.created", render(row))
    return row


def _payment(seller: Call, row: Transfer, ready: int, fee: int) -> str:
    """The transfer as the connected account sees it: a payment."""
    payment = Charge(
        id=idents.new("py"),
        account=seller.account,
        created=seller.now,
        payment_method="",
        magic="visa",
        amount=row.amount,
        amount_captured=row.amount,
        currency=row.currency,
        status="succeeded",
        captured=True,
        data={
            "billing_details": {},
            "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
            "source_transfer": row.pk,
            "transfer_group": row.transfer_group,
        },
    )
    payment.balance_transaction = balance.book(
        seller,
        amount=row.amount,
        fee=fee,
        application_fee=fee,
        currency=row.currency,
        kind="payment",
        source=payment.pk,
        available_on=ready,
        category="charge",
    )
    payment.save(force_insert=True)
    return payment.pk


def _source(call: Call, amount: int) -> Charge:
    """The charge a transfer is tied to; together they may not exceed it."""
    ident = call.params["source_transaction"]
    found = Charge.objects.select_for_update().filter(account=call.account, pk=ident).first()
    if found is None:
        raise missing("charge", ident, param="source_transaction")
    if not found.captured or found.status != "succeeded":
        raise wrong(f"The charge {ident} hasn't been captured.", "source_transaction")
    if call.get("currency") != found.currency:
        raise wrong(
            f"The currency of source_transaction's balance transaction ({found.currency}) must be "
            "the same as the transfer currency.",
            "currency",
        )
    tied = Transfer.objects.filter(account=call.account, source_transaction=ident)
    spent = sum(one.amount for one in tied)
    if spent + amount > found.amount_captured:
        raise GatewayError(
            f"The transfers of {ident} would exceed its amount: {found.amount_captured - spent} "
            "is left.",
            code="transfers_not_allowed",
            param="amount",
        )
    return found


@operation(
    "POST",
    "/v1/transfers",
    "transfers.create",
    {"amount": BIG, "destination": Text(required=True, clear=False)},
)
def create(call: Call) -> dict[str, Any]:
    to = destination(call, call.params["destination"])
    currency = call.params["currency"]
    source = None
    amount = call.get("amount")
    if call.get("source_transaction"):
        held = Charge.objects.filter(account=call.account, pk=call.get("source_transaction"))
        amount = amount or next((one.amount_captured for one in held), 0)
        source = _source(call, amount)
    if amount is None:
        raise wrong("Missing required param: amount.", "amount", "parameter_missing")
    if source is None:
        balance.need_available(
            call,
            amount,
            currency,
            problem="You have insufficient available funds in your account.",
        )
    group = call.get("transfer_group")
    if source is not None and not group:
        group = source.data.get("transfer_group") or f"group_{source.pk}"
    row = make(
        call,
        to,
        amount,
        currency,
        source=source,
        group=group,
        description=call.get("description"),
        metadata=merge_metadata({}, call.get("metadata")),
    )
    return render(row)


def need(call: Call, ident: str, *, lock: bool = False) -> Transfer:
    rows = Transfer.objects.select_for_update() if lock else Transfer.objects.all()
    row = rows.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("transfer", ident)
    return row


@operation("GET", "/v1/transfers/{id}", "transfers.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return render(need(call, ident))


@operation("POST", "/v1/transfers/{id}", "transfers.update")
def update(call: Call, ident: str) -> dict[str, Any]:
    row = need(call, ident, lock=True)
    before = render(row)
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
    if call.given("description"):
        row.description = call.params["description"]
    row.save()
    after = render(row)
    if after != before:
        emit(call, "transfer.updated", after, changed(before, after))
    return after


@operation("GET", "/v1/transfers", "transfers.list")
def list_transfers(call: Call) -> dict[str, Any]:
    rows = Transfer.objects.all()
    for name, column in (("destination", "destination_id"), ("transfer_group", "transfer_group")):
        if call.get(name):
            rows = rows.filter(**{column: call.get(name)})
    return lists.page(
        call,
        rows,
        lambda found: [render(row) for row in found],
        url="/v1/transfers",
        kind="transfer",
    )


def reverse(
    call: Call, row: Transfer, amount: int, *, source_refund: str | None = None
) -> TransferReversal:
    """Take part of a locked transfer back out of the connected account's balance."""
    before = render(row)
    made = TransferReversal(
        id=idents.new("trr"),
        account=call.account,
        created=call.now,
        transfer=row,
        amount=amount,
        currency=row.currency,
        source_refund=source_refund,
        metadata=merge_metadata({}, call.get("metadata")) if source_refund is None else {},
    )
    made.balance_transaction = balance.book(
        call, amount=amount, currency=row.currency, kind="transfer_refund", source=row.pk
    )
    made.destination_payment_refund = _payment_back(call.acting(row.destination), row, amount)
    made.save(force_insert=True)
    row.amount_reversed += amount
    row.save(update_fields=["amount_reversed"])
    after = render(row)
    emit(call, "transfer.reversed", after, changed(before, after))
    return made


def _payment_back(seller: Call, row: Transfer, amount: int) -> str:
    payment = Charge.objects.select_for_update().get(pk=row.destination_payment)
    refund = Refund(
        id=idents.new("pyr"),
        account=seller.account,
        created=seller.now,
        charge=payment,
        amount=amount,
        currency=row.currency,
        status="succeeded",
    )
    refund.balance_transaction = balance.book(
        seller,
        amount=-amount,
        currency=row.currency,
        kind="payment_refund",
        source=refund.pk,
        category="refund",
    )
    refund.save(force_insert=True)
    payment.amount_refunded += amount
    payment.save(update_fields=["amount_refunded"])
    return refund.pk


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    own = [call.account.pk, call.account.platform_id]
    rows = Transfer.objects.filter(account__in=own, pk__in=idents)
    return {row.pk: render(row) for row in rows}


def _load_reversals(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = TransferReversal.objects.filter(account=call.account, pk__in=idents)
    return {row.pk: render_reversal(row) for row in rows}


expandable(
    "transfer",
    {
        "balance_transaction": "txn",
        "destination": "acct",
        "destination_payment": "py",
        "source_transaction": "ch",
    },
)
expandable(
    "transfer_reversal",
    {
        "balance_transaction": "txn",
        "destination_payment_refund": "pyr",
        "source_refund": "re",
        "transfer": "tr",
    },
)
loader("tr", _load)
loader("trr", _load_reversals)
