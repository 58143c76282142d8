"""Attributes, the sets of them by category (the operator's business), their values on products."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from catalog import attribute_sets, events, locks
from catalog.contracts import AttributeInfo, AttributeKind, SetEntry
from catalog.domain.attributes import checked
from catalog.errors import AttributeInUse, AttributeUnknown
from catalog.models import Attribute, Category, CategoryAttribute, Product
from catalog.services.writing import TITLE_LENGTH, main_language, texts, unique_values
from kernel import audit, outbox, transactions
from kernel.errors import FieldProblem, Invalid
from kernel.units import unit as known_unit

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
VALUE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
VALUES_MAX = 200
SET_MAX = 60
CHOICES = (AttributeKind.CHOICE, AttributeKind.CHOICES)
Entries = tuple[SetEntry, ...]
TRACKED = ("names", "unit", "values", "facet")
PROBLEMS = {
    "text": (_("This is no text of at most 200 characters."), _("Write a shorter text.")),
    "number": (_("This isn't a number."), _("Write digits with a decimal point, as text: 14.5.")),
    "boolean": (_("This is neither yes nor no."), _("Give true or false.")),
    "date": (_("This isn't a date."), _("Write it as 2026-11-29.")),
    "choice": (_("This value isn't allowed."), _("Choose one of: %(values)s.")),
    "choices": (_("One of the values isn't allowed."), _("Choose of: %(values)s.")),
    "unknown": (
        _("Products of this category have no such attribute."),
        _("Use one of: %(values)s."),
    ),
    "missing": (_("This attribute is required."), _("Fill it in.")),
}


class AttributeChanges(TypedDict, total=False):
    """The fields to change; one that is left out stays."""

    names: Mapping[str, str]
    unit: str
    values: Sequence[Mapping[str, Any]]
    facet: bool


def create_attribute(
    *,
    code: str,
    kind: AttributeKind | str,
    names: Mapping[str, str],
    unit: str = "",
    values: Sequence[Mapping[str, Any]] = (),
    facet: bool = False,
) -> AttributeInfo:
    """A new attribute. Raises Invalid, UnknownUnit, AttributeTaken."""
    if not CODE.fullmatch(code):
        raise Invalid(_("A code has 1 to 40 of a-z, 0-9 and _, a letter first."), field="code")
    if kind not in AttributeKind.values:
        raise Invalid(
            _("The kind is one of %(kinds)s.") % {"kinds": ", ".join(AttributeKind.values)},
            field="kind",
        )
    row = Attribute(code=code, kind=AttributeKind(kind))
    _fill(row, {"names": names, "unit": unit, "values": values, "facet": facet})
    with transactions.atomic(), unique_values():
        row.save(force_insert=True)
        _tell(row, "catalog.attribute.created", {})
    return attribute_sets.attribute(row.id)


def update_attribute(
    *, attribute_id: UUID, changes: AttributeChanges, check: Callable[[int], None] | None = None
) -> AttributeInfo:
    """Change what is given; code and kind stay. A value that a product has can't be taken away.
    Raises Invalid, AttributeInUse, NotFound."""
    with transactions.atomic():
        row = locks.attribute(attribute_id)
        if check is not None:
            check(row.version)
        before = {name: getattr(row, name) for name in TRACKED}
        _fill(row, changes)
        kept = {value["code"] for value in row.values}
        gone = [v["code"] for v in before["values"] if v["code"] not in kept]
        used = [code for code in gone if _has(row, code)]
        if used:
            raise AttributeInUse(field="values", used=used)
        if any(getattr(row, name) != before[name] for name in TRACKED):
            row.save()
            _tell(row, "catalog.attribute.changed", before)
    return attribute_sets.attribute(attribute_id)


def put_category_attributes(
    *, category_id: UUID, entries: Sequence[tuple[UUID, bool]]
) -> tuple[SetEntry, ...]:
    """What goods of this category have besides what comes from above, as (attribute, whether it is
    required), in this order. Returns all
    that they have then. Raises AttributeUnknown, Invalid, NotFound."""
    if len(entries) > SET_MAX:
        raise Invalid(_("A category has at most sixty attributes."), field="attributes")
    ids = [key for key, _required in entries]
    if len(set(ids)) != len(ids):
        raise Invalid(_("An attribute is named twice."), field="attributes")
    with transactions.atomic():
        locks.tree()
        row = locks.category(category_id)
        if Attribute.objects.filter(id__in=ids).count() != len(ids):
            raise AttributeUnknown(field="attributes")
        rows = CategoryAttribute.objects.filter(category_id=category_id)
        before = {str(one.attribute_id): one.required for one in rows.order_by("position", "id")}
        after = {str(key): required for key, required in entries}
        if list(before.items()) != list(after.items()):
            rows.delete()
            CategoryAttribute.objects.bulk_create(
                CategoryAttribute(
                    category_id=category_id, attribute_id=key, required=required, position=place
                )
                for place, (key, required) in enumerate(entries)
            )  # fmt: skip
            row.save()
            audit.record(
                action="catalog.category.attributes_set",
                target=row,
                before={"attributes": before},
                after={"attributes": after},
            )
            outbox.append(events.CategoryChanged(category_id=row.id), aggregate=row)
    return attribute_sets.of_category(category_id)


def put_values(
    row: Product, given: Mapping[str, Any] | None, sets: dict[UUID, Entries] | None = None
) -> None:
    """Set the product's values, checked against its category's set; None: only drop what the set
    of its category doesn't have. ``sets`` remembers those of categories. Raises Invalid naming
    attribute, problem and remedy."""
    if given is None and not row.attributes:
        return
    if given is not None and not given:
        row.attributes = {}
        return
    entries = _set_of(row.category_id, sets)
    known = {entry.attribute.code: entry.attribute for entry in entries}
    if given is None:
        row.attributes = {code: v for code, v in row.attributes.items() if code in known}
        return
    stored: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for code, value in given.items():
        found = known.get(code)
        if found is None:
            problems.append(_problem(code, "unknown", sorted(known)))
            continue
        stored[code], wrong = checked(found.kind, value, found.values)
        if wrong:
            problems.append(_problem(code, wrong, [value["code"] for value in found.values]))
    if problems:
        raise Invalid(problems=problems)
    row.attributes = {code: value for code, value in stored.items() if value is not None}


def missing_values(row: Product, sets: dict[UUID, Entries] | None = None) -> list[FieldProblem]:
    """The required attributes that the product lacks; ``sets`` remembers those of categories."""
    return [
        _problem(entry.attribute.code, "missing", [])
        for entry in _set_of(row.category_id, sets)
        if entry.required and entry.attribute.code not in row.attributes
    ]


def _set_of(category_id: UUID | None, sets: dict[UUID, Entries] | None) -> Entries:
    if category_id is None:
        return ()
    known = {} if sets is None else sets
    if category_id not in known:
        known[category_id] = attribute_sets.of_category(category_id)
    return known[category_id]


def _problem(code: str, kind: str, values: Iterable[str]) -> FieldProblem:
    problem, remedy = PROBLEMS[kind]
    listed = ", ".join(list(values)[:20]) or "—"
    said = str(remedy) % {"values": listed} if "%(" in str(remedy) else str(remedy)
    return FieldProblem(f"attributes.{code}", str(problem), said)


def _fill(row: Attribute, changes: Mapping[str, Any]) -> None:
    if "names" in changes:
        row.names = texts(changes["names"], field="names", longest=TITLE_LENGTH)
        if not row.names.get(main_language()):
            raise Invalid(
                _("A name in the platform's main language is needed."),
                field=f"names.{main_language()}",
            )
    if "unit" in changes:
        row.unit = (
            known_unit(changes["unit"]).code
            if changes["unit"] not in ("", "P1")
            else (changes["unit"])
        )
        if row.unit and row.kind != AttributeKind.NUMBER:
            raise Invalid(_("Only a number has a unit."), field="unit")
    if "values" in changes:
        row.values = _values(row, changes["values"])
    row.facet = changes.get("facet", row.facet)


def _values(row: Attribute, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if (row.kind in CHOICES) != bool(given):
        raise Invalid(_("A choice, and only a choice, names its allowed values."), field="values")
    found = []
    for place, value in enumerate(given):
        if not VALUE.fullmatch(str(value.get("code", ""))):
            raise Invalid(
                _("The code of a value has 1 to 40 of a-z, 0-9, _ and -."),
                field=f"values.{place}.code",
            )
        names = texts(value.get("names", {}), field=f"values.{place}.names", longest=60)
        found.append({"code": value["code"], "names": names or {main_language(): value["code"]}})
    if len({value["code"] for value in found}) != len(found) or len(found) > VALUES_MAX:
        raise Invalid(_("Each value once, at most two hundred."), field="values")
    return found


def _has(row: Attribute, code: str) -> bool:
    """Whether a product of a category with this attribute has this value."""
    holds: Any = code if row.kind == AttributeKind.CHOICE else [code]
    return Product.objects.filter(attributes__contains={row.code: holds}).exists()


def _tell(row: Attribute, action: str, before: Mapping[str, Any]) -> None:
    after = {name: getattr(row, name) for name in TRACKED}
    audit.record(action=action, target=row, before=before, after={"code": row.code, **after})
    outbox.append(events.AttributeChanged(attribute_id=row.id, code=row.code), aggregate=row)
    for category_id in Category.objects.filter(attributes__attribute_id=row.id).values_list(
        "id", flat=True
    ):
        branch = Category.objects.get(id=category_id)
        outbox.append(events.CategoryChanged(category_id=category_id), aggregate=branch)
