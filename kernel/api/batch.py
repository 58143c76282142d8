"""Batches: each row stands or falls alone, and says which."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from kernel import transactions
from kernel.api.problems import problem
from kernel.errors import DomainError, at_most

RowT = TypeVar("RowT")
BATCH_MAX = 500


def run_rows(rows: Sequence[RowT], run: Callable[[RowT], dict[str, Any]]) -> dict[str, Any]:
    """Run ``run`` for each row in a savepoint of its own; results in the order sent."""
    at_most(len(rows), BATCH_MAX)
    results: list[dict[str, Any]] = []
    failed = 0
    for index, row in enumerate(rows):
        try:
            with transactions.atomic():
                results.append({"index": index, "status": 200, "object": run(row)})
        except DomainError as error:
            failed += 1
            results.append({"index": index, "status": error.status, "error": problem(error)})
    return {"data": results, "succeeded": len(rows) - failed, "failed": failed}
