"""Products, variants and shops that a form names: found by words, shown by their names.

A line of such a field begins with an id; what follows is its name, for who reads the line. A shop's
own staff may write an article number or their own number instead, everybody an address.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from catalog import facade as catalog
from kernel.errors import NotFound
from kernel.ids import parse_public_id, public_id
from platforms import facade as platforms
from storefront.pages import language
from storefront.templatetags.shop import said

SHOWN = 10
PREFIXES = {"product": "prd", "variant": "var", "merchant": "mer"}


class Choice(NamedTuple):
    """Something to choose: ``line`` is what the field then holds."""

    line: str
    name: str
    hint: str = ""


def found(kind: str, text: str, *, merchant_id: UUID | None) -> list[Choice]:
    """What has these words in its name, or this article number; of ``merchant_id`` only."""
    text = text.strip()[:120]
    if not text:
        return []
    if kind == "merchant":
        shops = platforms.find_merchants(words=text, limit=SHOWN)
        return [Choice(_line(kind, one.id, said(one.names)), said(one.names), one.slug)
                for one in shops]  # fmt: skip
    goods = _goods(text, merchant_id)
    if kind == "product":
        return _products(goods[:SHOWN], merchant_id is None)
    variants = catalog.variants(row.id for one in goods for row in one.variants if row.active)
    chosen = [variants[row.id] for one in goods for row in one.variants if row.id in variants]
    exact = [one for one in chosen if one.sku.casefold() == text.casefold()]
    return [
        Choice(_line(kind, one.id, _variant_name(one)), _variant_name(one), one.sku)
        for one in (exact or chosen)[: 3 * SHOWN]
    ]


def lines(kind: str, ids: Sequence[UUID]) -> list[str]:
    """The lines of what is chosen, in order; what is gone has no name."""
    names = named(kind, ids)
    return [_line(kind, one, names.get(one, "")) for one in ids]


def named(kind: str, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of those that there are, in the reader's language."""
    match kind:
        case "product":
            return {key: said(one.titles) for key, one in catalog.products(ids).items()}
        case "variant":
            return {key: _variant_name(one) for key, one in catalog.variants(ids).items()}
        case "merchant":
            return {key: said(one.names) for key, one in platforms.merchants(ids).items()}
        case _:
            trails = catalog.category_trails(ids)
            return {
                key: " › ".join(said(step.names) for step in trail) for key, trail in trails.items()
            }


def read(kind: str, line: str, *, merchant_id: UUID | None) -> UUID:
    """What a line names; ``merchant_id`` must own goods. Raises NotFound."""
    first = line.split()[0].strip(",;，；")
    prefix = PREFIXES[kind]
    last = first.partition("?")[0].rstrip("/").rpartition("/")[2]
    if last.startswith(f"{prefix}_"):
        return _there(kind, parse_public_id(prefix, last), merchant_id)
    if kind == "merchant":
        return platforms.merchant_by_slug(last).id
    if merchant_id is not None:
        variant = catalog.variant_ids_by_sku(merchant_id, [line]).get(line)
        if kind == "variant" and variant is not None:
            return variant
        if variant is not None:
            return catalog.variants([variant])[variant].product_id
        own = catalog.product_id_by_external(merchant_id, line) if kind == "product" else None
        if own is not None:
            return own
    if kind == "variant":
        raise NotFound
    return _there(kind, catalog.product_page(slug_or_id=last).id, merchant_id)


def _there(kind: str, key: UUID, merchant_id: UUID | None) -> UUID:
    if kind == "merchant":
        return platforms.merchant(key).id
    if kind == "product":
        return catalog.product(key, merchant_id).id
    info = catalog.variants([key]).get(key)
    if info is None or merchant_id not in (None, info.merchant_id):
        raise NotFound
    return key


def _goods(text: str, merchant_id: UUID | None) -> list[catalog.ProductInfo]:
    """Products of this article number first, then those with all the words."""
    by_number = catalog.products_page(merchant_id=merchant_id, sku=text, limit=SHOWN).items
    by_words = catalog.products_page(merchant_id=merchant_id, query=text, limit=SHOWN).items
    ids = dict.fromkeys(one.id for one in [*by_number, *by_words])
    infos = catalog.products(ids)
    return [infos[key] for key in ids if infos[key].state != catalog.ProductState.WITHDRAWN]


def _products(goods: Sequence[catalog.ProductInfo], of_all: bool) -> list[Choice]:
    """With their shops, where those of all shops are shown, else with an article number."""
    shops = platforms.merchants({one.merchant_id for one in goods}) if of_all else {}
    found = []
    for info in goods:
        name, shop = said(info.titles), shops.get(info.merchant_id)
        hint = said(shop.names) if shop else "".join(one.sku for one in info.variants[:1])
        found.append(Choice(_line("product", info.id, name), name, hint))
    return found


def _variant_name(info: catalog.VariantInfo) -> str:
    return " · ".join(part for part in (said(info.title), info.option_text(language())) if part)


def _line(kind: str, key: UUID, name: str) -> str:
    return f"{public_id(PREFIXES[kind], key)} {name}".strip()
