"""What states are called, with the icon and the tone that go with the word."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from storefront import cancel_words, money_words, onboarding_words, return_words, stock_words
from storefront.money_words import (
    FAULTS,
    FIXES,
    INVOICE_TYPES,
    MOVEMENTS,
    RECON_SIDES,
    RESOLUTIONS,
    TREATMENTS,
)

__all__ = [
    "FAULTS",
    "FIXES",
    "INVOICE_TYPES",
    "MOVEMENTS",
    "RECON_SIDES",
    "RESOLUTIONS",
    "TREATMENTS",
]
Word = tuple[str | Promise, str, str]  # label, tone, icon

STATES: dict[str, dict[str, Word]] = {
    "order": {
        "pending_payment": (_("Awaiting payment"), "warn", "clock"),
        "paid": (_("Paid"), "accent", "check-circle"),
        "shipping": (_("Being handed to the carrier"), "accent", "truck"),
        "partly_shipped": (_("Partly shipped"), "accent", "truck"),
        "shipped": (_("Shipped"), "accent", "truck"),
        "delivered": (_("Delivered"), "good", "box"),
        "completed": (_("Completed"), "good", "check-circle"),
        "cancelling": (_("Being cancelled"), "warn", "clock"),
        "cancelled": (_("Cancelled"), "mute", "stop"),
    },
    "block": {
        "draft": (_("Draft"), "mute", "draft"),
        "published": (pgettext_lazy("block", "Published"), "good", "check-circle"),
    },
    "product": {
        "draft": (_("Draft"), "mute", "draft"),
        "in_review": (_("In review"), "warn", "clock"),
        "returned": (pgettext_lazy("product", "Sent back"), "bad", "alert"),
        "published": (_("On sale"), "good", "check-circle"),
        "withdrawn": (pgettext_lazy("product", "Withdrawn"), "mute", "pause"),
    },
    "export": {
        "requested": (pgettext_lazy("copy of data", "Being made"), "warn", "clock"),
        "ready": (pgettext_lazy("copy of data", "Ready"), "good", "check-circle"),
        "expired": (pgettext_lazy("copy of data", "No longer here"), "mute", "stop"),
    },
    "promotion": {
        "draft": (_("Draft"), "mute", "draft"),
        "active": (pgettext_lazy("promotion", "Active"), "good", "check-circle"),
        "paused": (pgettext_lazy("promotion", "Paused"), "warn", "pause"),
        "ended": (pgettext_lazy("promotion", "Ended"), "mute", "stop"),
    },
    "sale": {
        "planned": (pgettext_lazy("sale", "Planned"), "warn", "clock"),
        "running": (pgettext_lazy("sale", "Running"), "good", "check-circle"),
        "over": (pgettext_lazy("sale", "Over"), "mute", "stop"),
        "cancelled": (pgettext_lazy("sale", "Called off"), "mute", "stop"),
    },
    "merchant": {
        "applied": (_("Applied"), "warn", "clock"),
        "in_review": (_("In review"), "warn", "clock"),
        "approved": (_("Approved"), "good", "seal"),
        "suspended": (_("Suspended"), "bad", "pause"),
        "closed": (_("Closed"), "mute", "stop"),
    },
    "application": onboarding_words.APPLICATION,
    "key": {
        "active": (_("Active"), "good", "check-circle"),
        "revoked": (_("Revoked"), "mute", "stop"),
    },
    "journey": {
        "running": (_("Running"), "accent", "clock"),
        "waiting": (_("Waiting"), "warn", "clock"),
        "done": (_("Finished"), "good", "check-circle"),
        "undoing": (_("Being undone"), "warn", "history"),
        "undone": (_("Undone"), "mute", "history"),
        "needs_attention": (_("Needs attention"), "bad", "alert"),
    },
    "job": {
        "queued": (_("Queued"), "mute", "clock"),
        "running": (_("Running"), "accent", "clock"),
        "done": (_("Finished"), "good", "check-circle"),
        "failed": (_("Failed"), "bad", "alert"),
        "cancelled": (_("Cancelled"), "mute", "stop"),
    },
    "contract": {
        "draft": (_("Draft"), "mute", "draft"),
        "negotiating": (_("Being negotiated"), "accent", "history"),
        "agreed": (_("Agreed"), "accent", "check"),
        "signing": (_("Being signed"), "warn", "draft"),
        "effective": (_("In force"), "good", "seal"),
        "amended": (_("In force, amended"), "good", "seal"),
        "terminated": (_("Ended by agreement"), "mute", "stop"),
        "expired": (_("Ran out"), "mute", "clock"),
        "rejected": (_("Rejected"), "bad", "stop"),
        "withdrawn": (pgettext_lazy("contract", "Withdrawn"), "mute", "stop"),
    },
    "identity": {
        "draft": (_("Being filled in"), "mute", "draft"),
        "checking": (_("Being checked"), "warn", "clock"),
        "in_review": (_("In review"), "warn", "clock"),
        "needs_more": (_("More is needed"), "warn", "alert"),
        "verified": (_("Verified"), "good", "seal"),
        "rejected": (_("Rejected"), "bad", "stop"),
        "expired": (_("Expired"), "bad", "clock"),
        "erased": (_("Erased"), "mute", "trash"),
    },
    "check": {
        "asked": (_("Asked"), "warn", "clock"),
        "pending": (_("Waiting for an answer"), "warn", "clock"),
        "passed": (_("Passed"), "good", "check-circle"),
        "failed": (_("Failed"), "bad", "alert"),
        "given_up": (_("No answer"), "mute", "stop"),
    },
    "certificate": {
        "requested": (_("Requested"), "warn", "clock"),
        "valid": (_("Valid"), "good", "seal"),
        "suspended": (_("Suspended"), "warn", "pause"),
        "revoked": (_("Revoked"), "bad", "stop"),
        "failed": (_("Not issued"), "bad", "alert"),
        "expired": (_("Expired"), "mute", "clock"),
    },
    "seal": {
        "applied": (_("Applied for"), "warn", "clock"),
        "refused": (_("Refused"), "bad", "stop"),
        "valid": (_("Valid"), "good", "seal"),
        "suspended": (_("Suspended"), "warn", "pause"),
        "revoked": (_("Revoked"), "bad", "stop"),
        "expired": (_("Expired"), "mute", "clock"),
    },
    "bulk": {
        "queued": (_("Being signed"), "accent", "clock"),
        "done": (_("Done"), "good", "check-circle"),
        "cancelled": (_("Cancelled"), "mute", "stop"),
    },
    "import": {
        "uploaded": (_("To be tried"), "mute", "draft"),
        "checking": (_("Being tried"), "accent", "clock"),
        "checked": (_("Tried"), "warn", "check"),
        "running": (_("Being carried out"), "accent", "clock"),
        "done": (_("Done"), "good", "check-circle"),
        "cancelled": (_("Cancelled"), "mute", "stop"),
    },
    "bulk_row": {
        "waiting": (_("Waiting"), "mute", "clock"),
        "signed": (_("Signed"), "good", "check"),
        "failed": (_("Failed"), "bad", "alert"),
    },
    "payout": {
        "pending": (_("To be sent"), "mute", "clock"),
        "in_transit": (_("On its way"), "warn", "clock"),
        "paid": (_("Paid out"), "good", "check-circle"),
        "failed": (_("Failed"), "bad", "alert"),
    },
    "alarm": {
        "check": (_("A database check tripped"), "bad", "alert"),
        "sums": (_("Debits and credits differ"), "bad", "alert"),
        "counters": (_("Counters differ from the transfers"), "bad", "alert"),
        "chain_behind": (_("The hash chain is behind"), "warn", "clock"),
        "chain_broken": (_("The hash chain is broken"), "bad", "alert"),
        "seal_missing": (_("The daily seal is missing"), "bad", "seal"),
    },
    "entry": {
        "proposed": (_("Waits for a second person"), "warn", "clock"),
        "approved": (pgettext_lazy("entry", "Booked"), "good", "check-circle"),
        "rejected": (pgettext_lazy("entry", "Rejected"), "mute", "stop"),
        "withdrawn": (_("Taken back"), "mute", "history"),
    },
    "escrow": {
        "awaiting_payment": (_("Awaiting payment"), "warn", "clock"),
        "held": (_("Held until accepted"), "accent", "seal"),
        "frozen": (_("Frozen by a dispute"), "bad", "pause"),
        "released": (pgettext_lazy("escrow", "Released"), "good", "check-circle"),
        "returned": (_("Given back"), "mute", "history"),
        "canceled": (_("Cancelled"), "mute", "stop"),
    },
    "dispute": {
        "needs_response": (_("Waits for the merchant"), "warn", "clock"),
        "under_review": (_("Being decided"), "warn", "clock"),
        "won": (_("Decided for the merchant"), "good", "check-circle"),
        "lost": (_("Decided for the buyer"), "bad", "alert"),
        "withdrawn": (pgettext_lazy("dispute", "Withdrawn"), "mute", "stop"),
    },
    "account_change": {
        "proposed": (_("Waits for a second person"), "warn", "clock"),
        "confirmed": (_("Confirmed"), "good", "check-circle"),
        "refused": (_("Refused"), "bad", "stop"),
        "withdrawn": (pgettext_lazy("dispute", "Withdrawn"), "mute", "stop"),
    },
    "parcel": {
        "booking": (_("Being handed to the carrier"), "warn", "clock"),
        "sent": (_("Sent"), "accent", "truck"),
        "delivered": (_("Delivered"), "good", "box"),
        "dropped": (_("Not sent"), "mute", "stop"),
    },
    "shipment": {
        "draft": (_("Being booked"), "warn", "clock"),
        "booking": (_("Being booked"), "warn", "clock"),
        "booked": (_("Booked"), "accent", "doc"),
        "in_transit": (_("On the way"), "accent", "truck"),
        "moved": (_("On the way"), "accent", "truck"),
        "exception": (_("Trouble on the way"), "bad", "alert"),
        "delivered": (_("Delivered"), "good", "box"),
        "cancelled": (_("Cancelled"), "mute", "stop"),
        "failed": (_("Failed"), "bad", "alert"),
    },
    "credit": {
        "matched": (_("Matched"), "good", "check-circle"),
        "unmatched": (_("Nobody's payment"), "warn", "alert"),
        "underpaid": (_("Too little"), "warn", "clock"),
        "overpaid": (_("Too much"), "warn", "alert"),
        "returning": (_("Being returned"), "accent", "clock"),
        "returned": (_("Returned"), "mute", "history"),
    },
    "credit_reason": {
        "unknown_account": (_("It went to an account that stands for no payment."), "warn", "info"),
        "already_paid": (_("That payment was paid already."), "warn", "info"),
        "payment_over": (_("That payment was given up, or its time is over."), "warn", "info"),
        "other_currency": (_("The payment is in another currency."), "warn", "info"),
        "too_little": (_("The payment waits for the rest."), "warn", "info"),
        "too_much": (_("The payment is paid; the rest is left over."), "warn", "info"),
    },
    "provider": {
        "alipay": (_("Alipay"), "accent", "qr"),
        "wechat": (_("WeChat Pay"), "accent", "qr"),
        "bank_transfer": (_("Bank transfer"), "accent", "doc"),
        "card": (_("Cards"), "accent", "card"),
        "bank": (_("Bank for payouts"), "accent", "doc"),
        "fapiao": (_("Issuer of e-fapiao"), "accent", "doc"),
    },
    "provider_field": {
        "app_id": (_("App id"), "", ""),
        "gateway": (_("Gateway's address"), "", ""),
        "notify_url": (_("Address for notifications"), "", ""),
        "seller_id": (_("Seller's id (2088…)"), "", ""),
        "alipay_public_key": (_("Alipay's public key"), "", ""),
        "private_key": (_("Your private key"), "", ""),
        "mchid": (_("Merchant number"), "", ""),
        "appid": (_("WeChat app id"), "", ""),
        "serial_no": (_("Serial number of your certificate"), "", ""),
        "base_url": (_("Address of the API"), "", ""),
        "public_key_id": (_("Id of WeChat Pay's public key"), "", ""),
        "public_key": (_("WeChat Pay's public key"), "", ""),
        "apiv3_key": (_("APIv3 key"), "", ""),
        "bank": (_("Bank"), "", ""),
        "holder": (_("Account holder"), "", ""),
        "secret_key": (_("Secret key"), "", ""),
        "callback_secret": (_("Secret of the bank's callbacks"), "", ""),
    },
}
STATES |= money_words.STATES | return_words.STATES | cancel_words.STATES | stock_words.STATES
ROLES = {
    "operator": _("Operator"),
    "merchant_owner": _("Merchant owner"),
    "merchant_staff": _("Merchant staff"),
    "buyer": _("Buyer"),
}
JOURNEYS = {
    "checkout": pgettext_lazy("journey", "Checkout"),
    "fulfil": pgettext_lazy("journey", "Shipping"),
    "cancel": pgettext_lazy("journey", "Cancellation"),
    "contract": pgettext_lazy("journey", "Contract"),
    "cancel_part": pgettext_lazy("journey", "Part cancellation"),
    "return": pgettext_lazy("journey", "Return"),
    "onboarding": _("Becoming a merchant"),
}
STEP_NEWS = {
    "prepared": pgettext_lazy("step", "Prepared"),
    "done": pgettext_lazy("step", "Done"),
    "waiting": pgettext_lazy("step", "Waiting"),
    "failed": pgettext_lazy("step", "Failed"),
    "trouble": pgettext_lazy("step", "Trouble, tried again later"),
    "undo prepared": pgettext_lazy("step", "Undoing prepared"),
    "undo changed": pgettext_lazy("step", "Undoing another way"),
    "undo waiting": pgettext_lazy("step", "Undoing waits"),
    "undone": pgettext_lazy("step", "Undone"),
}
TRANSACTIONS = {
    "charge": _("Sale"),
    "commission": _("Commission"),
    "commission_refund": _("Commission returned"),
    "commission_restored": _("Commission charged again"),
    "subsidy": _("Platform's part of a discount"),
    "subsidy_returned": _("Platform's part given back"),
    "subsidy_restored": _("Platform's part restored"),
    "refund": _("Refund"),
    "refund_failure": _("Refund refused, money kept"),
    "owed_recovered": _("Taken for what was owed"),
    "release": _("Became available"),
    "payout": _("Payout"),
    "payout_paid": _("Paid out"),
    "payout_failure": _("Payout returned"),
    "deposit_received": _("Deposit forfeited to you"),
    "reserve": _("Kept in reserve"),
    "reserve_released": _("Reserve released"),
    "reserve_used": _("Reserve used"),
    "split_logistics": _("Carriage"),
    "split_tax": _("Tax"),
    "split_service": _("Service"),
    "split_received": _("Part of another's sale"),
    "chargeback": _("Chargeback"),
    "dispute_fee": _("Fee of a chargeback"),
}
REASONS = {
    "not_received": _("Not received"),
    "not_as_described": _("Not as described"),
    "damaged": _("Damaged"),
    "wrong_quantity": _("Wrong quantity"),
    "fraudulent": _("Not ordered by me"),
    "duplicate": _("Paid twice"),
    "other": _("Something else"),
}
SIDES = {"buyer": _("Buyer"), "merchant": _("Merchant"), "operator": _("Operator")}
DISPUTES = {"complaint": _("Complaint"), "chargeback": _("Chargeback")}
INTERVALS = {
    "manual": _("When asked for"),
    "daily": _("Every day"),
    "weekly": _("Every week"),
    "monthly": _("Every month"),
}
PAUSES = {
    "operator": _("The platform holds the payouts."),
    "account": _("The bank refused the account. Enter another one."),
    "changed_account": _("The account was changed: payouts rest for some days."),
}
ACCOUNTS = {
    "gateway": _("At the card gateway"),
    "alipay": _("At Alipay"),
    "wechat": _("At WeChat Pay"),
    "offline": _("Offline test payments"),
    "bank": _("Bank account"),
    "settlement": _("On its way from the gateway to the bank"),
    "commission": _("Commission earned"),
    "gateway_fee": _("Gateway fees"),
    "subsidy": _("Discounts paid by the platform"),
    "wallet_clearing": _("Wallet clearing"),
    "liquidity": _("Liquidity for exchange"),
    "suspense": _("Not explained yet"),
    "carriage": _("Owed to carriers"),
    "tax": _("Owed to the tax office"),
    "split_clearing": _("Clearing between merchants"),
    "contested": _("Contested by chargebacks"),
    "dispute_fee": _("Fees of chargebacks"),
    "unclaimed": _("Came in and is nobody's payment yet"),
    "merchant_pending": _("Merchant: pending"),
    "merchant_available": _("Merchant: available"),
    "merchant_transit": _("Merchant: on its way to the bank"),
    "merchant_reserved": _("Merchant: kept back"),
    "merchant_owed": _("Merchant: owed"),
    "wallet": _("Wallet"),
    "deposit": _("Deposits frozen"),
}
WALLET_MOVEMENTS = {
    "topup": _("Top-up"),
    "wallet_payment": _("Purchase"),
    "wallet_refund": _("Refund"),
    "withdrawal": _("Withdrawal"),
    "withdrawal_failed": _("Withdrawal returned"),
    "deposit": _("Deposit frozen"),
    "deposit_returned": _("Deposit returned"),
    "deposit_forfeited": _("Deposit forfeited"),
}


def word(kind: str, state: str) -> Word:
    """The word for a state; an unknown one is shown as it is rather than hidden."""
    return STATES.get(kind, {}).get(str(state), (str(state).replace("_", " "), "mute", "info"))


def tone_of_level(level: str) -> tuple[str, str]:
    """Tone and icon of a message by its level."""
    return {
        "error": ("bad", "alert"),
        "warning": ("warn", "alert"),
        "success": ("good", "check-circle"),
    }.get(level, ("accent", "info"))


BLOCK_ACTIONS = {
    "catalog.block.created": pgettext_lazy("product", "Created"),
    "catalog.block.changed": pgettext_lazy("product", "Changed"),
    "catalog.block.moved": pgettext_lazy("block", "Moved"),
    "catalog.block.published": pgettext_lazy("block", "Published"),
    "catalog.block.shown": pgettext_lazy("block", "The draft is shown"),
    "catalog.block.unpublished": pgettext_lazy("block", "Taken off the page"),
    "catalog.block.taken_off": pgettext_lazy("block", "The draft stays"),
}
PRODUCT_ACTIONS = {
    "catalog.product.created": pgettext_lazy("product", "Created"),
    "catalog.product.changed": pgettext_lazy("product", "Changed"),
    "catalog.product.submitted": pgettext_lazy("product", "Handed in for the review"),
    "catalog.product.approved": pgettext_lazy("product", "Approved by the platform"),
    "catalog.product.returned": pgettext_lazy("product", "Sent back by the platform"),
    "catalog.product.published": pgettext_lazy("product", "Put on sale"),
    "catalog.product.withdrawn": pgettext_lazy("product", "Withdrawn"),
    "catalog.product.redrafted": pgettext_lazy("product", "Back to draft"),
}
