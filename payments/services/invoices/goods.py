"""How goods are taxed: set for an article or a category, and found again for a line."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from kernel import audit
from kernel.errors import DomainError, NotFound
from kernel.pagination import PageOf, keyset
from kernel.transactions import together
from payments.contracts_invoices import GoodsTaxInfo, TaxClass, TaxFound, Taxpayer, TaxProfile
from payments.errors_invoices import InvalidInvoice, TaxProfileMissing
from payments.models import GoodsTax
from payments.models import TaxProfile as Profile
from payments.selectors import invoices as selectors
from payments.services.invoices.profile import check_class, stored

DEPTH_MOST = 20  # steps of a category's path that are looked at


def set_goods_tax(
    *, merchant_id: UUID | None, tax: TaxClass, sku: str = "", category: str = ""
) -> GoodsTaxInfo:
    """How an article (``sku``) or a category with all within it is taxed from now on; invoices that
    were issued stay as they are. Without a merchant: the platform's word on a category, for general
    taxpayers. Raises InvalidInvoice, RateNotAllowed, TaxProfileMissing."""
    sku, category = _named(merchant_id, sku, category)
    taxpayer = str(Taxpayer.GENERAL)
    if merchant_id is not None:
        known = Profile.objects.filter(merchant_id=merchant_id).first()
        if known is None:
            raise TaxProfileMissing
        taxpayer = str(known.taxpayer)
    check_class(tax, taxpayer=taxpayer, field="")
    with together():
        if merchant_id is not None:  # one at a time
            Profile.objects.select_for_update().get(merchant_id=merchant_id)
        rows = GoodsTax.objects.select_for_update()
        row = rows.filter(merchant_id=merchant_id, sku=sku, category=category).first()
        before = row.tax if row else {}
        if row is None:
            row = GoodsTax(merchant_id=merchant_id, sku=sku, category=category)
            row.tax = stored(tax)
            row.touch()
            GoodsTax.objects.bulk_create([row], ignore_conflicts=True)
            row = rows.get(merchant_id=merchant_id, sku=sku, category=category)
        row.tax = stored(tax)
        row.save()
        audit.record(
            action="payments.goods_tax.set",
            target=row,
            before=before,
            after={"sku": sku, "category": category, **row.tax},
        )
        return goods_tax_info(row)


def remove_goods_tax(*, merchant_id: UUID | None, goods_tax_id: UUID) -> None:
    """The article or category is taxed as usual again. Raises NotFound."""
    with together():
        row = GoodsTax.objects.select_for_update().filter(id=goods_tax_id).first()
        if row is None or row.merchant_id != merchant_id:
            raise NotFound
        audit.record(
            action="payments.goods_tax.removed",
            target=row,
            before={"sku": row.sku, "category": row.category, **row.tax},
        )
        row.delete()


def goods_tax(
    *, merchant_id: UUID | None, sku: str = "", category: str = ""
) -> GoodsTaxInfo | None:
    """What was set for exactly this article or category."""
    row = GoodsTax.objects.filter(merchant_id=merchant_id, sku=sku, category=category).first()
    return goods_tax_info(row) if row else None


def goods_taxes_page(
    *,
    merchant_id: UUID | None,
    platforms_too: bool = False,
    categories: bool | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[GoodsTaxInfo]:
    """A merchant's, the platform's (no merchant), or both. ``categories``: only those, or only
    articles."""
    whose = Q(merchant_id=merchant_id)
    if platforms_too:
        whose |= Q(merchant_id__isnull=True)
    rows = GoodsTax.objects.filter(whose)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    if categories is not None:
        rows = rows.filter(sku="") if categories else rows.exclude(sku="")
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(goods_tax_info)


def goods_tax_info(row: GoodsTax) -> GoodsTaxInfo:
    """The contract of a row."""
    return GoodsTaxInfo(
        id=row.id,
        merchant_id=row.merchant_id,
        sku=row.sku,
        category=row.category,
        tax=selectors.tax_class(row.tax),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def usable(tax: TaxClass, taxpayer: str) -> bool:
    """Whether such a seller may use the class today; a rate may have ended since it was set."""
    try:
        check_class(tax, taxpayer=taxpayer, field="")
    except DomainError:
        return False
    return True


def tax_classes(profile: TaxProfile, goods: Sequence[tuple[str, str]]) -> list[TaxFound]:
    """How each (SKU, category) of a merchant is usually taxed, and by whose word: the article's own
    class, the deepest category that the merchant has set, the deepest of the platform, else the
    merchant's default. A small-scale taxpayer takes the platform's code with the rate of its own
    default, for the platform speaks of general taxpayers."""
    rows = GoodsTax.objects.filter(
        Q(merchant_id=profile.merchant_id, sku__in={sku for sku, _category in goods if sku})
        | (
            Q(category__in={step for _sku, category in goods for step in _above(category)})
            & (Q(merchant_id=profile.merchant_id) | Q(merchant_id__isnull=True))
        )
    )
    known = {(row.merchant_id, row.sku, row.category): row for row in rows}
    return [_found(profile, known, sku, category) for sku, category in goods]


def _found(
    profile: TaxProfile,
    known: dict[tuple[UUID | None, str, str], GoodsTax],
    sku: str,
    category: str,
) -> TaxFound:
    row = known.get((profile.merchant_id, sku, "")) if sku else None
    if row is not None:
        return TaxFound(selectors.tax_class(row.tax), "article")
    for whose, level in ((profile.merchant_id, "category"), (None, "platform_category")):
        for step in reversed(list(_above(category))):
            row = known.get((whose, "", step))
            if row is None:
                continue
            tax = selectors.tax_class(row.tax)
            if whose is None and profile.taxpayer == Taxpayer.SMALL:
                own = profile.default
                tax = replace(tax, rate=own.rate, treatment=own.treatment)
            return TaxFound(tax, level)
    return TaxFound(profile.default, "default")


def _above(category: str) -> Iterable[str]:
    """The category's path and those above it, the root first."""
    steps = [step for step in category.split("/") if step][:DEPTH_MOST]
    return ["/".join(steps[: place + 1]) for place in range(len(steps))]


def _named(merchant_id: UUID | None, sku: str, category: str) -> tuple[str, str]:
    sku, category = " ".join(sku.split()), category.strip().strip("/")
    if bool(sku) == bool(category):
        raise InvalidInvoice(_("Name an article (sku) or a category, one of them."), field="sku")
    if merchant_id is None and sku:
        raise InvalidInvoice(_("Only a merchant has articles; name a category."), field="sku")
    if len(sku) > 64 or not sku.isprintable():
        raise InvalidInvoice(_("At most %(most)s plain characters.") % {"most": 64}, field="sku")
    if len(category) > 200 or not category.isprintable() or len(category.split("/")) > DEPTH_MOST:
        told = _("A path of slugs, such as fresh/fruit, of at most 200 characters.")
        raise InvalidInvoice(told, field="goods_category")
    return sku, category
