"""Products: make and change, with their variants."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict
from uuid import UUID

from catalog import events, locks, selectors
from catalog.contracts import OptionAxis, ProductInfo, VariantInput
from catalog.domain.slugs import slug_from
from catalog.domain.sort_key import sort_key
from catalog.domain.texts import pick
from catalog.domain.tokens import index_tokens
from catalog.errors import CategoryUnknown
from catalog.models import PRODUCTS, Product, ProductToken, Variant
from catalog.services import variants as variant_rules
from catalog.services.attributes import put_values
from catalog.services.brands import put_brand
from catalog.services.words import add_words
from catalog.services.writing import (
    DESCRIPTION_LENGTH,
    TITLE_LENGTH,
    check_merchant,
    check_slug,
    main_language,
    save,
    texts,
    unique_values,
)
from kernel import audit, outbox, transactions
from kernel.errors import NotFound
from kernel.ids import public_id, uuid7
from kernel.units import unit as known_unit

TRACKED = (
    "category_id",
    "brand_id",
    "slug",
    "titles",
    "descriptions",
    "options",
    "unit",
    "attributes",
    "external_id",
    "metadata",
)


class ProductChanges(TypedDict, total=False):
    """The fields to change; one that is left out stays. ``variants`` is the whole list: a SKU
    that isn't in it becomes inactive."""

    category_id: UUID | None
    brand_id: UUID | None
    slug: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    options: Sequence[OptionAxis]
    unit: str
    attributes: Mapping[str, Any]
    external_id: str | None
    metadata: Mapping[str, Any]
    variants: Sequence[VariantInput]


def create_product(
    *,
    merchant_id: UUID,
    titles: Mapping[str, str],
    category_id: UUID | None = None,
    brand_id: UUID | None = None,
    descriptions: Mapping[str, str] | None = None,
    options: Iterable[OptionAxis] = (),
    variants: Sequence[VariantInput] = (),
    slug: str | None = None,
    unit: str = "C62",
    attributes: Mapping[str, Any] | None = None,
    external_id: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> ProductInfo:
    """A new draft. Options left out are read off the first variant; ``unit`` is a Rec 20 code.

    Raises MerchantNotApproved, Invalid, CategoryUnknown, SlugTaken, SkuTaken, SameOptions,
    ExternalIdTaken.
    """
    check_merchant(merchant_id)
    row = Product(
        id=uuid7(),
        merchant_id=merchant_id,
        unit=known_unit(unit).code,
        external_id=external_id,
        metadata=dict(metadata or {}),
    )
    name_product(row, titles, descriptions or {})
    row.options = variant_rules.axes_of(options, variants)
    row.slug = check_slug(slug) if slug else made_slug(row)
    with transactions.atomic():
        _put_in_category(row, category_id)
        put_brand(row, brand_id)
        put_values(row, attributes)
        with unique_values():
            PRODUCTS.insert([row])
        made = variant_rules.make_variants(row, variants)
        _index(row, skus=[given.sku for given in variants], new_product=True)
        after = {name: getattr(row, name) for name in TRACKED}
        audit.record(
            action="catalog.product.created",
            target=row,
            after={**after, "skus": [given.sku for given in variants]},
        )
        outbox.append(
            events.ProductCreated(
                product_id=row.id, merchant_id=merchant_id, external_id=external_id
            ),
            aggregate=row,
            merchant_id=merchant_id,
        )
    return selectors.product_made(row, made)


def update_product(
    *,
    product_id: UUID,
    changes: ProductChanges,
    merchant_id: UUID | None = None,
    check: Callable[[int], None] | None = None,
) -> ProductInfo:
    """Change what is given; ``merchant_id`` must own it; ``check`` gets the locked row's version
    (If-Match). What stays the same writes nothing. Raises as ``create_product``, and NotFound."""
    with transactions.atomic():
        row = locks.product(product_id, merchant_id)
        check_merchant(row.merchant_id)
        if check is not None:
            check(row.version)
        before = {name: getattr(row, name) for name in TRACKED}
        _apply(row, changes)
        after = {name: getattr(row, name) for name in TRACKED}
        changed = [name for name in TRACKED if after[name] != before[name]]
        wanted = _wanted_variants(row, changes, axes_changed="options" in changed)
        if changed:
            save(row)
        if wanted is not None and variant_rules.sync_variants(row, wanted, whole=True):
            changed.append("variants")
        if changed:
            tell_updated(row, changed, before=before, after=after, saved=changed != ["variants"])
    return selectors.product(product_id)


def put_product(
    *,
    merchant_id: UUID,
    external_id: str,
    values: ProductChanges,
    check: Callable[[int], None] | None = None,
) -> tuple[ProductInfo, bool]:
    """Create or change the merchant's product with this external id; also says whether it was
    made. Two at once: the loser changes what the winner made. What it raises ends the transaction
    or savepoint of the caller, if there is one."""
    with transactions.atomic(savepoint=False):
        locks.external(merchant_id, external_id)
        found = selectors.product_id_by_external(merchant_id, external_id)
        if found is not None:
            values = {**values, "external_id": external_id}
            return update_product(product_id=found, changes=values, check=check), False
        made: dict[str, Any] = {**values, "external_id": external_id}
        return create_product(merchant_id=merchant_id, **made), True


def change_variant(
    *,
    product_id: UUID,
    variant_id: UUID | None,
    change: Callable[[VariantInput | None], VariantInput],
    merchant_id: UUID | None = None,
    check: Callable[[int], None] | None = None,
) -> UUID:
    """Add a variant (``variant_id`` None) or change one; ``change`` gets it as it is and answers
    what it shall be. Returns its id. Raises as ``create_product``, and LastVariant, NotFound."""
    with transactions.atomic():
        row = locks.product(product_id, merchant_id)
        check_merchant(row.merchant_id)
        present = variant_rules.find(product_id, variant_id) if variant_id else None
        if variant_id and present is None:
            raise NotFound
        if check is not None:
            check(present.version if present else row.version)
        given = change(variant_rules.as_input(present) if present else None)
        if not row.options and present is None and not row.variants.exists():
            row.options = variant_rules.axes_of((), [given])
        renamed = present is not None and given.sku != present.sku
        if present is not None and renamed:
            with unique_values():
                Variant.objects.filter(id=present.id).update(sku=given.sku)
        if variant_rules.sync_variants(row, [given], whole=False) or renamed:
            tell_updated(row, ["variants"], before={}, after={"sku": given.sku}, saved=False)
        found: UUID = Variant.objects.values_list("id", flat=True).get(
            product_id=product_id, sku=given.sku
        )
        return found


def tell_updated(
    row: Product,
    changed: Sequence[str],
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    saved: bool,
) -> None:
    """Index, audit and event of a change; counts the version up unless ``saved`` already did."""
    if not saved:
        row.save()
    if {"titles", "variants", "slug"} & set(changed):
        skus = Variant.objects.filter(product_id=row.id, active=True)
        _index(row, skus=list(skus.values_list("sku", flat=True)))
    audit.record(
        action="catalog.product.changed",
        target=row,
        before={name: before[name] for name in changed if name in before},
        after={**{name: after[name] for name in changed if name in after}, "changed": changed},
    )
    outbox.append(
        events.ProductUpdated(
            product_id=row.id,
            merchant_id=row.merchant_id,
            changed=list(changed),
            state=str(row.state),
        ),
        aggregate=row,
        merchant_id=row.merchant_id,
    )


def _apply(row: Product, changes: ProductChanges) -> None:
    if "titles" in changes or "descriptions" in changes:
        name_product(
            row,
            changes.get("titles", row.titles),
            changes.get("descriptions", row.descriptions),
        )
    if "slug" in changes and changes["slug"] != row.slug:
        row.slug = check_slug(changes["slug"])
    if "category_id" in changes:
        _put_in_category(row, changes["category_id"])
    if "brand_id" in changes and changes["brand_id"] != row.brand_id:
        put_brand(row, changes["brand_id"])
    if "attributes" in changes:
        put_values(row, changes["attributes"])
    elif "category_id" in changes:
        put_values(row, None)
    if "unit" in changes:
        row.unit = known_unit(changes["unit"]).code
    row.external_id = changes.get("external_id", row.external_id)
    row.metadata = dict(changes.get("metadata", row.metadata))
    if "options" in changes or "variants" in changes:
        given: Sequence[OptionAxis] = changes.get("options", ())
        if "options" not in changes:
            given = [OptionAxis(axis["code"], axis["titles"]) for axis in row.options]
        row.options = variant_rules.axes_of(given, changes.get("variants", ()))


def _wanted_variants(
    row: Product, changes: ProductChanges, *, axes_changed: bool
) -> Sequence[VariantInput] | None:
    if "variants" in changes:
        return changes["variants"]
    if not axes_changed:
        return None
    # New axes: the variants there are must fit them, or the change is refused.
    present = Variant.objects.filter(product_id=row.id, active=True).order_by("position", "id")
    return [variant_rules.as_input(variant) for variant in present]


def name_product(row: Product, titles: Mapping[str, str], descriptions: Mapping[str, str]) -> None:
    row.titles = texts(titles, field="titles", longest=TITLE_LENGTH)
    row.descriptions = texts(descriptions, field="descriptions", longest=DESCRIPTION_LENGTH)
    row.title_key = sort_key(pick(row.titles, main_language()))


def made_slug(row: Product) -> str:
    found = [row.titles.get("en", ""), *row.titles.values()]
    return slug_from(found, public_id("prd", row.id)[-6:], otherwise="p")


def _put_in_category(row: Product, category_id: UUID | None) -> None:
    if category_id is not None and not selectors.category_exists(category_id):
        raise CategoryUnknown(field="category")
    row.category_id = category_id


def _index(row: Product, *, skus: Sequence[str], new_product: bool = False) -> None:
    wanted = set(index_tokens([*row.titles.values(), *skus]))
    stored: dict[str, UUID] = {}
    if not new_product:
        rows = ProductToken.objects.filter(product_id=row.id)
        stored = dict(rows.values_list("token", "id"))
    gone = [stored[token] for token in stored.keys() - wanted]
    if gone:
        ProductToken.objects.filter(id__in=gone).delete()
    add_words([(row.id, token) for token in sorted(wanted - stored.keys())])
