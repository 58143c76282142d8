"""A merchant's tax data: what its invoices need before the first is issued."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import audit, clock
from kernel.transactions import together
from payments.contracts_invoices import TaxClass, Taxpayer, TaxProfile, Treatment
from payments.domain import vat
from payments.errors_invoices import InvalidInvoice, RateNotAllowed
from payments.models import GoodsTax
from payments.models import TaxProfile as Row
from payments.selectors import invoices as selectors
from payments.services.invoices.buyers import tax_number

GOODS_MOST = 2000
_CATEGORY = re.compile(r"[1-9]\d{18}", re.ASCII)
LENGTHS = {"name": 100, "address": 120, "phone": 40, "bank": 100, "bank_account": 40, "drawer": 40}


def usable_rates(taxpayer: str) -> list[Decimal]:
    """The rates (per cent) that such a seller may use today, highest first."""
    return vat.rates_of(taxpayer, clock.today())


def set_tax_profile(
    *,
    merchant_id: UUID,
    name: str,
    tax_number_: str,
    taxpayer: str,
    default: TaxClass,
    goods: Mapping[str, TaxClass] | None = None,
    address: str = "",
    phone: str = "",
    bank: str = "",
    bank_account: str = "",
    drawer: str = "",
) -> TaxProfile:
    """Enter or change a merchant's tax data; invoices that were issued stay as they are.
    ``goods`` stay when None. Raises InvalidInvoice, InvalidTaxNumber, RateNotAllowed."""
    plain = _plain(name=name, address=address, phone=phone, bank=bank, bank_account=bank_account,
                   drawer=drawer)  # fmt: skip
    if taxpayer not in Taxpayer.values:
        raise InvalidInvoice(_("general or small."), field="taxpayer")
    check_class(default, taxpayer=taxpayer, field="default")
    if goods is not None and len(goods) > GOODS_MOST:
        raise InvalidInvoice(_("At most %(most)s.") % {"most": GOODS_MOST}, field="goods")
    for sku, one in (goods or {}).items():
        if not 1 <= len(sku) <= 64 or not sku.isprintable():
            raise InvalidInvoice(_("An article number has 1 to 64 characters."), field="goods")
        check_class(one, taxpayer=taxpayer, field=f"goods.{sku}")
    number = tax_number(tax_number_, field="tax_number")
    with together():
        row = Row.objects.select_for_update().filter(merchant_id=merchant_id).first()
        before = {"name": row.name, "tax_number": row.tax_number} if row else None
        row = row or Row(merchant_id=merchant_id)
        row.name, row.tax_number, row.taxpayer = plain.pop("name"), number, taxpayer
        row.details_sealed = selectors.sealed(merchant_id, plain)
        row.default = stored(default)
        if goods is not None:
            _replace_goods(merchant_id, goods)
        row.save()
        audit.record(
            action="payments.tax_profile.set",
            target=row,
            before=before or {},
            after={"name": row.name, "tax_number": row.tax_number, "taxpayer": taxpayer},
        )
    return selectors.profile_info(row)


def _replace_goods(merchant_id: UUID, goods: Mapping[str, TaxClass]) -> None:
    """Articles have these classes of their own and no others."""
    GoodsTax.objects.filter(merchant_id=merchant_id, category="").delete()
    made = [
        GoodsTax(merchant_id=merchant_id, sku=sku, tax=stored(one)) for sku, one in goods.items()
    ]
    for row in made:
        row.touch()
    GoodsTax.objects.bulk_create(made)


def check_class(one: TaxClass, *, taxpayer: str, field: str) -> None:
    """Raises InvalidInvoice or RateNotAllowed unless the class can stand on an invoice today."""
    field = f"{field}." if field else ""
    check_category(one.category, field=f"{field}category")
    if not 1 <= len(one.category_name.strip()) <= 20:
        told = _("The short name of the category has 1 to 20 characters.")
        raise InvalidInvoice(told, field=f"{field}category_name")
    check_rate(one.rate, one.treatment, taxpayer=taxpayer, field=f"{field}rate")


def check_category(code: str, *, field: str) -> None:
    """Raises InvalidInvoice unless it has the form of a tax category's code."""
    if not _CATEGORY.fullmatch(code):
        told = _("A tax category's code has 19 digits, as the tax platform lists it.")
        raise InvalidInvoice(told, field=field)


def check_rate(rate: Decimal, treatment: str, *, taxpayer: str, field: str) -> None:
    """Raises RateNotAllowed for a rate that such a seller can't use today."""
    if treatment not in Treatment.values:
        raise InvalidInvoice(_("taxed, exempt or untaxed."), field=field)
    allowed = usable_rates(taxpayer) if treatment == Treatment.TAXED else [Decimal(0)]
    if rate not in allowed:
        told = _("It is one of %(rates)s.") % {"rates": ", ".join(f"{one} %" for one in allowed)}
        ended = vat.ended(taxpayer, rate, clock.today()) if treatment == Treatment.TAXED else None
        if ended is not None:
            told = _("%(rate)s %% ended on %(day)s.") % {"rate": rate, "day": ended} + " " + told
        raise RateNotAllowed(
            told,
            field=field,
            allowed=[str(one) for one in allowed],
        )


def stored(one: TaxClass) -> dict[str, str]:
    """As it is kept: text only."""
    return {**asdict(one), "rate": format(one.rate.normalize(), "f"), "treatment": one.treatment}


def _plain(**texts: str) -> dict[str, Any]:
    found = {name: " ".join(text.split()) for name, text in texts.items()}
    for name, text in found.items():
        if len(text) > LENGTHS[name] or not text.isprintable():
            raise InvalidInvoice(
                _("At most %(most)s plain characters.") % {"most": LENGTHS[name]}, field=name
            )
    if not found["name"]:
        raise InvalidInvoice(_("The seller's registered name."), field="name")
    return found
