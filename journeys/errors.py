"""What can go wrong in a journey."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Unavailable


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


class ImportUnpriced(Invalid):
    code = "journeys.import_unpriced"
    title = _("No column holds a price")
    remedy = _("Say which column does, or which one says what is deleted.")


class ImportMappingWrong(Invalid):
    code = "journeys.import_mapping_wrong"
    title = _("The columns can't be read in this way")
    remedy = _(
        "Name columns of the file, each content once; GET /product-import-columns and "
        "/price-import-columns list them."
    )


class ImportBusy(Conflict):
    code = "journeys.import_busy"
    title = _("This list is being worked on")
    remedy = _("Wait until it is through, or cancel it.")


class OnboardingShut(Forbidden):
    code = "journeys.onboarding_shut"
    title = _("This platform takes no applications of merchants")
    remedy = _("Ask its operator; they can take a merchant in themselves.")


class ApplicationNotFound(NotFound):
    code = "journeys.application_not_found"
    title = _("There is no such application")
    remedy = _("Begin one, or check its id.")


class ApplicationFixed(Conflict):
    code = "journeys.application_fixed"
    title = _("The application can't be changed in its present state")
    remedy = _("Wait for the answer, or withdraw it; one that has ended can be begun anew.")


class ApplicationIncomplete(Invalid):
    code = "journeys.application_incomplete"
    title = _("The application isn't complete")
    remedy = _("Fill in and upload what is named in errors, then hand it in again.")


class CompanyTaken(Conflict):
    code = "journeys.company_taken"
    title = _("This company is a merchant here already, or is applying")
    remedy = _("Ask its owner to invite you; if it isn't yours to ask, write to the operator.")


class ApplicationDecided(Conflict):
    code = "journeys.application_decided"
    title = _("This application is being decided, or was")
    remedy = _("Read it again: it says what was decided.")


class ApplicationUndecided(Conflict):
    code = "journeys.application_undecided"
    title = _("This merchant has an application under way")
    remedy = _("Decide the application; the merchant is approved with it.")


class NothingAsked(Invalid):
    code = "journeys.nothing_asked"
    title = _("Say what is missing")
    remedy = _("Write words for at least one paper, or about the rest.")


class NotAnswered(Invalid):
    code = "journeys.not_answered"
    title = _("Not everything that was asked for is there")
    remedy = _("Upload each paper that is asked for anew, or write why you can't.")


class AgreementUnfit(Conflict):
    code = "journeys.agreement_unfit"
    title = _("The platform's agreement with merchants can't be used")
    remedy = _("The operator publishes a fitting template and names the platform's own company.")


class AgreementNotMade(Unavailable):
    code = "journeys.agreement_not_made"
    title = _("The agreement couldn't be made out")
    remedy = _("It is tried again; then an operator looks at it.")


class ApplicationLapsed(DomainError):
    code = "journeys.application_lapsed"
    status = 409
    title = _("Nobody answered in time; the application is closed")
    remedy = _("It can be begun anew; what was filled in is still there for a while.")


class ApplicationEnded(DomainError):
    code = "journeys.application_ended"
    status = 409
    title = _("The application has ended without an approval")
    remedy = _("It can be begun anew.")
