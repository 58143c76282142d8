"""The platform's rule for which orders need a signed contract (decision 10): read and changed."""

from collections.abc import Mapping
from typing import Any

from certification import facade as certification
from journeys.contract.terms import template_for
from journeys.contracts import ContractRule, RuleChange
from journeys.errors import ContractTemplateUnfit
from kernel.audit import Sought, entries
from kernel.errors import PreconditionFailed
from platforms import facade as platforms

CHANGED = "platforms.platform.changed"
LOOKED_AT = 100  # changes of the platform among which those of the rule are looked for


def contract_rule() -> ContractRule | None:
    """The rule in force; None: no order needs a contract."""
    return _rule(platforms.setting("journeys", "contract"))


def contract_templates() -> list[certification.TemplateInfo]:
    """The platform's published templates that an order can fill in, by code."""
    found = []
    for one in certification.templates_page(
        state="published", order=("code", "id"), limit=100
    ).items:
        try:
            found.append(template_for(one.code))
        except ContractTemplateUnfit:
            continue
    return found


def change_contract_rule(*, rule: ContractRule | None, version: int) -> ContractRule | None:
    """The rule for orders placed from now on; None: none needs a contract. ``version`` is that of
    the platform as it was read. Raises PreconditionFailed when somebody was faster,
    InvalidBlueprint naming ``journeys.contract.<field>``."""

    def same(now: int) -> None:
        if now != version:
            raise PreconditionFailed

    held = dict(platforms.get_platform().settings["journeys"])
    held["contract"] = None if rule is None else _plain(rule)
    platforms.change_settings(settings={"journeys": held}, check=same)
    return contract_rule()


def contract_rule_changes(*, limit: int = 10) -> list[RuleChange]:
    """Who changed the rule and to what, the last first; among the platform's latest changes."""
    found = []
    changes = Sought(target=platforms.get_platform().id, action=CHANGED)
    for entry in entries(changes, limit=LOOKED_AT).items:
        before, after = _held(entry.before), _held(entry.after)
        if before != after:
            found.append(
                RuleChange(entry.created_at, entry.actor_person_id, entry.actor_label, _rule(after))
            )
    return found[:limit]


def _held(side: Mapping[str, Any]) -> Any:
    return ((side.get("settings") or {}).get("journeys") or {}).get("contract")


def _rule(held: Mapping[str, Any] | None) -> ContractRule | None:
    if not held:
        return None
    return ContractRule(
        over=int(held.get("over", 0)),
        categories=tuple(held.get("categories", ())),
        template=str(held.get("template", "order_sale")),
        days=int(held.get("days", 7)),
    )


def _plain(rule: ContractRule) -> dict[str, Any]:
    return {
        "over": rule.over,
        "categories": list(rule.categories),
        "template": rule.template,
        "days": rule.days,
    }
