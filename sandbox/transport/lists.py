"""Lists: newest first, ``starting_after`` and ``ending_before`` are exclusive ids."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import QuerySet

from sandbox.models import Owned

from . import params
from .call import Call
from .errors import missing

Row = TypeVar("Row", bound=Owned)
PAGE: dict[str, params.Kind] = {
    "limit": params.Integer(least=1, most=100),
    "starting_after": params.Text(clear=False),
    "ending_before": params.Text(clear=False),
}
CREATED = params.Either(
    kinds=(
        params.Integer(),
        params.Hash(
            fields={name: params.Integer() for name in ("gt", "gte", "lt", "lte")},
        ),
    )
)


def envelope(url: str, data: list[Any], has_more: bool) -> dict[str, Any]:
    """The list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def page(
    call: Call,
    rows: QuerySet[Row],
    render: Callable[[list[Row]], list[dict[str, Any]]],
    *,
    url: str,
    kind: str,
) -> dict[str, Any]:
    """One page of ``rows`` as the call's parameters ask. Unknown cursor ids are refused."""
    limit = int(call.get("limit", 10))
    rows = created(rows.filter(account=call.account), call.get("created"))
    after, before = call.get("starting_after"), call.get("ending_before")
    if after and before:
        raise params.wrong(
            "You cannot parameterize both starting_after and ending_before.", "starting_after"
        )
    for name, ident in (("starting_after", after), ("ending_before", before)):
        if ident and not rows.model._base_manager.filter(pk=ident, account=call.account).exists():
            raise missing(kind, ident, param=name)
    if before:
        found = list(rows.filter(pk__gt=before).order_by("pk")[: limit + 1])
        shown = found[:limit][::-1]
    else:
        if after:
            rows = rows.filter(pk__lt=after)
        found = list(rows.order_by("-pk")[: limit + 1])
        shown = found[:limit]
    return envelope(url, render(shown), len(found) > limit)


def created(rows: QuerySet[Row], wanted: int | dict[str, int] | None) -> QuerySet[Row]:
    """Only what was created then: a moment, or a range by gt, gte, lt, lte."""
    if wanted is None:
        return rows
    if isinstance(wanted, int):
        return rows.filter(created=wanted)
    return rows.filter(**{f"created__{name}": value for name, value in wanted.items()})
