"""The marketplace's section of a platform's blueprint."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from platforms.facade import Section, register_section


class MarketplaceSection(Section):
    """``commission_rate`` (佣金): per cent of the goods' value, without shipping, frozen on each
    order. ``complete_after_days``: how long after delivery an order is completed.
    ``guest_cart_days``: how long a guest's untouched cart is kept, with what is personal in it."""

    commission_rate: Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)] = Decimal("5")
    complete_after_days: Annotated[int, Field(ge=0, le=90)] = 7
    guest_cart_days: Annotated[int, Field(ge=1, le=365)] = 60


register_section("marketplace", MarketplaceSection)
