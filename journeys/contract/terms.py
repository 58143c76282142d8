"""Which orders need a contract, by the platform's setting ``journeys.contract``; and what goes into
it from the order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from catalog import facade as catalog
from certification import facade as certification
from journeys.errors import BuyerIsSeller, ContractNeedsAccount, ContractTemplateUnfit
from kernel import clock
from kernel.errors import FieldProblem, NotFound
from kernel.quantity import Quantity
from logistics import facade as logistics
from marketplace import facade as marketplace
from platforms import facade as platforms

ROLES = {"seller", "buyer"}
# What an order fills in, with the type of each field.
FILLED = {
    "order_number": "text", "ordered_on": "date", "lines": "table", "goods_total": "money",
    "shipping": "money", "total": "money", "delivery": "text", "place": "long_text",
    "sign_until": "date",
}  # fmt: skip
COLUMNS = {"item": "text", "sku": "text", "amount": "quantity", "price": "text", "sum": "money"}


def problems(values: Mapping[str, Any]) -> list[FieldProblem]:
    """What is wrong with a new setting on the platform in scope: a template or a category that
    isn't there."""
    asked = values.get("contract")
    if not asked:
        return []
    found = []
    try:
        template_for(asked["template"])
    except ContractTemplateUnfit as error:
        found.append(
            FieldProblem("journeys.contract.template", str(error.detail), str(error.remedy))
        )
    for place, code in enumerate(asked["categories"]):
        try:
            catalog.category_by_path(code)
        except NotFound:
            found.append(
                FieldProblem(
                    f"journeys.contract.categories.{place}",
                    _("There is no category with this code (slug or path)."),
                    _("Take it from GET /categories."),
                )
            )
    return found


def needed(
    orders: Sequence[marketplace.OrderInfo], *, company_id: UUID | None
) -> dict[str, Any] | None:
    """What the checkout remembers if some of its orders need a contract: by the setting of now,
    whatever becomes of that later. Raises ContractNeedsAccount, BuyerIsSeller,
    ContractTemplateUnfit, all before anything is paid."""
    asked = platforms.setting("journeys", "contract")
    if not asked:
        return None
    sizes = [(order.total.amount, [line.variant_id for line in order.lines]) for order in orders]
    found = [order for order, yes in zip(orders, _matching(sizes, asked), strict=True) if yes]
    if not found:
        return None
    if any(order.buyer_id is None for order in found):
        raise ContractNeedsAccount
    if any(order.merchant_id == company_id for order in found):
        raise BuyerIsSeller(field="company")
    template_for(asked["template"])
    return {
        "orders": [str(order.id) for order in found],
        "template": asked["template"],
        "days": asked["days"],
        "company_id": str(company_id) if company_id else None,
    }


def foreseen(parts: Sequence[marketplace.CartMerchant]) -> int:
    """In how many days the buyer of a cart with these parts will have to sign; 0: not at all."""
    asked = platforms.setting("journeys", "contract")
    if not asked:
        return 0
    sizes = [(part.total.amount, [line.variant_id for line in part.lines]) for part in parts]
    return int(asked["days"]) if any(_matching(sizes, asked)) else 0


def _matching(sizes: Sequence[tuple[int, Sequence[UUID]]], asked: Mapping[str, Any]) -> list[bool]:
    """Of orders by amount and variants, which need a contract."""
    large = [amount >= asked["over"] for amount, _variants in sizes]
    wanted = set(asked["categories"])
    if not wanted or not any(large):
        return large
    infos = catalog.variants({one for _amount, variants in sizes for one in variants})
    trails = catalog.category_trails(
        {info.category_id for info in infos.values() if info.category_id}
    )

    def inside(variant_id: UUID) -> bool:
        category = infos[variant_id].category_id if variant_id in infos else None
        trail = trails.get(category, ()) if category else ()
        return any(step.slug in wanted or step.path in wanted for step in trail)

    return [
        big and any(inside(one) for one in variants)
        for big, (_amount, variants) in zip(large, sizes, strict=True)
    ]


def template_for(code: str) -> certification.TemplateInfo:
    """The platform's template in use, if an order can fill it in. Raises ContractTemplateUnfit."""
    try:
        found = certification.current_template(code=code)
    except NotFound as error:
        raise ContractTemplateUnfit(
            _("The platform has no published contract template %(code)s.") % {"code": code}
        ) from error
    roles = {role["role"] for role in found.definition["roles"]}
    unfit = _unfit(found.definition["fields"], FILLED)
    if roles != ROLES or unfit:
        raise ContractTemplateUnfit(
            _("Its parties must be seller and buyer, and an order can't fill in: %(fields)s.")
            % {"fields": ", ".join(unfit) or "—"}
        )
    return found


def _unfit(fields: Iterable[Mapping[str, Any]], filled: Mapping[str, str]) -> list[str]:
    """The fields that are required and unknown, or known by another type."""
    wrong = []
    for field in fields:
        name = field["name"]
        if field["type"] != filled.get(name) if name in filled else field.get("required"):
            wrong.append(name)
        elif name == "lines":
            wrong += [f"lines.{one}" for one in _unfit(field["columns"], COLUMNS)]
    return wrong


def sign_by(days: int) -> datetime:
    """The end of the day, so many days from now, in the platform's zone."""
    zone = _zone()
    last = clock.business().astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(last, time(23, 59, 59), tzinfo=zone)


def values(
    order: marketplace.OrderInfo, template: certification.TemplateInfo, *, due: datetime
) -> dict[str, Any]:
    """The template's fields from the order, in the platform's first language."""
    language = contract_language()
    lines = [
        {
            "item": _said(line.titles, language),
            "sku": line.sku,
            "amount": Quantity(line.quantity, line.unit).as_api(),
            "price": _price(line),
            "sum": line.paid.as_api(),
        }
        for line in order.lines
    ]
    filled = {
        "order_number": order.number,
        "ordered_on": _day(order.placed_at),
        "lines": lines,
        "goods_total": (order.goods_total - order.discount_total).as_api(),
        "shipping": order.shipping_total.as_api(),
        "total": order.total.as_api(),
        "delivery": _said(order.rate_name, language) or order.carrier,
        "place": _place(order, language),
        "sign_until": _day(due),
    }
    return _fitted(template.definition["fields"], filled)


def _price(line: marketplace.OrderLineInfo) -> str:
    """The unit price, and what promotions took off the line: what is agreed is the sum."""
    text = f"{line.total.currency} {line.unit_price:,}"
    return f"{text} − {line.discount_total.major:,}" if line.discount_total else text


def _fitted(fields: Iterable[Mapping[str, Any]], filled: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``filled`` what the template has, texts as it takes them."""
    found = {}
    for field in fields:
        value = filled.get(field["name"])
        if isinstance(value, list):
            value = [_fitted(field["columns"], row) for row in value]
        elif isinstance(value, str):
            plain = "".join(sign if sign.isprintable() else " " for sign in value)
            value = plain.strip()[: int(field.get("max_length", 200))]
        if value is not None:
            found[field["name"]] = value
    return found


def parties(order: marketplace.OrderInfo, company_id: str | None) -> list[certification.PartyInput]:
    """The merchant, and the buyer: the company they bought for, else themselves."""
    buyer = (
        certification.PartyInput("buyer", merchant_id=UUID(company_id))
        if company_id
        else certification.PartyInput("buyer", person_id=order.buyer_id)
    )
    return [certification.PartyInput("seller", merchant_id=order.merchant_id), buyer]


def contract_language() -> str:
    """The language of the platform's contracts: its first."""
    first = platforms.get_platform().locales[0]
    return first if first == "en" else "zh-Hans"


def _place(order: marketplace.OrderInfo, language: str) -> str:
    if order.address is None:
        return _("as told to the Seller")
    where = order.address
    region = logistics.region_name(where.region, language)
    parts = (region, where.city, where.district, where.line1, where.postcode, where.name)
    return " ".join(part for part in parts if part)


def _zone() -> ZoneInfo:
    return ZoneInfo(str(platforms.setting("payments", "business_zone")))


def _day(moment: datetime) -> str:
    return moment.astimezone(_zone()).date().isoformat()


def _said(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next((text for text in texts.values() if text), "")
