"""From a row of a list to a contract's PDF: the template's values, and the other parties' names.

Columns are the template's fields; ``<role>.name`` and ``<role>.detail`` name the parties. Cells are
text: money is written ``462000.00`` or ``462000.00 CNY``, a quantity ``200`` or ``200 TNE``.
"""

from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext as _

from certification.contracts.agreements import ContractLanguage, PartyInfo
from certification.errors.evidence import InvalidRows
from certification.models.evidence import BulkSigning
from certification.selectors.agreements import template
from certification.services.agreements import papers
from certification.services.agreements.draft import checked
from certification.signing import Placement
from kernel import clock
from kernel.errors import Invalid
from kernel.money import Money


def require_fillable(*, template_id: UUID) -> None:
    """A template whose table must be filled can't be signed from a list. Raises Invalid."""
    for field in template(template_id=template_id).definition["fields"]:
        if field.get("type") == "table" and field.get("required"):
            said = _("The table %(name)s of this template must be filled, which a list can't do.")
            raise Invalid(said % {"name": field["name"]}, field="template_id")


def require_columns(*, template_id: UUID, columns: Collection[str]) -> None:
    """The list has a column for each field that must be filled, and for each party's name.
    Raises InvalidRows that names those it lacks."""
    definition = template(template_id=template_id).definition
    wanted = [f["name"] for f in definition["fields"] if f.get("required")]
    wanted += [f"{role['role']}.name" for role in definition["roles"]]
    lacking = [name for name in wanted if name not in columns]
    if lacking:
        said = _("These columns are missing: %(names)s.") % {"names": ", ".join(lacking)}
        raise InvalidRows(said, field="csv")


def filler(bulk: BulkSigning) -> Any:
    """What makes the documents of this bulk signing."""
    found = template(template_id=bulk.template_id)
    definition = found.definition
    roles = [role["role"] for role in definition["roles"]]
    mine = bulk.consent.party
    known = {field["name"]: field for field in definition["fields"]}
    at = clock.business()

    def fill(row: Mapping[str, str]) -> tuple[bytes, Placement]:
        given = {
            name: typed(known.get(name, {}), value)
            for name, value in row.items() if value != ""
            and (name in known or name != "number")
            and not name.endswith((".name", ".detail"))
        }  # fmt: skip
        values = checked(definition, given, roles, whole=True)
        parties = []
        for place, role in enumerate(roles):
            name = row.get(f"{role}.name", "")
            if not name:
                told = _("The column %(column)s is empty.") % {"column": f"{role}.name"}
                raise Invalid(told, field=f"{role}.name")
            detail = row.get(f"{role}.detail", "")
            parties.append(SimpleNamespace(role=role, name=name, detail=detail, place=place))
        data = papers.paper(
            definition=definition,
            values=values,
            parties=cast("list[PartyInfo]", parties),
            number=row.get("number", ""),
            mark="",
            language=ContractLanguage.CHINESE,
        )
        made = papers.typeset(data, at=at, bounded=False)
        here = next(place for place in made.places if place.role == mine)
        return made.pdf, Placement(mine, here.page, here.left, here.bottom, here.width, here.height)

    return fill


def typed(field: Mapping[str, Any], text: str) -> Any:
    """A cell as the field takes it. Raises Invalid naming the column."""
    kind, name = field.get("type"), field.get("name", "")
    amount, _space, unit = text.replace(",", "").strip().partition(" ")
    if kind == "money":
        currency = unit.strip() or field.get("currency") or "CNY"
        try:
            return Money.parse(amount, currency).as_api()
        except Invalid as error:
            told = _("%(name)s: %(text)s isn't an amount such as 462000.00.")
            raise Invalid(told % {"name": name, "text": repr(text[:40])}, field=name) from error
    if kind == "quantity":
        return {"value": amount, "unit": unit.strip() or (field.get("units") or ["C62"])[0]}
    if kind == "table":
        raise Invalid(_("%(name)s: a list can't fill in tables.") % {"name": name}, field=name)
    return text
