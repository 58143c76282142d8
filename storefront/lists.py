"""What every list has: a cursor, rows a page, and an export."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from kernel.errors import Malformed
from kernel.files import file_answer
from kernel.pagination import PageOf
from kernel.tables import csv_lines, xlsx_file

SIZES = (20, 50, 100)
EXPORT_LIMIT = 50_000
_YEARS = range(2000, 2200)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
T = TypeVar("T")


def window(request: HttpRequest) -> dict[str, Any]:
    """``cursor`` and ``limit`` out of the address."""
    limit = request.GET.get("limit", "")
    size = int(limit) if limit.isascii() and limit.isdigit() and int(limit) in SIZES else SIZES[0]
    return {"cursor": request.GET.get("cursor") or None, "limit": size}


def choice(request: HttpRequest, name: str, allowed: Iterable[str]) -> str | None:
    """A filter out of the address, if it is one of the allowed values."""
    value = request.GET.get(name, "")
    return value if value in set(allowed) else None


def days(request: HttpRequest) -> dict[str, Any]:
    """``from`` and ``to`` out of the address as they stand there: whole days of the viewer's zone,
    both included, with the moments they mean. What isn't a day, or a last one before the first,
    narrows nothing and is said in ``wrong``."""
    given = {name: request.GET.get(name, "").strip()[:10] for name in ("from", "to")}
    wrong: list[str] = []
    first, last = (_day(text, wrong) for text in given.values())
    if first and last and last < first:
        wrong.append(_("The last day is before the first."))
    if wrong:
        first = last = None
    zone = timezone.get_current_timezone()
    since = datetime.combine(first, time.min, zone) if first else None
    until = datetime.combine(last + timedelta(days=1), time.min, zone) if last else None
    return {"given": given, "since": since, "until": until, "wrong": wrong}


def _day(text: str, wrong: list[str]) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.year not in _YEARS:
        wrong.append(_("“%(text)s” isn't a day; they look like 2026-05-31.") % {"text": text})
        return None
    return found


def every(read: Callable[..., PageOf[T]], **filters: Any) -> Iterator[T]:
    """All rows of a list, page after page, up to the limit of an export."""
    cursor: str | None = None
    for _page in range(EXPORT_LIMIT // 100):
        page = read(cursor=cursor, limit=100, **filters)
        yield from page.items
        if not page.has_more:
            return
        cursor = page.next_cursor


def csv_answer(
    name: str, header: Iterable[object], rows: Iterable[Iterable[object]]
) -> StreamingHttpResponse:
    """A table as a CSV file (UTF-8 with mark, so that spreadsheets read Chinese)."""
    lines = csv_lines(header, rows)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def table_answer(
    request: HttpRequest, name: str, header: list[str], rows: Iterable[list[object]]
) -> HttpResponseBase:
    """CSV, or XLSX if the page is asked for that."""
    found = list(rows)
    if request.GET.get("format") != "xlsx":
        return csv_answer(name, header, found)
    return file_answer(xlsx_file(header, found), XLSX, f"{name}.xlsx")


def uuid_of(text: str) -> UUID:
    """A plain UUID out of a form. Raises Malformed."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Malformed from error
