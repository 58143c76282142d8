"""Application fees (平台服务费): what a platform keeps of its sellers' charges, and gives back."""

from typing import Any

from sandbox import idents
from sandbox.models import Account, ApplicationFee, FeeRefund
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.expand import expandable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import Integer, merge_metadata

from .. import balance
from ..happen import changed, emit


def render_refund(row: FeeRefund) -> dict[str, Any]:
    """The fee refund object."""
    return {
        "id": row.pk,
        "object": "fee_refund",
        "amount": row.amount,
        "balance_transaction": row.balance_transaction,
        "created": row.created,
        "currency": row.currency,
        "fee": row.fee_id,
        "metadata": row.metadata,
    }


def render(row: ApplicationFee) -> dict[str, Any]:
    """The application fee object with its latest refunds."""
    found = list(row.refunds.order_by("-pk")[:11]) if row.amount_refunded else []
    shown = [render_refund(one) for one in found[:10]]
    return {
        "id": row.pk,
        "object": "application_fee",
        "account": row.payer_id,
        "amount": row.amount,
        "amount_refunded": row.amount_refunded,
        "application": "ca_sandbox",
        "balance_transaction": row.balance_transaction,
        "charge": row.charge,
        "created": row.created,
        "currency": row.currency,
        "fee_source": {"charge": row.charge, "type": "charge"},
        "livemode": False,
        "originating_transaction": row.originating_transaction,
        "refunded": row.amount_refunded >= row.amount,
        "refunds": lists.envelope(f"/v1/application_fees/{row.pk}/refunds", shown, len(found) > 10),
    }


def make(
    platform: Call,
    payer: Account,
    amount: int,
    currency: str,
    *,
    charge: str,
    original: str | None,
    ready: int,
) -> ApplicationFee:
    """Book the platform's share; the payer's movement already carries it as a fee."""
    row = ApplicationFee(
        id=idents.new("fee"),
        account=platform.account,
        created=platform.now,
        payer=payer,
        charge=charge,
        originating_transaction=original,
        amount=amount,
        currency=currency,
    )
    row.balance_transaction = balance.book(
        platform,
        amount=amount,
        currency=currency,
        kind="application_fee",
        source=row.pk,
        category="platform_earning",
        available_on=ready,
    )
    row.save(force_insert=True)
    emit(platform, "application_fee.created", render(row))
    return row


def refund(platform: Call, row: ApplicationFee, amount: int) -> FeeRefund:
    """Give part of a locked fee back to the seller."""
    before = render(row)
    made = FeeRefund(
        id=idents.new("fr"),
        account=platform.account,
        created=platform.now,
        fee=row,
        amount=amount,
        currency=row.currency,
        metadata=merge_metadata({}, platform.get("metadata")),
    )
    made.balance_transaction = balance.book(
        platform,
        amount=-amount,
        currency=row.currency,
        kind="application_fee_refund",
        source=made.pk,
        category="platform_earning_refund",
    )
    balance.book(
        platform.acting(row.payer),
        amount=amount,
        currency=row.currency,
        kind="application_fee_refund",
        source=made.pk,
        category="fee",
    )
    made.save(force_insert=True)
    row.amount_refunded += amount
    row.save(update_fields=["amount_refunded"])
    after = render(row)
    emit(platform, "application_fee.refunded", after, changed(before, after))
    return made


def refund_share(call: Call, charge: str | None, amount: int, whole: int) -> None:
    """Give back the fee of a charge in the proportion ``amount`` to ``whole``."""
    owner = call.account.platform or call.account
    row = (
        ApplicationFee.objects.select_for_update(of=("self",))
        .select_related("payer")
        .filter(account=owner)
        .filter(originating_transaction=charge)
        .first()
        or ApplicationFee.objects.select_for_update(of=("self",))
        .select_related("payer")
        .filter(account=owner, charge=charge)
        .first()
    )
    if row is None:
        raise GatewayError(
            "This charge has no application fee to refund.", param="refund_application_fee"
        )
    share = min(row.amount * amount // whole, row.amount - row.amount_refunded)
    if share > 0:
        refund(call.acting(owner), row, share)


def _need(call: Call, ident: str, *, lock: bool = False) -> ApplicationFee:
    rows = ApplicationFee.objects.select_related("payer")
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("application fee", ident)
    return row


@operation("GET", "/v1/application_fees/{id}", "application_fees.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return render(_need(call, ident))


@operation("GET", "/v1/application_fees", "application_fees.list")
def list_fees(call: Call) -> dict[str, Any]:
    rows = ApplicationFee.objects.all()
    if call.get("charge"):
        rows = rows.filter(charge=call.get("charge"))
    return lists.page(
        call,
        rows,
        lambda found: [render(row) for row in found],
        url="/v1/application_fees",
        kind="application fee",
    )


@operation(
    "POST",
    "/v1/application_fees/{id}/refunds",
    "application_fees.refunds.create",
    {"amount": Integer(least=1)},
)
def create_refund(call: Call, ident: str) -> dict[str, Any]:
    row = _need(call, ident, lock=True)
    left = row.amount - row.amount_refunded
    amount = call.get("amount", left)
    if left <= 0 or amount > left:
        raise GatewayError(
            f"Application fee {row.pk} has already been refunded."
            if left <= 0
            else f"Refund amount ({amount}) is greater than the unrefunded fee ({left}).",
            code="amount_too_large",
            param="amount",
        )
    return render_refund(refund(call, row, amount))


def _refund(call: Call, ident: str, refund_id: str) -> FeeRefund:
    row = FeeRefund.objects.filter(account=call.account, fee_id=ident, pk=refund_id).first()
    if row is None:
        raise missing("fee refund", refund_id)
    return row


@operation("GET", "/v1/application_fees/{id}/refunds/{refund}", "application_fees.refunds.retrieve")
def retrieve_refund(call: Call, ident: str, refund_id: str) -> dict[str, Any]:
    return render_refund(_refund(call, ident, refund_id))


@operation("POST", "/v1/application_fees/{id}/refunds/{refund}", "application_fees.refunds.update")
def update_refund(call: Call, ident: str, refund_id: str) -> dict[str, Any]:
    row = _refund(call, ident, refund_id)
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
        row.save(update_fields=["metadata"])
    return render_refund(row)


@operation("GET", "/v1/application_fees/{id}/refunds", "application_fees.refunds.list")
def list_refunds(call: Call, ident: str) -> dict[str, Any]:
    _need(call, ident)
    return lists.page(
        call,
        FeeRefund.objects.filter(fee_id=ident),
        lambda found: [render_refund(row) for row in found],
        url=f"/v1/application_fees/{ident}/refunds",
        kind="fee refund",
    )


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    own = [call.account.pk, call.account.platform_id]
    rows = ApplicationFee.objects.filter(account__in=own, pk__in=idents)
    return {row.pk: render(row) for row in rows}


expandable(
    "application_fee",
    {
        "account": "acct",
        "balance_transaction": "txn",
        "charge": "ch",
        "originating_transaction": "ch",
    },
)
expandable("fee_refund", {"balance_transaction": "txn", "fee": "fee"})
loader("fee", _load)
