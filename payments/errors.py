"""What can go wrong, with stable codes."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, DomainError, Invalid, Unavailable


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


class ProviderUnavailable(Unavailable):
    code = "payments.provider_unavailable"
    title = _("This way to pay isn't available at the moment")
    remedy = _("Choose another way to pay, or try again in a few minutes.")


class TooLateToPay(Conflict):
    code = "payments.too_late"
    title = _("The time to pay is over")
    remedy = _("Order again, or ask the merchant for a new payment.")


class NotCapturable(Conflict):
    code = "payments.not_capturable"
    title = _("There is nothing to capture")
    remedy = _("Capture once, from least (a unit for each share) to capturable.")


class ProviderSettings(Invalid):
    code = "payments.provider_settings"
    title = _("This way to pay can't be set up so")
    remedy = _("Take the values from the provider's console as they stand there.")


class CreditNotOpen(Conflict):
    code = "payments.credit_not_open"
    title = _("Nothing of this transfer is left to decide")
    remedy = _("See its state: it was matched, or is being returned.")


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


class NotWithdrawable(Conflict):
    code = "payments.not_withdrawable"
    title = _("So much can't be withdrawn")
    remedy = _(
        "Withdraw at most the amount in withdrawable: what is available and was topped up by card."
    )


class AlreadyDeposited(Conflict):
    code = "payments.already_deposited"
    title = _("A deposit is held for this already")
    remedy = _("There is one deposit for a matter; ask for its return to change the amount.")


class SamePerson(DomainError):
    code = "payments.same_person"
    status = 403
    title = _("Nobody approves an entry of their own")
    remedy = _("Ask another operator to look at it and approve it.")


class EntryRefused(Conflict):
    code = "payments.entry_refused"
    title = _("The ledger refuses this entry")
    remedy = _("result says why; mostly an account would be overdrawn. Reject it, or try later.")


class StatementUnreadable(Invalid):
    code = "payments.statement_unreadable"
    title = _("The statement can't be read")
    remedy = _("See docs/reconciliation.md for the formats; errors names the row and the field.")


class DayNotOver(Conflict):
    code = "payments.day_not_over"
    title = _("This day isn't over yet")
    remedy = _("A day is compared once it has ended in the platform's zone.")


class NeedsEntry(Invalid):
    code = "payments.needs_entry"
    title = _("This exception can't be resolved like this")
    remedy = _(
        "Where our ledger is wrong about money, only a manual entry of two people puts it right:"
        " propose one that refers to the exception. ways names what is open to it."
    )
