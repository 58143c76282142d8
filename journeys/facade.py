"""The only door to journeys."""

from journeys.contracts import CheckoutInfo, JourneyInfo, StepInfo, TimelineLine
from journeys.errors import (
    CheckoutLeft,
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
    leave_checkout,
    pay_again,
    resume_checkout,
    start_checkout,
)
from journeys.services.orders import accept_order, cancel_order, ship_order
from journeys.services.seals import (
    ChainsReport,
    SealInfo,
    latest_seal,
    seal_chains,
    seals,
    verify_chains,
)

__all__ = [
    "ChainsReport",
    "CheckoutInfo",
    "CheckoutLeft",
    "DeadlinePassed",
    "JourneyBusy",
    "JourneyFinished",
    "JourneyInfo",
    "NotCancellable",
    "NotShippable",
    "PaymentDeclined",
    "SealInfo",
    "StepInfo",
    "TimelineLine",
    "accept_order",
    "cancel_order",
    "checkout",
    "checkout_by_key",
    "checkout_of_group",
    "close_journey",
    "journey",
    "journeys",
    "latest_seal",
    "leave_checkout",
    "pay_again",
    "resume_checkout",
    "retry_journey",
    "seal_chains",
    "seals",
    "ship_order",
    "start_checkout",
    "timeline",
    "verify_chains",
]
