"""Promotions for tests, made through the facade."""

from typing import Any
from uuid import UUID

from marketplace import facade
from marketplace.facade import PromotionInfo, PromotionInput, Terms

NAMES = {"zh-Hans": "春季优惠", "en": "Spring sale"}


def make_promotion(
    *, merchant_id: UUID | None = None, active: bool = True, kind: str = "amount_off", **fields: Any
) -> PromotionInfo:
    """A promotion of a merchant, or the platform's; 5.00 off unless ``fields`` (of
    ``PromotionInput`` or ``Terms``) say otherwise."""
    terms = {name: fields.pop(name) for name in list(fields) if name in Terms.__slots__}
    if kind == "amount_off":
        terms.setdefault("amount", 500)
    if fields.get("code"):
        fields.setdefault("way", "code")
    made = facade.create_promotion(
        merchant_id=merchant_id,
        given=PromotionInput(**{"names": NAMES, "kind": kind, "terms": Terms(**terms), **fields}),
    )
    if not active:
        return made
    return facade.move_promotion(promotion_id=made.id, merchant_id=merchant_id, to="active")
