"""Errors of certificates, keys, timestamps."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, Invalid, Unavailable


class UnknownProfile(Invalid):
    code = "certification.unknown_profile"
    title = _("There is no such kind of certificate")
    remedy = _("Choose one of the profiles in the list of certificate profiles.")


class AlgorithmNotOffered(Invalid):
    code = "certification.algorithm_not_offered"
    title = _("This kind of certificate isn't made with this algorithm")
    remedy = _("Choose one of the algorithms that the profile names.")


class KeyIsTheHolders(Invalid):
    code = "certification.key_is_the_holders"
    title = _("Keys of this kind of certificate aren't kept here")
    remedy = _("Make the key yourself and send a certification request (PKCS#10) in csr.")


class InvalidProfile(Invalid):
    code = "certification.invalid_profile"
    title = _("This kind of certificate can't be like that")
    remedy = _("Keep to the limits named beside each field.")


class ProfileChangedMeanwhile(Conflict):
    code = "certification.profile_changed_meanwhile"
    title = _("Someone else changed this kind of certificate at the same moment")
    remedy = _("Look at it again and repeat your change if it is still needed.")


class InvalidSubject(Invalid):
    code = "certification.invalid_subject"
    title = _("The certificate's subject isn't complete")
    remedy = _("Give the names that the profile asks for, each up to 64 characters.")


class InvalidRequestFile(Invalid):
    code = "certification.invalid_request"
    title = _("The certification request can't be used")
    remedy = _("Send a PKCS#10 request in PEM, signed with the key it is for (P-256 or SM2).")


class CertificateNotUsable(Conflict):
    code = "certification.certificate_not_usable"
    title = _("This certificate can't be used for signing now")
    remedy = _("Use a certificate that is valid, or renew or resume this one first.")


class KeyNotHeld(Conflict):
    code = "certification.key_not_held"
    title = _("The private key of this certificate isn't held here")
    remedy = _("Sign with the key at its holder's; it was enrolled by the holder's own request.")


class CertificateKeyReused(Conflict):
    code = "certification.key_reused"
    title = _("This key belongs to another request for a certificate")
    remedy = _("Use a new key for something new, and the same fields to repeat the old one.")


class CertificateExternalIdTaken(Conflict):
    code = "certification.external_id_taken"
    title = _("You have another certificate with this external id")
    remedy = _("Give a new external_id, or read the certificate that has it.")


class AuthorityUnavailable(Unavailable):
    code = "certification.authority_unavailable"
    title = _("The certificate authority can't work now")
    remedy = _("Try again in a moment; if it lasts, the operator finds the reason in the log.")


class Sm2NotAvailable(Unavailable):
    code = "certification.sm2_unavailable"
    title = _("SM2 isn't available on this installation")
    remedy = _("Use P-256, or have OpenSSL 3 installed where this runs.")
