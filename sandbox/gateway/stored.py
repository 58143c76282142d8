"""Objects that are mostly stored and shown again."""

from collections.abc import Callable
from typing import Any

from sandbox import idents
from sandbox.models import Document
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import missing
from sandbox.transport.expand import loader
from sandbox.transport.params import merge_metadata

Render = Callable[[Document], dict[str, Any]]


def add(
    call: Call,
    prefix: str,
    kind: str,
    data: dict[str, Any],
    *,
    parent: str | None = None,
    status: str = "active",
    ident: str | None = None,
) -> Document:
    """Keep a new object with the call's metadata."""
    return Document.objects.create(
        id=ident or idents.new(prefix),
        account=call.account,
        created=call.now,
        kind=kind,
        parent=parent,
        status=status,
        data=data,
        metadata=merge_metadata({}, call.get("metadata")),
    )


def need(
    call: Call, kind: str, ident: str, *, param: str | None = None, parent: str | None = None
) -> Document:
    """The object, its row locked when the call may write. Raises resource_missing."""
    rows = Document.objects.filter(account=call.account, kind=kind, pk=ident)
    if parent is not None:
        rows = rows.filter(parent=parent)
    row = rows.exclude(status="deleted").first()
    if row is None:
        raise missing(kind.replace("_", " "), ident, param=param)
    return row


def update_metadata(call: Call, row: Document) -> None:
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])


def page(call: Call, kind: str, render: Render, url: str, **filters: Any) -> dict[str, Any]:
    """One page of a kind."""
    rows = Document.objects.filter(kind=kind, **filters).exclude(status="deleted")
    return lists.page(
        call,
        rows,
        lambda found: [render(row) for row in found],
        url=url,
        kind=kind.replace("_", " "),
    )


def expands(prefix: str, render: Render) -> None:
    """Objects with this prefix stand where their id stands, when asked for."""

    def load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
        rows = Document.objects.filter(account=call.account, pk__in=idents)
        return {row.pk: render(row) for row in rows}

    loader(prefix, load)
