"""Hundreds of products of a list at once (批量导入), by a fixed number of statements.

Each draft stands or falls alone. What a draft says of a product is checked by the rules of
``services.products``; who calls commits, or takes all of it back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from catalog import events
from catalog.contracts import (
    DraftDone,
    OptionAxis,
    ProductDraft,
    ProductState,
    SetEntry,
    VariantDraft,
    VariantInput,
)
from catalog.domain.axes import known_values, named_axes
from catalog.domain.sizes import SIDES
from catalog.domain.tokens import index_tokens
from catalog.errors import BrandUnknown, CategoryUnknown, SkuTaken
from catalog.models import PRODUCTS, VARIANTS, Brand, Category, Product, ProductToken, Variant
from catalog.services import variants as variant_rules
from catalog.services.attributes import put_values
from catalog.services.product_states import check_complete, review_required
from catalog.services.products import TRACKED, made_slug, name_product
from catalog.services.words import add_words
from catalog.services.writing import check_merchant, main_language, unique_values
from kernel import audit, clock, outbox, transactions
from kernel.errors import DomainError, Invalid, at_most
from kernel.questions import ask
from kernel.sql_parts import AMONG, unseen
from kernel.statements import Columns
from kernel.units import unit as known_unit

DRAFTS_MAX = 500
RowT = TypeVar("RowT", Product, Variant)
_EXTERNALS = Columns(Product, "external_id", "id")
_SKUS = Columns(Variant, "sku", "product_id")
_NAMED = f"merchant_id = %s AND {{}} = ANY({unseen('%s', 'text')}::text[])"
_OWN = ("title_key", "state", "published_at", "merchant_open")


@dataclass(slots=True)
class _Work:
    """One draft on its way."""

    draft: ProductDraft
    row: Product
    made: bool
    present: dict[str, Variant]
    before: dict[str, Any] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    new: list[Variant] = field(default_factory=list)
    altered: list[Variant] = field(default_factory=list)
    published: bool = False

    @property
    def variants(self) -> dict[str, Variant]:
        return {**self.present, **{row.sku: row for row in self.new}}

    @property
    def touched(self) -> bool:
        return self.made or self.published or bool(self.changed)


@dataclass(slots=True)
class _There:
    """What is there of the goods that the drafts name; the products are locked."""

    by_external: dict[str | None, UUID]
    by_sku: dict[str, UUID]
    products: dict[UUID, Product]
    variants: dict[UUID, dict[str, Variant]]
    categories: set[UUID]
    brands: set[UUID]
    claimed: set[UUID] = field(default_factory=set)
    sets: dict[UUID, tuple[SetEntry, ...]] = field(default_factory=dict)


def knows_any(*, merchant_id: UUID, drafts: Sequence[ProductDraft]) -> bool:
    """Whether one of the drafts is about a product that the merchant has."""
    names = [draft.external_id for draft in drafts if draft.external_id]
    skus = [variant.sku for draft in drafts for variant in draft.variants]
    return any(
        ask(
            _EXTERNALS.question(_NAMED.format("external_id"), [merchant_id, names], bool),
            _SKUS.question(_NAMED.format("sku"), [merchant_id, skus], bool),
        )
    )


def put_products(
    *, merchant_id: UUID, drafts: Sequence[ProductDraft]
) -> list[DraftDone | DomainError]:
    """Make or change the merchant's products, each known by its external id, else by its SKUs.

    At most 500 drafts; the answers come in their order. Raises MerchantNotApproved, and
    ExternalIdTaken or SkuTaken when another request took one at the same moment, which end the
    caller's transaction or savepoint.
    """
    at_most(len(drafts), DRAFTS_MAX)
    check_merchant(merchant_id)
    found: list[_Work | DomainError] = []
    with transactions.together():
        there = _read(merchant_id, drafts)
        for draft in drafts:
            try:
                found.append(_planned(merchant_id, draft, there))
            except DomainError as error:
                found.append(error)
        works = [one for one in found if isinstance(one, _Work) and one.touched]
        with unique_values():
            _write(works)
        _tell(works)
    return [_done(one) if isinstance(one, _Work) else one for one in found]


def _read(merchant_id: UUID, drafts: Sequence[ProductDraft]) -> _There:
    names = [draft.external_id for draft in drafts if draft.external_id]
    skus = [variant.sku for draft in drafts for variant in draft.variants]
    externals = _EXTERNALS.all(_NAMED.format("external_id"), [merchant_id, names])
    owners = _SKUS.all(_NAMED.format("sku"), [merchant_id, skus])
    by_external = {row["external_id"]: row["id"] for row in externals}
    by_sku = {row["sku"]: row["product_id"] for row in owners}
    ids = list({*by_external.values(), *by_sku.values()})
    products: list[Product] = []
    variants: dict[UUID, dict[str, Variant]] = {}
    if ids:
        products = PRODUCTS.all(f"id {AMONG} ORDER BY id FOR UPDATE", [ids])
        for row in VARIANTS.all(f"product_id {AMONG} ORDER BY position, id", [ids]):
            variants.setdefault(row.product_id, {})[row.sku] = row
    wanted = {draft.category_id for draft in drafts if draft.category_id}
    categories = Category.objects.filter(id__in=wanted).values_list("id", flat=True)
    brands = {draft.brand_id for draft in drafts if draft.brand_id}
    if brands:
        brands = set(Brand.objects.filter(id__in=brands).values_list("id", flat=True))
    known = {row.id: row for row in products}
    return _There(by_external, by_sku, known, variants, set(categories), brands)


def _planned(merchant_id: UUID, draft: ProductDraft, there: _There) -> _Work:
    """The draft worked out on its product in memory. Raises what ``create_product`` raises."""
    if draft.category_id and draft.category_id not in there.categories:
        raise CategoryUnknown(field="category")
    present = _product_of(draft, there)
    if present is None:
        work = _Work(draft, _new(merchant_id, draft), True, {})
    else:
        work = _Work(draft, _copy(present), False, there.variants.get(present.id, {}))
        work.before = {name: getattr(present, name) for name in TRACKED}
    row = work.row
    if draft.titles or draft.descriptions or work.made:
        name_product(
            row, {**row.titles, **draft.titles}, {**row.descriptions, **draft.descriptions}
        )
    if draft.brand_id and draft.brand_id not in there.brands:
        raise BrandUnknown(field="brand")
    row.brand_id = draft.brand_id or row.brand_id
    if draft.category_id:
        row.category_id = draft.category_id
        put_values(row, None, there.sets)
    if draft.attributes:
        put_values(row, None, there.sets)
        others = row.attributes
        put_values(row, draft.attributes, there.sets)
        row.attributes = {**others, **row.attributes}
    if draft.unit:
        row.unit = known_unit(draft.unit).code
    row.external_id = draft.external_id or row.external_id
    _plan_variants(work)
    if work.made:
        if not row.titles:
            main = main_language()
            raise Invalid(_("A new product needs a title."), field=f"titles.{main}")
        row.slug = made_slug(row)
    else:
        work.changed = [name for name in TRACKED if getattr(row, name) != work.before[name]]
        if work.new or work.altered:
            work.changed.append("variants")
    if draft.publish and row.state not in (ProductState.PUBLISHED, ProductState.IN_REVIEW):
        check_complete(row, any(one.active for one in work.variants.values()), there.sets)
        work.published = True
    return work


def _product_of(draft: ProductDraft, there: _There) -> Product | None:
    named = there.by_external.get(draft.external_id) if draft.external_id else None
    owner = named
    for place, variant in enumerate(draft.variants):
        its = there.by_sku.get(variant.sku)
        if its is None or its == owner:
            continue
        other = there.products[its].external_id
        if owner is not None or (draft.external_id and other):
            raise SkuTaken(field=f"variants.{place}.sku", sku=variant.sku)
        owner = its
    if owner is None:
        return None
    if owner in there.claimed:
        raise Invalid(_("Another part of the list is about the same product."), field="external_id")
    there.claimed.add(owner)
    return there.products[owner]


def _new(merchant_id: UUID, draft: ProductDraft) -> Product:
    return PRODUCTS.new(merchant_id=merchant_id, external_id=draft.external_id)


def _plan_variants(work: _Work) -> None:
    row, draft = work.row, work.draft
    stored = row.options
    axes = named_axes(stored, draft.axes, main_language()) if draft.axes else stored
    row.options = variant_rules.axes_of([OptionAxis(a["code"], a["titles"]) for a in axes], ())
    known = known_values([one.options for one in work.present.values()])
    order = [axis["code"] for axis in row.options]
    wanted = [
        _input(one, work.present.get(one.sku), order, known, place)
        for place, one in enumerate(draft.variants)
    ]
    if {axis["code"] for axis in stored} != set(order):
        named = {one.sku for one in wanted}
        rest = [one for one in work.present.values() if one.active and one.sku not in named]
        wanted += [variant_rules.as_input(one) for one in rest]
    copies = {sku: _copy(one) for sku, one in work.present.items()}
    work.new, work.altered = variant_rules.planned(row, wanted, copies, whole=False)
    work.present = copies


def _copy(row: RowT) -> RowT:
    """So that a refused draft leaves the row that was read as it is."""
    names = [field.attname for field in row._meta.concrete_fields]
    return type(row).from_db(row._state.db, names, [getattr(row, name) for name in names])


def _input(
    draft: VariantDraft,
    present: Variant | None,
    order: Sequence[str],
    known: dict[tuple[str, str], Any],
    place: int,
) -> VariantInput:
    given = variant_rules.as_input(present) if present else VariantInput(sku=draft.sku)
    changes: dict[str, Any] = {
        name: value
        for name in ("weight_grams", *SIDES, "barcode", "active")
        if (value := getattr(draft, name)) is not None
    }
    if draft.options:
        if len(draft.options) != len(order):
            raise Invalid(
                _("A variant chooses a value for each option of the product, and no other."),
                field=f"variants.{place}.options",
            )
        changes["options"] = {
            code: known.get((code, text.casefold()), text)
            for code, text in zip(order, draft.options, strict=True)
        }
    return replace(given, **changes)


def _write(works: Iterable[_Work]) -> None:
    made = [work for work in works if work.made]
    changed = [work for work in works if not work.made]
    audit.record_many(
        audit.Change("catalog.product.created", work.row, {}, _shown(work)) for work in made
    )
    published = [work.row for work in works if work.published]
    if review_required():
        Product.move_all(published, ProductState.IN_REVIEW, action="catalog.product.submitted")
    else:
        Product.move_all(published, ProductState.PUBLISHED, action="catalog.product.published")
        for row in published:
            row.published_at, row.merchant_open = clock.business(), True
    # In one order everywhere: two lists of the same new goods don't block each other.
    made.sort(key=lambda work: work.draft.external_id or "")
    PRODUCTS.insert_all(work.row for work in made)
    PRODUCTS.update_all([work.row for work in changed], *TRACKED, *_OWN)
    altered = [row for work in works for row in work.altered]
    # Inactive rows first: their combination of options becomes free for others.
    for active in (False, True):
        VARIANTS.update_all([row for row in altered if row.active is active], *variant_rules.STATE)
    new = [row for work in works for row in work.new]
    VARIANTS.insert_all(sorted(new, key=lambda row: row.sku))
    _index(made, changed)


def _index(made: Iterable[_Work], changed: Iterable[_Work]) -> None:
    renamed = [work for work in changed if {"titles", "variants", "slug"} & set(work.changed)]
    stored: dict[UUID, dict[str, UUID]] = {}
    if renamed:
        rows = ProductToken.objects.filter(product_id__in=[work.row.id for work in renamed])
        for owner, token, key in rows.values_list("product_id", "token", "id"):
            stored.setdefault(owner, {})[token] = key
    new: list[tuple[UUID, str]] = []
    gone: list[UUID] = []
    for work in (*made, *renamed):
        skus = [row.sku for row in work.variants.values() if row.active or work.made]
        wanted = set(index_tokens([*work.row.titles.values(), *skus]))
        there = stored.get(work.row.id, {})
        gone += [there[token] for token in there.keys() - wanted]
        new += [(work.row.id, token) for token in sorted(wanted - there.keys())]
    if gone:
        ProductToken.objects.filter(id__in=gone).delete()
    add_words(new)


def _shown(work: _Work) -> dict[str, Any]:
    values = {name: getattr(work.row, name) for name in TRACKED}
    return {**values, "skus": [row.sku for row in work.new]}


def _tell(works: Iterable[_Work]) -> None:
    changes: list[audit.Change] = []
    made: list[tuple[outbox.Event, Product, UUID]] = []
    others: list[tuple[outbox.Event, Product, UUID]] = []
    for work in works:
        row, owner = work.row, work.row.merchant_id
        told = made if work.made else others
        if work.made:
            told.append((events.ProductCreated(row.id, owner, row.external_id), row, owner))
        elif work.changed:
            names = [name for name in work.changed if name in TRACKED]
            changes.append(
                audit.Change(
                    "catalog.product.changed",
                    row,
                    {name: work.before[name] for name in names},
                    {**{name: getattr(row, name) for name in names}, "changed": work.changed},
                )
            )
            told.append(
                (events.ProductUpdated(row.id, owner, work.changed, str(row.state)), row, owner)
            )
        if work.published:
            on_sale = row.state == ProductState.PUBLISHED
            kind = events.ProductPublished if on_sale else events.ProductSubmitted
            told.append((kind(row.id, owner), row, owner))
    audit.record_many(changes)
    outbox.append_many(made, new=True)
    outbox.append_many(others)


def _done(work: _Work) -> DraftDone:
    return DraftDone(
        product_id=work.row.id,
        variant_ids={sku: row.id for sku, row in work.variants.items()},
        made=work.made,
        changed=work.touched and not work.made,
    )
