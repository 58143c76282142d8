"""The journeys' section of a platform's blueprint."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from kernel.errors import FieldProblem
from platforms.facade import Section, register_section

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_/-]*$", max_length=200)]


class OrderContract(Section):
    """Orders that need a signed contract: of ``over`` or more (minor units, with delivery), of
    goods in one of ``categories`` (slugs or paths, with those below; none: all). It is made from
    the platform's published ``template`` and must be signed within ``days`` of payment."""

    template: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = "order_sale"
    over: Annotated[int, Field(ge=0, strict=True)] = 0
    categories: Annotated[list[Code], Field(max_length=50)] = []
    days: Annotated[int, Field(ge=1, le=90, strict=True)] = 7


class JourneysSection(Section):
    """``payment_minutes``: how long a buyer may take to pay, while the goods are held.
    ``contract``: which orders need a signed contract; without it none does."""

    payment_minutes: Annotated[int, Field(ge=2, le=1440)] = 30
    contract: OrderContract | None = None


def _problems(values: Mapping[str, Any]) -> list[FieldProblem]:
    from journeys.contract.terms import problems

    return problems(values)


register_section("journeys", JourneysSection, check=_problems)
