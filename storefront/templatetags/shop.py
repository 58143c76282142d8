"""The components of the visual language, as template tags (all shown on ``/styleguide/``)."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django import template
from django.forms import BoundField
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from kernel import logs
from kernel.ids import public_id
from payments import facade as payments
from platforms import facade as platforms
from storefront import formats, found, words
from storefront.lists import SIZES, window

register = template.Library()


@register.simple_tag
@cache  # templates name few, each page a dozen
def icon(name: str, size: str = "") -> SafeString:
    """A drawing from the sprite; always decorative, the word stands beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        size,
        static("storefront/icons.svg"),
        name,
    )


@register.filter
def permission(code: str) -> str:
    """What a permission of a role is called."""
    found = platforms.PERMISSIONS.get(code)
    return str(found.title) if found else code


@register.simple_tag
def money(value: Any, was: Any = None) -> SafeString:
    """An amount with its currency; ``was`` is the original of a conversion."""
    found = formats.as_money(value)
    if found is None:
        return mark_safe("—")
    original = formats.as_money(was)
    return format_html(
        '<span class="money{}" translate="no">{}</span>{}',
        " negative" if found.amount < 0 else "",
        formats.money(found),
        format_html(' <span class="money was">({})</span>', formats.money(original))
        if original
        else "",
    )


@register.filter
def money_text(value: Any) -> str:
    """An amount inside a sentence."""
    found = formats.as_money(value)
    return formats.money(found) if found else "—"


@register.simple_tag
def unit_price(value: Decimal | None, currency: str, unit: str = "") -> SafeString:
    """A price per unit; pieces need no unit."""
    if value is None:
        return mark_safe("—")
    per = "" if unit in ("", "C62", "H87", "EA") else formats.unit_name(unit)
    return format_html(
        '<span class="money" translate="no">{}</span>{}',
        formats.unit_price(value, currency),
        format_html('<span class="small muted">/{}</span>', per) if per else "",
    )


@register.simple_tag
def quantity(value: Decimal | int | str, unit: str = "C62") -> SafeString:
    """A quantity with its unit (tonnes to three decimals)."""
    return format_html(
        '<span class="num nowrap">{}</span>', formats.quantity(Decimal(str(value)), unit)
    )


@register.filter
def number(value: Decimal | int) -> str:
    """A number with the locale's separators."""
    return formats.number(value)


@register.simple_tag
def moment(value: datetime | None) -> SafeString:
    """Date and time in the viewer's zone, exact in the machine-readable part."""
    if value is None:
        return mark_safe("—")
    return format_html(
        '<time datetime="{}" class="nowrap">{}</time>',
        value.isoformat(timespec="seconds"),
        formats.moment(value),
    )


@register.filter
def offset(value: datetime) -> str:
    """The viewer's distance from UTC: for moments that are proof."""
    return formats.offset(value)


@register.simple_tag
def mark_day(value: date | None) -> str:
    """A date as plain text, for a sentence."""
    return formats.day(value) if value else "—"


@register.simple_tag
def day(value: date | None) -> SafeString:
    """A date, or that of a moment in the viewer's zone."""
    if value is None:
        return mark_safe("—")
    plain = value.date() if isinstance(value, datetime) else value
    return format_html(
        '<time datetime="{}" class="nowrap">{}</time>', plain.isoformat(), formats.day(value)
    )


@register.filter
def said(texts: Mapping[str, str] | str | None) -> str:
    """The text in the reader's language out of {language: text}, else in another there is."""
    if not texts:
        return ""
    if isinstance(texts, str):
        return texts
    wanted = (translation.get_language() or "en").lower()
    for key, text in texts.items():
        if key.lower() == wanted and text:
            return text
    for key, text in texts.items():
        if key.lower().split("-")[0] == wanted.split("-")[0] and text:
            return text
    return next((text for text in texts.values() if text), "")


@register.filter
def pid(value: UUID | None, prefix: str) -> str:
    """The public form of an id."""
    return public_id(prefix, value) if value else ""


@register.filter
def sheet_url(invoice: payments.SalesInvoiceInfo) -> str:
    """Where a buyer gets an invoice as PDF."""
    return reverse("storefront:invoice_sheet", args=[payments.invoice_token(invoice.id)])


@register.simple_tag(takes_context=True)
def addresses(context: template.Context, noindex: bool = False) -> SafeString:
    """A public page's one address and those of its languages, for search engines; a page that a
    visitor has filtered isn't for them."""
    request: HttpRequest = context["request"]
    if noindex or set(request.GET) - {found.PARAMETER, "variant", "picture"}:
        return mark_safe('<meta name="robots" content="noindex,follow">')
    address = request.build_absolute_uri(request.path)
    here = found.canonical(address, translation.get_language() or "en")
    return format_html('<link rel="canonical" href="{}">', here) + format_html_join(
        "", '<link rel="alternate" hreflang="{}" href="{}">', found.languages_of(address)
    )


@register.filter
def data_block(data: Mapping[str, Any]) -> SafeString:
    """schema.org data for search engines."""
    return found.written(data)


@register.filter
def initial(text: str) -> str:
    """The first character, for the round mark of a merchant."""
    return (text or "·").strip()[:1].upper()


@register.filter
def get(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """A value of a mapping by a key that is a variable."""
    return mapping.get(key) if mapping else None


@register.inclusion_tag("storefront/parts/badge.html")
def badge(kind: str, state: str) -> dict[str, Any]:
    """Word, icon and colour of a state."""
    label, tone, drawing = words.word(kind, state)
    return {"label": label, "tone": tone, "drawing": drawing}


@register.inclusion_tag("storefront/parts/mark.html")
def mark(label: str, tone: str = "mute", drawing: str = "info") -> dict[str, Any]:
    """A badge with words of its own."""
    return {"label": label, "tone": tone, "drawing": drawing}


@register.inclusion_tag("storefront/parts/field.html")
def field(bound: BoundField, **more: Any) -> dict[str, Any]:
    """Label, control, hint and error of one form field."""
    described = []
    if bound.help_text:
        described.append(f"{bound.auto_id}_hint")
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
    attrs: dict[str, Any] = {}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    kind = getattr(bound.field.widget, "input_type", "")
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attrs),
        "is_check": kind == "checkbox" and not bound.field.widget.use_fieldset,
        "is_group": bound.field.widget.use_fieldset,
        **more,
    }


@register.inclusion_tag("storefront/parts/errors.html")
def errors(form: Any) -> dict[str, Any]:
    """The summary of a form's errors, each a link to its field."""
    return {"form": form}


@register.inclusion_tag("storefront/parts/passkey_proof.html", takes_context=True)
def passkey_proof(context: template.Context) -> dict[str, Any]:
    """For a page that asks for a code: a button beside it that confirms with a passkey, for who
    has one that works at this address."""
    from platforms import facade as platforms
    from storefront.views.passkeys import asked_person

    request: HttpRequest = context["request"]
    site = platforms.passkey_site(request)
    return {"offered": bool(platforms.credentials_at(asked_person(request), site.rp_id))}


@register.inclusion_tag("storefront/parts/picture.html")
def picture(
    image: Any, sizes: str = "(min-width: 960px) 280px, 50vw", eager: bool = False, alt: str = ""
) -> dict[str, Any]:
    """A product's picture: lazy, with sizes and its own width and height."""
    if image is None:
        return {"image": None}
    language = translation.get_language() or "en"
    return {
        "image": image,
        "src": image.url(480),
        "srcset": image.srcset,
        "sizes": sizes,
        "eager": eager,
        "alt": image.alt(language) or alt,
    }


@register.inclusion_tag("storefront/parts/sort.html", takes_context=True)
def sort_header(context: template.Context, name: str, label: str) -> dict[str, Any]:
    """A column's heading that sorts by it; a second click turns the order round."""
    request: HttpRequest = context["request"]
    now = request.GET.get("sort", "")
    query = request.GET.copy()
    query.pop("cursor", None)
    query["sort"] = f"-{name}" if now == name else name
    direction = {name: "ascending", f"-{name}": "descending"}.get(now, "")
    return {"label": label, "href": f"?{query.urlencode()}", "direction": direction}


@register.inclusion_tag("storefront/parts/pager.html", takes_context=True)
def pager(context: template.Context, page: Any, target: str = "") -> dict[str, Any]:
    """The way to the next rows by cursor, and back to the first ones."""
    request: HttpRequest = context["request"]
    first, following = request.GET.copy(), request.GET.copy()
    started = bool(first.pop("cursor", None))
    if page.next_cursor:
        following["cursor"] = page.next_cursor
    return {
        "page": page,
        "first": f"?{first.urlencode()}" if started else "",
        "following": f"?{following.urlencode()}" if page.has_more else "",
        "sizes": _sizes(request, len(page.items), page.has_more or started),
    }


def _sizes(request: HttpRequest, shown: int, more: bool) -> list[dict[str, Any]]:
    """How many rows a page may have, each with its address; nothing for a short list."""
    now = window(request)["limit"]
    if not more and shown <= SIZES[0]:
        return []
    found = []
    for size in SIZES:
        changed = request.GET.copy()
        changed.pop("cursor", None)
        changed["limit"] = str(size)
        found.append({"size": size, "href": f"?{changed.urlencode()}", "now": size == now})
    return found


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The page's address with some parameters changed (None takes one out); the cursor goes."""
    found: QueryDict = context["request"].GET.copy()
    found.pop("cursor", None)
    for key, value in changes.items():
        found.pop(key, None)
        if value is not None and value != "":
            found[key] = str(value)
    return "?" + found.urlencode()


@register.inclusion_tag("storefront/parts/chart.html")
def chart(
    title: str, points: list[tuple[str, int]], currency: str = "", kind: str = "bar"
) -> dict[str, Any]:
    """A chart as SVG with its numbers in a table; ``points`` are (label, value)."""
    from storefront.charts import drawing

    return drawing(title, points, currency=currency, kind=kind)


@register.simple_tag
def picture_url(image: Any, width: int) -> str:
    """The address of a picture's copy at least so wide."""
    return str(image.url(width))


@register.simple_tag
def unit_label(unit: str) -> str:
    """How a unit is written in the reader's language."""
    return formats.unit_name(unit)


@register.filter
def counted(unit: str | None) -> bool:
    """Whether goods in this unit are counted in whole numbers."""
    return formats.is_counted(unit or "C62")


@register.filter
def words_of(text: str) -> list[str]:
    """The words of a text, to go through them."""
    return text.split()


@register.filter
def bound(form: Any, name: str) -> BoundField:
    """A form's field by a name that is a variable."""
    found: BoundField = form[name]
    return found


@register.simple_tag
def options(variant: Any) -> str:
    """The chosen options of a variant, with a dot behind them: ``Large · Red · ``."""
    if variant is None:
        return ""
    text = variant.option_text(translation.get_language() or "en")
    return f"{text} · " if text else ""


@register.filter
def plain(value: Decimal) -> str:
    """A decimal as an input field wants it: no exponent, no needless zeros."""
    return format(value.normalize(), "f")


@register.filter
def word(state: str, kind: str) -> str:
    """What a state is called."""
    return str(words.word(kind, state)[0])


@register.filter
def called(names: Mapping[str, Any], key: str) -> str:
    """The name of a key in a table of words; an unknown key stands for itself."""
    return str(names.get(key, key))


@register.simple_tag
def request_id() -> str:
    """The id to quote when something went wrong."""
    return logs.request_id()


@register.simple_tag(takes_context=True)
def current(context: template.Context, prefix: str, exact: bool = False) -> SafeString:
    """``aria-current`` for the navigation entry the reader is in."""
    path = context["request"].path
    here = path == prefix if exact else path.startswith(prefix)
    return mark_safe('aria-current="page"' if here else "")  # noqa: S308
