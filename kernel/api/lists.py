"""List parameters and the list envelope."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Generic, TypeVar

from django.utils.translation import gettext as _
from pydantic import BaseModel, Field

from kernel.api.types import Schema, Timestamp
from kernel.errors import Invalid
from kernel.pagination import LIMIT_DEFAULT, LIMIT_MAX

ItemT = TypeVar("ItemT")
EXPAND_DEPTH = 4


class ListOf(Schema, Generic[ItemT]):
    """The list envelope."""

    data: list[ItemT]
    has_more: bool
    next_cursor: str | None = None


class ListQuery(BaseModel):
    """Parameters that every list takes."""

    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT
    cursor: str | None = Field(None, description="next_cursor of the page before", max_length=1000)
    fields: str | None = Field(None, description="Comma-separated top-level fields to send")
    expand: str | None = Field(None, description="Comma-separated paths to expand, 4 deep")
    sort: str | None = Field(None, description="A sort named by the route; - for descending")
    updated_since: Timestamp | None = Field(
        None, description="Only rows changed at or after; ordered by (updated_at, id)"
    )

    def expands(self, allowed: Iterable[str]) -> set[str]:
        """The expansions asked for. Raises Invalid for one that the route doesn't offer."""
        wanted = {part.strip() for part in (self.expand or "").split(",") if part.strip()}
        offered = set(allowed)
        for path in sorted(wanted - offered):
            if path.count(".") >= EXPAND_DEPTH:
                told = _("expand goes %(most)s deep at most.") % {"most": EXPAND_DEPTH}
                raise Invalid(told, field="expand")
            told = _("%(path)s can't be expanded here; offered: %(values)s.")
            raise Invalid(
                told % {"path": repr(path), "values": ", ".join(sorted(offered))}, field="expand"
            )
        return wanted

    def order(self, allowed: Mapping[str, tuple[str, ...]], default: str) -> tuple[str, ...]:
        """The columns of the chosen sort. ``updated_since`` brings its own order."""
        if self.updated_since is not None:
            return ("updated_at", "id")
        name = self.sort or default
        if name not in allowed:
            told = _("%(sort)s isn't a sort of this list; offered: %(values)s.")
            raise Invalid(
                told % {"sort": repr(name), "values": ", ".join(sorted(allowed))}, field="sort"
            )
        return allowed[name]


def pick_fields(item: Any, fields: str | None) -> Any:
    """Only the wanted top-level fields of a dict; ``id`` always stays."""
    if not fields or not isinstance(item, dict):
        return item
    wanted = {"id", *(name.strip() for name in fields.split(","))}
    return {name: value for name, value in item.items() if name in wanted}
