"""The goods are with the merchant: counted for good, and back on sale if the merchant says so."""

from uuid import UUID

from journeys.engine.definition import Run
from marketplace import facade as marketplace


def do(run: Run) -> None:
    return_id = UUID(run.data["return_id"])
    found = marketplace.receive_return(return_id=return_id, restocked=bool(run.data["restock"]))
    run.journey.subject = str(return_id)
    if found.restocked:
        marketplace.restock_return(return_id=return_id)
