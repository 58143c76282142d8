"""The only door to journeys."""

from journeys.contracts import CheckoutInfo, JourneyInfo, StepInfo, TimelineLine
from journeys.errors import (
    DeadlinePassed,
    JourneyBusy,
    JourneyFinished,
    NotCancellable,
    NotShippable,
    PaymentDeclined,
)
from journeys.selectors import journey, journeys, timeline
from journeys.services.attention import close_journey, retry_journey
from journeys.services.checkout import (
    checkout,
    checkout_by_key,
    checkout_of_group,
    resume_checkout,
    start_checkout,
)
from journeys.services.orders import cancel_order, ship_order

__all__ = [
    "CheckoutInfo",
    "DeadlinePassed",
    "JourneyBusy",
    "JourneyFinished",
    "JourneyInfo",
    "NotCancellable",
    "NotShippable",
    "PaymentDeclined",
    "StepInfo",
    "TimelineLine",
    "cancel_order",
    "checkout",
    "checkout_by_key",
    "checkout_of_group",
    "close_journey",
    "journey",
    "journeys",
    "resume_checkout",
    "retry_journey",
    "ship_order",
    "start_checkout",
    "timeline",
]
