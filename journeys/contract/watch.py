"""What the other journeys ask about an order's contract, and what wakes it."""

from uuid import UUID, uuid5

from certification import facade as certification
from journeys.engine.run import plan
from journeys.errors import ContractCoversAll, ContractInForce, ContractMissing
from journeys.models import Journey
from kernel import jobs
from kernel.errors import InvalidTransition
from marketplace import facade as marketplace

IN_FORCE = ("effective", "amended")


def key_of(order_id: UUID) -> UUID:
    """The key of the order's contract and of the journey for it: there is one at most."""
    return uuid5(order_id, "contract")


def journey_of(order_id: UUID) -> Journey | None:
    return Journey.objects.filter(kind="contract", key=key_of(order_id)).first()


def plan_contracts(asked: dict[str, object], orders: tuple[marketplace.OrderInfo, ...]) -> None:
    """In the commit that made the orders paid, begin what ``terms.needed`` found at placing."""
    wanted = asked["orders"]
    assert isinstance(wanted, list)
    for order in orders:
        if str(order.id) in wanted:
            data = {name: asked[name] for name in ("template", "days", "company_id")}
            plan(
                "contract",
                key=key_of(order.id),
                data={**data, "order_id": str(order.id)},
                subject=str(order.id),
                merchant_id=order.merchant_id,
            )


def require_signed(order_id: UUID) -> None:
    """Raises ContractMissing while the order's contract isn't in force, if it needs one."""
    if journey_of(order_id) is None:
        return
    found = certification.contract_by_key(key=key_of(order_id))
    if found is None or found.state not in IN_FORCE:
        raise ContractMissing


def call_off(order_id: UUID) -> None:
    """The order is being cancelled: nobody can sign from here on. Raises ContractInForce."""
    if journey_of(order_id) is None:
        return
    try:
        certification.call_off_contract(key=key_of(order_id), reason="order")
    except InvalidTransition as error:
        raise ContractInForce from error


def require_none(order_id: UUID) -> None:
    """A contract is over all of an order, so no part of it can go. Raises ContractInForce,
    ContractCoversAll."""
    if journey_of(order_id) is None:
        return
    found = certification.contract_by_key(key=key_of(order_id))
    if found is not None and found.state in IN_FORCE:
        raise ContractInForce
    raise ContractCoversAll


def wake(order_id: UUID) -> None:
    """Have the order's waiting contract journey looked at, in a job."""
    found = journey_of(order_id)
    if found is not None and found.state in (Journey.State.RUNNING, Journey.State.WAITING):
        jobs.enqueue("journeys.resume", {"journey_id": str(found.id)})


def is_of(order_id: UUID, contract_id: UUID) -> bool:
    """Whether this is the contract that the order's own journey made: anyone may write an order's
    number into a contract's ``external_id``."""
    if journey_of(order_id) is None:
        return False
    found = certification.contract_by_key(key=key_of(order_id))
    return found is not None and found.id == contract_id
