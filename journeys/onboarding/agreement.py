"""The merchant agreement (商户入驻协议), if the platform wants one: drafted and opened for signing
in one commit of certification's, then waited for. Undone: it is called off."""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from catalog import facade as catalog
from certification import facade as certification
from journeys.contract.terms import contract_language
from journeys.engine.definition import Done, Failed, Outcome, Result, Run, Wait
from journeys.errors import AgreementNotMade, ApplicationEnded, ApplicationLapsed
from journeys.models import MerchantApplication
from journeys.onboarding import fields, letters, records, terms
from kernel import clock
from kernel.errors import DomainError
from kernel.ids import public_id
from platforms import facade as platforms

IN_FORCE = ("effective", "amended")


def prepare(run: Run) -> None:
    """Nothing but the intent: what is agreed on stands in the application."""


def inline(run: Run) -> bool:
    """Without an agreement there is nothing to call for."""
    return not run.data.get("agreement")


def call(run: Run) -> Result:
    """Repeated, it finds the contract of the first time by its key. Raises AgreementNotMade."""
    asked = run.data.get("agreement")
    row = MerchantApplication.objects.get(id=UUID(run.data["application_id"]))
    if not asked or row.verdict:
        return {}
    try:
        template = terms.agreement_template(asked["template"])
        due = _sign_by(asked["days"])
        made = certification.open_agreed_contract(
            key=run.journey.key,
            reference=public_id("map", row.id),
            template_id=template.id,
            drafter="platform",
            parties=[
                certification.PartyInput(
                    "platform", merchant_id=terms.agreement_party(asked["party"])
                ),
                certification.PartyInput("merchant", merchant_id=row.merchant_id),
            ],
            values=_values(row, template, due),
            language=contract_language(),
            sign_by=due,
        )
    except DomainError as error:
        # The applicant can't help it: an operator corrects the template, then it goes on.
        raise AgreementNotMade(str(error.detail)) from error
    return {"contract_id": str(made.id)}


def recheck(run: Run) -> Result:
    """Nothing to ask for outside: ``record`` reads how the contract stands."""
    return {}


def record(run: Run, result: Result) -> Outcome:
    row = records.locked(UUID(run.data["application_id"]))
    new = "contract_id" in result and "contract_id" not in run.data
    run.data.update(result)
    if row.verdict:
        return Failed(ApplicationEnded())
    if "contract_id" not in run.data:
        return Done()
    found = certification.contract_state(contract_id=UUID(run.data["contract_id"]))
    if found.state in IN_FORCE:
        row.answer_by = row.reminded_at = None
        row.save()
        records.note(row, "signed")
        return Done()
    if found.state != "signing":
        return Failed(ApplicationLapsed(state=str(found.state)))
    if new:
        row.answer_by = found.sign_by
        row.save()
        records.note(row, "agreement")
        letters.write(row, "agreement")
    return Wait()  # without a deadline of its own: the contract's ends it


def prepare_undo(run: Run) -> bool:
    """Whether there may be a contract to call off."""
    return bool(run.data.get("agreement"))


def call_undo(run: Run) -> Result:
    certification.call_off_contract(key=run.journey.key, reason="application")
    return {}


def record_undo(run: Run, result: Result) -> Outcome:
    return Done()


def _sign_by(days: int) -> datetime:
    """The end of the day, so many days from now, in the platform's zone."""
    zone = ZoneInfo(str(platforms.setting("payments", "business_zone")))
    last = clock.business().astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(last, time(23, 59, 59), tzinfo=zone)


def _values(
    row: MerchantApplication, template: certification.TemplateInfo, due: datetime
) -> dict[str, str]:
    language = contract_language()
    filled = fields.opened(row)
    trails = catalog.category_trails(filled.categories)
    titles = [platforms.in_language(trail[-1].names, language) for trail in trails.values()]
    known = {
        "platform_name": platforms.get_platform().name(language),
        "shop": platforms.in_language(filled.names, language),
        "company": filled.company,
        "credit_code": filled.credit_code,
        "representative": filled.representative,
        "categories": "、".join(titles) if language != "en" else ", ".join(titles),
        "sign_until": due.date().isoformat(),
    }
    limits = {
        one["name"]: int(one.get("max_length", 1000)) for one in template.definition["fields"]
    }
    return {name: text[: limits[name]] for name, text in known.items() if name in limits}
