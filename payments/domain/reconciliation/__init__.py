"""Three-way reconciliation (三方对账): rows in, findings out. Pure; docs/reconciliation.md."""

from payments.domain.reconciliation.findings import Fault, Finding, Fix, Outcome, ways_out
from payments.domain.reconciliation.formats import parse, write_csv, write_json
from payments.domain.reconciliation.match import Rules, reconcile
from payments.domain.reconciliation.movements import Movement, Role, gather, place
from payments.domain.reconciliation.rows import Row, Side, Statement
from payments.domain.reconciliation.strict import StatementError

__all__ = [
    "Fault",
    "Finding",
    "Fix",
    "Movement",
    "Outcome",
    "Role",
    "Row",
    "Rules",
    "Side",
    "Statement",
    "StatementError",
    "gather",
    "parse",
    "place",
    "reconcile",
    "ways_out",
    "write_csv",
    "write_json",
]
