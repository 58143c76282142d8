"""What can go wrong in a journey."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, DomainError, Forbidden, Invalid


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


class ReturnNotReceivable(Conflict):
    code = "journeys.return_not_receivable"
    title = _("Nothing of this return is to be received")
    remedy = _("Only a return that is approved or on its way can be received; see its state.")


class ReturnNotRefunded(Conflict):
    code = "journeys.return_not_refunded"
    title = _("The gateway refused the refund of this return")
    remedy = _("The operator puts it aside or pays by hand; then receive it once more.")


class CancellationNotRefunded(Conflict):
    code = "journeys.cancellation_not_refunded"
    title = _("The gateway refused the refund of this cancellation")
    remedy = _("The operator puts it aside or pays by hand; then accept it once more.")


class ContractMissing(NotShippable):
    code = "journeys.contract_missing"
    title = _("The order's contract isn't signed by both yet")
    remedy = _("Sign it, or remind the buyer; then ship.")


class ContractInForce(NotCancellable):
    code = "journeys.contract_in_force"
    title = _("The order's contract is signed; it can't be cancelled by one side")
    remedy = _("End the contract by an agreement that both sign; then cancel.")


class ContractCoversAll(NotCancellable):
    code = "journeys.contract_covers_all"
    title = _("The order's contract is over all of it; no part can be cancelled")
    remedy = _("Cancel the whole order before it is signed; order again what you still want.")


class ContractNotSigned(DomainError):
    code = "journeys.contract_not_signed"
    status = 409
    title = _("The order's contract wasn't signed; the order is cancelled")
    remedy = _("The money goes back; order again if you still want the goods.")


class ContractNeedsAccount(DomainError):
    code = "journeys.contract_needs_account"
    status = 403
    title = _("This order needs a contract that you sign")
    remedy = _("Sign in or register, then check out again; your cart stays as it is.")


class BuyerIsSeller(Invalid):
    code = "journeys.buyer_is_seller"
    title = _("A company can't make a contract with itself")
    remedy = _("Buy as a person, or for another company of yours.")


class NotYourCompany(Forbidden):
    code = "journeys.not_your_company"
    title = _("You don't work for this company")
    remedy = _("Name an approved merchant of this platform whose team you belong to.")


class ContractTemplateUnfit(Conflict):
    code = "journeys.contract_template_unfit"
    title = _("The platform's contract for orders can't be used")
    remedy = _("The operator publishes a fitting template: load the shipped ones, or correct it.")


class ImportUnmapped(Invalid):
    code = "journeys.import_unmapped"
    title = _("No column holds the article number (SKU)")
    remedy = _("Say which column does: each row is known by it.")


class ImportMappingWrong(Invalid):
    code = "journeys.import_mapping_wrong"
    title = _("The columns can't be read in this way")
    remedy = _("Name columns of the file, each content once; see GET /product-import-columns.")


class ImportBusy(Conflict):
    code = "journeys.import_busy"
    title = _("This list is being worked on")
    remedy = _("Wait until it is through, or cancel it.")
