"""What a file says about itself: sums that show which side is wrong, or that a row is."""

from collections import defaultdict
from collections.abc import Iterable

from payments.domain.reconciliation.bundles import subset
from payments.domain.reconciliation.findings import Fault, Finding, Fix
from payments.domain.reconciliation.movements import Movement, Role
from payments.domain.reconciliation.rows import SETTLEMENT, Row, Side, Statement


class Proofs:
    """Settlements against the rows they consist of, and the bank's running balance."""

    def __init__(self, movements: dict[str, Movement], bank: Statement | None) -> None:
        self._movements = movements
        self._members: dict[str, list[Row]] = defaultdict(list)
        for one in movements.values():
            if one.family != SETTLEMENT:
                for row in one.rows.get(Role.GATEWAY, []):
                    if row.batch:
                        self._members[row.batch].append(row)
        self._broken, self._balances = _breaks(bank)

    def residual(self, batch: str) -> int | None:
        """By how much the rows of a settlement exceed it; None if that can't be said."""
        one = self._movements.get(f"{SETTLEMENT}:{batch}")
        if one is None or Role.GATEWAY not in one.first or batch not in self._members:
            return None
        return sum(row.net or 0 for row in self._members[batch]) + one.first[Role.GATEWAY].amount

    def doubt(self, one: Movement, fault: Fault) -> Side | None:
        """Of two words, whose to doubt."""
        gateway = one.first.get(Role.GATEWAY)
        if gateway is not None and fault in (Fault.AMOUNT, Fault.FEE):
            if gateway.net is not None and gateway.net != gateway.amount - gateway.fee:
                return Side.GATEWAY
            left = self.residual(gateway.batch)
            return None if left is None else Side.GATEWAY if left else Side.LEDGER
        if gateway is not None and fault is Fault.CURRENCY:
            whole = self._movements.get(f"{SETTLEMENT}:{gateway.batch}")
            paid = whole.first.get(Role.GATEWAY) if whole else None
            if paid is not None:
                return Side.LEDGER if paid.currency == gateway.currency else Side.GATEWAY
        bank = one.first.get(Role.BANK)
        if bank is not None and fault is Fault.AMOUNT and self._balances:
            return Side.BANK if bank.line in self._broken else Side.LEDGER
        return None

    def findings(self, known: Iterable[Finding]) -> list[Finding]:
        """Sums that don't come out and that nothing known explains."""
        found = list(known)
        touched = {row for one in found for row in one.rows}
        return [*self._arithmetic(touched), *self._composition(found), *self._balance(found)]

    def _arithmetic(self, touched: set[Row]) -> list[Finding]:
        return [
            Finding(
                Fault.ARITHMETIC, one.key, row.day, Side.GATEWAY, (row,),
                expected=str(row.amount - row.fee), found=str(row.net),
                amount=(row.net or 0) - row.amount + row.fee, currency=row.currency,
                fix=Fix.ASK_GATEWAY,
            )
            for one in self._movements.values()
            for row in one.rows.get(Role.GATEWAY, [])
            if row.net is not None and row.net != row.amount - row.fee and row not in touched
        ]  # fmt: skip

    def _composition(self, known: list[Finding]) -> list[Finding]:
        explained = {name for one in known for name in (one.document, *one.also)}
        lost = [-_net(self._movements[one.key]) for one in known if _is_lost(one)]
        wrong = {one.key for one in known}
        found = []
        batches = [one for one in self._movements.values() if one.family == SETTLEMENT]
        batches = [one for one in batches if Role.GATEWAY in one.first and one.id in self._members]
        for one in sorted(batches, key=lambda one: one.first[Role.GATEWAY].day)[1:]:
            left = self.residual(one.id)
            if not left or one.id in explained:
                continue
            deltas = [
                (row.net or 0) - expected
                for row in self._members[one.id]
                for key, expected in self._alternatives(row)
                if key in wrong
            ]
            if subset(left, [*deltas, *lost]) is None:
                row = one.first[Role.GATEWAY]
                found.append(
                    Finding(
                        Fault.COMPOSITION, one.key, row.day, Side.GATEWAY, one.all(),
                        expected=str(-row.amount), found=str(-row.amount + left), amount=left,
                        currency=row.currency, fix=Fix.FETCH_AGAIN,
                    )
                )  # fmt: skip
        return found

    def _alternatives(self, row: Row) -> list[tuple[str, int]]:
        """What a row may be instead: nothing, or what the ledger says."""
        key = row.key
        one = self._movements.get(key)
        return [(key, 0), (key, _net(one))] if one else []

    def _balance(self, known: list[Finding]) -> list[Finding]:
        """A jump in the bank's balance, while every row of it agrees."""
        if not self._broken or any(one.where in (Side.BANK, None) for one in known):
            return []
        rows = [row for one in self._movements.values() for row in one.rows.get(Role.BANK, [])]
        return [
            Finding(
                Fault.BALANCE, f"balance:{row.id}", row.day, Side.BANK, (row,),
                expected=str((row.balance or 0) - self._broken[row.line]), found=str(row.balance),
                amount=self._broken[row.line], currency=row.currency, fix=Fix.ASK_BANK,
            )
            for row in rows
            if row.line in self._broken
        ]  # fmt: skip


def _net(one: Movement) -> int:
    """What a gateway's row should bring, by our own books."""
    row = one.first.get(Role.LEDGER)
    return row.amount - row.fee if row is not None else 0


def _is_lost(one: Finding) -> bool:
    return one.fault is Fault.MISSING and one.where is Side.GATEWAY


def _breaks(bank: Statement | None) -> tuple[dict[int, int], bool]:
    """Lines at which the running balance jumps, and by how much; whether there are balances."""
    last: dict[str, int] = {}
    broken: dict[int, int] = {}
    for row in bank.rows if bank else ():
        if row.balance is None:
            last.pop(row.currency, None)
            continue
        before = last.get(row.currency)
        if before is not None and before + row.amount != row.balance:
            broken[row.line] = row.balance - before - row.amount
        last[row.currency] = row.balance
    return broken, bool(last)
