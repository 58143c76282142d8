"""What can go wrong in a journey."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, DomainError


class JourneyBusy(Conflict):
    code = "journeys.busy"
    title = _("This journey is being carried on by someone else")
    remedy = _("Read it again in a moment.")


class JourneyFinished(Conflict):
    code = "journeys.finished"
    title = _("This journey has already ended")
    remedy = _("Read the order; start a new one if needed.")


class PaymentDeclined(DomainError):
    code = "journeys.payment_declined"
    status = 402
    title = _("The payment was declined; nothing was charged")
    remedy = _("Pay the same order another way; the goods are held while there is time to pay.")


class CheckoutLeft(DomainError):
    code = "journeys.checkout_left"
    status = 409
    title = _("The order was given up; the goods were given back")
    remedy = _("Your cart is as it was. Check out again.")


class DeadlinePassed(DomainError):
    code = "journeys.deadline_passed"
    status = 409
    title = _("The time for paying has passed; the goods were given back")
    remedy = _("Your cart is as it was. Check out again.")


class NotCancellable(Conflict):
    code = "journeys.not_cancellable"
    title = _("This order can't be cancelled any more")
    remedy = _("Once it has left the merchant, ask for a return instead.")


class NotShippable(Conflict):
    code = "journeys.not_shippable"
    title = _("This order can't be shipped in its present state")
    remedy = _("Only paid orders that aren't being cancelled can be shipped.")
