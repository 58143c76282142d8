"""What this context does when something happens below it."""

from uuid import UUID

from certification.contracts.identity import Subject
from certification.services import leaving, templates
from certification.services.identity import require_level
from kernel.outbox import EventMeta, subscribe
from platforms.events import PersonErased, PlatformOpened


@subscribe(PlatformOpened, handler="certification.opened_platform_gets_templates")
def opened(event: PlatformOpened, meta: EventMeta) -> None:
    """A new platform has the shipped contract templates."""
    templates.load_shipped()


@subscribe(PersonErased, handler="certification.forgets_erased")
def person_erased(event: PersonErased, meta: EventMeta) -> None:
    """Certificates end, the identity as soon as no law keeps it; contracts that were signed stay
    with the other parties."""
    leaving.begin(person_id=event.person_id)


def merchant_is_proven(merchant_id: UUID) -> None:
    """A merchant is approved once its identity has the level that the platform asks for
    (``merchant.approve``). Raises AssuranceTooLow."""
    require_level(subject=Subject.merchant(merchant_id), action="merchant.approve")
