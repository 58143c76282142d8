"""Refusing what can't be bought, with the lines and what to do."""

from collections.abc import Iterable
from uuid import UUID

from kernel.ids import public_id
from marketplace.errors import MerchantOnVacation, NotPurchasable
from marketplace.selectors.goods import ON_VACATION, Goods


def check_lines(variant_ids: Iterable[UUID], goods: Goods) -> None:
    """Raises MerchantOnVacation when nothing but holidays keeps these from being bought, else
    NotPurchasable, each naming the lines."""
    bad = [(key, problem) for key in variant_ids if (problem := goods.problem(key))]
    if not bad:
        return
    lines = [
        {
            "variant_id": public_id("var", key),
            "sku": goods.variants[key].sku if key in goods.variants else "",
            "reason": problem,
        }
        for key, problem in bad
    ]
    if {problem for _key, problem in bad} == {ON_VACATION}:
        raise MerchantOnVacation(field="lines", lines=lines, until=_until(goods, bad))
    raise NotPurchasable(field="lines", lines=lines)


def check_one(variant_id: UUID, goods: Goods) -> None:
    """The same for one variant on its way into the cart."""
    problem = goods.problem(variant_id)
    if problem == ON_VACATION:
        until = _until(goods, [(variant_id, problem)])
        raise MerchantOnVacation(field="variant_id", until=until, reason=problem)
    if problem:
        raise NotPurchasable(field="variant_id", reason=problem)


def _until(goods: Goods, bad: Iterable[tuple[UUID, str]]) -> str | None:
    """When the last of these shops sells again."""
    away = [goods.away[goods.variants[key].merchant_id] for key, _problem in bad]
    ends = [one.ends_at for one in away if one.ends_at is not None]
    return max(ends).isoformat() if ends else None
