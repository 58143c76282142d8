"""What is said on pages for codes: states with their icon and tone here, the rest beside them."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from storefront.words import cancelling, money, onboarding, promotions, returns, stock
from storefront.words.money import (
    FAULTS,
    FIXES,
    INVOICE_TYPES,
    MOVEMENTS,
    RECON_SIDES,
    RESOLUTIONS,
    TREATMENTS,
)
from storefront.words.states import STATES, Word

__all__ = [
    "FAULTS",
    "FIXES",
    "INDEX_WORK",
    "INVOICE_TYPES",
    "MOVEMENTS",
    "RECON_SIDES",
    "RESOLUTIONS",
    "STATES",
    "TREATMENTS",
    "cancelling",
    "money",
    "onboarding",
    "promotions",
    "returns",
    "stock",
]
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
    "replace": pgettext_lazy("journey", "Replacement"),
    "return": pgettext_lazy("journey", "Return"),
    "onboarding": _("Becoming a merchant"),
}
INDEX_WORK = {
    "rebuild": pgettext_lazy("index", "A new index is built"),
    "rollback": pgettext_lazy("index", "Back to the index before"),
    "category": pgettext_lazy("index", "A category changed"),
    "merchant": pgettext_lazy("index", "A merchant changed"),
    "brand": pgettext_lazy("index", "A brand changed"),
    "attribute": pgettext_lazy("index", "An attribute changed"),
    "warehouse": pgettext_lazy("index", "A warehouse changed"),
    "platform": pgettext_lazy("index", "The platform's settings changed"),
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
