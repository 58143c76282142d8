"""Payouts (提现): from the gateway's balance to the account's bank; by hand or on a schedule."""

from typing import Any

from django.db.models import Sum

from sandbox import conf, idents
from sandbox.bank.transfers import receive
from sandbox.delivery import due
from sandbox.magic import payouts as magic
from sandbox.models import Account, BalanceTransaction, Document, Due, Payout
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.expand import expandable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import Integer, merge_metadata, wrong

from . import balance, stored
from .connect import external, show
from .happen import changed, emit

BIG = Integer(required=True, least=1, most=10**13)
DAY = 86400


def render(row: Payout) -> dict[str, Any]:
    """The payout object."""
    data = row.data
    return {
        "id": row.pk,
        "object": "payout",
        "amount": row.amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": row.arrival_date,
        "automatic": row.automatic,
        "balance_transaction": row.balance_transaction,
        "created": row.created,
        "currency": row.currency,
        "description": data.get("description") or ("SANDBOX PAYOUT" if row.automatic else None),
        "destination": row.destination,
        "failure_balance_transaction": row.failure_balance_transaction,
        "failure_code": row.failure_code,
        "failure_message": magic.MESSAGES.get(row.failure_code or ""),
        "livemode": False,
        "metadata": row.metadata,
        "method": row.method,
        "original_payout": row.original_payout,
        "payout_method": None,
        "reconciliation_status": "completed" if row.automatic else "not_applicable",
        "reversed_by": row.reversed_by,
        "source_type": "card",
        "statement_descriptor": data.get("statement_descriptor"),
        "status": row.status,
        "trace_id": {"status": "pending", "value": None},
        "type": data.get("type", "bank_account"),
    }


def _make(call: Call, amount: int, currency: str, to: Document, *, automatic: bool) -> Payout:
    """Take the money out of the balance and send it on its way."""
    instant = call.get("method") == "instant"
    row = Payout(
        id=idents.new("po"),
        account=call.account,
        created=call.now,
        amount=amount,
        currency=currency,
        status="pending",
        automatic=automatic,
        method="instant" if instant else "standard",
        destination=to.pk,
        arrival_date=call.now if instant else (call.now // DAY + 1) * DAY,
        data={
            "description": call.get("description"),
            "statement_descriptor": call.get("statement_descriptor"),
            "type": "card" if to.data.get("object") == "card" else "bank_account",
        },
        metadata=merge_metadata({}, call.get("metadata")),
    )
    row.balance_transaction = balance.book(
        call, amount=-amount, currency=currency, kind="payout", source=row.pk
    )
    row.save(force_insert=True)
    emit(call, "payout.created", render(row))
    due.later(call.account, "payout.step", row.pk, float(conf.get("PAYOUT_SETTLE_SECONDS")) / 2)
    return row


@operation("POST", "/v1/payouts", "payouts.create", {"amount": BIG, "payout_method": None})
def create(call: Call) -> dict[str, Any]:
    if call.account.platform_id and not show.render(call.account, [])["payouts_enabled"]:
        raise GatewayError(
            "Cannot create payouts: this account has requirements that are still due.",
            code="payouts_not_allowed",
        )
    currency = call.params["currency"]
    if call.get("destination"):
        to = stored.need(call, "external_account", call.get("destination"), param="destination")
        if to.data["currency"] != currency:
            raise wrong(
                f"The external account {to.pk} takes {to.data['currency']}, not {currency}.",
                "currency",
            )
    else:
        to = external.default(call, currency)
    balance.need_available(
        call,
        call.params["amount"],
        currency,
        problem="You have insufficient funds in your account for this payout.",
    )
    return render(_make(call, call.params["amount"], currency, to, automatic=False))


def _need(call: Call, ident: str, *, lock: bool = False) -> Payout:
    rows = Payout.objects.select_for_update() if lock else Payout.objects.all()
    row = rows.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("payout", ident)
    return row


@operation("GET", "/v1/payouts/{id}", "payouts.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return render(_need(call, ident))


@operation("POST", "/v1/payouts/{id}", "payouts.update")
def update(call: Call, ident: str) -> dict[str, Any]:
    row = _need(call, ident, lock=True)
    before = render(row)
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
        _save(call, row, before)
    return render(row)


def _save(call: Call, row: Payout, before: dict[str, Any]) -> None:
    row.save()
    after = render(row)
    if after != before:
        emit(call, "payout.updated", after, changed(before, after))


@operation("GET", "/v1/payouts", "payouts.list")
def list_payouts(call: Call) -> dict[str, Any]:
    rows = Payout.objects.all()
    for name in ("destination", "status"):
        if call.get(name):
            rows = rows.filter(**{name: call.get(name)})
    arrival = call.get("arrival_date")
    if isinstance(arrival, int):
        rows = rows.filter(arrival_date=arrival)
    elif arrival:
        rows = rows.filter(**{f"arrival_date__{name}": at for name, at in arrival.items()})
    return lists.page(
        call, rows, lambda found: [render(row) for row in found], url="/v1/payouts", kind="payout"
    )


@operation("POST", "/v1/payouts/{id}/cancel", "payouts.cancel")
def cancel(call: Call, ident: str) -> dict[str, Any]:
    row = _need(call, ident, lock=True)
    if row.automatic or row.status != "pending":
        raise GatewayError(
            f"Payout {row.pk} can't be canceled: it is "
            f"{'automatic' if row.automatic else row.status}. Only a pending payout made by hand "
            "can be canceled.",
            code="payout_not_cancelable",
        )
    row.status = "canceled"
    _back(call, row, "payout_cancel")
    row.save()
    due.drop(call.account, "payout.step", row.pk)
    body = render(row)
    emit(call, "payout.canceled", body)
    return body


def _back(call: Call, row: Payout, kind: str) -> None:
    row.failure_balance_transaction = balance.book(
        call, amount=row.amount, currency=row.currency, kind=kind, source=row.pk
    )


@operation("POST", "/v1/payouts/{id}/reverse", "payouts.reverse")
def reverse(call: Call, ident: str) -> dict[str, Any]:
    """Ask a paid payout's money back from the bank; it comes at once."""
    row = _need(call, ident, lock=True)
    if row.status != "paid" or row.reversed_by or row.original_payout:
        raise GatewayError(
            f"Payout {row.pk} can't be reversed: only a paid one that wasn't reversed before can."
        )
    back = Payout(
        id=idents.new("po"),
        account=call.account,
        created=call.now,
        amount=-row.amount,
        currency=row.currency,
        status="paid",
        destination=row.destination,
        arrival_date=call.now,
        original_payout=row.pk,
        data={"type": row.data.get("type", "bank_account")},
        metadata=merge_metadata({}, call.get("metadata")),
    )
    back.balance_transaction = balance.book(
        call, amount=row.amount, currency=row.currency, kind="payout_failure", source=back.pk
    )
    back.save(force_insert=True)
    before = render(row)
    row.reversed_by = back.pk
    _save(call, row, before)
    _to_own_bank(call, back)
    return render(back)


def _to_own_bank(call: Call, row: Payout) -> None:
    """A payout to the sandbox's bank appears on that bank's statement."""
    to = Document.objects.filter(pk=row.destination).first()
    if to is not None and to.data.get("own_bank"):
        receive(call, row.currency.upper(), row.amount, row.pk, "gateway_payout")


@due.action("payout.step")
def step(call: Call, ident: str) -> None:
    """pending → in_transit → paid or failed."""
    row = _need(call, ident, lock=True)
    before = render(row)
    if row.status == "pending":
        row.status = "in_transit"
        _save(call, row, before)
        due.later(call.account, "payout.step", row.pk, float(conf.get("PAYOUT_SETTLE_SECONDS")) / 2)
        return
    if row.status != "in_transit":
        return
    to = Document.objects.filter(pk=row.destination).first()
    row.failure_code = to.data.get("failure") if to else "no_account"
    row.status = "failed" if row.failure_code else "paid"
    if row.failure_code:
        _back(call, row, "payout_failure")
        if to:
            to.data["errored"] = True
            to.save(update_fields=["data"])
    else:
        _to_own_bank(call, row)
    row.save()
    body = render(row)
    emit(call, f"payout.{row.status}", body)
    if row.automatic and row.status == "paid":
        emit(call, "payout.reconciliation_completed", body)


def automatic(call: Call) -> list[Payout]:
    """Pay out all that is available and was not settled before, one payout a currency.

    Opening money stays; a currency whose movements don't sum above zero waits.
    """
    Account.objects.select_for_update().get(pk=call.account.pk)
    open_ = BalanceTransaction.objects.filter(
        account=call.account, payout=None, available_on__lte=call.now, source__isnull=False
    )
    made = []
    for currency, amount in (
        open_.values_list("currency").annotate(sum=Sum("net")).order_by("currency")
    ):
        if amount <= 0:
            continue
        settled = list(open_.filter(currency=currency).values_list("pk", flat=True))
        to = external.default(call, currency)
        row = _make(call, int(amount), currency, to, automatic=True)
        settled.append(str(row.balance_transaction))
        BalanceTransaction.objects.filter(pk__in=settled).update(payout=row.pk)
        made.append(row)
    return made


def reschedule(account: Account) -> None:
    """Follow the account's payout schedule: ``manual`` or every day, week or month."""
    due.drop(account, "payout.automatic", account.pk)
    seconds = _interval(account)
    if seconds:
        due.later(account, "payout.automatic", account.pk, seconds)


def _interval(account: Account) -> float:
    interval = show.settings(account)["payouts"]["schedule"]["interval"]
    return {"daily": 1, "weekly": 7, "monthly": 30}.get(interval, 0) * float(DAY)


@due.action("payout.automatic")
def _automatic(call: Call, ident: str) -> None:
    automatic(call)
    if not Due.objects.filter(account=call.account, action="payout.automatic").exists():
        reschedule(call.account)


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = Payout.objects.filter(account=call.account, pk__in=idents)
    return {row.pk: render(row) for row in rows}


expandable(
    "payout",
    {
        "balance_transaction": "txn",
        "destination": "ba",
        "failure_balance_transaction": "txn",
        "original_payout": "po",
        "reversed_by": "po",
    },
)
loader("po", _load)
