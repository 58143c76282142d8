"""What every API route is made of; conventions are written in docs/api-conventions.md."""

from kernel.api.auth import register_authenticator
from kernel.api.batch import run_rows
from kernel.api.lists import ListOf, ListQuery
from kernel.api.request import ApiRequest, check_if_match, person_of, set_etag
from kernel.api.routes import OPERATIONS, Operation, Routes
from kernel.api.types import (
    Currency,
    DecimalStr,
    ExternalId,
    Id,
    Metadata,
    MoneyIO,
    PositiveDecimalStr,
    Schema,
    Timestamp,
)

__all__ = [
    "OPERATIONS",
    "ApiRequest",
    "Currency",
    "DecimalStr",
    "ExternalId",
    "Id",
    "ListOf",
    "ListQuery",
    "Metadata",
    "MoneyIO",
    "Operation",
    "PositiveDecimalStr",
    "Routes",
    "Schema",
    "Timestamp",
    "check_if_match",
    "person_of",
    "register_authenticator",
    "run_rows",
    "set_etag",
]
