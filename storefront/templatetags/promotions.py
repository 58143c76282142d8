"""Promotions in templates."""

from uuid import UUID

from django import template

from kernel.ids import public_id
from kernel.money import Money
from marketplace import facade as marketplace
from storefront import formats, words

register = template.Library()


@register.filter
def why_discount(part: marketplace.AppliedDiscount) -> str:
    """How a discount came about."""
    return words.promotions.why(part)


@register.filter
def promotion_rule(info: marketplace.PromotionInfo) -> str:
    """What a promotion gives."""
    return words.promotions.rule_of(info.kind, info.terms, info.currency)


@register.filter
def coupon_problem(problem: str) -> str:
    """Why a code takes nothing off."""
    return str(marketplace.COUPON_PROBLEMS.get(problem, problem))


@register.filter
def pid_text(value: str, prefix: str) -> str:
    """The public id of an id kept as text."""
    return public_id(prefix, UUID(value))


@register.filter
def promotion_budget(info: marketplace.PromotionInfo) -> str:
    """What a promotion may take off in all."""
    return formats.money(Money(info.budget or 0, info.currency))
