"""The contract is drafted and opened for signing in one commit of certification's, then waited
for. Undone: it is called off and the order cancelled, which gives money and goods back."""

from uuid import UUID

from certification import facade as certification
from journeys.contract import terms
from journeys.engine.definition import Done, Failed, Outcome, Result, Run, Wait
from journeys.errors import ContractNotSigned
from journeys.services.orders import cancel_order
from kernel.ids import public_id
from marketplace import facade as marketplace

WAS_IN_FORCE = ("effective", "amended", "terminated")


def prepare(run: Run) -> None:
    if _order(run).state != "paid":
        raise ContractNotSigned(state="cancelled")


def call(run: Run) -> Result:
    """Repeated, it finds the contract of the first time by its key."""
    template = terms.template_for(run.data["template"])
    order = _order(run)
    due = terms.sign_by(run.data["days"])
    made = certification.open_agreed_contract(
        key=run.journey.key,
        reference=public_id("ord", order.id),
        template_id=template.id,
        drafter="seller",
        parties=terms.parties(order, run.data["company_id"]),
        values=terms.values(order, template, due=due),
        language=terms.contract_language(),
        sign_by=due,
    )
    return {"contract_id": str(made.id)}


def recheck(run: Run) -> Result:
    """Nothing to ask for outside: ``record`` reads how the contract stands."""
    return {}


def record(run: Run, result: Result) -> Outcome:
    run.data.update(result)
    found = certification.contract_state(contract_id=UUID(run.data["contract_id"]))
    if found.state in WAS_IN_FORCE:
        return Done()
    if found.state != "signing":
        run.data["ended"] = str(found.state)
        return Failed(ContractNotSigned(state=str(found.state)))
    if _order(run).state != "paid":
        return Failed(ContractNotSigned(state="cancelled"))
    return Wait()  # without a deadline of its own: the contract's ends it


def prepare_undo(run: Run) -> bool:
    """Whether the order is still to be cancelled."""
    certification.call_off_contract(key=run.journey.key, reason="order")
    return _order(run).state == "paid"


def call_undo(run: Run) -> Result:
    cancel_order(
        order_id=UUID(run.data["order_id"]),
        reason=f"contract_{run.data.get('ended', 'failed')}",
    )
    return {}


def record_undo(run: Run, result: Result) -> Outcome:
    """The cancel journey has the order now, and an operator's attention if it gets stuck."""
    return Done()


def _order(run: Run) -> marketplace.OrderInfo:
    found = marketplace.order(order_id=UUID(run.data["order_id"]), with_address=True)
    if found is None:
        raise marketplace.OrderNotFound
    return found
