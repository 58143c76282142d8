"""Virtual accounts, and transfers that come in to them or to any other of our numbers."""

from typing import Any

from django.http import HttpRequest
from pydantic import Field

from kernel.currencies import table
from sandbox import clock, database, idents
from sandbox.delivery.callbacks import tell
from sandbox.models import BankBalance, BankCredit, BankEntry, Channel, VirtualAccount
from sandbox.transport.call import Call
from sandbox.transport.plain import Body, PlainError, Reply, api, key_of, read


class AccountIn(Body):
    reference: str = Field(min_length=1, max_length=140)
    currency: str = Field(min_length=3, max_length=3)


class CreditIn(Body):
    account: str = Field(min_length=8, max_length=34)
    amount: int = Field(gt=0, le=10**15)
    currency: str = Field(default="CNY", min_length=3, max_length=3)
    payer_name: str = Field(default="", max_length=200)
    payer_account: str = Field(default="", max_length=34)
    remittance: str = Field(default="", max_length=140)


def _show(row: VirtualAccount) -> dict[str, Any]:
    return {
        "id": row.pk,
        "object": "virtual_account",
        "number": row.number,
        "reference": row.reference,
        "currency": row.currency,
    }


def _open(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    key, wanted = key_of(request, data), read(AccountIn, data)
    database.wait_lock(f"virtual:{call.account.pk}:{key}")
    row = VirtualAccount.objects.filter(account=call.account, key=key).first()
    if row is not None:
        if (row.reference, row.currency) != (wanted.reference, wanted.currency):
            raise PlainError(409, "key_reused", "The key was used with other fields.", "key")
        call.replayed = True
        return 200, _show(row)
    digits = str(int(idents.digest(f"{call.account.pk}:{key}")[:16], 16)).zfill(20)
    row = VirtualAccount.objects.create(
        id=idents.new("vac"),
        account=call.account,
        created=call.now,
        key=key,
        number=f"622848{digits[-13:]}",
        reference=wanted.reference,
        currency=wanted.currency,
    )
    return 201, _show(row)


def render(row: BankCredit) -> dict[str, Any]:
    return {
        "id": row.pk,
        "object": "bank_credit",
        "account": row.number,
        "amount": row.amount,
        "currency": row.currency,
        "payer": row.payer,
        "remittance": row.remittance,
        "received": clock.iso(row.created_at),
    }


def _pay_in(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    """Somebody pays in: what a payer's bank would do."""
    wanted = read(CreditIn, data)
    if wanted.currency not in table():
        raise PlainError(422, "invalid_currency", "currency: an ISO 4217 code.", "currency")
    BankBalance.objects.bulk_create(
        [BankBalance(owner=call.account, currency=wanted.currency, amount=0)],
        ignore_conflicts=True,
    )
    purse = BankBalance.objects.select_for_update().get(
        owner=call.account, currency=wanted.currency
    )
    purse.amount += wanted.amount
    purse.save(update_fields=["amount"])
    payer = {"name": wanted.payer_name, "number": wanted.payer_account, "bank": "Sandbox Bank"}
    row = BankCredit.objects.create(
        id=idents.new("bcd"),
        account=call.account,
        created=call.now,
        number=wanted.account.replace(" ", ""),
        amount=wanted.amount,
        currency=wanted.currency,
        payer=payer if wanted.payer_account else {},
        remittance=wanted.remittance,
        created_at=clock.now(),
    )
    BankEntry.objects.create(
        id=idents.new("ben"),
        account=call.account,
        created=call.now,
        transfer=row.pk,
        reference=wanted.remittance,
        kind="credit",
        amount=row.amount,
        currency=row.currency,
        balance_after=purse.amount,
        created_at=clock.now(),
    )
    tell(
        call, Channel.BANK, subject=row.pk, kind="bank.credit.received",
        moment=clock.iso(row.created_at), data={"id": row.pk},
    )  # fmt: skip
    return 201, render(row)


def _list(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    """Oldest first, after an entry: so that nothing is missed."""
    text = request.GET.get("limit", "100")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100:
        raise PlainError(422, "invalid", "limit: a whole number from 1 to 100.", "limit")
    rows = BankCredit.objects.filter(account=call.account, pk__gt=request.GET.get("after", ""))
    found = list(rows.order_by("pk")[: int(text) + 1])
    shown = [render(row) for row in found[: int(text)]]
    return 200, {"data": shown, "has_more": len(found) > int(text)}


accounts = api(POST=("bank.virtual_accounts.create", _open))
credits_ = api(POST=("bank.credits.create", _pay_in), GET=("bank.credits.list", _list))
