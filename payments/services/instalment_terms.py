"""The platform's terms for paying in parts: from a day on, and looked at when a plan is opened."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import audit, clock
from kernel.errors import Invalid, NotFound
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from kernel.transactions import together
from payments.contracts_instalments import InstalmentTermsInfo
from payments.models import InstalmentTerms

PARTS, DAYS, GRACE = 36, 5 * 366, 90  # what holds without terms, and the most that terms allow


def set_terms(
    *,
    first_percent: int,
    most_parts: int,
    longest_days: int,
    most_grace_days: int,
    valid_from: datetime | None = None,
    note: str = "",
) -> InstalmentTermsInfo:
    """Terms from ``valid_from`` (business time; now) on, until others begin; plans opened before
    stay as they are. At least ``first_percent`` of the whole is the first part. Raises Invalid."""
    ranges = {
        "first_percent": (first_percent, 0, 90),
        "most_parts": (most_parts, 2, PARTS),
        "longest_days": (longest_days, 1, DAYS),
        "most_grace_days": (most_grace_days, 0, GRACE),
    }
    for name, (value, least, most) in ranges.items():
        if not least <= value <= most:
            raise Invalid(
                _("From %(least)s to %(most)s.") % {"least": least, "most": most}, field=name
            )
    now = clock.business()
    if valid_from is not None and valid_from < now:
        raise Invalid(_("Terms don't begin in the past."), field="valid_from")
    if len(note) > 200:
        raise Invalid(_("At most %(n)s characters.") % {"n": 200}, field="note")
    with together():
        row = InstalmentTerms(
            **{name: value for name, (value, _least, _most) in ranges.items()},
            valid_from=valid_from or now, note=note,
        )  # fmt: skip
        row.save(force_insert=True)
        audit.record(
            action="payments.instalment_terms.set",
            target=row,
            after={name: value for name, (value, _l, _m) in ranges.items()}
            | {"valid_from": row.valid_from},
        )
        return _info(row, holds=valid_from is None)


def remove_terms(*, terms_id: UUID) -> None:
    """Terms that haven't begun won't. Raises NotFound, Invalid for what holds or held."""
    with together():
        row = InstalmentTerms.objects.select_for_update().filter(id=terms_id).first()
        if row is None:
            raise NotFound
        if row.valid_from <= clock.business():
            raise Invalid(_("They have begun; set others instead."), field="valid_from")
        audit.record(
            action="payments.instalment_terms.removed",
            target=row,
            before={"valid_from": row.valid_from},
        )
        row.delete()


def terms_page(
    *,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[InstalmentTermsInfo]:
    """All terms, those that hold marked."""
    rows = InstalmentTerms.objects.all()
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    now = _now()
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    return page.map(lambda row: _info(row, holds=now is not None and row.id == now.id))


def check(
    amount: Money, parts: Sequence[tuple[Money, datetime]], grace_days: int, *, first: str
) -> None:
    """Raises Invalid naming the field when a new plan isn't within the terms; ``first`` is the
    first part's field."""
    row = _now()
    if row is None:
        return
    if len(parts) > row.most_parts:
        told = _("At most %(most)s parts on this platform.") % {"most": row.most_parts}
        raise Invalid(told, field="instalments")
    if parts[0][0].amount * 100 < amount.amount * row.first_percent:
        told = _("At first at least %(n)s per cent of the whole.") % {"n": row.first_percent}
        raise Invalid(told, field=first)
    last = clock.business() + timedelta(days=row.longest_days)
    for place, (_part, due_at) in enumerate(parts):
        if due_at > last:
            told = _("Within %(n)s days on this platform.") % {"n": row.longest_days}
            raise Invalid(told, field=f"instalments.{place}.due_at")
    if grace_days > row.most_grace_days:
        told = _("At most %(n)s days of grace on this platform.") % {"n": row.most_grace_days}
        raise Invalid(told, field="grace_days")


def _now() -> InstalmentTerms | None:
    """The terms that hold: of those that have begun, the one that began last."""
    rows = InstalmentTerms.objects.filter(valid_from__lte=clock.business())
    return rows.order_by("-valid_from", "-id").first()


def _info(row: InstalmentTerms, *, holds: bool) -> InstalmentTermsInfo:
    names = (
        "id", "first_percent", "most_parts", "longest_days", "most_grace_days", "valid_from",
        "note", "version", "created_at", "updated_at",
    )  # fmt: skip
    upcoming = row.valid_from > clock.business()
    return InstalmentTermsInfo(
        holds=holds, upcoming=upcoming, **{name: getattr(row, name) for name in names}
    )
