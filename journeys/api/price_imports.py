"""Lists of a price list's prices: in by a job, out as a file. The shapes are those of lists of
products; who may do it is who sets prices."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import Schema as NinjaSchema
from ninja.params.functions import Query

from journeys import facade
from journeys.api.imports import (
    IMPORT,
    PROBLEM,
    TABLES,
    UPLOADED,
    ColumnsOut,
    ImportChange,
    ImportOut,
    ImportProblemOut,
    answer,
    columns_out,
    own,
    problem_out,
    rendered,
    report_file,
    sent,
    table_file,
)
from journeys.api.routes import routes
from journeys.contracts import ImportInfo, ImportKind
from kernel.api import ApiRequest, Id, ListOf, ListQuery
from kernel.errors import Invalid, InvalidTransition
from kernel.pagination import PageOf
from kernel.tables import TableTooLarge, TableUnreadable
from marketplace import facade as marketplace
from platforms import facade as platforms

PriceListId = Annotated[UUID, Id("prl")]
PriceImportId = Annotated[UUID, Id("pli")]
PRICES: dict[str, Any] = {
    **IMPORT,
    "id": "pli_01k00000000000000000000000",
    "kind": "prices",
    "price_list": "prl_01k00000000000000000000000",
    "columns": ["货号", "批发价", "起订量", "删除"],
    "mapping": {"货号": "sku", "批发价": "price", "起订量": "minimum", "删除": "delete"},
    "products": 10000,
    "position": 10000,
    "removed": 200,
}
READ: dict[str, Any] = {"audience": {"merchant"}, "scope": "offers:read", "permission": "prices"}
WRITE: dict[str, Any] = {**READ, "scope": "offers:write"}
BEGINNING = (facade.ImportUnmapped, facade.ImportUnpriced, facade.ImportBusy, InvalidTransition)


class PriceImportOut(ImportOut):
    id: PriceImportId


class PriceExportQuery(NinjaSchema):
    format: Literal["csv", "xlsx"] = "csv"


@routes.get(
    "/price-import-columns",
    summary="What columns of a list of prices can hold, and what they are called",
    **READ,
    response=ColumnsOut,
    example={"data": [{"key": "sku", "label": "Article number"}]},
)
def list_price_columns(request: ApiRequest) -> dict[str, Any]:
    return columns_out(ImportKind.PRICES)


@routes.post(
    "/price-lists/{list_id}/imports",
    summary="Upload prices for the list: CSV or XLSX as body, or multipart with the field file",
    **WRITE,
    status=201,
    takes=UPLOADED,
    response=PriceImportOut,
    errors=(
        TableUnreadable,
        TableTooLarge,
        platforms.MerchantNotApproved,
        marketplace.PriceListNotFound,
        Invalid,
    ),
    example={**PRICES, "state": "uploaded"},
)
def upload_price_import(request: ApiRequest, list_id: PriceListId) -> dict[str, Any]:
    data, filename = sent(request)
    made = facade.upload_import(
        merchant_id=own(request.actor), data=data, filename=filename, price_list_id=list_id
    )
    return answer(request, made)


@routes.get(
    "/price-lists/{list_id}/imports",
    summary="What was handed in for this list, newest first, and how far each is",
    **READ,
    response=ListOf[PriceImportOut],
    errors=(marketplace.PriceListNotFound,),
    example={"data": [PRICES], "has_more": False, "next_cursor": None},
)
def list_price_imports(
    request: ApiRequest, list_id: PriceListId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    mine = own(request.actor)
    marketplace.price_list(list_id=list_id, merchant_id=mine)
    page = facade.product_imports(
        merchant_id=mine, price_list_id=list_id, cursor=q.cursor, limit=q.limit
    )
    return page.map(rendered)


@routes.get(
    "/price-imports/{import_id}",
    summary="A list of prices and how far it is",
    **READ,
    response=PriceImportOut,
    example=PRICES,
)
def get_price_import(request: ApiRequest, import_id: PriceImportId) -> dict[str, Any]:
    return answer(request, _mine(request, import_id))


@routes.patch(
    "/price-imports/{import_id}",
    summary="Say what the columns hold; remembered for your next list of prices",
    **WRITE,
    request_example={"mapping": PRICES["mapping"]},
    response=PriceImportOut,
    errors=(
        facade.ImportMappingWrong,
        facade.ImportBusy,
        InvalidTransition,
    ),
    example={**PRICES, "state": "uploaded"},
)
def map_price_import(
    request: ApiRequest, import_id: PriceImportId, body: ImportChange
) -> dict[str, Any]:
    info = facade.map_import(
        import_id=import_id,
        merchant_id=own(request.actor),
        mapping=body.mapping,
        kind=ImportKind.PRICES,
    )
    return answer(request, info)


@routes.post(
    "/price-imports/{import_id}/check",
    summary="Try it without changing anything: what a run would do, and what is wrong, row by row",
    **WRITE,
    status=202,
    response=PriceImportOut,
    errors=BEGINNING,
    example={**PRICES, "state": "checking"},
)
def check_price_import(request: ApiRequest, import_id: PriceImportId) -> dict[str, Any]:
    return answer(request, facade.check_import(**_where(request, import_id)))


@routes.post(
    "/price-imports/{import_id}/run",
    summary="Carry it out by a job: each row sets a price or takes it out",
    **WRITE,
    status=202,
    response=PriceImportOut,
    errors=BEGINNING,
    example={**PRICES, "state": "running"},
)
def run_price_import(request: ApiRequest, import_id: PriceImportId) -> dict[str, Any]:
    return answer(request, facade.run_import(**_where(request, import_id)))


@routes.post(
    "/price-imports/{import_id}/cancel",
    summary="Do no more of it; what is written stays",
    **WRITE,
    response=PriceImportOut,
    errors=(InvalidTransition,),
    example={**PRICES, "state": "cancelled"},
)
def cancel_price_import(request: ApiRequest, import_id: PriceImportId) -> dict[str, Any]:
    return answer(request, facade.cancel_import(**_where(request, import_id)))


@routes.get(
    "/price-imports/{import_id}/problems",
    summary="What is wrong in its rows, and what would be right",
    **READ,
    response=ListOf[ImportProblemOut],
    example={"data": [PROBLEM], "has_more": False, "next_cursor": None},
)
def list_price_problems(
    request: ApiRequest, import_id: PriceImportId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    _mine(request, import_id)
    page = facade.import_problems(import_id=import_id, cursor=q.cursor, limit=q.limit)
    return page.map(problem_out)


@routes.get(
    "/price-imports/{import_id}/report",
    summary="The same as a CSV file",
    **READ,
    response=None,
    sends="text/csv",
)
def download_price_report(request: ApiRequest, import_id: PriceImportId) -> HttpResponse:
    _mine(request, import_id)
    return report_file(import_id)


@routes.get(
    "/price-lists/{list_id}/export",
    summary="The prices of the list as a file that can be imported again",
    **READ,
    response=None,
    sends=TABLES,
    errors=(marketplace.PriceListNotFound,),
)
def export_prices(
    request: ApiRequest, list_id: PriceListId, q: PriceExportQuery = Query(...)
) -> HttpResponse:
    mine = own(request.actor)
    info = marketplace.price_list(list_id=list_id, merchant_id=mine)
    rows = facade.price_rows(list_id=list_id, merchant_id=mine)
    return table_file(q.format, facade.price_header(), rows, f"prices-{info.code}")


def _mine(request: ApiRequest, import_id: UUID) -> ImportInfo:
    return facade.product_import(**_where(request, import_id))


def _where(request: ApiRequest, import_id: UUID) -> dict[str, Any]:
    return {
        "import_id": import_id,
        "merchant_id": own(request.actor),
        "kind": ImportKind.PRICES,
    }
