"""Issuing by the magic table; amounts, and what a red invoice takes back, are judged here anew."""

import hashlib
from typing import Any, Literal

from pydantic import Field

from sandbox import clock, conf, database, idents
from sandbox.delivery import due
from sandbox.magic import fapiao as magic
from sandbox.models import Fapiao
from sandbox.transport.call import Call
from sandbox.transport.plain import Body, PlainError, fingerprint

PROVINCE = "22"


class Line(Body):
    name: str = Field(min_length=1, max_length=100)
    category: str = Field(pattern=r"^[1-9]\d{18}$")
    rate: str = Field(pattern=r"^\d{1,2}(\.\d{1,2})?$")
    treatment: Literal["taxed", "exempt", "untaxed"]
    net: int
    tax: int
    gross: int


class Side(Body):
    name: str = Field(min_length=1, max_length=100)
    tax_number: str = Field(default="", max_length=20)


class FapiaoIn(Body):
    document: str = Field(min_length=1, max_length=60)
    kind: Literal["blue", "red"]
    type: Literal["ordinary", "special"]
    original: str = Field(default="", max_length=20)
    reason: str = Field(default="", max_length=20)
    seller: Side
    buyer: Side
    lines: list[Line] = Field(min_length=1, max_length=2000)
    net: int
    tax: int
    gross: int


def render(row: Fapiao) -> dict[str, Any]:
    """The document as the issuer shows it: nobody's name."""
    return {
        "id": row.pk,
        "object": "fapiao",
        "key": row.key,
        "document": row.document,
        "kind": row.kind,
        "status": row.status,
        "number": row.number or None,
        "original": row.original or None,
        "code": row.code or None,
        "message": magic.MESSAGES.get(row.code),
        "gross": row.gross,
        "created": clock.iso(row.created_at),
        "issued": clock.iso(row.issued_at),
    }


def issue(call: Call, key: str, wanted: FapiaoIn) -> tuple[Fapiao, bool]:
    """The document of this key, and whether it is new. 409 when its fields differ, 503 for who is
    never answered."""
    mark = fingerprint(wanted.model_dump())
    database.wait_lock(f"fapiao:{call.account.pk}")
    row = Fapiao.objects.filter(account=call.account, key=key).first()
    if row is not None:
        if row.fingerprint != mark:
            raise PlainError(409, "key_reused", "The key was used with other fields.", "key")
        return row, False
    course = magic.course(wanted.buyer.name)
    if course == magic.DOWN:
        raise PlainError(503, "unavailable", "The tax platform doesn't answer.")
    row = Fapiao(
        id=idents.new("fap"), account=call.account, created=call.now, key=key, fingerprint=mark,
        document=wanted.document, kind=wanted.kind, original=wanted.original, gross=wanted.gross,
        created_at=clock.now(), status="pending", code=_refusal(call, wanted, course),
    )  # fmt: skip
    if row.code:
        row.status = "refused"
    elif course != magic.LATER:
        _number(row)
    row.save(force_insert=True)
    if row.status == "pending":
        due.later(call.account, "fapiao.issue", row.pk, float(conf.get("FAPIAO_SECONDS")))
    return row, True


def advance(call: Call, ident: str) -> Fapiao:
    """Issue a pending document now; any other stays as it is."""
    row = Fapiao.objects.select_for_update().filter(account=call.account, pk=ident).first()
    if row is None:
        raise PlainError(404, "not_found", "There is no such document.")
    if row.status == "pending":
        _number(row)
        row.save()
        due.drop(call.account, "fapiao.issue", row.pk)
    return row


def patience(wanted: FapiaoIn) -> float:
    """Seconds that the answer takes: longer than a caller waits, for ``slow``."""
    slow = magic.course(wanted.buyer.name) == magic.SLOW
    return float(conf.get("FAPIAO_SLOW_SECONDS")) if slow else 0.0


@due.action("fapiao.issue")
def _issue_later(call: Call, ident: str) -> None:
    advance(call, ident)


def _number(row: Fapiao) -> None:
    """20 digits: year, province, and a random rest; unique."""
    row.status, row.issued_at, row.left = "issued", clock.now(), max(0, row.gross)
    rest = int(hashlib.sha256(row.pk.encode()).hexdigest(), 16) % 10**16
    row.number = f"{row.issued_at:%y}{PROVINCE}{rest:016d}"


def _refusal(call: Call, wanted: FapiaoIn, course: str) -> str:
    """Why it is refused, as a code of the magic table; empty when it isn't."""
    sums = [sum(getattr(line, name) for line in wanted.lines) for name in ("net", "tax", "gross")]
    right = all(line.net + line.tax == line.gross for line in wanted.lines)
    sign = 1 if wanted.kind == "blue" else -1
    if not right or sums != [wanted.net, wanted.tax, wanted.gross] or wanted.gross * sign <= 0:
        return "amounts_differ"
    if course in magic.MESSAGES:
        return course
    if course == magic.ONCE and not _sent_before(call, wanted.document):
        return "quota_exceeded"
    return _taken_back(call, wanted) if wanted.original or wanted.kind == "red" else ""


def _taken_back(call: Call, wanted: FapiaoIn) -> str:
    rows = Fapiao.objects.select_for_update().filter(account=call.account, status="issued")
    original = rows.filter(number=wanted.original, kind="blue").first()
    if original is None:
        return "original_unknown"
    if original.left + wanted.gross < 0:
        return "original_exceeded"
    original.left += wanted.gross
    original.save(update_fields=["left"])
    return ""


def _sent_before(call: Call, document: str) -> bool:
    return Fapiao.objects.filter(account=call.account, document=document).exists()
