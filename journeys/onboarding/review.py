"""An operator looks at it: approves, asks for something, refuses. A question that nobody answers
closes the application; an approval that a context still refuses waits for the operator again."""

from uuid import UUID

from journeys.contracts_onboarding import ApplicationState
from journeys.engine.definition import Done, Failed, Outcome, Run, Wait
from journeys.errors import ApplicationEnded, ApplicationLapsed
from journeys.onboarding import records
from kernel import clock
from kernel.errors import DomainError
from platforms import facade as platforms

S = ApplicationState


def look(run: Run) -> Outcome:
    row = records.locked(UUID(run.data["application_id"]))
    if row.verdict in ("refuse", "withdraw"):
        return Failed(ApplicationEnded())
    if row.state == S.SUBMITTED:
        records.move(row, S.IN_REVIEW)
        if platforms.merchant(records.shop_of(row)).state == "applied":
            platforms.start_review(merchant_id=records.shop_of(row))
    if row.verdict == "approve":
        try:
            platforms.check_approval(merchant_id=records.shop_of(row))
        except DomainError as error:
            # What held when the operator decided doesn't any more, such as the identity.
            row.verdict, row.decided_at, row.decided_by = "", None, None
            row.save()
            records.note(row, "not_approved", text=str(error.title))
            return Wait()
        return Done()
    if row.state == S.NEEDS_MORE and row.answer_by is not None:
        if row.answer_by <= clock.business():
            return Failed(ApplicationLapsed())
        return Wait(row.answer_by)
    return Wait()
