"""Give back what pending transfers hold when their time is over."""

from uuid import uuid5

from kernel import clock, tenancy
from kernel.failpoints import hit
from kernel.transactions import atomic, cursor
from payments.ledger.post import Flag, post_rows

_DUE = """
SELECT t.id, t.debit_id, t.credit_id, t.amount, t.currency, t.code, t.journal, t.merchant_id,
  t.reference, t.document
FROM ledger_transfer t
WHERE t.platform_id = %(platform)s AND t.expires_at <= %(now)s AND NOT EXISTS (
  SELECT FROM ledger_transfer x WHERE x.platform_id = %(platform)s AND x.pending_id = t.id)
ORDER BY t.expires_at LIMIT 500
"""


def expire_due() -> int:
    """Void pending transfers whose deadline (business time) is over; how many. The ledger refuses
    to post them from that moment on, also before this has run."""
    with atomic():
        with cursor() as sql:
            sql.execute(_DUE, {"platform": tenancy.current_id(), "now": clock.business()})
            due = sql.fetchall()
        rows = [
            {
                "id": uuid5(row[0], "expire"),
                "debit": row[1],
                "credit": row[2],
                "amount": row[3],
                "currency": row[4],
                "code": row[5],
                "flags": int(Flag.VOID | Flag.EXPIRE),
                "pending_id": row[0],
                "expires_at": None,
                "journal": row[6],
                "merchant_id": row[7],
                "reference": row[8],
                "document": row[9],
            }
            for row in due
        ]
        expired = post_rows(rows, []).count("ok") if rows else 0
        hit("payments.expire.posted")
        return expired
