"""What can go wrong with invoices of sales, with stable codes."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, Invalid, Unavailable


class TaxProfileMissing(Conflict):
    code = "payments.tax_profile_missing"
    title = _("The merchant's tax data are missing")
    remedy = _("Enter name, tax number and the usual tax category first: PUT /tax-profile.")


class InvalidTaxNumber(Invalid):
    code = "payments.invalid_tax_number"
    title = _("This isn't a valid tax number")
    remedy = _(
        "Give the unified social credit code: 18 digits and capital letters (never I, O, S, V, Z);"
        " the last one is a check sign."
    )


class InvalidInvoice(Invalid):
    code = "payments.invalid_invoice"
    title = _("An invoice can't be made of this")
    remedy = _("Correct the fields named in errors.")


class InvoiceLinesDiffer(Invalid):
    code = "payments.invoice_lines_differ"
    title = _("The lines don't come to what was paid")
    remedy = _("Give lines with tax whose gross amounts sum to the share; see expected.")


class TaxCategoryMissing(Conflict):
    code = "payments.tax_category_missing"
    title = _("A line's tax category isn't known")
    remedy = _("Give category, category_name and rate for the line, or in the tax data.")


class RateNotAllowed(Invalid):
    code = "payments.rate_not_allowed"
    title = _("This tax rate isn't open to the seller today")
    remedy = _("Choose one of the rates in allowed.")


class InvoiceAsked(Conflict):
    code = "payments.invoice_asked"
    title = _("There is an invoice, or a request for one, already")
    remedy = _("Read it; withdraw the request or take the invoice back before asking anew.")


class NotPaidYet(Conflict):
    code = "payments.not_paid_yet"
    title = _("The money isn't here yet")
    remedy = _("An invoice is issued once the payment is captured; the request is kept.")


class RefundInProgress(Conflict):
    code = "payments.refund_in_progress"
    title = _("A refund of this payment is in progress")
    remedy = _("Issue the invoice when the refund has ended; it is made out over what is left.")


class NothingToInvoice(Conflict):
    code = "payments.nothing_to_invoice"
    title = _("There is nothing to make an invoice of")
    remedy = _("Only what was paid for goods and not given back is invoiced.")


class NoIssuer(Conflict):
    code = "payments.no_issuer"
    title = _("The platform has no issuer of e-fapiao")
    remedy = _("Issue it on the tax platform, from the file, and enter its number.")


class FapiaoBusy(Conflict):
    code = "payments.fapiao_busy"
    title = _("The e-fapiao is issued, or being issued, already")
    remedy = _("Read it; a number is entered only where nobody else issues it.")


class FapiaoNumberTaken(Conflict):
    code = "payments.fapiao_number_taken"
    title = _("Another invoice has this e-fapiao's number")
    remedy = _("Look the number up again on the tax platform.")


class ExportTooLarge(Invalid):
    code = "payments.export_too_large"
    title = _("So many invoices don't fit into one file")
    remedy = _("Narrow the time with from and to; at most limit invoices at once.")


class InvoiceUnprintable(Unavailable):
    code = "payments.invoice_unprintable"
    title = _("The invoice couldn't be typeset just now")
    remedy = _("Try again in a moment; the invoice itself is unchanged.")
