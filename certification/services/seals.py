"""Seals (电子印章): application, review, making; suspension and revocation; authorisation."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

from django.utils.translation import gettext as _
from PIL import Image

from certification import locks
from certification.authority import services as own
from certification.contracts.authority import Algorithm, CertificateInfo
from certification.contracts.seals import SealGrantInfo, SealInfo, SealKind, SealState
from certification.errors.authority import CertificateNotUsable, KeyNotHeld
from certification.errors.seals import InvalidSealPicture, SealNeedsSm2
from certification.events.seals import SealChanged, SealMade, SealRefused
from certification.models.seals import Seal, SealGrant
from certification.seals import picture as pictures
from certification.seals.making import PERSON, UNIT, SealContents, make_seal
from certification.selectors.certificates import opened, sealed
from certification.selectors.seals import grant_info, seal_info
from certification.services import holders
from kernel import audit, clock, outbox
from kernel.actors import current_actor
from kernel.errors import Invalid, NotFound
from kernel.ids import uuid7
from kernel.transactions import atomic
from platforms import facade as platforms

LINES = {SealKind.CONTRACT: "合同专用章", SealKind.FINANCE: "财务专用章"}
YEARS = timedelta(days=3 * 365)
MILLIMETRES = {SealKind.PERSON: (20, 20)}
PICTURE_BYTES, PICTURE_PIXELS = 200_000, 2000


def apply(
    *,
    key: UUID,
    merchant_id: UUID,
    kind: str,
    name: str,
    certificate_id: UUID,
    person_id: UUID | None = None,
    picture: bytes | None = None,
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> SealInfo:
    """Apply for a seal; the picture is drawn unless one is sent (PNG). The same ``key`` again is
    the same seal. Raises Invalid, SealNeedsSm2, InvalidSealPicture, NotFound."""
    known = Seal.objects.filter(request_key=key, merchant_id=merchant_id).first()
    if known is not None:
        return seal_info(known)
    try:
        kind = SealKind(kind)
    except ValueError as error:
        told = _("kind is one of %(values)s.") % {"values": ", ".join(SealKind.values)}
        raise Invalid(told, field="kind") from error
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise Invalid(_("The name on a seal has 1 to 60 characters."), field="name")
    _signer(certificate_id, merchant_id)
    shown = _checked(picture) if picture is not None else draw(kind, name)
    width, height = MILLIMETRES.get(SealKind(kind), (42, 42))
    with atomic():
        row = Seal(
            request_key=key, kind=kind, merchant_id=merchant_id, person_id=person_id,
            certificate_id=certificate_id, code=uuid7().hex, name_sealed=sealed(name.encode()),
            picture_sealed=sealed(shown), width_mm=width, height_mm=height,
            external_id=external_id, metadata=dict(metadata or {}),
        )  # fmt: skip
        row.save(force_insert=True)
        # Who applies may use it once it is made; others are authorised by ``grant``.
        SealGrant(seal=row, person_id=current_actor().person_id, valid_from=clock.business()).save(
            force_insert=True
        )
        audit.record(action="certification.seal.applied", target=row, after={"kind": kind})
    return seal_info(row)


def draw(kind: str, name: str, *, code: str = "") -> bytes:
    """The picture of a seal of this kind and name, PNG."""
    if kind == SealKind.PERSON:
        return pictures.name_stamp(name)
    return pictures.company_seal(name, line=LINES.get(SealKind(kind), ""), code=code)


def make(*, seal_id: UUID, days: int | None = None) -> SealInfo:
    """Approve an application: the maker's unit signs the seal, valid from now for at most three
    years and not beyond its certificate. Raises NotFound, InvalidTransition, SealNeedsSm2."""
    with atomic():
        row = locks.seal(seal_id)
        if row.state == SealState.VALID:
            return seal_info(row)
        row.TRANSITIONS.check(row.state, SealState.VALID)
        found = _signer(row.certificate_id, row.merchant_id)
        assert found.not_after is not None
        now = clock.business().replace(microsecond=0)
        ends = min(now + (timedelta(days=days) if days else YEARS), now + YEARS, found.not_after)
        maker = own.seal_maker()
        contents = SealContents(
            code=row.code,
            kind=PERSON if row.kind == SealKind.PERSON else UNIT,
            name=opened(row.name_sealed).decode(),
            certificates=[found.der],
            created_at=now,
            valid_from=now,
            valid_until=ends,
            picture_type="PNG",
            picture=opened(row.picture_sealed),
            width=row.width_mm,
            height=row.height_mm,
        )
        der = make_seal(contents, maker=maker.signer, maker_certificate=maker.certificate)
        row.seal_sealed = sealed(der)
        row.valid_from, row.valid_until, row.decided_at = now, ends, now
        row.move(SealState.VALID, action="certification.seal.made")
        row.save()
        event = SealMade(row.id, row.merchant_id, row.kind, ends)
        outbox.append(event, aggregate=row, merchant_id=row.merchant_id)
    return seal_info(row)


def refuse(*, seal_id: UUID, note: str) -> SealInfo:
    """Refuse an application, with the reason. Raises NotFound, InvalidTransition."""
    if not note.strip():
        raise Invalid(_("Say why, so that the applicant can do it right."), field="note")
    with atomic():
        row = locks.seal(seal_id)
        row.move(SealState.REFUSED, action="certification.seal.refused", reason=note)
        row.note, row.decided_at = note[:500], clock.business()
        row.save()
        event = SealRefused(row.id, row.merchant_id, row.kind)
        outbox.append(event, aggregate=row, merchant_id=row.merchant_id)
    return seal_info(row)


def change(*, seal_id: UUID, state: str, note: str = "") -> SealInfo:
    """Suspend, resume or revoke a seal. What it signed before keeps its worth. Raises NotFound,
    InvalidTransition."""
    verb = {"suspended": "suspended", "valid": "resumed", "revoked": "revoked"}[state]
    with atomic():
        row = locks.seal(seal_id)
        if row.state == state:
            return seal_info(row)
        if row.state == SealState.APPLIED:  # only ``make`` leads from there to a valid seal
            row.TRANSITIONS.check(SealState.REFUSED, SealState(state))
        row.move(SealState(state), action=f"certification.seal.{verb}", reason=note)
        row.note, row.changed_on = note[:500], clock.business()
        row.save()
        event = SealChanged(row.id, row.merchant_id, str(row.state))
        outbox.append(event, aggregate=row, merchant_id=row.merchant_id)
    return seal_info(row)


def grant(
    *, seal_id: UUID, person_id: UUID | None, valid_until: datetime | None = None
) -> SealGrantInfo:
    """Authorise a person (or, without one, every key of the merchant) to use a seal from now on.
    The person works for the seal's merchant. Raises NotFound, Invalid."""
    if valid_until is not None and valid_until <= clock.business():
        raise Invalid(_("An authorisation ends in the future."), field="valid_until")
    with atomic():
        row = locks.seal(seal_id)
        if person_id is not None:
            _works_for(person_id, row.merchant_id)
        made = SealGrant(
            seal=row, person_id=person_id, valid_from=clock.business(), valid_until=valid_until
        )
        made.save(force_insert=True)
        audit.record(
            action="certification.seal.granted", target=row,
            after={"grant": made.id, "person": person_id, "until": valid_until},
        )  # fmt: skip
    return grant_info(made)


def _works_for(person_id: UUID, merchant_id: UUID) -> None:
    """Nobody else may be named: a stranger answers like somebody who isn't there."""
    person = platforms.people([person_id]).get(person_id)
    if person is None or merchant_id not in person.merchant_ids:
        raise NotFound


def withdraw_grant(*, seal_id: UUID, grant_id: UUID) -> SealGrantInfo:
    """Take an authorisation back. Raises NotFound."""
    with atomic():
        row = locks.seal(seal_id)
        found = SealGrant.objects.filter(id=grant_id, seal_id=row.id).first()
        if found is None:
            raise NotFound
        if found.revoked_at is None:
            found.revoked_at = clock.business()
            found.save()
            audit.record(
                action="certification.seal.grant_withdrawn", target=row, after={"grant": found.id}
            )
    return grant_info(found)


def _signer(certificate_id: UUID, merchant_id: UUID) -> CertificateInfo:
    try:
        found = holders.usable(certificate_id, algorithm=Algorithm.SM2)
    except (CertificateNotUsable, KeyNotHeld) as error:
        raise SealNeedsSm2(str(error.detail), field="certificate") from error
    if found.merchant_id != merchant_id:
        raise NotFound
    return found


def _checked(picture: bytes) -> bytes:
    """A PNG drawn anew from its pixels: nothing else that the file carries is kept."""
    if len(picture) > PICTURE_BYTES:
        raise InvalidSealPicture(field="picture")
    try:
        with Image.open(BytesIO(picture), formats=["PNG"]) as found:
            if max(found.size) > PICTURE_PIXELS:
                raise InvalidSealPicture(field="picture")
            out = BytesIO()
            found.convert("RGBA").save(out, "PNG", optimize=True)
    except (OSError, SyntaxError, ValueError) as error:
        raise InvalidSealPicture(field="picture") from error
    return out.getvalue()
