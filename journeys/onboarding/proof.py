"""The company's identity reaches the level that the platform asks for; certification checks and
reviews it. Too late: the application is closed."""

from datetime import timedelta
from uuid import UUID

from certification import facade as certification
from journeys.engine.definition import Done, Failed, Outcome, Run, Wait
from journeys.errors import ApplicationEnded, ApplicationLapsed
from journeys.onboarding import records, terms
from kernel import clock


def look(run: Run) -> Outcome:
    row = records.locked(UUID(run.data["application_id"]))
    if row.verdict:
        return Failed(ApplicationEnded())
    needed = terms.level_needed()
    if needed == "none" or reached(row.merchant_id, needed):
        row.answer_by = row.reminded_at = None
        row.save()
        if needed != "none":
            records.note(row, "identity")
        return Done()
    if row.answer_by is None:
        row.answer_by = clock.business() + timedelta(days=terms.setting("proof_days"))
        row.save()
    if row.answer_by <= clock.business():
        return Failed(ApplicationLapsed())
    return Wait(row.answer_by)


def reached(merchant_id: UUID | None, needed: str) -> bool:
    """Whether the merchant's identity has the level."""
    if merchant_id is None:
        return False
    level = certification.assurance_of(certification.Subject.merchant(merchant_id))
    levels = certification.ASSURANCE_LEVELS
    return levels.index(level) >= levels.index(needed)
