"""The step in which a journey gives a buyer money back: one refund of one merchant's share, asked
of the gateway under a key that never changes. What is left of each journey is how much."""

from collections.abc import Callable
from uuid import UUID

from journeys.engine import OutsideStep
from journeys.engine.definition import Done, Failed, Outcome, Result, Run, Wait
from kernel.errors import DomainError
from kernel.ids import public_id
from payments import facade as payments

# The share to refund, its group and the reason; None when nothing goes back.
Wanted = tuple[payments.RefundShare, UUID, str]


def refund_step(
    wanted: Callable[[Run], Wanted | None], refused: Callable[[], DomainError]
) -> OutsideStep:
    """The step ``refund``; ``refused`` is what it fails with when the gateway says no for good."""

    def prepare(run: Run) -> None:
        run.data["refund_id"], run.data["inline"] = "", True
        found = wanted(run)
        if found is None:
            return
        share, group_id, reason = found
        intent = payments.intent_for(reference=public_id("ogr", group_id))
        refund = payments.prepare_refund(
            key=run.journey.key, intent_id=intent.id, shares=[share], reason=reason
        )
        run.data["refund_id"] = str(refund.id)
        run.data["inline"] = not share.amount or intent.gateway in payments.IN_HOUSE

    def record(run: Run, result: Result) -> Outcome:
        if not run.data["refund_id"]:
            return Done()
        refund = payments.record_refund(refund_id=UUID(run.data["refund_id"]), result=result)
        if refund.state == "succeeded":
            return Done()
        return Failed(refused()) if refund.state == "failed" else Wait()

    return OutsideStep("refund", prepare, _call, record, None, recheck=_recheck, inline=_inline)


def _inline(run: Run) -> bool:
    return bool(run.data["inline"])


def _call(run: Run) -> Result:
    if not run.data["refund_id"]:
        return {}
    return payments.perform_refund(refund_id=UUID(run.data["refund_id"]))


def _recheck(run: Run) -> Result:
    return payments.perform_refund_query(refund_id=UUID(run.data["refund_id"]))
