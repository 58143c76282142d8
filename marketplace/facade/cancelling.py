"""Parts of an order that aren't sent (部分取消), and what packing an order changes."""

from marketplace.contracts_cancelling import (
    BUYERS_CAUSES,
    MERCHANTS_CAUSES,
    CancelCause,
    Cancellable,
    CancellationInfo,
    CancellationLineInfo,
    CancellationPreview,
    CancellationState,
)
from marketplace.errors import (
    CancellationNotFound,
    InvalidCancellation,
    MerchantMustAgree,
    NotCancellableNow,
    NothingLeftToCancel,
    WrongCancellationState,
)
from marketplace.selectors.cancellations import (
    cancellable,
    cancellation,
    cancellation_by_key,
    cancellations_of,
    cancellations_page,
    overdue_cancellations,
)
from marketplace.services.cancelling.ask import preview_cancellation, request_cancellation
from marketplace.services.cancelling.settle import (
    accept_cancellation,
    mark_cancellation_refunded,
    reject_cancellation,
    withdraw_cancellation,
)
from marketplace.services.order_states import start_packing
from marketplace.visitors import cancellation_for, side_of

__all__ = [
    "BUYERS_CAUSES",
    "MERCHANTS_CAUSES",
    "CancelCause",
    "Cancellable",
    "CancellationInfo",
    "CancellationLineInfo",
    "CancellationNotFound",
    "CancellationPreview",
    "CancellationState",
    "InvalidCancellation",
    "MerchantMustAgree",
    "NotCancellableNow",
    "NothingLeftToCancel",
    "WrongCancellationState",
    "accept_cancellation",
    "cancellable",
    "cancellation",
    "cancellation_by_key",
    "cancellation_for",
    "cancellations_of",
    "cancellations_page",
    "mark_cancellation_refunded",
    "overdue_cancellations",
    "preview_cancellation",
    "reject_cancellation",
    "request_cancellation",
    "side_of",
    "start_packing",
    "withdraw_cancellation",
]
