"""Our own side of a reconciliation: movements on the gateway's and the bank's account."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from kernel.ids import parse_public_id, public_id
from payments.domain.chart import Code
from payments.domain.reconciliation import Row, Side, Statement
from payments.models import (
    BankCredit,
    Dispute,
    LateCharge,
    LedgerAccount,
    LedgerTransfer,
    PaymentIntent,
    Payout,
    Refund,
)
from payments.selectors.corrections import corrected, corrections

_AT_GATEWAY = {
    "topup": "charge",
    "gateway_fee": "charge",
    "gateway_fee_back": "refund",
    "commission_refund": "refund",
    "withdrawal": "refund",
    "commission_restored": "refund_failure",
    "withdrawal_failed": "refund_failure",
    "chargeback_taken": "dispute",
    "dispute_fee_paid": "dispute",
    "chargeback_returned": "dispute_reversal",
    "late_charge": "charge",
    "late_charge_returned": "refund",
}
_AT_BANK = {
    "payout_paid": "payout",
    "payout_failure": "payout_return",
    "bank_credit": "receipt",
    "bank_credit_returned": "payout",
    "bank_refund": "payout",
}
_KNOWN = {
    "charge", "refund", "refund_failure", "dispute", "dispute_reversal", "settlement",
    "settlement_received", "payout", "payout_return", "receipt", "bank_fee",
}  # fmt: skip
_FEES = ("gateway_fee", "gateway_fee_back", "dispute_fee_paid")
_LATE = ("late_charge", "late_charge_returned")
_ACCOUNTS = (Code.GATEWAY, Code.ALIPAY, Code.WECHAT, Code.BANK)
_POSTED = [flags for flags in range(32) if not flags & (2 | 8)]


def ledger_statement(first: date, last: date, zone: ZoneInfo) -> Statement:
    """What was booked on these days of ``zone``, by the system's clock: one row a document and
    kind, its transfers summed."""
    accounts = {row.id: row for row in LedgerAccount.objects.filter(code__in=_ACCOUNTS)}
    start = datetime.combine(first, time(), zone)
    end = datetime.combine(last + timedelta(days=1), time(), zone)
    transfers = LedgerTransfer.objects.filter(
        Q(debit_id__in=accounts) | Q(credit_id__in=accounts),
        flags__in=_POSTED, created_at__gte=start, created_at__lt=end,
    ).order_by("created_at", "id")  # fmt: skip
    groups: dict[tuple[str, UUID, str], list[tuple[LedgerTransfer, int]]] = defaultdict(list)
    manual: list[tuple[LedgerTransfer, str, int]] = []
    for one in transfers.iterator(chunk_size=2000):
        for account_id, sign in ((one.debit_id, 1), (one.credit_id, -1)):
            if account_id in accounts:
                where = str(accounts[account_id].code)
                if one.code == "manual":
                    manual.append((one, where, sign * one.amount))
                    continue
                kind = _kind(where, str(one.code))
                groups[where, one.journal, kind].append((one, sign * one.amount))
    known = corrections({one.journal for one, _where, _amount in manual})
    for one, where, amount in manual:
        if one.journal not in known:
            kind = _kind(where, str(one.code))
            groups[where, one.journal, kind].append((one, amount))
    # A fee may be booked later: without its payment it is of days before these.
    whole = {
        key: parts
        for key, parts in groups.items()
        if key[0] == Code.BANK or any(one.code not in _FEES for one, _ in parts)
    }
    rows = [_row(number, key, parts, zone) for number, (key, parts) in enumerate(whole.items(), 1)]
    ends = last4({row.document for row in rows if row.kind == "payout"})
    names = _received({row.document for row in rows if row.kind == "receipt"})
    told = (
        replace(r, party=ends.get(r.document, r.party), source=names.get(r.document, r.source))
        if r.kind in ("payout", "receipt")
        else r
        for r in rows
    )
    fees = set(LedgerAccount.objects.filter(code=Code.GATEWAY_FEE).values_list("id", flat=True))
    mended = corrected(
        list(told),
        [
            (known[one.journal], one, where, amount, bool({one.debit_id, one.credit_id} & fees))
            for one, where, amount in manual
            if one.journal in known
        ],
        zone,
    )
    return Statement(Side.LEDGER, "", first, last, zone, tuple(mended))


def rows_of(statement: Statement) -> Iterator[list[Any]]:
    """The cells of a ledger statement's file."""
    for row in statement.rows:
        assert row.at is not None
        yield [
            row.id, row.account, row.kind, row.document, row.source, row.amount, row.fee,
            row.currency, row.party, row.at.isoformat(timespec="seconds"),
        ]  # fmt: skip


def documents(sources: set[str]) -> dict[str, str]:
    """Our public ids of payments, refunds, payouts, chargebacks and late charges by the other
    party's."""
    found: dict[str, str] = {}
    tables: tuple[tuple[Any, str, str], ...] = (
        (PaymentIntent, "gateway_id", "pay"),
        (Refund, "gateway_id", "ref"),
        (Payout, "provider_id", "pot"),
        (Dispute, "gateway_id", "dsp"),
        (LateCharge, "provider_id", "lch"),
        (LateCharge, "refund_id", "lch"),
    )
    for model, column, prefix in tables:
        rows = model.objects.filter(**{f"{column}__in": sources}).values_list(column, "id")
        found.update({source: public_id(prefix, row_id) for source, row_id in rows})
    return found


def _document(one: LedgerTransfer) -> str:
    """A charge that came too late stands beside the payment's own, under a name of its own."""
    return public_id("lch", one.journal) if one.code in _LATE else str(one.document)


def last4(names: set[str]) -> dict[str, str]:
    """The end of the account number that each payout went to, by the payout's public id."""
    ids = {parse_public_id("pot", name): name for name in names if name.startswith("pot_")}
    rows = Payout.objects.filter(id__in=ids).values_list("id", "destination_last4")
    return {ids[row_id]: f"••••{digits}" for row_id, digits in rows}


def _received(documents: set[str]) -> dict[str, str]:
    """The bank's ids of transfers that came in, by their public ids."""
    ids = {parse_public_id("bcr", name): name for name in documents if name.startswith("bcr_")}
    rows = BankCredit.objects.filter(id__in=ids).values_list("id", "bank_id")
    return {ids[row_id]: bank_id for row_id, bank_id in rows}


def _kind(account: str, code: str) -> str:
    kind = (_AT_BANK if account == Code.BANK else _AT_GATEWAY).get(code, code)
    return kind if kind in _KNOWN else "receipt" if account == Code.BANK else "adjustment"


def _row(
    line: int,
    key: tuple[str, UUID, str],
    parts: list[tuple[LedgerTransfer, int]],
    zone: ZoneInfo,
) -> Row:
    where, _journal, kind = key
    lead = parts[0][0]
    fee = -sum(amount for one, amount in parts if one.code in _FEES)
    at = lead.created_at.astimezone(zone)
    merchants = {one.merchant_id for one, _ in parts if one.merchant_id}
    settled = kind.startswith("settlement")
    party = public_id("mer", next(iter(merchants))) if len(merchants) == 1 else ""
    return Row(
        side=Side.LEDGER,
        line=line,
        id=public_id("btx", lead.id),
        kind=kind,
        amount=sum(amount for one, amount in parts if one.code not in _FEES),
        currency=lead.currency,
        day=at.date(),
        at=at,
        account=where,
        document="" if settled else _document(lead),
        source=lead.document if settled else "",
        fee=fee,
        party="" if where == Code.BANK else party,
    )
