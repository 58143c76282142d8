"""A merchant's coupon and the platform's own promotion in the demo's shop."""

from collections.abc import Mapping
from uuid import UUID

from marketplace import facade as marketplace
from marketplace.facade import PromotionInput, Terms, Tier

COUPON = "WELCOME-8"


def open_promotions(shops: Mapping[str, UUID]) -> None:
    """Each once; what is there already is left alone."""
    first = next(iter(shops.values()))
    _once(
        first,
        PromotionInput(
            names={"zh-Hans": "新客立减 8 元", "en": "8 off for a welcome"},
            kind="amount_off",
            terms=Terms(amount=800, minimum=5_000),
            way="code",
            code=COUPON,
            external_id="demo-welcome",
        ),
    )
    _once(
        None,
        PromotionInput(
            names={"zh-Hans": "平台跨店满减", "en": "City sale: more in the cart, more off"},
            kind="threshold",
            terms=Terms(tiers=(Tier(20_000, 1_500), Tier(50_000, 5_000))),
            budget=10_000_000,
            external_id="demo-city-sale",
        ),
    )


def _once(merchant_id: UUID | None, given: PromotionInput) -> None:
    assert given.external_id is not None
    made = marketplace.promotion_by_external_id(
        merchant_id=merchant_id, external_id=given.external_id
    )
    if made is None:
        made = marketplace.create_promotion(merchant_id=merchant_id, given=given)
    if made.state == "draft":
        marketplace.move_promotion(promotion_id=made.id, merchant_id=merchant_id, to="active")
