"""Reading the ledger: balances and the trial balance (试算平衡表)."""

from collections.abc import Iterable
from uuid import UUID

from kernel import tenancy
from kernel.money import Money
from kernel.transactions import cursor
from payments.contracts import Balance, TrialBalance, TrialRow
from payments.domain.chart import DEBIT_SIDE, MERCHANT_CODES, Account, Code
from payments.ledger.counters import counters
from payments.models import LedgerAccount

# Every counter against the sum of its transfers. A pending transfer counts until it is resolved.
_RECOUNT = """
WITH sides AS (
  SELECT t.debit_id AS account_id, true AS debit, t.id, t.amount, t.flags FROM ledger_transfer t
  WHERE t.platform_id = %(platform)s
  UNION ALL
  SELECT t.credit_id, false, t.id, t.amount, t.flags FROM ledger_transfer t
  WHERE t.platform_id = %(platform)s
), summed AS (
  SELECT s.account_id,
    coalesce(sum(s.amount) FILTER (WHERE s.debit AND s.flags & 10 = 0), 0) AS dpo,
    coalesce(sum(s.amount) FILTER (WHERE NOT s.debit AND s.flags & 10 = 0), 0) AS cpo,
    coalesce(sum(s.amount) FILTER (WHERE s.debit AND s.flags & 2 = 2 AND x.id IS NULL), 0)
      AS dpe,
    coalesce(sum(s.amount) FILTER (WHERE NOT s.debit AND s.flags & 2 = 2 AND x.id IS NULL), 0)
      AS cpe
  FROM sides s LEFT JOIN ledger_transfer x
    ON x.platform_id = %(platform)s AND x.pending_id = s.id
  GROUP BY s.account_id
), counters AS (
  SELECT a.id, a.code, a.currency, a.owner,
    a.debits_posted + coalesce(sum(t.debits_posted), 0) AS dpo,
    a.credits_posted + coalesce(sum(t.credits_posted), 0) AS cpo,
    a.debits_pending + coalesce(sum(t.debits_pending), 0) AS dpe,
    a.credits_pending + coalesce(sum(t.credits_pending), 0) AS cpe
  FROM ledger_account a LEFT JOIN ledger_stripe t
    ON t.account_id = a.id AND t.platform_id = a.platform_id
  WHERE a.platform_id = %(platform)s GROUP BY a.platform_id, a.id
)
SELECT a.code, a.currency, a.owner, a.dpo::bigint, a.cpo::bigint, a.dpe::bigint, a.cpe::bigint,
  (a.dpo, a.cpo, a.dpe, a.cpe) IS NOT DISTINCT FROM
  (coalesce(s.dpo, 0), coalesce(s.cpo, 0), coalesce(s.dpe, 0), coalesce(s.cpe, 0))
FROM counters a LEFT JOIN summed s ON s.account_id = a.id
ORDER BY a.currency, a.code, a.owner
"""


def account_balances(accounts: Iterable[Account]) -> dict[UUID, int]:
    """Spendable balance by account id, in minor units, 0 for absent ones: what stands on the
    account's own side less what is on hold against it."""
    wanted = list(accounts)
    found = counters(a.id for a in wanted)
    balances: dict[UUID, int] = {}
    for account in wanted:
        dpo, cpo, dpe, cpe = found.get(account.id, (0, 0, 0, 0))
        on_debit_side = account.code in DEBIT_SIDE
        balances[account.id] = dpo - cpo - cpe if on_debit_side else cpo - dpo - dpe
    return balances


def merchant_balances(merchant_id: UUID) -> list[Balance]:
    """The merchant's balance in each currency it ever had money in, by currency."""
    rows = (
        LedgerAccount.objects.filter(owner=merchant_id)
        .order_by("currency")
        .values_list(
            "currency",
            "code",
            "debits_posted",
            "credits_posted",
            "debits_pending",
            "credits_pending",
        )
    )
    found: dict[str, dict[str, int]] = {}
    for currency, code, dpo, cpo, dpe, cpe in rows:
        amounts = found.setdefault(currency, dict.fromkeys(MERCHANT_CODES, 0))
        amounts[code] = dpo - cpo - cpe if code == Code.MERCHANT_OWED else cpo - dpo - dpe
    return [
        Balance(
            pending=Money(amounts[Code.MERCHANT_PENDING], currency),
            available=Money(amounts[Code.MERCHANT_AVAILABLE], currency),
            in_transit=Money(amounts[Code.MERCHANT_TRANSIT], currency),
            reserved=Money(amounts[Code.MERCHANT_RESERVED], currency),
            owed=Money(amounts[Code.MERCHANT_OWED], currency),
        )
        for currency, amounts in found.items()
    ]


def trial_balance() -> TrialBalance:
    """Every account of the platform, with the counters checked against the transfers."""
    with cursor() as sql:
        sql.execute(_RECOUNT, {"platform": tenancy.current_id()})
        found = sql.fetchall()
    problems = [
        f"{row[0]} {row[1]} {row[2] or ''}: the counters differ from the transfers"
        for row in found
        if not row[7]
    ]
    sums: dict[str, list[int]] = {}
    for row in found:
        total = sums.setdefault(row[1], [0, 0])
        total[0] += row[3] - row[4]
        total[1] += row[5] - row[6]
    problems += [
        f"{currency}: debits and credits differ by {posted} posted, {pending} pending"
        for currency, (posted, pending) in sums.items()
        if posted or pending
    ]
    rows = tuple(TrialRow(*row[:7]) for row in found)
    return TrialBalance(rows=rows, balanced=not problems, problems=tuple(problems))
