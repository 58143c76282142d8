"""Making transfers and settling them; the balance row's lock orders the statement."""

from typing import Any, Literal

from pydantic import Field

from kernel.currencies import table
from sandbox import clock, conf, database, idents
from sandbox.delivery import due
from sandbox.delivery.callbacks import tell
from sandbox.magic import bank as magic
from sandbox.models import (
    Account,
    BankBalance,
    BankEntry,
    BankTransfer,
    Channel,
    TransferStatus,
)
from sandbox.transport.call import Call
from sandbox.transport.plain import Body, PlainError, fingerprint

Status = TransferStatus


class TransferIn(Body):
    amount: int = Field(gt=0, le=10**15)
    currency: str = Field(min_length=3, max_length=3)
    account: str = Field(min_length=1, max_length=34)
    name: str = Field(min_length=1, max_length=200)
    reference: str = Field(min_length=1, max_length=140)


def render(row: BankTransfer) -> dict[str, Any]:
    """The transfer as the bank shows it; the account number masked."""
    number = row.number
    return {
        "id": row.pk,
        "object": "bank_transfer",
        "status": row.status,
        "amount": row.amount,
        "currency": row.currency,
        "account": f"{number[:4]}••••{number[-4:]}" if len(number) > 8 else "••••",
        "name": row.name,
        "reference": row.reference,
        "key": row.key,
        "failure_code": row.failure_code,
        "failure_message": magic.MESSAGES.get(row.failure_code or ""),
        "created": clock.iso(row.created_at),
        "completed": clock.iso(row.completed_at),
    }


def make(call: Call, key: str, wanted: TransferIn) -> tuple[BankTransfer, bool]:
    """The transfer of this key, and whether it is new. 409 when its fields differ."""
    number = wanted.account.replace(" ", "")
    if not (8 <= len(number) <= 34 and number.isascii() and number.isalnum()):
        raise PlainError(
            422, "invalid_account_number", "account: 8 to 34 letters and digits.", "account"
        )
    if wanted.currency not in table():
        raise PlainError(422, "invalid_currency", "currency: an ISO 4217 code.", "currency")
    fields = wanted.model_dump() | {"account": number}
    mark = fingerprint(fields)
    database.wait_lock(f"bank:{call.account.pk}:{key}")
    row = BankTransfer.objects.filter(account=call.account, key=key).first()
    if row is not None:
        if row.fingerprint != mark:
            raise PlainError(
                409,
                "key_reused",
                f"The key was used for transfer {row.pk}, with other fields.",
                "key",
            )
        return row, False
    purse = _purse(call.account, wanted.currency)
    outcome, failure = magic.outcome(number)
    if purse.amount < wanted.amount:
        outcome, failure = "failed", "insufficient_funds"
    row = BankTransfer(
        id=idents.new("btr"),
        account=call.account,
        created=call.now,
        key=key,
        fingerprint=mark,
        amount=wanted.amount,
        currency=wanted.currency,
        number=number,
        name=wanted.name,
        reference=wanted.reference,
        status=Status.PENDING,
        outcome=outcome,
        created_at=clock.now(),
    )
    row.save(force_insert=True)
    if outcome == "failed":
        _finish(call, row, failure)
        return row, True
    _enter(call, row, purse, -row.amount, "transfer")
    if outcome == magic.PAID:
        _finish(call, row, None)
    else:
        due.later(call.account, "bank.settle", row.pk, float(conf.get("BANK_SETTLE_SECONDS")))
    return row, True


def settle(call: Call, ident: str) -> BankTransfer:
    """Settle a pending transfer now; one already settled stays as it is."""
    row = BankTransfer.objects.select_for_update().filter(account=call.account, pk=ident).first()
    if row is None:
        raise PlainError(404, "not_found", "There is no such transfer.")
    if row.status != Status.PENDING:
        return row
    _, failure = magic.outcome(row.number)
    if failure:
        _enter(call, row, _purse(call.account, row.currency), row.amount, "return")
    _finish(call, row, failure)
    due.drop(call.account, "bank.settle", row.pk)
    return row


@due.action("bank.settle")
def _settle_later(call: Call, ident: str) -> None:
    settle(call, ident)


def _finish(call: Call, row: BankTransfer, failure: str | None) -> None:
    result: Literal["failed", "paid"] = "failed" if failure else "paid"
    row.status, row.failure_code = Status(result), failure
    row.completed_at = clock.now()
    row.save()
    tell(
        call,
        Channel.BANK,
        subject=row.pk,
        kind=f"bank.transfer.{result}",
        moment=clock.iso(row.completed_at),
        data=render(row),
    )


def _purse(account: Account, currency: str) -> BankBalance:
    BankBalance.objects.bulk_create(
        [BankBalance(owner=account, currency=currency, amount=0)], ignore_conflicts=True
    )
    return BankBalance.objects.select_for_update().get(owner=account, currency=currency)


def receive(call: Call, currency: str, amount: int, reference: str, kind: str) -> None:
    """Money that comes from outside, or goes back there: a line of its own on the statement."""
    _line(call, _purse(call.account, currency), reference, reference, amount, kind)


def _enter(call: Call, row: BankTransfer, purse: BankBalance, amount: int, kind: str) -> None:
    _line(call, purse, row.pk, row.reference, amount, kind)


def _line(
    call: Call, purse: BankBalance, transfer: str, reference: str, amount: int, kind: str
) -> None:
    purse.amount += amount
    purse.save(update_fields=["amount"])
    BankEntry.objects.create(
        id=idents.new("ben"),
        account=call.account,
        created=call.now,
        transfer=transfer,
        reference=reference,
        kind=kind,
        amount=amount,
        currency=purse.currency,
        balance_after=purse.amount,
        created_at=clock.now(),
    )


def render_entry(row: BankEntry) -> dict[str, Any]:
    """One line of the statement."""
    return {
        "id": row.pk,
        "object": "bank_entry",
        "kind": row.kind,
        "amount": row.amount,
        "currency": row.currency,
        "balance_after": row.balance_after,
        "transfer": row.transfer,
        "reference": row.reference,
        "created": clock.iso(row.created_at),
    }
