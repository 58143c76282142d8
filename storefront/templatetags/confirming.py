"""Confirming a change of accounts, keys, providers or staff, as fields of its form."""

from typing import Any

from django import template

from storefront import confirming

register = template.Library()


@register.inclusion_tag("storefront/parts/confirm_change.html", takes_context=True)
def confirm_change(
    context: template.Context, name: str, label: str, look: str = "primary", do: str = ""
) -> dict[str, Any]:
    """The fields and the button ``label`` that sends the form (``do`` is its value); for who has to
    set a second factor up first, that and where, without a button."""
    form = confirming.fields(context["request"], name)
    return {"form": form, "label": label, "look": look, "do": do}
