"""Files: evidence and documents, uploaded as multipart."""

from typing import Any

from django.http import HttpResponse

from sandbox import idents
from sandbox.models import Document, StoredFile
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import missing
from sandbox.transport.expand import expandable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import Text, Upload, wrong

from . import stored
from .happen import emit

MOST = 10_000_000
TYPES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "text/csv": "csv"}


def render(row: StoredFile, base_url: str) -> dict[str, Any]:
    """The file object."""
    return {
        "id": row.pk,
        "object": "file",
        "created": row.created,
        "expires_at": None,
        "filename": row.filename,
        "links": lists.envelope("/v1/file_links", [], False),
        "purpose": row.purpose,
        "size": len(row.content),
        "title": None,
        "type": TYPES.get(row.content_type, row.filename.rpartition(".")[2][:10] or None),
        "url": f"{base_url}/v1/files/{row.pk}/contents",
    }


@operation(
    "POST", "/v1/files", "files.create", {"purpose": Text(required=True, clear=False, limit=60)}
)
def create(call: Call) -> dict[str, Any]:
    given: Upload = call.params["file"]
    if not given.content:
        raise wrong("The uploaded file is empty.", "file")
    if len(given.content) > MOST:
        raise wrong(f"The file may have at most {MOST} bytes.", "file", "file_too_large")
    row = StoredFile.objects.create(
        id=idents.new("file"),
        account=call.account,
        created=call.now,
        purpose=call.params["purpose"],
        filename=given.name[:300],
        content_type=given.content_type[:100],
        content=given.content,
    )
    body = render(row, call.base_url)
    if call.get("file_link_data", {}).get("create"):
        _link(call, row)
    emit(call, "file.created", body)
    return body


def need(call: Call, ident: str, *, param: str | None = None) -> StoredFile:
    row = StoredFile.objects.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("file", ident, param=param)
    return row


@operation("GET", "/v1/files/{id}", "files.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return render(need(call, ident), call.base_url)


@operation("GET", "/v1/files", "files.list")
def list_files(call: Call) -> dict[str, Any]:
    rows = StoredFile.objects.all()
    if call.get("purpose"):
        rows = rows.filter(purpose=call.get("purpose"))
    return lists.page(
        call,
        rows,
        lambda found: [render(row, call.base_url) for row in found],
        url="/v1/files",
        kind="file",
    )


def contents(row: StoredFile) -> HttpResponse:
    """The bytes, never shown by a browser as a page of ours."""
    answer = HttpResponse(bytes(row.content), content_type="application/octet-stream")
    answer["Content-Disposition"] = "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _link(call: Call, row: StoredFile) -> Document:
    data = {"file": row.pk, "token": idents.random(40), "expires_at": call.get("expires_at")}
    return stored.add(call, "link", "file_link", data)


def render_link(row: Document, call: Call) -> dict[str, Any]:
    """The file link object."""
    until = row.data.get("expires_at")
    return {
        "id": row.pk,
        "object": "file_link",
        "created": row.created,
        "expired": isinstance(until, int) and until < call.now,
        "expires_at": until,
        "file": row.data["file"],
        "livemode": False,
        "metadata": row.metadata,
        "url": f"{call.base_url}/_sandbox/files/{row.data['token']}",
    }


@operation("POST", "/v1/file_links", "file_links.create")
def create_link(call: Call) -> dict[str, Any]:
    return render_link(_link(call, need(call, call.params["file"], param="file")), call)


@operation("GET", "/v1/file_links/{id}", "file_links.retrieve")
def retrieve_link(call: Call, ident: str) -> dict[str, Any]:
    return render_link(stored.need(call, "file_link", ident), call)


@operation("GET", "/v1/file_links", "file_links.list")
def list_links(call: Call) -> dict[str, Any]:
    filters = {"data__file": call.get("file")} if call.get("file") else {}
    return stored.page(
        call, "file_link", lambda row: render_link(row, call), "/v1/file_links", **filters
    )


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = StoredFile.objects.filter(account=call.account, pk__in=idents)
    return {row.pk: render(row, call.base_url) for row in rows}


expandable("file_link", {"file": "file"})
loader("file", _load)
