"""The marketplace's section of a platform's blueprint."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from platforms.facade import Section, register_section


class MarketplaceSection(Section):
    """``commission_rate`` (佣金): per cent of the goods' value, without shipping, frozen on each
    order. ``complete_after_days``: how long after delivery an order is completed.
    ``guest_cart_days``: how long a guest's untouched cart is kept, with what is personal in it.

    Returns may be asked for on ``return_days`` days after that of delivery (七天无理由退货;
    0: none). The merchant answers within ``return_answer_days``, else it is approved; the buyer
    sends within ``return_send_days``, else it lapses; the merchant says what arrived within
    ``return_receive_days``, else it counts as received. ``return_shipping``: the shipping goes
    back where the merchant is at fault or all is returned, at fault only, or never.

    A cancellation that a buyer has to ask for is answered within ``cancel_answer_days``, else it is
    accepted.

    Exchanges (换货) may be asked for on ``exchange_days`` days (0: none), with the same times for
    answering, sending and receiving. The merchant sends the replacement within
    ``exchange_ship_days``, else the money goes back; ``exchange_confirm_days`` after it has come it
    counts as accepted."""

    commission_rate: Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)] = Decimal("5")
    complete_after_days: Annotated[int, Field(ge=0, le=90)] = 7
    guest_cart_days: Annotated[int, Field(ge=1, le=365)] = 60
    return_days: Annotated[int, Field(ge=0, le=365)] = 7
    cancel_answer_days: Annotated[int, Field(ge=1, le=30)] = 2
    return_answer_days: Annotated[int, Field(ge=1, le=30)] = 2
    return_send_days: Annotated[int, Field(ge=1, le=60)] = 7
    return_receive_days: Annotated[int, Field(ge=1, le=60)] = 10
    return_shipping: Literal["fault_or_whole", "fault", "never"] = "fault_or_whole"
    exchange_days: Annotated[int, Field(ge=0, le=365)] = 15
    exchange_ship_days: Annotated[int, Field(ge=1, le=60)] = 7
    exchange_confirm_days: Annotated[int, Field(ge=1, le=60)] = 7


register_section("marketplace", MarketplaceSection)
