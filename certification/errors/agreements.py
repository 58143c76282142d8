"""What can go wrong with templates and contracts."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, DomainError, Forbidden, Invalid, TooLarge, TooMany


class BadTemplate(Invalid):
    code = "certification.bad_template"
    title = _("The template can't be used like this")
    remedy = _("Correct what is named in errors.")


class TemplateNotPublished(Conflict):
    code = "certification.template_not_published"
    title = _("Contracts are made from published templates only")
    remedy = _("Publish the template, or take the version that is in use.")


class TemplateNotDraft(Conflict):
    code = "certification.template_not_draft"
    title = _("A published version is never changed")
    remedy = _("Make a new version of it and change that.")


class BadValues(Invalid):
    code = "certification.bad_values"
    title = _("The contract's fields aren't right yet")
    remedy = _("Correct the fields named in errors.")


class BadParties(Invalid):
    code = "certification.bad_parties"
    title = _("The parties don't fit the template")
    remedy = _("Name one party for each role, each of them once, with yourself among them.")


class ContractKeyReused(Conflict):
    code = "certification.contract_key_reused"
    title = _("This key or external_id belongs to another contract")
    remedy = _("Use a new one for something new.")


class NotYourTurn(Conflict):
    code = "certification.not_your_turn"
    title = _("It isn't your turn")
    remedy = _("Wait until the party before you has acted.")


class StaleRound(Conflict):
    code = "certification.stale_round"
    title = _("The proposal has changed since you read it")
    remedy = _("Read the contract again and answer the round in round.")


class PartyMissing(Conflict):
    code = "certification.party_missing"
    title = _("An invited party hasn't joined yet")
    remedy = _("Wait until it has opened its invitation, or remind it.")


class WrongDigest(Conflict):
    code = "certification.wrong_digest"
    title = _("What you were shown isn't what is to be signed")
    remedy = _("Open the document again, read it, then sign what it holds now.")


class AlreadySigned(Conflict):
    code = "certification.already_signed"
    title = _("Your side has already signed")
    remedy = _("Nothing is left to do for you; the others sign next.")


class SigningOver(Conflict):
    code = "certification.signing_over"
    title = _("The time for signing is over")
    remedy = _("Draft the contract anew with a later date.")


class SignerNotAllowed(Forbidden):
    code = "certification.signer_not_allowed"
    title = _("This person can't sign for the party")
    remedy = _("Name a person of the party's own team, who confirms with a code of their own.")


class NoSigningCertificate(Conflict):
    code = "certification.no_certificate"
    title = _("The party has no valid certificate to sign with")
    remedy = _("Apply for a certificate first; signing needs one of algorithm P-256.")


class TooLateToWithdraw(Conflict):
    code = "certification.too_late_to_withdraw"
    title = _("Another party has signed already")
    remedy = _("Ask the others to reject it, or agree on ending it once it is in force.")


class RemindedRecently(TooMany):
    code = "certification.reminded_recently"
    title = _("This party was reminded not long ago")
    remedy = _("One reminder a day; try again after Retry-After.")


class ChainBusy(Conflict):
    code = "certification.chain_busy"
    title = _("An amendment or termination of this contract is open already")
    remedy = _("Finish or withdraw that one first.")


class NotInForce(Conflict):
    code = "certification.not_in_force"
    title = _("Only a contract in force can be amended or ended")
    remedy = _("While it isn't signed, make a new proposal or withdraw it.")


class UploadRefused(Invalid):
    code = "certification.upload_refused"
    title = _("This file can't become a contract")
    remedy = _("Send a PDF of up to 10 MB and 300 pages, not encrypted, not signed, no scripts.")


class ContractTooLarge(TooLarge):
    code = "certification.contract_too_large"
    title = _("The PDF is too large for a contract")
    remedy = UploadRefused.remedy


class TypesettingFailed(DomainError):
    code = "kernel.typesetting_failed"
    status = 422
    title = _("The document couldn't be typeset")
    remedy = _("Shorten the longest texts and tables, then try again.")


class InvitationUnknown(DomainError):
    code = "certification.invitation_unknown"
    status = 404
    title = _("This invitation isn't valid any more")
    remedy = _("Ask whoever sent it for a new one.")
