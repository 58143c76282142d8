"""The only door to journeys."""

from journeys.contract.terms import foreseen as contract_foreseen
from journeys.contracts import (
    CheckoutInfo,
    JourneyInfo,
    OrderContractInfo,
    StepInfo,
    TimelineLine,
)
from journeys.errors import (
    BuyerIsSeller,
    CheckoutLeft,
    ContractInForce,
    ContractMissing,
    ContractNeedsAccount,
    ContractNotSigned,
    ContractTemplateUnfit,
    DeadlinePassed,
    JourneyBusy,
    JourneyFinished,
    NotCancellable,
    NotShippable,
    NotYourCompany,
    PaymentDeclined,
)
from journeys.selectors import journey, journeys, order_contract, timeline
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
from journeys.services.invoices import ask_invoice, invoices_of
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
    "BuyerIsSeller",
    "ChainsReport",
    "CheckoutInfo",
    "CheckoutLeft",
    "ContractInForce",
    "ContractMissing",
    "ContractNeedsAccount",
    "ContractNotSigned",
    "ContractTemplateUnfit",
    "DeadlinePassed",
    "JourneyBusy",
    "JourneyFinished",
    "JourneyInfo",
    "NotCancellable",
    "NotShippable",
    "NotYourCompany",
    "OrderContractInfo",
    "PaymentDeclined",
    "SealInfo",
    "StepInfo",
    "TimelineLine",
    "accept_order",
    "ask_invoice",
    "cancel_order",
    "checkout",
    "checkout_by_key",
    "checkout_of_group",
    "close_journey",
    "contract_foreseen",
    "invoices_of",
    "journey",
    "journeys",
    "latest_seal",
    "leave_checkout",
    "order_contract",
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
