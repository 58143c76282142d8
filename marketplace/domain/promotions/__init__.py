"""Promotions (优惠): what they take off which lines, and who pays it. Pure arithmetic.

``terms`` says what a promotion gives, ``engine`` works a cart out. docs/promotions.md has the rules
in words.
"""

from marketplace.domain.promotions.engine import Applied, Item, Offered, Outcome, Refused, work_out
from marketplace.domain.promotions.terms import Kind, Problem, Scope, ScopeKind, Terms, Tier

__all__ = [
    "Applied",
    "Item",
    "Kind",
    "Offered",
    "Outcome",
    "Problem",
    "Refused",
    "Scope",
    "ScopeKind",
    "Terms",
    "Tier",
    "work_out",
]
