"""Groups of buyers (客户组): made, changed, deleted by their merchant."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from catalog import facade as catalog
from kernel import audit
from kernel.errors import FieldProblem
from kernel.transactions import atomic
from marketplace import locks
from marketplace.contracts_price_lists import BuyerGroupInfo
from marketplace.errors import BuyerGroupInUse, InvalidBuyerGroup
from marketplace.models import BuyerGroup, PriceList
from marketplace.selectors.buyer_groups import group_info
from marketplace.services.group_members import forget_members

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
NAME_LENGTH = 80
GROUPS_MAX = 100  # of one merchant


def create_buyer_group(
    *, merchant_id: UUID, code: str, names: Mapping[str, str], active: bool = True
) -> BuyerGroupInfo:
    """A group without members. Raises InvalidBuyerGroup naming the fields, Invalid."""
    given = checked_names(names)
    with atomic():
        locks.price_lists_of(merchant_id)
        row = BuyerGroup(merchant_id=merchant_id, code=code, names=given, active=active)
        _check(row, fresh=True)
        row.save(force_insert=True)
        audit.record(action="marketplace.buyer_group.created", target=row, after=_shown(row))
    return group_info(row)


def change_buyer_group(
    *,
    group_id: UUID,
    merchant_id: UUID,
    code: str,
    names: Mapping[str, str],
    active: bool,
    check: Callable[[int], None] | None = None,
) -> BuyerGroupInfo:
    """Other names, another code, or switched off and on. ``check`` sees the version (If-Match).
    Raises BuyerGroupNotFound, InvalidBuyerGroup, Invalid."""
    given = checked_names(names)
    with atomic():
        locks.price_lists_of(merchant_id)
        row = locks.buyer_group(group_id, merchant_id)
        if check is not None:
            check(row.version)
        before = _shown(row)
        row.code, row.names, row.active = code, given, active
        _check(row)
        if _shown(row) != before:
            row.save()
            audit.record(
                action="marketplace.buyer_group.changed",
                target=row,
                before=before,
                after=_shown(row),
            )
    return group_info(row)


def delete_buyer_group(
    *, group_id: UUID, merchant_id: UUID, check: Callable[[int], None] | None = None
) -> None:
    """The group and its memberships go; invitations open nothing any more. Raises
    BuyerGroupNotFound, BuyerGroupInUse."""
    with atomic():
        locks.price_lists_of(merchant_id)
        row = locks.buyer_group(group_id, merchant_id)
        if check is not None:
            check(row.version)
        if PriceList.objects.filter(group=row).exists():
            raise BuyerGroupInUse
        audit.record(action="marketplace.buyer_group.deleted", target=row, before=_shown(row))
        forget_members(row.members.all())
        row.delete()


def checked_names(names: Mapping[str, str]) -> dict[str, str]:
    """Names by language, in one at least. Raises Invalid, InvalidBuyerGroup."""
    given = catalog.checked_texts(names, field="names", longest=NAME_LENGTH)
    if not given:
        told = gettext("Say what it is called, in one language at least.")
        raise InvalidBuyerGroup(problems=[FieldProblem("names", told)])
    return given


def code_problem(code: str) -> str:
    """What is wrong with a code; empty when nothing is."""
    if CODE.fullmatch(code):
        return ""
    return gettext("From 1 to 40 of a to z, digits, - and _; it begins with a letter or a digit.")


def _check(row: BuyerGroup, *, fresh: bool = False) -> None:
    others = BuyerGroup.objects.filter(merchant_id=row.merchant_id).exclude(id=row.id)
    told = code_problem(row.code)
    if not told and others.filter(code=row.code).exists():
        told = gettext("Another of your groups has this code.")
    elif not told and fresh and others.count() >= GROUPS_MAX:
        told = gettext("At most %(most)s.") % {"most": GROUPS_MAX}
    if told:
        raise InvalidBuyerGroup(problems=[FieldProblem("code", told)])


def _shown(row: BuyerGroup) -> dict[str, Any]:
    return {"code": row.code, "names": row.names, "active": row.active}
