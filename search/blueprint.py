"""Search's own section of a platform's blueprint."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from catalog.facade import AttributeInfo
from platforms.facade import Section, register_section
from search.contracts import PRICE_SLOTS

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class AttributeSetting(BaseModel):
    """One property of the goods that buyers filter by (属性), such as moisture (水分).

    Its value stands in the product's ``metadata`` under ``key`` (else under ``code``), as text: a
    ``number`` in ``unit`` (UN/ECE Rec 20; P1 is per cent), a ``text``, or a ``flag`` (yes, no).
    ``names`` and ``values`` (value -> names) are what people read and search.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Code
    kind: Literal["text", "number", "flag"] = "text"
    unit: Annotated[str, Field(max_length=3)] = ""
    key: Annotated[str, Field(max_length=40)] = ""
    names: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}


class SearchSection(Section):
    """``attributes``: see ``AttributeSetting``. ``brand_key``, ``origin_key``: where a product's
    metadata has its brand (品牌) and origin (产地). ``warehouses``: whether buyers filter by where
    the goods lie. ``price_slots``: group of buyers -> slot of the index in which their prices
    stand, 1 to 15; slot 0 is everybody's price. ``query_threshold``: queries of fewer visits are
    shown to nobody and forgotten after 30 days; ``query_days``: how long the others are counted."""

    attributes: Annotated[list[AttributeSetting], Field(max_length=60)] = []
    brand_key: Annotated[str, Field(max_length=40)] = "brand"
    origin_key: Annotated[str, Field(max_length=40)] = "origin"
    warehouses: bool = False
    price_slots: dict[Code, Annotated[int, Field(ge=1, lt=PRICE_SLOTS)]] = {}
    query_threshold: Annotated[int, Field(ge=3, le=1000)] = 5
    query_days: Annotated[int, Field(ge=30, le=800)] = 400

    @field_validator("attributes")
    @classmethod
    def _once(cls, found: list[AttributeSetting]) -> list[AttributeSetting]:
        codes = [one.code for one in found]
        if len(codes) != len(set(codes)):
            raise ValueError("each code once")
        return found

    @field_validator("price_slots")
    @classmethod
    def _a_slot_each(cls, found: dict[str, int]) -> dict[str, int]:
        if len(set(found.values())) != len(found):
            raise ValueError("each slot once")
        return found


register_section("search", SearchSection)


def section(settings: Any, attributes: Iterable[AttributeInfo] = ()) -> SearchSection:
    """The section out of a platform's settings, with the catalogue's own attributes that buyers
    filter by, unless it declares one with the same code itself."""
    found = SearchSection.model_validate(settings["search"])
    known = {one.code for one in found.attributes}
    more = [_of_catalogue(one) for one in attributes if one.code not in known]
    return found.model_copy(update={"attributes": [*found.attributes, *more]}) if more else found


def _of_catalogue(info: AttributeInfo) -> AttributeSetting:
    kinds: dict[str, Literal["number", "flag"]] = {"number": "number", "boolean": "flag"}
    return AttributeSetting(
        code=info.code,
        kind=kinds.get(info.kind, "text"),
        unit=info.unit,
        names=dict(info.names),
        values={one["code"]: dict(one["names"]) for one in info.values},
    )
