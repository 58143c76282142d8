"""Verification's findings in plain words."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from certification.verification import Finding, Problem, Verdict
from kernel.errors import Text

TEXTS: dict[Problem, Text] = {
    Problem.EMPTY: _("The file is empty."),
    Problem.TOO_LARGE: _("The file is too large to be verified here."),
    Problem.NOT_READABLE: _("The file can't be read as a PDF or an evidence package."),
    Problem.ENCRYPTED: _("The file is encrypted; what can't be read can't be verified."),
    Problem.TOO_COMPLEX: _("The file unpacks to more than is reasonable, so it wasn't opened."),
    Problem.NO_SIGNATURE: _("There is no signature in the document."),
    Problem.CHANGED: _("The content was changed after it was signed."),
    Problem.CHANGED_LATER: _("Something that isn't a signature was added after signing."),
    Problem.NOT_COVERED: _("The signature doesn't cover the whole document."),
    Problem.BAD_SIGNATURE: _("The signature wasn't made with the key of its certificate."),
    Problem.OTHER_CERTIFICATE: _("The signature names another certificate than its own."),
    Problem.UNKNOWN_ALGORITHM: _("The signature uses an algorithm that isn't known here."),
    Problem.BROKEN_CHAIN: _("The certificate of %(certificate)s wasn't issued by %(issuer)s."),
    Problem.UNKNOWN_ROOT: _(
        "The certificate of %(certificate)s comes from %(issuer)s, which isn't trusted here."
    ),
    Problem.WRONG_USE: _("The certificate of %(certificate)s isn't meant for this use."),
    Problem.NOT_YET_VALID: _("The certificate of %(certificate)s is valid only from %(since)s."),
    Problem.EXPIRED: _(
        "The certificate of %(certificate)s ended on %(ended)s, and nothing proves the signature "
        "to be older."
    ),
    Problem.REVOKED: _("The certificate of %(certificate)s was revoked on %(since)s."),
    Problem.SUSPENDED: _(
        "The certificate of %(certificate)s was suspended on %(since)s and not resumed."
    ),
    Problem.STATUS_UNKNOWN: _(
        "Nothing proves that the certificate of %(certificate)s was not revoked."
    ),
    Problem.NO_TRUSTED_TIME: _("There is no trusted timestamp: the time is only claimed."),
    Problem.TIME_NOT_PROVEN: _("The timestamp doesn't hold, so it proves no time."),
    Problem.FILE_MISSING: _("The file %(file)s is missing from the package."),
    Problem.FILE_CHANGED: _("The file %(file)s isn't the one that the manifest lists."),
    Problem.FILE_ADDED: _("The file %(file)s doesn't belong to the package."),
    Problem.AUDIT_BROKEN: _("The history of the document was changed."),
    Problem.DETACHED_BROKEN: _("The SM2 signature doesn't fit the document."),
    Problem.SEAL_BROKEN: _("The seal's signature doesn't fit the document."),
    Problem.SEAL_UNTRUSTED: _("The seal comes from someone who isn't trusted here."),
}
SEAL_TEXTS: dict[str, Text] = {
    "unreadable": _("The seal's signature can't be read."),
    "unknown_version": _("The seal is of a version that isn't known here."),
    "signature_wrong": _("The seal's signature wasn't made with the key of its certificate."),
    "document_changed": _("The document was changed after it was sealed."),
    "signer_not_in_seal": _("The certificate that signed isn't one of this seal's."),
    "seal_changed": _("The seal itself was changed after it was made."),
    "maker_not_trusted": _("The seal's maker has a certificate that isn't trusted here."),
    "maker_expired": _("The certificate of the seal's maker wasn't valid when it was used."),
    "maker_revoked": _("The certificate of the seal's maker was revoked when it was used."),
    "maker_not_for_signing": _("The certificate of the seal's maker isn't meant for this use."),
    "signer_not_trusted": _("The certificate behind the seal isn't trusted here."),
    "signer_expired": _("The certificate behind the seal wasn't valid when it was used."),
    "signer_revoked": _("The certificate behind the seal was revoked when it was used."),
    "signer_not_for_signing": _("The certificate behind the seal isn't meant for this use."),
    "seal_not_valid_then": _("The seal was used outside of its term."),
    "time_differs_from_timestamp": _("The seal names another time than its timestamp."),
    "timestamp_of_something_else": _("The seal's timestamp belongs to something else."),
    "timestamp_changed": _("The seal's timestamp was changed."),
    "timestamp_not_trusted": _("The authority of the seal's timestamp isn't trusted here."),
    "timestamp_expired": _("The certificate of the seal's timestamp wasn't valid then."),
    "timestamp_revoked": _("The certificate of the seal's timestamp was revoked then."),
    "timestamp_not_for_signing": _("The certificate of the seal's timestamp isn't for this use."),
}
"""By the codes of ``seals.checking``."""
VERDICTS: dict[Verdict, Text] = {
    Verdict.VALID: _("Everything holds."),
    Verdict.INVALID: _("This doesn't hold: do not rely on it."),
    Verdict.UNPROVEN: _("This can't be fully proven."),
}


def problem_text(finding: Finding) -> str:
    """The finding as a sentence in the reader's language."""
    text = TEXTS[finding.problem]
    if finding.problem in (Problem.SEAL_BROKEN, Problem.SEAL_UNTRUSTED):
        text = SEAL_TEXTS.get(str(finding.params.get("step", "")), text)
    return str(text) % _Filled({name: _shown(value) for name, value in finding.params.items()})


def verdict_text(verdict: Verdict) -> str:
    return str(VERDICTS[verdict])


class _Filled(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    return str(value)
