"""Reads of attributes and of the sets that categories have, with what comes from above."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from catalog.contracts import AttributeInfo, AttributeKind, AttributeShown, SetEntry
from catalog.domain.attributes import COMMA, checked
from catalog.domain.texts import pick
from catalog.models import Attribute, Category, CategoryAttribute
from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset

FIELDS = (
    "id", "code", "kind", "names", "unit", "values", "facet", "version", "created_at", "updated_at",
)  # fmt: skip


def attribute(attribute_id: UUID) -> AttributeInfo:
    """One attribute. Raises NotFound."""
    row = Attribute.objects.filter(id=attribute_id).values(*FIELDS).first()
    if row is None:
        raise NotFound
    return _info(row)


def attributes(codes: Iterable[str] | None = None, *, facets: bool = False) -> list[AttributeInfo]:
    """The platform's attributes by code: all, those named, or those that buyers filter by."""
    rows: Any = Attribute.objects.order_by("code")
    if codes is not None:
        rows = rows.filter(code__in=list(codes))
    if facets:
        rows = rows.filter(facet=True)
    return [_info(row) for row in rows.values(*FIELDS)]


def attributes_page(
    *, order: tuple[str, ...] = ("code", "id"), cursor: str | None = None, limit: int = 20
) -> PageOf[AttributeInfo]:
    """The platform's attributes."""
    rows: Any = Attribute.objects.values(*FIELDS)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(_info)


def own_set(category_id: UUID) -> tuple[SetEntry, ...]:
    """What the category itself names."""
    return tuple(entry for entry in of_category(category_id) if not entry.inherited)


def require_category(category_id: UUID) -> None:
    """Raises NotFound when there is no such category."""
    if not Category.objects.filter(id=category_id).exists():
        raise NotFound


def of_category(category_id: UUID) -> tuple[SetEntry, ...]:
    """All that goods of the category have, those from the top first; three queries. Nothing when
    there is no such category."""
    path = Category.objects.filter(id=category_id).values_list("path", flat=True).first()
    if path is None:
        return ()
    slugs = path.split("/")
    above = ["/".join(slugs[: place + 1]) for place in range(len(slugs))]
    ids = dict(Category.objects.filter(path__in=above).values_list("id", "depth"))
    rows = CategoryAttribute.objects.filter(category_id__in=list(ids))
    found: dict[UUID, tuple[bool, UUID]] = {}
    links = list(rows.values_list("category_id", "attribute_id", "required", "position"))
    for owner, key, required, _place in sorted(links, key=lambda link: (ids[link[0]], link[3])):
        found[key] = (required, owner)
    infos: Any = Attribute.objects.filter(id__in=list(found)).values(*FIELDS)
    by_id = {row["id"]: _info(row) for row in infos}
    return tuple(
        SetEntry(by_id[key], required, inherited=owner != category_id)
        for key, (required, owner) in found.items()
    )


def shown(values: Mapping[str, Any], language: str, main: str) -> tuple[AttributeShown, ...]:
    """A product's values as people read them; one query, none without values."""
    if not values:
        return ()
    infos = {info.code: info for info in attributes(values)}
    return tuple(
        AttributeShown(
            code, pick(infos[code].names, language, main) or code,
            said(infos[code], value, language, main), infos[code].kind, infos[code].unit,
        )
        for code, value in sorted(values.items())
        if code in infos
    )  # fmt: skip


def said(info: AttributeInfo, value: Any, language: str, main: str) -> str:
    """The value in words; of a boolean ``yes`` or ``no``."""
    if info.kind in (AttributeKind.CHOICE, AttributeKind.CHOICES):
        names = {one["code"]: pick(one["names"], language, main) for one in info.values}
        codes = value if isinstance(value, list) else [value]
        return (
            "、".join(names.get(code) or code for code in codes)
            if (language.startswith("zh"))
            else ", ".join(names.get(code) or code for code in codes)
        )
    if info.kind == AttributeKind.BOOLEAN:
        return "yes" if value else "no"
    return str(value)


def written(info: AttributeInfo, value: Any, language: str) -> str:
    """The value as a list has it, so that it is read back as the same: choices by their names, by
    their codes where a name holds a comma or is another's too."""
    if info.kind not in (AttributeKind.CHOICE, AttributeKind.CHOICES):
        return said(info, value, language, language)
    names = {one["code"]: pick(one["names"], language, language) for one in info.values}
    codes = value if isinstance(value, list) else [value]
    plain = {
        code
        for code, name in names.items()
        if not COMMA.search(name) and checked("choice", name, info.values)[0] == code
    }
    return ",".join(names[code] if code in plain else code for code in codes)


def _info(row: Any) -> AttributeInfo:
    return AttributeInfo(
        **{**row, "kind": AttributeKind(row["kind"]), "values": tuple(row["values"])}
    )
