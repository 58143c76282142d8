"""This context's section of the platform blueprint."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from platforms.facade import Section, register_section


class PaymentsSection(Section):
    """``release_days`` after delivery a share becomes available. ``commission_back``: what of the
    commission goes back with a refund. ``payout_minimum`` in minor units of any currency."""

    release_days: Annotated[int, Field(ge=0, le=365)] = 7
    commission_back: Literal["proportional", "none"] = "proportional"
    commission_rate: Annotated[Decimal, Field(ge=0, le=50)] = Decimal("0")
    payout_minimum: Annotated[int, Field(ge=1)] = 100
    offline_test: bool = True


register_section("payments", PaymentsSection)
