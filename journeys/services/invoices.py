"""Ask for the invoice of an order: what was ordered becomes the lines of it, at what the buyer pays
after discounts."""

from collections.abc import Mapping
from uuid import UUID

from catalog import facade as catalog
from kernel.errors import NotFound
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments


def ask_invoice(
    *,
    key: UUID,
    order: marketplace.OrderInfo,
    buyer: payments.InvoiceBuyer,
    type: str = "ordinary",
    note: str = "",
    person_id: UUID | None = None,
) -> payments.InvoiceRequestInfo:
    """Ask the order's merchant for an invoice over all of it; issued when it is paid. Raises what
    ``payments.request_invoice`` raises."""
    whole = marketplace.order(order_id=order.id)
    if whole is None:
        raise NotFound
    intent = payments.intent_for(reference=public_id("ogr", order.group_id))
    return payments.request_invoice(
        key=key,
        intent_id=intent.id,
        merchant_id=order.merchant_id,
        reference=public_id("ord", order.id),
        buyer=buyer,
        type=type,
        note=note,
        lines=_lines(whole),
        person_id=person_id,
        language=whole.language,
    )


def invoices_of(*, order: marketplace.OrderInfo) -> list[payments.InvoiceRequestInfo]:
    """The order's requests for an invoice, the latest first."""
    return payments.requests_of(reference=public_id("ord", order.id), merchant_id=order.merchant_id)


def _lines(order: marketplace.OrderInfo) -> list[payments.LineInput]:
    kinds = {
        key: one.category_id
        for key, one in catalog.variants(line.variant_id for line in order.lines).items()
    }
    paths = catalog.category_paths(kind for kind in kinds.values() if kind)
    lines = [
        payments.LineInput(
            name=_chinese(line.titles)[:100],
            gross=line.paid,
            sku=line.sku,
            specification=" ".join(str(value) for value in line.options.values())[:40],
            unit=line.unit,
            quantity=line.quantity,
            goods_category=_path(paths, kinds.get(line.variant_id)),
        )
        for line in order.lines
        if line.paid
    ]
    if order.shipping_total:
        lines.append(payments.LineInput(name="运费", gross=order.shipping_total))
    return lines


def _path(paths: Mapping[UUID, str], kind: UUID | None) -> str:
    return paths.get(kind, "") if kind else ""


def _chinese(titles: Mapping[str, str]) -> str:
    """Invoices are in Chinese, whatever the buyer reads."""
    found = {key.lower(): text for key, text in titles.items() if text}
    return found.get("zh-hans") or next(iter(found.values()), "商品")
