"""What the services of this context share: checks of input, and unique values."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.db import IntegrityError, models
from django.utils.translation import gettext_lazy as _

from catalog.domain.slugs import valid_slug
from catalog.domain.texts import cleaned
from catalog.errors import (
    AttributeTaken,
    BrandTaken,
    ExternalIdTaken,
    SameOptions,
    SkuTaken,
    SlugTaken,
)
from kernel.errors import DomainError, FieldProblem, Invalid
from platforms.facade import MerchantNotApproved, get_platform, merchants

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 20_000
_TAKEN: dict[str, tuple[type[DomainError], str]] = {
    "catalog_attribute_code": (AttributeTaken, "code"),
    "catalog_brand_code": (BrandTaken, "code"),
    "catalog_brand_external": (ExternalIdTaken, "external_id"),
    "catalog_category_slug": (SlugTaken, "slug"),
    "catalog_category_path": (SlugTaken, "slug"),
    "catalog_category_external": (ExternalIdTaken, "external_id"),
    "catalog_product_slug": (SlugTaken, "slug"),
    "catalog_product_external": (ExternalIdTaken, "external_id"),
    "catalog_variant_sku": (SkuTaken, "sku"),
    "catalog_variant_external": (ExternalIdTaken, "variants.external_id"),
    "catalog_variant_options": (SameOptions, "options"),
}


def main_language() -> str:
    """The platform's main language: the first of its locales."""
    return get_platform().locales[0]


def texts(given: Mapping[str, str], *, field: str, longest: int) -> dict[str, str]:
    """Texts as stored. Raises Invalid naming each language that isn't right."""
    languages = get_platform().locales
    stored, problems = cleaned(given, languages, longest)
    if not problems:
        return stored
    told = {
        "language": _("This platform's languages are %(languages)s.")
        % {"languages": ", ".join(languages)},
        "length": _("At most %(longest)s characters.") % {"longest": longest},
        "null": _("It holds a character that can't be stored (U+0000)."),
    }
    raise Invalid(
        problems=[FieldProblem(f"{field}.{tag}", str(told[kind])) for tag, kind in problems]
    )


def check_slug(slug: str) -> str:
    """The slug itself. Raises Invalid."""
    if not valid_slug(slug):
        raise Invalid(
            _("A slug has 1 to 80 of a-z and 0-9, parted by single hyphens."), field="slug"
        )
    return slug


def check_merchant(merchant_id: object) -> None:
    """Refuse a merchant who isn't approved. Raises MerchantNotApproved."""
    found = next(iter(merchants([merchant_id]).values()), None)  # type: ignore[list-item]
    if found is None or not found.approved:
        raise MerchantNotApproved


def save(row: models.Model, *, force_insert: bool = False) -> None:
    """Save, turning a taken unique value into its own error."""
    with unique_values():
        row.save(force_insert=force_insert)


@contextmanager
def unique_values() -> Iterator[None]:
    """A broken unique constraint becomes its typed error, which must end the transaction or
    savepoint in which it is broken: nobody may catch it and go on there."""
    try:
        yield
    except IntegrityError as error:
        for name, (taken, field) in _TAKEN.items():
            if name in str(error):
                raise taken(field=field) from error
        raise


def codes(values: Sequence[str]) -> list[str]:
    """Those values that appear more than once."""
    return sorted({value for value in values if values.count(value) > 1})
