"""An account's four counters: its own, and those of its stripes if it has no limit."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from kernel import tenancy
from kernel.transactions import cursor
from payments.domain.chart import DEBIT_SIDE
from payments.ledger_contracts import AccountInfo

_READ = """
SELECT a.id, a.code, a.currency, a.owner,
  (a.debits_posted + coalesce(sum(s.debits_posted), 0))::bigint,
  (a.credits_posted + coalesce(sum(s.credits_posted), 0))::bigint,
  (a.debits_pending + coalesce(sum(s.debits_pending), 0))::bigint,
  (a.credits_pending + coalesce(sum(s.credits_pending), 0))::bigint,
  a.debits_must_not_exceed_credits OR a.credits_must_not_exceed_debits
FROM ledger_account a LEFT JOIN ledger_stripe s
  ON s.account_id = a.id AND s.platform_id = a.platform_id
WHERE a.platform_id = %(platform)s AND {where}
GROUP BY a.platform_id, a.id ORDER BY a.currency, a.code, a.owner
"""


def counters(ids: Iterable[UUID]) -> dict[UUID, tuple[int, int, int, int]]:
    """Debits posted, credits posted, debits pending, credits pending, in minor units, by id;
    accounts that don't exist are left out."""
    found = _read("a.id = ANY(%(ids)s)", ids=list(ids))
    return {
        a.id: (a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending)
        for a in found
    }


def accounts(ids: Iterable[UUID]) -> list[AccountInfo]:
    """The accounts, by currency, code and owner; those that don't exist are left out."""
    return _read("a.id = ANY(%(ids)s)", ids=list(ids))


def every_account() -> list[AccountInfo]:
    """All accounts of the platform, by currency, code and owner."""
    return _read("true")


def _read(where: str, **values: Any) -> list[AccountInfo]:
    with cursor() as sql:
        sql.execute(_READ.format(where=where), values | {"platform": tenancy.current_id()})
        rows: list[tuple[Any, ...]] = sql.fetchall()
    found = []
    for id_, code, currency, owner, dpo, cpo, dpe, cpe, limited in rows:
        side = code in DEBIT_SIDE
        found.append(AccountInfo(id_, code, currency, owner, dpo, cpo, dpe, cpe, side, limited))
    return found
