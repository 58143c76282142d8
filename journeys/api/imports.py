"""Lists of products with prices and stock: in by a job, out as a file."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema as NinjaSchema
from ninja.params.functions import Query
from pydantic import Field

from journeys import facade
from journeys.api.routes import routes
from journeys.contracts import ImportInfo, ImportKind, ImportProblemInfo
from kernel.actors import Actor
from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp, set_etag
from kernel.errors import Invalid, InvalidTransition, NotFound
from kernel.files import file_answer
from kernel.ids import public_id
from kernel.pagination import PageOf
from kernel.tables import BYTES_MAX, TableTooLarge, TableUnreadable, csv_lines, xlsx_file
from platforms import facade as platforms

ImportId = Annotated[UUID, Id("pim")]
BOTH = {"merchant", "operator"}
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLES = ("text/csv", XLSX)
UPLOADED = (*TABLES, "multipart/form-data")
IMPORT: dict[str, Any] = {
    "id": "pim_01k00000000000000000000000",
    "kind": "products",
    "price_list": None,
    "state": "checked",
    "merchant": "mer_01k00000000000000000000000",
    "filename": "autumn.xlsx",
    "columns": ["货号", "商品名称", "价格"],
    "mapping": {"货号": "sku", "商品名称": "title.zh-Hans", "价格": "price"},
    "rows": 10000,
    "products": 9800,
    "position": 9800,
    "made": 9000,
    "changed": 700,
    "removed": 0,
    "unchanged": 98,
    "failed": 2,
    "stopped": False,
    "job": "job_01k00000000000000000000000",
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
    "started_at": "2026-05-01T08:00:00Z",
    "finished_at": None,
}
PROBLEM = {
    "row": 17,
    "column": "价格",
    "field": "price",
    "code": "number",
    "value": "twelve",
    "problem": "This isn't a number.",
    "remedy": "Write digits with a decimal point, such as 12.50.",
}


class ImportOut(Schema):
    id: ImportId
    kind: str = Field(description="products, or the prices of one price list")
    price_list: Annotated[UUID, Id("prl")] | None
    state: str = Field(description="uploaded, checking, checked, running, done, cancelled")
    merchant: Annotated[UUID, Id("mer")]
    filename: str
    columns: list[str] = Field(description="The names in the file's first row")
    mapping: dict[str, str] = Field(description="Column name -> what it holds")
    rows: int
    products: int
    position: int = Field(description="How many products, or prices, are through")
    made: int
    changed: int
    removed: int
    unchanged: int
    failed: int
    stopped: bool = Field(description="The job gave up; run it again to go on")
    job: Annotated[UUID, Id("job")] | None
    created_at: Timestamp
    updated_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None


class ImportChange(Schema):
    mapping: dict[str, str] = Field(description="Column name -> content; others are left out")


class ImportProblemOut(Schema):
    row: int = Field(description="In the file; the first row has the names")
    column: str
    field: str
    code: str
    value: str
    problem: str
    remedy: str


class ColumnOut(Schema):
    key: str
    label: str


class ColumnsOut(Schema):
    data: list[ColumnOut]


class ListExportQuery(NinjaSchema):
    format: Literal["csv", "xlsx"] = "csv"
    state: Literal["draft", "in_review", "returned", "published", "withdrawn"] | None = None
    category: Annotated[UUID, Id("cat")] | None = Field(None, description="With its branch")


@routes.get(
    "/product-import-columns",
    summary="What columns of a product list can hold, and what they are called",
    audience={"merchant"},
    scope="catalog:read",
    permission="catalogue",
    response=ColumnsOut,
    example={"data": [{"key": "sku", "label": "Article number (SKU)"}]},
)
def list_columns(request: ApiRequest) -> dict[str, Any]:
    return columns_out(ImportKind.PRODUCTS)


@routes.post(
    "/product-imports",
    summary="Upload a product list: CSV or XLSX as body, or multipart with the field file",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    status=201,
    takes=UPLOADED,
    response=ImportOut,
    errors=(TableUnreadable, TableTooLarge, platforms.MerchantNotApproved, Invalid),
    example={**IMPORT, "state": "uploaded"},
)
def upload_import(request: ApiRequest) -> dict[str, Any]:
    data, filename = sent(request)
    return answer(
        request,
        facade.upload_import(merchant_id=own(request.actor), data=data, filename=filename),
    )


@routes.get(
    "/product-imports",
    summary="Your product lists, newest first, and how far each is",
    audience={"merchant"},
    scope="catalog:read",
    permission="catalogue",
    response=ListOf[ImportOut],
    example={"data": [IMPORT], "has_more": False, "next_cursor": None},
)
def list_imports(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    page = facade.product_imports(merchant_id=own(request.actor), cursor=q.cursor, limit=q.limit)
    return page.map(rendered)


@routes.get(
    "/product-imports/{import_id}",
    summary="A product list and how far it is",
    audience=BOTH,
    scope="catalog:read",
    permission="catalogue",
    response=ImportOut,
    example=IMPORT,
)
def get_import(request: ApiRequest, import_id: ImportId) -> dict[str, Any]:
    return answer(request, _visible(request.actor, import_id))


@routes.patch(
    "/product-imports/{import_id}",
    summary="Say what the columns hold; remembered for your next list",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=ImportOut,
    errors=(facade.ImportMappingWrong, facade.ImportBusy, InvalidTransition),
    example={**IMPORT, "state": "uploaded"},
    request_example={"mapping": IMPORT["mapping"]},
)
def map_import(request: ApiRequest, import_id: ImportId, body: ImportChange) -> dict[str, Any]:
    info = facade.map_import(
        import_id=import_id, merchant_id=own(request.actor), mapping=body.mapping
    )
    return answer(request, info)


@routes.post(
    "/product-imports/{import_id}/check",
    summary="Try it without changing anything: what a run would do, and what is wrong, row by row",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    status=202,
    response=ImportOut,
    errors=(facade.ImportUnmapped, facade.ImportBusy, InvalidTransition),
    example={**IMPORT, "state": "checking"},
)
def check_import(request: ApiRequest, import_id: ImportId) -> dict[str, Any]:
    return answer(request, facade.check_import(import_id=import_id, merchant_id=own(request.actor)))


@routes.post(
    "/product-imports/{import_id}/run",
    summary="Carry it out by a job: products known by your own number or SKU are made or changed",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    status=202,
    response=ImportOut,
    errors=(facade.ImportUnmapped, facade.ImportBusy, InvalidTransition),
    example={**IMPORT, "state": "running"},
)
def run_import(request: ApiRequest, import_id: ImportId) -> dict[str, Any]:
    return answer(request, facade.run_import(import_id=import_id, merchant_id=own(request.actor)))


@routes.post(
    "/product-imports/{import_id}/cancel",
    summary="Do no more of it; what is written stays",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=ImportOut,
    errors=(InvalidTransition,),
    example={**IMPORT, "state": "cancelled"},
)
def cancel_import(request: ApiRequest, import_id: ImportId) -> dict[str, Any]:
    return answer(
        request, facade.cancel_import(import_id=import_id, merchant_id=own(request.actor))
    )


@routes.get(
    "/product-imports/{import_id}/problems",
    summary="What is wrong in its rows, and what would be right",
    audience=BOTH,
    scope="catalog:read",
    permission="catalogue",
    response=ListOf[ImportProblemOut],
    example={"data": [PROBLEM], "has_more": False, "next_cursor": None},
)
def list_problems(
    request: ApiRequest, import_id: ImportId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    _visible(request.actor, import_id)
    page = facade.import_problems(import_id=import_id, cursor=q.cursor, limit=q.limit)
    return page.map(problem_out)


@routes.get(
    "/product-imports/{import_id}/report",
    summary="The same as a CSV file",
    audience=BOTH,
    scope="catalog:read",
    permission="catalogue",
    response=None,
    sends="text/csv",
)
def download_report(request: ApiRequest, import_id: ImportId) -> HttpResponse:
    _visible(request.actor, import_id)
    return report_file(import_id)


@routes.get(
    "/product-export",
    summary="Your products with prices and stock as a list that can be imported again",
    audience={"merchant"},
    scope="catalog:read",
    permission="catalogue",
    response=None,
    sends=TABLES,
)
def export(request: ApiRequest, q: ListExportQuery = Query(...)) -> HttpResponse:
    rows = facade.export_rows(merchant_id=own(request.actor), state=q.state, category=q.category)
    return export_file(q.format, rows)


def columns_out(kind: ImportKind) -> dict[str, Any]:
    """What columns of such lists can hold."""
    return {"data": [{"key": key, "label": name} for key, name in facade.import_columns(kind)]}


def report_file(import_id: UUID) -> HttpResponse:
    """The report as a file."""
    names = [_("Row"), _("Column"), _("Value"), _("Problem"), _("Remedy")]
    found = [
        [one.row, one.column, one.value, one.problem, one.remedy]
        for one in facade.every_problem(import_id)
    ]
    return file_answer("".join(csv_lines(names, found)), CSV, "report.csv")


def export_file(kind: str, rows: Any) -> HttpResponse:
    """A list of products as a file."""
    return table_file(kind, facade.export_header(), rows, "products")


def table_file(
    kind: str, names: list[str], rows: Iterable[list[object]], name: str
) -> HttpResponse:
    """CSV or XLSX."""
    if kind == "xlsx":
        return file_answer(xlsx_file(names, rows), XLSX, f"{name}.xlsx")
    return file_answer("".join(csv_lines(names, rows)), CSV, f"{name}.csv")


def sent(request: ApiRequest) -> tuple[bytes, str]:
    """The file, as body or in the field ``file``, and its name."""
    if request.content_type == "multipart/form-data":
        file = request.FILES.get("file")
        if file is None:
            raise Invalid(_("Send the list in the field file."), field="file")
        if (file.size or 0) > BYTES_MAX:
            raise TableTooLarge(field="file", limit=f"{BYTES_MAX} bytes")
        return file.read(), file.name or ""
    return request.body, ""


def own(actor: Actor) -> UUID:
    """The merchant that asks."""
    if actor.merchant_id is None:
        raise NotFound
    return actor.merchant_id


def _visible(actor: Actor, import_id: UUID) -> ImportInfo:
    mine = None if actor.kind == "operator" else own(actor)
    return facade.product_import(import_id=import_id, merchant_id=mine)


def answer(request: ApiRequest, info: ImportInfo) -> dict[str, Any]:
    """A list with its version as ETag."""
    set_etag(request, info.version)
    return rendered(info)


def rendered(info: ImportInfo) -> dict[str, Any]:
    """``ImportOut`` of a list."""
    return {
        "id": info.public_id,
        "kind": str(info.kind),
        "price_list": public_id("prl", info.price_list_id) if info.price_list_id else None,
        "state": str(info.state),
        "merchant": public_id("mer", info.merchant_id),
        "filename": info.filename,
        "columns": list(info.columns),
        "mapping": info.mapping,
        "rows": info.rows,
        "products": info.products,
        "position": info.position,
        "made": info.made,
        "changed": info.changed,
        "removed": info.removed,
        "unchanged": info.unchanged,
        "failed": info.failed,
        "stopped": info.stopped,
        "job": public_id("job", info.job_id) if info.job_id else None,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
        "started_at": info.started_at,
        "finished_at": info.finished_at,
    }


def problem_out(info: ImportProblemInfo) -> dict[str, Any]:
    """``ImportProblemOut`` of what is wrong in a row."""
    return {
        "row": info.row,
        "column": info.column,
        "field": info.field,
        "code": info.code,
        "value": info.value,
        "problem": info.problem,
        "remedy": info.remedy,
    }
