"""What a platform asks of who wants to sell there: read and changed as one."""

from typing import Any

from certification import facade as certification
from journeys.contracts_onboarding import AgreementRule, DocumentKind, OnboardingRule
from journeys.errors import AgreementUnfit
from journeys.onboarding.terms import ACTION, agreement_template, level_needed
from kernel.errors import PreconditionFailed
from platforms import facade as platforms


def onboarding_rule() -> OnboardingRule:
    """The rule in force."""
    held = platforms.get_platform().settings["onboarding"]
    asked = held["agreement"]
    return OnboardingRule(
        open=held["open"],
        documents=tuple(DocumentKind(one) for one in held["documents"]),
        categories=tuple(
            (rule["category"], tuple(DocumentKind(one) for one in rule["documents"]))
            for rule in held["categories"]
        ),
        level=level_needed(),
        agreement=AgreementRule(asked["party"], asked["template"], asked["days"])
        if asked
        else None,
        answer_days=held["answer_days"],
        proof_days=held["proof_days"],
        remind_days=held["remind_days"],
        keep_days=held["keep_days"],
    )


def agreement_templates() -> list[certification.TemplateInfo]:
    """The platform's published templates that an application can fill in, by code."""
    found = []
    for one in certification.templates_page(
        state="published", order=("code", "id"), limit=100
    ).items:
        try:
            found.append(agreement_template(one.code))
        except AgreementUnfit:
            continue
    return found


def change_onboarding_rule(*, rule: OnboardingRule, version: int) -> OnboardingRule:
    """The rule for applications from now on. ``version`` is that of the platform as it was read.
    Raises PreconditionFailed when somebody was faster, InvalidBlueprint naming
    ``onboarding.<field>``."""

    def same(now: int) -> None:
        if now != version:
            raise PreconditionFailed

    identity = dict(platforms.get_platform().settings["identity"])
    identity["require"] = {**identity["require"], ACTION: rule.level}
    platforms.change_settings(
        settings={"onboarding": _plain(rule), "identity": identity}, check=same
    )
    return onboarding_rule()


def _plain(rule: OnboardingRule) -> dict[str, Any]:
    asked = rule.agreement
    return {
        "open": rule.open,
        "documents": [str(one) for one in rule.documents],
        "categories": [
            {"category": code, "documents": [str(one) for one in papers]}
            for code, papers in rule.categories
        ],
        "agreement": asked
        and {"party": asked.party, "template": asked.template, "days": asked.days},
        "answer_days": rule.answer_days,
        "proof_days": rule.proof_days,
        "remind_days": rule.remind_days,
        "keep_days": rule.keep_days,
    }
