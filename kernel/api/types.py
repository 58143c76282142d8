"""Field types shared by all schemas: ids, money, decimals, times, metadata."""

from datetime import MAXYEAR, UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticKnownError, core_schema

from kernel.errors import NotFound
from kernel.ids import parse_public_id, public_id
from kernel.money import LIMIT

METADATA_KEYS = 50


class Schema(BaseModel):
    """Base of every request and response body: unknown fields are refused. Its validator is made
    when one is first read: of most answers never, since routes encode them by themselves."""

    model_config = ConfigDict(
        extra="forbid", from_attributes=True, str_strip_whitespace=True, defer_build=True
    )


class Id:
    """``Annotated[UUID, Id("prd")]``: a public id on the wire, a UUID in the code."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def _read(self, value: Any) -> UUID:
        if isinstance(value, UUID):
            return value
        try:
            return parse_public_id(self.prefix, str(value))
        except NotFound as error:
            needed = _("an id of the form %(prefix)s_… is needed") % {"prefix": self.prefix}
            raise ValueError(needed) from error

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: public_id(self.prefix, value)
            ),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": f"^{self.prefix}_[0-9a-hjkmnp-tv-z]{{26}}$",
            "examples": [public_id(self.prefix, UUID(int=0x0199 << 112))],
        }


def _decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        raise ValueError(_('send decimals as text, for example "12.50"'))
    try:
        number = Decimal(value)
    except ArithmeticError as error:
        raise ValueError(_('send a decimal number as text, for example "12.50"')) from error
    if not number.is_finite() or len(value) > 32:
        raise ValueError(_("the number must be finite and at most 32 characters long"))
    return number


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError(_("must be more than 0"))
    return value


def _metadata(value: dict[str, str]) -> dict[str, str]:
    if len(value) > METADATA_KEYS:
        raise ValueError(_("at most %(most)s keys") % {"most": METADATA_KEYS})
    for key, text in value.items():
        if not 1 <= len(key) <= 40 or "[" in key or "]" in key:
            raise ValueError(_("keys have 1 to 40 characters and no brackets"))
        if len(text) > 500:
            raise ValueError(_("values have at most 500 characters"))
    return value


def _no_number(kind: Literal["datetime_type", "date_type"]) -> BeforeValidator:
    """Pydantic takes numbers, as text too, for seconds or milliseconds since 1970."""

    def check(value: Any) -> Any:
        if isinstance(value, date):
            return value
        try:
            float(value)
        except (TypeError, ValueError):
            return value
        raise PydanticKnownError(kind)

    return BeforeValidator(check)


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(_("send times with their offset, for example 2026-05-01T08:00:00Z"))
    _day(value)
    return value.astimezone(UTC)


def _day(value: date) -> date:
    if not 1 < value.year < MAXYEAR:  # else no clock of another zone could show it
        raise ValueError(_("a time is of the years 2 to 9998"))
    return value


_decimal_schema = WithJsonSchema(
    {"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "examples": ["12.50"]}
)
_as_text = PlainSerializer(str, return_type=str)
DecimalStr = Annotated[Decimal, BeforeValidator(_decimal), _as_text, _decimal_schema]
PositiveDecimalStr = Annotated[
    Decimal, BeforeValidator(_decimal), AfterValidator(_positive), _as_text, _decimal_schema
]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["CNY"], description="ISO 4217")]
Metadata = Annotated[
    dict[str, str],
    AfterValidator(_metadata),
    Field(description="Up to 50 keys of your own; values are text.", examples=[{"erp": "A-17"}]),
]
ExternalId = Annotated[
    str, Field(min_length=1, max_length=100, description="Your own id, unique per merchant.")
]
Timestamp = Annotated[datetime, _no_number("datetime_type"), AfterValidator(_utc)]
Day = Annotated[date, _no_number("date_type"), AfterValidator(_day)]
INTEGER_MOST = 2**31 - 1  # what an integer column holds
Whole = Annotated[int, Field(ge=-INTEGER_MOST, le=INTEGER_MOST)]
Minor = Annotated[int, Field(ge=0, le=LIMIT, description="Minor units")]


class MoneyIO(Schema):
    """An amount in minor units with its currency."""

    amount: Annotated[
        int, Field(strict=True, ge=-LIMIT, le=LIMIT, description="Minor units", examples=[1999])
    ]
    currency: Currency
