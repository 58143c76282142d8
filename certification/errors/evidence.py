"""Errors of signing documents, evidence packages, verification and bulk signing."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, Forbidden, Invalid, TooLarge


class SigningInProgress(Conflict):
    code = "certification.signing_in_progress"
    title = _("Another signature of this document is being made")
    remedy = _("Wait for the seconds in retry_after, read the document again, and sign then.")


class SigningKeyReused(Conflict):
    code = "certification.signing_key_reused"
    title = _("This key belongs to another signature")
    remedy = _("Use a new key for a new signature; repeat the old one with the same fields.")


class SigningFailed(Invalid):
    code = "certification.signing_failed"
    title = _("The document can't be signed")
    remedy = _("Send an unencrypted, readable PDF; the reason stands in detail.")


class NoEvidence(Conflict):
    code = "certification.no_evidence"
    title = _("There is no evidence package of this document yet")
    remedy = _("It is made when every party has signed; come again then.")


class UploadTooLarge(TooLarge):
    code = "certification.upload_too_large"
    title = _("The file is too large to be verified here")
    remedy = _("Send a file of at most 50 MB, or verify it yourself with the steps in its README.")


class UploadEmpty(Invalid):
    code = "certification.upload_empty"
    title = _("The file is empty")
    remedy = _("Choose the signed PDF or the evidence package (ZIP) and send it whole.")


class NoAutomaticConsent(Forbidden):
    code = "certification.no_automatic_consent"
    title = _("There is no consent to sign this automatically")
    remedy = _("Record the signer's consent for this template, with its second factor, first.")


class InvalidRows(Invalid):
    code = "certification.invalid_rows"
    title = _("The list of contracts can't be used")
    remedy = _("Send CSV in UTF-8 with a header of the template's field names, a contract a row.")


class BulkExternalIdTaken(Conflict):
    code = "certification.bulk_external_id_taken"
    title = _("You have another bulk signing with this external id")
    remedy = _("Give a new external_id, or read the bulk signing that has it.")
