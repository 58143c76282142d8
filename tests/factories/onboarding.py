"""Applications to become a merchant, at whatever point of their way."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from certification import facade as certification
from certification.gateways.identity import Finding
from certification.models import IdentityCheck
from certification.services import identity_checks
from journeys import facade as journeys
from journeys.facade import ApplicationFields, ApplicationInfo, DocumentKind
from kernel import clock
from kernel.actors import acting
from logistics import facade as logistics
from platforms import facade as platforms
from tests.factories.catalog import make_category
from tests.factories.identity import REVIEWER, credit_code, paper
from tests.factories.platforms import make_person
from tests.factories.storefront import PASSWORD

ACCOUNT = platforms.BankAccount(
    bank="吉林银行", holder="长春江茶贸易有限公司", number="6222020000004321", last4="4321"
)
RATE: dict[str, Any] = {
    "code": "standard", "name": {"zh-Hans": "标准"}, "carrier": "sandbox", "regions": [],
    "first_grams": 1000, "first_price": 600, "step_grams": 1000, "step_price": 100,
    "max_grams": 50_000, "days_min": 1, "days_max": 3, "free_from": None,
}  # fmt: skip


def take_applications(**settings: Any) -> None:
    """From now on people may apply on the platform in scope."""
    platforms.change_settings(settings={"onboarding": {"open": True, **settings}})


def need_level(level: str) -> None:
    """From now on a merchant's identity needs this level before it is approved."""
    platforms.change_settings(settings={"identity": {"require": {"merchant.approve": level}}})


def filled(number: int = 1, **more: Any) -> ApplicationFields:
    """What an applicant writes; another company for another number."""
    values: dict[str, Any] = {
        "names": {"zh-Hans": f"江茶铺{number}", "en": f"River Tea {number}"},
        "company": "长春江茶贸易有限公司",
        "credit_code": credit_code(number),
        "representative": "王芳",
        "contact_name": "李秀英",
        "contact_phone": "13844445678",
        "contact_email": "tea@applicants.example",
    }
    if "categories" not in more:
        values["categories"] = (make_category().id,)
    return ApplicationFields(**values | more)


def applicant(**fields: Any) -> platforms.PersonInfo:
    """Somebody who can sign in."""
    return make_person(role="buyer", password=PASSWORD, language="en", **fields)


def draft(person_id: UUID, number: int = 1, **more: Any) -> ApplicationInfo:
    """Filled in, with the business licence."""
    journeys.save_application(person_id=person_id, given=filled(number, **more))
    journeys.add_document(
        person_id=person_id, kind=DocumentKind.BUSINESS_LICENCE, data=paper(f"l{number}"),
        name="licence.png",
    )  # fmt: skip
    found = journeys.own_application(person_id=person_id)
    assert found is not None
    return found


def handed_in(person_id: UUID, number: int = 1, **more: Any) -> ApplicationInfo:
    """In review, unless the platform asks for more before."""
    draft(person_id, number, **more)
    return journeys.submit_application(person_id=person_id)


def approved(person_id: UUID, number: int = 1) -> ApplicationInfo:
    """May sell, and has to set up its shop."""
    return journeys.approve_application(application_id=handed_in(person_id, number).id)


def prove(merchant_id: UUID) -> None:
    """An operator of certification verifies what the application stated."""
    info = certification.identity_of(certification.Subject.merchant(merchant_id))
    assert info is not None
    for check in IdentityCheck.objects.filter(identity_id=info.id, state="asked"):
        identity_checks.record(check_id=check.id, finding=Finding("match", "idc_test"))
    with acting(REVIEWER):
        certification.claim_review(identity_id=info.id)
        certification.approve_identity(identity_id=info.id)


def set_up(merchant_id: UUID) -> None:
    """Account and delivery; the first product is left."""
    platforms.update_merchant(merchant_id=merchant_id, payout_account=ACCOUNT)
    logistics.set_rates(merchant_id=merchant_id, rules=[RATE])


def own(person: platforms.PersonInfo) -> ApplicationInfo:
    """The person's latest application."""
    found = journeys.own_application(person_id=person.id)
    assert found is not None
    return found


def later(days: float) -> Any:
    """So many days from now."""
    return clock.frozen(clock.system() + timedelta(days=days))
