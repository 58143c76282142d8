"""Promotions in templates."""

from django import template

from marketplace import facade as marketplace
from storefront import promotion_words

register = template.Library()


@register.filter
def why_discount(part: marketplace.AppliedDiscount) -> str:
    """How a discount came about."""
    return promotion_words.why(part)


@register.filter
def promotion_rule(info: marketplace.PromotionInfo) -> str:
    """What a promotion gives."""
    return promotion_words.rule_of(info.kind, info.terms, info.currency)


@register.filter
def coupon_problem(problem: str) -> str:
    """Why a code takes nothing off."""
    return str(marketplace.COUPON_PROBLEMS.get(problem, problem))
