"""The audit trail in words."""

from datetime import timedelta
from typing import Any

from django import template
from django.http import HttpRequest

from kernel.audit import AuditEntry
from storefront.words import trail

register = template.Library()


@register.filter
def change(action: str) -> str:
    """What an action of the audit trail is called."""
    return trail.change(action)


@register.filter
def actor(kind: str) -> str:
    """What a kind of actor is called; an unknown one is shown as it is."""
    return str(trail.ACTORS.get(kind, kind))


@register.filter
def moved(entry: AuditEntry) -> bool:
    """Whether the platform's clock said another time than the machine's."""
    return abs(entry.business_at - entry.created_at) > timedelta(minutes=1)


@register.simple_tag(takes_context=True)
def query_on(context: template.Context, page: Any) -> str:
    """The address that looks on where a page ended."""
    request: HttpRequest = context["request"]
    following = request.GET.copy()
    following["cursor"] = page.next_cursor
    return f"?{following.urlencode()}"
