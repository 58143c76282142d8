"""Taking transfers back, by hand."""

from typing import Any

from sandbox.models import TransferReversal
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.operations import operation
from sandbox.transport.params import merge_metadata

from . import fees, transfers


@operation(
    "POST", "/v1/transfers/{id}/reversals", "transfers.reversals.create", {"amount": transfers.BIG}
)
def create_reversal(call: Call, ident: str) -> dict[str, Any]:
    row = transfers.need(call, ident, lock=True)
    left = row.amount - row.amount_reversed
    amount = call.get("amount", left)
    if left <= 0 or amount > left:
        raise GatewayError(
            f"Transfer {row.pk} has already been fully reversed."
            if left <= 0
            else f"The reversal amount ({amount}) is greater than what is left of the transfer "
            f"({left}).",
            code="amount_too_large",
            param="amount",
        )
    made = transfers.reverse(call, row, amount)
    if call.get("refund_application_fee"):
        fees.refund_share(call, row.source_transaction, amount, row.amount)
    return transfers.render_reversal(made)


def _reversal(call: Call, ident: str, reversal: str, *, lock: bool = False) -> TransferReversal:
    rows = TransferReversal.objects.select_for_update() if lock else TransferReversal.objects.all()
    row = rows.filter(account=call.account, transfer_id=ident, pk=reversal).first()
    if row is None:
        raise missing("transfer reversal", reversal)
    return row


@operation("GET", "/v1/transfers/{id}/reversals/{reversal}", "transfers.reversals.retrieve")
def retrieve_reversal(call: Call, ident: str, reversal: str) -> dict[str, Any]:
    return transfers.render_reversal(_reversal(call, ident, reversal))


@operation("POST", "/v1/transfers/{id}/reversals/{reversal}", "transfers.reversals.update")
def update_reversal(call: Call, ident: str, reversal: str) -> dict[str, Any]:
    row = _reversal(call, ident, reversal, lock=True)
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
        row.save(update_fields=["metadata"])
    return transfers.render_reversal(row)


@operation("GET", "/v1/transfers/{id}/reversals", "transfers.reversals.list")
def list_reversals(call: Call, ident: str) -> dict[str, Any]:
    transfers.need(call, ident)
    return lists.page(
        call,
        TransferReversal.objects.filter(transfer_id=ident),
        lambda found: [transfers.render_reversal(row) for row in found],
        url=f"/v1/transfers/{ident}/reversals",
        kind="transfer reversal",
    )
