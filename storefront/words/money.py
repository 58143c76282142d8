"""What the desks of money call things: reconciliation, commission rules, plans."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATES: dict[str, dict[str, tuple[str | Promise, str, str]]] = {
    "recon_day": {
        "clean": (_("All sides agree"), "good", "check-circle"),
        "exceptions": (_("Something doesn't agree"), "bad", "alert"),
        "incomplete": (_("A statement isn't there"), "warn", "clock"),
    },
    "invoice_request": {
        "requested": (_("Waits for the invoice"), "warn", "clock"),
        "issued": (pgettext_lazy("invoice", "Issued"), "good", "check-circle"),
        "declined": (pgettext_lazy("invoice", "Declined"), "bad", "stop"),
        "canceled": (pgettext_lazy("invoice", "Withdrawn"), "mute", "stop"),
        "reversed": (_("Taken back in full"), "mute", "history"),
    },
    "invoice": {
        "blue": (pgettext_lazy("invoice", "Invoice"), "accent", "doc"),
        "red": (_("Red-letter invoice"), "bad", "history"),
    },
    "inspection": {
        "passed": (pgettext_lazy("inspection", "Passed"), "good", "check-circle"),
        "failed": (pgettext_lazy("inspection", "Failed"), "bad", "stop"),
    },
    "fapiao": {
        "pending": (_("Being issued"), "warn", "clock"),
        "issued": (pgettext_lazy("invoice", "Issued"), "good", "check-circle"),
        "refused": (pgettext_lazy("invoice", "Refused"), "bad", "stop"),
    },
    "recon_movement": {
        "exception": (_("Doesn't agree"), "bad", "alert"),
        "waiting": (_("Counterpart isn't due yet"), "warn", "clock"),
        "matched": (_("Matched"), "good", "check-circle"),
    },
    "recon_exception": {
        "open": (pgettext_lazy("exception", "Open"), "bad", "alert"),
        "settled": (_("Settled by a later row"), "good", "check-circle"),
        "resolved": (_("Resolved by somebody"), "accent", "check"),
    },
    "instalment_plan": {
        "active": (_("Being paid"), "accent", "clock"),
        "completed": (_("Paid in full"), "good", "check-circle"),
        "defaulted": (_("Not paid in time"), "bad", "alert"),
        "canceled": (_("Cancelled"), "mute", "stop"),
    },
}
RECON_SIDES = {
    "gateway": pgettext_lazy("side", "Gateway"),
    "ledger": pgettext_lazy("side", "Ledger"),
    "bank": pgettext_lazy("side", "Bank"),
}
STATEMENTS = {**RECON_SIDES, "alipay": _("Alipay"), "wechat": _("WeChat Pay")}
FAULTS = {
    "missing": _("A row is missing"),
    "doubled": _("Told more than once"),
    "amount": _("Another amount"),
    "sign": _("The wrong sign"),
    "currency": _("Another currency"),
    "merchant": _("Another merchant"),
    "day": _("Another day"),
    "fee": _("Another fee"),
    "merged_payout": _("Several payouts in one line"),
    "split_payout": _("One payout in several lines"),
    "composition": _("The payout isn't the sum of its rows"),
    "arithmetic": _("Net isn't amount less fee"),
    "balance": _("The bank's balance jumps"),
}
FIXES = {
    "ask_gateway": _("Ask the gateway to correct its statement."),
    "ask_bank": _("Ask the bank to correct its statement."),
    "book": _("Book what is missing: propose an entry, a second person approves it."),
    "reverse": _("Reverse what was booked twice: propose an entry."),
    "check_both": _("One word against another: look into both documents."),
    "accept": _("Nothing is wrong with the sum: note that it was told differently."),
    "fetch_again": _("Fetch the statement again and run the day."),
}
MOVEMENTS = {
    "charge": _("Payment"),
    "refund": _("Refund"),
    "refund_failure": _("Refund that failed"),
    "dispute": _("Chargeback"),
    "dispute_reversal": _("Chargeback won"),
    "settlement": _("Gateway's payout to us"),
    "settlement_failure": _("Gateway's payout failed"),
    "settlement_received": _("Gateway's payout arrived"),
    "settlement_returned": _("Gateway's payout went back"),
    "payout": _("Payout to a merchant"),
    "payout_return": _("Payout returned"),
    "receipt": _("Transfer received"),
    "return": _("Payout returned"),
    "fee": pgettext_lazy("movement", "Fee"),
    "bank_fee": _("Bank's fee"),
    "topup": _("Top-up"),
    "adjustment": _("Adjustment"),
    "other": _("Something else"),
}
RESOLUTIONS = {
    "note": _("A note is enough"),
    "counterparty": _("The other party corrects it"),
    "entry": _("Put right by an entry of two people"),
}
INVOICE_TYPES = {"ordinary": _("Ordinary invoice"), "special": _("Special VAT invoice")}
TREATMENTS = {"taxed": _("Taxed"), "exempt": _("Exempt from tax"), "untaxed": _("Not taxable")}
FAPIAO_REASONS = {
    "buyer_unknown": _("The buyer's tax number and title don't belong together."),
    "seller_blocked": _("The tax office doesn't let the seller issue at present."),
    "quota_exceeded": _("The credit limit of this month is used up."),
    "amounts_differ": _("The amounts don't add up."),
    "original_unknown": _("The tax platform doesn't know the invoice that is taken back."),
    "original_exceeded": _("More would be taken back than the invoice is worth."),
}
INSPECTION_EFFECTS = {
    "released": _("The money was released."),
    "disputed": _("A dispute was opened."),
    "refunded": _("What was held goes back to the buyer."),
    "noted": _("Kept with the order; nothing was paid out by it."),
}
TAX_LEVELS = {
    "article": _("The article's own"),
    "category": _("Your category"),
    "platform_category": _("The platform's category"),
    "default": _("Your usual one"),
}
TAXPAYERS = {"general": _("General taxpayer"), "small": _("Small-scale taxpayer")}
