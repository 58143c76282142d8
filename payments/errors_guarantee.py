"""What can go wrong with escrow, disputes and merchants' terms; stable codes."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, DomainError, Invalid


class EscrowFrozen(Conflict):
    code = "payments.escrow_frozen"
    title = _("A dispute has frozen this money")
    remedy = _("Wait for the decision of the dispute, or withdraw it.")


class EscrowNotHeld(Conflict):
    code = "payments.escrow_not_held"
    title = _("No money is held here")
    remedy = _("Only what is paid and not yet released or given back can be released.")


class EscrowHeldBack(Conflict):
    code = "payments.escrow_held_back"
    title = _("This money is held back for now")
    remedy = _("An exchange of these goods is open: once it has ended, the money can be released.")


class InvalidSplit(Invalid):
    code = "payments.invalid_split"
    title = _("The money can't be split like this")
    remedy = _("Together, the parts are at most the amount less the commission.")


class InspectionGiven(Conflict):
    code = "payments.inspection_given"
    title = _("This report has told another result already")
    remedy = _("Give a new report its own reference.")


class AlreadyDisputed(Conflict):
    code = "payments.already_disputed"
    title = _("A dispute over this is open already")
    remedy = _("Add to the open dispute, or wait for its decision.")


class NotDisputable(Conflict):
    code = "payments.not_disputable"
    title = _("There is nothing to dispute")
    remedy = _("Only what was paid and not refunded can be disputed, while the time for it lasts.")


class DisputeClosed(Conflict):
    code = "payments.dispute_closed"
    title = _("This dispute is decided")
    remedy = _("Open a new one if there is something new.")


class InvalidEvidence(Invalid):
    code = "payments.invalid_evidence"
    title = _("This can't be taken as evidence")
    remedy = _("Send text, or a PDF, PNG or JPEG file of up to 5 MB; up to 20 pieces from a side.")


class GatewaySilent(DomainError):
    code = "payments.gateway_silent"
    status = 503
    title = _("The payment gateway doesn't answer")
    remedy = _("It is asked again by itself.")


class NeedsSecondPerson(Conflict):
    code = "payments.needs_second_person"
    title = _("Somebody else has to confirm this")
    remedy = _("Another person of the merchant, signed in, or the platform's operator confirms.")


class ChangeWaits(Conflict):
    code = "payments.change_waits"
    title = _("A change of the bank account waits already")
    remedy = _("Confirm or refuse it first.")


class PayoutsOnHold(Conflict):
    code = "payments.payouts_on_hold"
    title = _("Payouts rest for now")
    remedy = _("After a change of the bank account wait until paused_until; after a refusal by the "
               "bank enter another account.")  # fmt: skip
