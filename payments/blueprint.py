"""This context's section of the platform blueprint."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from platforms.facade import Section, register_section


class PaymentsSection(Section):
    """``release_days`` after delivery a share becomes available. ``commission_back``: what of the
    commission goes back with a refund: all of it, its part, nothing. ``payout_minimum`` in minor
    units of any currency. ``acceptance`` is what releases an order's money,
    ``inspection_failed`` what follows when an inspector finds the goods not as agreed.
    ``reserve_percent`` of each release is kept back for ``reserve_days``. After a changed bank
    account payouts rest for ``payout_hold_days``. ``dispute_days`` is how long a merchant has to
    answer a complaint, ``complaint_days`` how long after the release a buyer may make one.
    ``business_zone``: where a business day begins and ends, for reconciliation."""

    release_days: Annotated[int, Field(ge=0, le=365)] = 7
    commission_back: Literal["full", "proportional", "none"] = "proportional"
    commission_rate: Annotated[Decimal, Field(ge=0, le=50)] = Decimal("0")
    payout_minimum: Annotated[int, Field(ge=1)] = 100
    acceptance: Literal["buyer", "time", "inspection"] = "buyer"
    inspection_failed: Literal["dispute", "refund", "hold"] = "dispute"
    reserve_percent: Annotated[Decimal, Field(ge=0, le=50)] = Decimal("0")
    reserve_days: Annotated[int, Field(ge=1, le=365)] = 30
    payout_hold_days: Annotated[int, Field(ge=0, le=30)] = 3
    dispute_days: Annotated[int, Field(ge=1, le=60)] = 7
    complaint_days: Annotated[int, Field(ge=0, le=365)] = 30
    offline_test: bool = True
    business_zone: Annotated[str, Field(max_length=50, pattern=r"^[A-Za-z_]+(/[A-Za-z_+-]+)*$")] = (
        "Asia/Shanghai"
    )


register_section("payments", PaymentsSection)
