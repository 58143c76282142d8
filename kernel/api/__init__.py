"""What every API route is made of; conventions are written in docs/api-conventions.md."""

from kernel.api.auth import register_authenticator
from kernel.api.batch import run_rows
from kernel.api.lists import ListOf, ListQuery
from kernel.api.request import ApiRequest, check_if_match, person_of, set_etag
from kernel.api.routes import OPERATIONS, Operation, Routes
from kernel.api.types import (
    INTEGER_MOST,
    Currency,
    Day,
    DecimalStr,
    ExternalId,
    Id,
    Metadata,
    Minor,
    MoneyIO,
    PositiveDecimalStr,
    Schema,
    Timestamp,
    Whole,
)

__all__ = [
    "INTEGER_MOST",
    "OPERATIONS",
    "ApiRequest",
    "Currency",
    "Day",
    "DecimalStr",
    "ExternalId",
    "Id",
    "ListOf",
    "ListQuery",
    "Metadata",
    "Minor",
    "MoneyIO",
    "Operation",
    "PositiveDecimalStr",
    "Routes",
    "Schema",
    "Timestamp",
    "Whole",
    "check_if_match",
    "person_of",
    "register_authenticator",
    "run_rows",
    "set_etag",
]
