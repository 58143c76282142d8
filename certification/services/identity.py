"""State who one is, upload papers, hand it in; erase it again."""

import hashlib
import io
import re
import unicodedata
from datetime import date, timedelta
from uuid import UUID

import orjson
from django.utils.translation import gettext_lazy as _
from PIL import Image

from certification.contracts.identity import (
    CheckKind,
    IdentityInfo,
    IdentityKind,
    IdentityState,
    NumberKind,
    PaperInfo,
    PaperKind,
    Particulars,
    Subject,
)
from certification.domain import assurance
from certification.errors.identity import (
    AssuranceTooLow,
    InvalidNumber,
    PapersMissing,
    UnderLegalHold,
    UnreadablePaper,
)
from certification.events.identity import IdentityChanged
from certification.models import Identity, IdentityPaper
from certification.selectors import identity as selectors
from certification.services import identity_checks
from certification.services import identity_locks as locks
from kernel import audit, clock, outbox, personal, transactions
from kernel.check_digits import credit_code_problem, resident_number_problem
from kernel.errors import Conflict, Invalid, NotFound
from platforms import facade as platforms

MOST_BYTES = 10 * 1024 * 1024
MOST_PAPERS = 30
_FIELDS = frozenset({"name", "number", "representative", "representative_number", "address"})
_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
_OTHER_NUMBER = re.compile(r"[A-Z0-9-]{4,30}")
_PROBLEMS = {
    "length": _("It has 18 signs."),
    "form": _("It has a sign that can't stand there."),
    "region": _("There is no such region."),
    "birth": _("Its birth date can't be."),
    "check": _("The last sign doesn't fit the others: something is mistyped."),
}
S = IdentityState


def assurance_of(subject: Subject) -> str:
    """The level of assurance of a merchant's or person's identity that holds now: ``none``,
    ``basic``, ``verified`` or ``strong``."""
    return selectors.level_of_subject(subject)


def require_level(*, subject: Subject, action: str = "", level: str = "") -> None:
    """Raise AssuranceTooLow unless the subject reaches the level: the one given, and the one that
    the platform's blueprint asks for ``action`` (none, if it doesn't name it)."""
    required = max(
        level or "none",
        platforms.setting("identity", "require").get(action, "none"),
        key=assurance.LEVELS.index,
    )
    if required == "none" or assurance.enough(assurance_of(subject), required):
        return
    info = selectors.identity_of(subject)
    proven = info.proven if info else ()
    raise AssuranceTooLow(
        required=required,
        level=info.level if info else "none",
        lacking=assurance.lacking(subject.kind, proven, required),
    )


def state_identity(*, subject: Subject, particulars: Particulars) -> IdentityInfo:
    """Write down who one is. Changed legal data ends what was proven before: it is to be handed
    in and verified again. Raises InvalidNumber, Invalid, NotFound, InvalidTransition."""
    _exists(subject)
    stated = _checked(subject.kind, particulars)
    with transactions.atomic():
        row = locks.of_subject(subject) or _new(subject)
        before = selectors.particulars(row)
        if before == stated and row.state != S.REJECTED:
            return selectors.infos([row])[0]
        if row.state != S.DRAFT:
            row.move(S.DRAFT, action="certification.identity.changed")
        row.proven, row.level, row.reason = [], "none", ""
        row.verified_at = row.expires_at = row.reminded_at = None
        fields = {name: getattr(stated, name) for name in sorted(_FIELDS)} | {
            "number_kind": str(stated.number_kind)
        }
        row.particulars_sealed = personal.seal(row.id, orjson.dumps(fields).decode())
        row.number_kind, row.valid_until = stated.number_kind, stated.valid_until
        row.number_lookup = personal.blind_index(
            f"{stated.number_kind}:{stated.number}", purpose="certification.identity"
        )
        row.save()
        audit.record(
            action="certification.identity.stated",
            target=row,
            after={**fields, "valid_until": stated.valid_until},
            personal=_FIELDS,
            subject=row.id,
        )
        told(row)
    return selectors.identity(row.id)


def add_paper(
    *, subject: Subject, kind: PaperKind, data: bytes, expires_on: date | None = None
) -> PaperInfo:
    """Keep a document (PDF, JPEG, PNG; up to 10 MB), sealed; it replaces the one of its kind.

    A new paper for a verified identity doesn't end the verification; an operator sees it at the
    next review. Raises UnreadablePaper, NotFound.
    """
    content_type = paper_type(data)
    if expires_on is not None and expires_on < clock.today():
        raise Invalid(_("This paper has expired."), field="expires_on")
    _exists(subject)
    with transactions.atomic():
        row = locks.of_subject(subject) or _new(subject)
        now = clock.system()
        papers = IdentityPaper.objects.filter(identity_id=row.id)
        if papers.count() >= MOST_PAPERS:
            raise UnreadablePaper(_("So many papers can't be kept; erase the identity to begin."))
        papers.filter(kind=kind, replaced_at=None).update(replaced_at=now)
        paper = IdentityPaper(
            identity=row,
            kind=kind,
            content_type=content_type,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            data_sealed=personal.seal_data(row.id, data),
            expires_on=expires_on,
            uploaded_at=now,
        )
        paper.save(force_insert=True)
        row.save()
        audit.record(
            action="certification.paper.added",
            target=row,
            after={"kind": str(kind), "sha256": paper.sha256, "size": paper.size},
        )
    return selectors.paper_info(paper)


def submit_identity(*, subject: Subject) -> IdentityInfo:
    """Hand it in: the provider is asked for name and number (and the portrait, if there is one),
    then an operator looks at the papers. Raises NotFound, PapersMissing, InvalidTransition."""
    with transactions.atomic():
        row = locks.of_subject(subject)
        if row is None or not row.particulars_sealed:
            raise NotFound
        kinds = set(
            IdentityPaper.objects.filter(identity_id=row.id, replaced_at=None)
            .values_list("kind", flat=True)
        )  # fmt: skip
        missing = [sorted(one) for one in assurance.PAPERS[row.kind] if not one & kinds]
        if missing:
            raise PapersMissing(missing=missing)
        row.move(S.CHECKING, action="certification.identity.submitted")
        row.proven = [one for one in row.proven if one == "account"]
        row.reason, row.submitted_at, row.claimed_by = "", clock.system(), None
        row.claimed_at = None
        row.level = assurance.level_of(row.kind, row.proven)
        row.save()
        identity_checks.open_check(row, CheckKind.REGISTRY)
        if row.kind == IdentityKind.PERSON and PaperKind.PORTRAIT in kinds:
            identity_checks.open_check(row, CheckKind.PORTRAIT)
        told(row)
    return selectors.identity(row.id)


def erase_identity(*, identity_id: UUID, reason: str) -> None:
    """Destroy the identity's key: particulars and papers can't be read any more, wherever copies
    are. One that was verified is kept as long as the law wants. Raises UnderLegalHold,
    InvalidTransition, NotFound."""
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    with transactions.atomic():
        row = locks.identity(identity_id)
        until = kept_until(row)
        if until is not None and until > clock.today():
            raise UnderLegalHold(kept_until=until.isoformat())
        row.move(S.ERASED, action="certification.identity.erased", reason=reason[:300])
        row.particulars_sealed = row.number_lookup = row.reason = ""
        row.proven, row.level = [], "none"
        row.save()
        IdentityPaper.objects.filter(identity_id=row.id).delete()
        personal.erase(row.id)
        told(row)


def kept_until(row: Identity) -> date | None:
    """Until when a law keeps the identity from being erased; None when none does."""
    years = int(platforms.setting("identity", "keep_years"))
    if row.ever_verified_at is None or not years:
        return None
    end = max(row.expires_at or row.ever_verified_at, row.ever_verified_at)
    return (end + timedelta(days=365 * years + years // 4 + 1)).date()


def identity_kept_until(*, identity_id: UUID) -> date | None:
    """Until when a law keeps the identity from being erased; None when none does. Raises
    NotFound."""
    row = Identity.objects.filter(id=identity_id).first()
    if row is None:
        raise NotFound
    until = kept_until(row)
    return until if until and until > clock.today() else None


def told(row: Identity) -> None:
    """Publish the identity's state and level; in the transaction that changed them."""
    outbox.append(
        IdentityChanged(
            row.id, str(row.kind), row.merchant_id, row.person_id, str(row.state), row.level
        ),
        aggregate=row,
        merchant_id=row.merchant_id,
    )


def _exists(subject: Subject) -> None:
    if subject.kind == IdentityKind.COMPANY:
        platforms.merchant(subject.id)
    else:
        platforms.person(subject.id)


def _new(subject: Subject) -> Identity:
    company = subject.kind == IdentityKind.COMPANY
    row = Identity(
        kind=subject.kind,
        merchant_id=subject.id if company else None,
        person_id=None if company else subject.id,
    )
    row.touch()
    Identity.objects.bulk_create([row], ignore_conflicts=True)
    found = locks.of_subject(subject)  # another's, if that was first
    if found is None:
        raise Conflict
    return found


def _checked(kind: IdentityKind, given: Particulars) -> Particulars:
    """The particulars in the one form we keep. Raises InvalidNumber, Invalid."""
    name = _text(given.name, "name", most=200)
    if not name:
        raise Invalid(_("Say what the name is."), field="name")
    number = unicodedata.normalize("NFKC", given.number).strip().upper().replace(" ", "")
    _check_number(kind, given.number_kind, number, "number")
    representative = _text(given.representative, "representative", most=100)
    other = unicodedata.normalize("NFKC", given.representative_number).strip().upper()
    if kind == IdentityKind.COMPANY and not representative:
        raise Invalid(_("Name the legal representative."), field="representative")
    if other and len(other) == 18:
        _check_resident(other, "representative_number")
    if given.valid_until is not None and given.valid_until < clock.today():
        raise Invalid(_("This document has expired."), field="valid_until")
    return Particulars(
        name=name,
        number_kind=given.number_kind,
        number=number,
        representative=representative,
        representative_number=other[:30],
        address=_text(given.address, "address", most=300),
        valid_until=given.valid_until,
    )


def _check_number(kind: IdentityKind, number_kind: NumberKind, number: str, field: str) -> None:
    company = number_kind == NumberKind.CREDIT_CODE
    if company != (kind == IdentityKind.COMPANY):
        raise Invalid(
            _("A company has a unified social credit code; a person has another number."),
            field="number_kind",
        )
    if company:
        problem = credit_code_problem(number)
        if problem:
            raise InvalidNumber(_PROBLEMS[problem], field=field, problem=problem)
    elif number_kind == NumberKind.RESIDENT:
        _check_resident(number, field)
    elif not _OTHER_NUMBER.fullmatch(number):
        raise InvalidNumber(_("4 to 30 letters and digits."), field=field, problem="form")


def _check_resident(number: str, field: str) -> None:
    problem = resident_number_problem(number, today=clock.today())
    if problem:
        raise InvalidNumber(_PROBLEMS[problem], field=field, problem=problem)


def _text(text: str, field: str, *, most: int) -> str:
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if len(clean) > most or not clean.isprintable():
        raise Invalid(_("Too long, or with signs that can't be printed."), field=field)
    return clean


def paper_type(data: bytes) -> str:
    """The content type of a PDF, JPEG or PNG of at most 10 MB. Raises UnreadablePaper."""
    if len(data) > MOST_BYTES:
        raise UnreadablePaper(_("The file is larger than 10 MB."), field="file")
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    try:
        with Image.open(io.BytesIO(data)) as image:
            found = _TYPES.get(image.format or "")
            too_big = image.width * image.height > 60_000_000
            image.verify()
    except Exception as error:
        raise UnreadablePaper(
            _("The file is empty, broken or of another type."), field="file"
        ) from error
    if found is None or too_big:
        raise UnreadablePaper(_("The file is of another type, or too large."), field="file")
    return found
