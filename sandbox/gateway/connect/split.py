"""How a payment is shared: direct charges and destination charges.

Direct: made for the seller (``Stripe-Account``); the platform's fee is taken out of it.
Destination: made for the platform; on capture the money goes on to the seller as a transfer, the
platform's fee comes out of what the seller gets.
"""

from typing import Any

from sandbox.models import Account, Charge, Refund, Transfer
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.params import Amount, Hash, Kind, Text, wrong

from . import fees, show, transfers

TABLE: dict[str, Kind] = {
    "application_fee_amount": Amount(least=0, clear=True),
    "on_behalf_of": Text(),
    "transfer_data": Hash(
        clear=True, fields={"destination": Text(clear=False), "amount": Amount(least=0)}
    ),
}


def read(call: Call, data: dict[str, Any], amount: int) -> None:
    """Put the sharing parameters into an intent's or charge's data, checked."""
    own = call.account
    if own.platform_id and not show.enabled(own, "card_payments"):
        raise GatewayError(
            "Your account cannot currently make charges: it has requirements that are still due.",
            code="account_invalid",
        )
    if call.given("on_behalf_of"):
        ident = call.params["on_behalf_of"]
        if ident:
            _connected(call, ident, "on_behalf_of")
        data["on_behalf_of"] = ident
    if call.given("transfer_data"):
        given = call.params["transfer_data"]
        old = data.get("transfer_data") or {}
        data["transfer_data"] = old | given if given else None
        ident = (data["transfer_data"] or {}).get("destination")
        if given and not ident:
            raise wrong(
                "Missing required param: transfer_data[destination].",
                "transfer_data[destination]",
                "parameter_missing",
            )
        if ident:
            transfers.destination(call, ident, "transfer_data[destination]")
    if call.given("application_fee_amount"):
        data["application_fee_amount"] = call.params["application_fee_amount"]
    check(call, data, amount)


def check(call: Call, data: dict[str, Any], amount: int) -> None:
    fee, shared = data.get("application_fee_amount"), data.get("transfer_data") or {}
    if fee and not call.account.platform_id and not shared:
        raise wrong(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a "
            "direct payment (using an OAuth key or Stripe-Account header) or destination payment "
            "(using `transfer_data[destination]`).",
            "application_fee_amount",
        )
    if fee and "amount" in shared:
        raise wrong(
            "You may only specify one of these parameters: application_fee_amount, "
            "transfer_data[amount].",
            "application_fee_amount",
        )
    if fee and fee > amount:
        raise wrong(
            f"Your application fee ({fee}) can't be greater than the amount of the charge "
            f"({amount}).",
            "application_fee_amount",
        )
    if shared.get("amount", 0) > amount:
        raise wrong(
            f"The transfer_data[amount] must be at most the charge's amount ({amount}).",
            "transfer_data[amount]",
        )


def _connected(call: Call, ident: str, param: str) -> Account:
    row = Account.objects.filter(pk=ident, platform=call.account).first()
    if row is None:
        raise missing("account", ident, param=param)
    return row


def direct_fee(call: Call, row: Charge, amount: int) -> int:
    """The platform's part of a direct charge's fee, never more than was captured."""
    if not call.account.platform_id:
        return 0
    return min(row.data.get("application_fee_amount") or 0, amount)


def share(call: Call, row: Charge, amount: int, ready: int) -> None:
    """Pass the captured amount on; the charge's ids are written into its data."""
    fee = min(row.data.get("application_fee_amount") or 0, amount)
    if call.account.platform:
        if fee:
            made = fees.make(
                call.acting(call.account.platform),
                call.account,
                fee,
                row.currency,
                charge=row.pk,
                original=None,
                ready=ready,
            )
            row.data["application_fee"] = made.pk
        return
    shared = row.data.get("transfer_data")
    if not shared:
        return
    to = Account.objects.get(pk=shared["destination"])
    part = min(shared.get("amount", amount), amount)
    row.data["transfer_group"] = row.data.get("transfer_group") or f"group_{row.payment_intent_id}"
    if not part:
        return
    made_transfer = transfers.make(
        call,
        to,
        part,
        row.currency,
        source=row,
        group=row.data["transfer_group"],
        fee=fee,
        metadata={},
    )
    row.data["transfer"] = made_transfer.pk
    if fee:
        made = fees.make(
            call,
            to,
            fee,
            row.currency,
            charge=str(made_transfer.destination_payment),
            original=row.pk,
            ready=ready,
        )
        row.data["application_fee"] = made.pk


def give_back(call: Call, charge: Charge, refund: Refund) -> None:
    """With a refund: the seller's part, the platform's fee, or both, in proportion."""
    if call.get("reverse_transfer"):
        ident = charge.data.get("transfer")
        row = (
            Transfer.objects.select_for_update(of=("self",))
            .select_related("destination")
            .filter(pk=ident)
            .first()
        )
        if row is None:
            raise wrong(f"Charge {charge.pk} has no transfer to reverse.", "reverse_transfer")
        part = min(
            row.amount * refund.amount // charge.amount_captured, row.amount - row.amount_reversed
        )
        if part > 0:
            made = transfers.reverse(call, row, part, source_refund=refund.pk)
            refund.transfer_reversal = made.pk
    if call.get("refund_application_fee"):
        if not charge.data.get("application_fee"):
            raise wrong(
                f"Charge {charge.pk} has no application fee to refund.", "refund_application_fee"
            )
        fees.refund_share(call, charge.pk, refund.amount, charge.amount_captured)
