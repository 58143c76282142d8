"""What web loads before it is asked, so that its processes share it: otherwise each would load it
at its first page."""

from decimal import Decimal
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

from kernel.clock import system
from kernel.money import Money
from storefront import formats

TEMPLATES = Path(__file__).parent / "templates"
# What visitors and buyers see. The desks of merchants and operators are larger, and fewer go there.
OFTEN = ("*", "storefront/*", *(f"storefront/{part}/*" for part in ("parts", "shop", "search")))


def warm() -> None:
    """Load the pages' views, their addresses, how each language writes amounts and times, and the
    templates of those that are often seen."""
    import_module("storefront.urls")
    reverse("storefront:home")
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            formats.money(Money(100, "CNY"))
            formats.number(Decimal("1.5"))
            formats.moment(system())
    for pattern in OFTEN:
        for path in TEMPLATES.glob(f"{pattern}.html"):
            get_template(str(path.relative_to(TEMPLATES)))
