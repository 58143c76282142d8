"""What can go wrong, with stable codes."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, DomainError, Invalid


class PaymentDeclined(DomainError):
    code = "payments.declined"
    status = 402
    title = _("The payment was declined")
    remedy = _("Try another card or way to pay; decline_code says why this one was refused.")


class InvalidShares(Invalid):
    code = "payments.invalid_shares"
    title = _("The shares don't make up the amount")
    remedy = _("Give shares in the payment's currency whose amounts sum to it exactly.")


class KeyReused(Conflict):
    code = "payments.key_reused"
    title = _("This key belongs to another payment, refund or payout")
    remedy = _("Use a new key for something new, and the same fields to repeat the old one.")


class InvalidPaymentMethod(Invalid):
    code = "payments.invalid_payment_method"
    title = _("This way to pay isn't offered here")
    remedy = _("Choose one of the types in payment_method_types.")


class GatewayNotConfigured(Conflict):
    code = "payments.gateway_not_configured"
    title = _("The platform has no payment gateway yet")
    remedy = _("Ask the platform's operator to enter the gateway's address and keys.")


class IntentNotRefundable(Conflict):
    code = "payments.not_refundable"
    title = _("There is nothing to refund")
    remedy = _("Only what was paid and not yet refunded can go back; see amount_refunded.")


class RefundTooLarge(Invalid):
    code = "payments.refund_too_large"
    title = _("The refund is larger than what is left to refund")
    remedy = _("Refund at most the amount in refundable.")


class NoPayoutAccount(Conflict):
    code = "payments.no_payout_account"
    title = _("The merchant has no bank account on file")
    remedy = _("Enter the account for payouts first.")


class BelowMinimum(Invalid):
    code = "payments.below_minimum"
    title = _("The payout is smaller than the platform's minimum")
    remedy = _("Wait until at least the amount in minimum is available.")


class InsufficientBalance(Conflict):
    code = "payments.insufficient_balance"
    title = _("The available balance doesn't cover this")
    remedy = _("Ask for at most the amount in available.")


class PayoutsPaused(Conflict):
    code = "payments.payouts_paused"
    title = _("Payouts of this merchant are paused")
    remedy = _("Only an approved merchant is paid out; ask the platform's operator.")


class ExternalIdTaken(Conflict):
    code = "payments.external_id_taken"
    title = _("This external_id is already used")
    remedy = _("Use another one, or read the object that has it.")


class WebhookRefused(DomainError):
    code = "payments.webhook_refused"
    status = 400
    title = _("The event isn't signed by the gateway")
    remedy = _("Sign the raw body with the endpoint's secret, and send it within five minutes.")
