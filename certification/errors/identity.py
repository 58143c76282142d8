"""Errors of identities."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, DomainError, Forbidden, Invalid


class AssuranceTooLow(Forbidden):
    code = "certification.assurance_too_low"
    title = _("This needs an identity that is better proven")
    remedy = _("See lacking for what is still to be proven, on your identity page.")


class InvalidNumber(Invalid):
    code = "certification.invalid_number"
    title = _("This number isn't right")
    remedy = _("Copy it from the document sign by sign; the last sign checks the others.")


class PapersMissing(Conflict):
    code = "certification.papers_missing"
    title = _("Papers are missing")
    remedy = _("Upload the kinds of paper named in missing.")


class UnreadablePaper(Invalid):
    code = "certification.unreadable_paper"
    title = _("This file can't be taken")
    remedy = _("Upload a PDF, JPEG or PNG of at most 10 MB.")


class ReviewTaken(Conflict):
    code = "certification.review_taken"
    title = _("Another operator is reviewing this")
    remedy = _("Take another one from the queue, or wait until it is given back.")


class ReviewNotClaimed(Conflict):
    code = "certification.review_not_claimed"
    title = _("Take the review before you decide")
    remedy = _("Claim it first; then approve, reject or ask for more.")


class ProviderNotConfigured(Conflict):
    code = "certification.provider_not_configured"
    title = _("The platform has no provider of identity checks yet")
    remedy = _("Ask the platform's operator to enter the provider's address and key.")


class NoProofPending(Conflict):
    code = "certification.no_proof_pending"
    title = _("No small amount is waiting to be named")
    remedy = _("Have one sent first, and look at your account's statement.")


class WrongAmount(DomainError):
    code = "certification.wrong_amount"
    status = 422
    title = _("This isn't the amount that arrived")
    remedy = _("Look at your account's statement; after three wrong amounts a new one is needed.")


class CallbackRefused(DomainError):
    code = "certification.callback_refused"
    status = 400
    title = _("The report isn't signed by the provider")
    remedy = _("Sign the body as Standard Webhooks say, and send it within five minutes.")


class UnderLegalHold(Conflict):
    code = "certification.under_legal_hold"
    title = _("This identity must be kept by law for now")
    remedy = _("It can be erased after the time in kept_until (电子签名法 art. 24: five years).")
