"""Locks of this context that belong to no row."""

from uuid import UUID

from kernel.transactions import cursor


def portion(import_id: UUID, start: int) -> None:
    """The portion of a list that begins at ``start``, until the transaction ends: who writes it
    holds it from the beginning on, who writes the next one asks for it at the end."""
    with cursor() as sql:
        sql.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"journeys.import {import_id} {start}"],
        )
