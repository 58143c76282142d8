"""Answering questions about identities by the magic tables."""

from typing import Any, Literal

from pydantic import Field

from sandbox import clock, conf, database, idents
from sandbox.delivery import due
from sandbox.delivery.callbacks import tell
from sandbox.magic import identity as magic
from sandbox.models import Channel, IdentityCheck
from sandbox.transport.call import Call
from sandbox.transport.plain import Body, PlainError, fingerprint


class CheckIn(Body):
    kind: Literal["registry", "portrait", "account"]
    name: str = Field(min_length=1, max_length=200)
    subject: Literal["company", "person"] = "company"
    number_kind: str = Field(default="", max_length=20)
    number: str = Field(default="", max_length=40)
    representative: str = Field(default="", max_length=200)
    portrait_sha256: str = Field(default="", max_length=64)
    bank: str = Field(default="", max_length=100)
    account: str = Field(default="", max_length=34)


class AmountIn(Body):
    amount: int = Field(ge=1, le=10_000)


def render(row: IdentityCheck) -> dict[str, Any]:
    """The check as the provider shows it: nothing personal, nor the small amount."""
    return {
        "id": row.pk,
        "object": "identity_check",
        "key": row.key,
        "kind": row.kind,
        "outcome": row.outcome,
        "created": clock.iso(row.created_at),
        "answered": clock.iso(row.answered_at),
    }


def ask(call: Call, key: str, wanted: CheckIn) -> tuple[IdentityCheck, bool]:
    """The check of this key, and whether it is new. 409 when its fields differ, 503 for who is
    never answered."""
    mark = fingerprint(wanted.model_dump())
    database.wait_lock(f"identity:{call.account.pk}:{key}")
    row = IdentityCheck.objects.filter(account=call.account, key=key).first()
    if row is not None:
        if row.fingerprint != mark:
            raise PlainError(409, "key_reused", "The key was used with other fields.", "key")
        return row, False
    outcome, later, amount = _outcome(wanted)
    row = IdentityCheck.objects.create(
        id=idents.new("idc"), account=call.account, created=call.now, key=key, fingerprint=mark,
        kind=wanted.kind, outcome=outcome, later=later, amount=amount, created_at=clock.now(),
        answered_at=None if later else clock.now(),
    )  # fmt: skip
    if later:
        due.later(call.account, "identity.answer", row.pk, float(conf.get("IDENTITY_SECONDS")))
    return row, True


def patience(wanted: CheckIn) -> float:
    """Seconds that the answer to this question takes: longer than a caller waits, for ``slow``."""
    slow = magic.course(name=wanted.name, number=wanted.number) == magic.SLOW
    return float(conf.get("IDENTITY_SLOW_SECONDS")) if slow else 0.0


def find(call: Call, ident: str) -> IdentityCheck:
    """The check. Raises 404."""
    row = IdentityCheck.objects.filter(account=call.account, pk=ident).first()
    if row is None:
        raise PlainError(404, "not_found", "There is no such check.")
    return row


def answer(call: Call, ident: str) -> IdentityCheck:
    """Answer a pending check now; an answered one stays as it is."""
    row = IdentityCheck.objects.select_for_update().filter(account=call.account, pk=ident).first()
    if row is None:
        raise PlainError(404, "not_found", "There is no such check.")
    if not row.later:
        return row
    row.outcome, row.later, row.answered_at = row.later, "", clock.now()
    row.save()
    tell(
        call, Channel.IDENTITY, subject=row.pk, kind="identity.check.answered",
        moment=clock.iso(row.answered_at), data=render(row),
    )  # fmt: skip
    due.drop(call.account, "identity.answer", row.pk)
    return row


def check_amount(call: Call, ident: str, amount: int) -> dict[str, Any]:
    """Whether this is the amount that was sent."""
    row = find(call, ident)
    if row.outcome != "sent":
        raise PlainError(409, "no_amount", "No amount was sent for this check.")
    return render(row) | {"outcome": "match" if amount == row.amount else "mismatch"}


@due.action("identity.answer")
def _answer_later(call: Call, ident: str) -> None:
    answer(call, ident)


def _outcome(wanted: CheckIn) -> tuple[str, str, int]:
    """(outcome now, outcome later, small amount)"""
    if wanted.kind == "account":
        number = wanted.account.replace(" ", "")
        if not (8 <= len(number) <= 34 and number.isascii() and number.isalnum()):
            raise PlainError(422, "invalid", "account: 8 to 34 letters and digits.", "account")
        failed = magic.ACCOUNTS.get(number)
        return (failed, "", 0) if failed else ("sent", "", magic.small_amount(number))
    if not wanted.number:
        raise PlainError(422, "invalid", "number: it is needed.", "number")
    course = magic.course(name=wanted.name, number=wanted.number)
    if course == magic.DOWN:
        raise PlainError(503, "unavailable", "The registry doesn't answer.")
    if course == magic.LATER:
        return "pending", "match", 0
    if course == "photo_mismatch" and wanted.kind != "portrait":
        return "match", "", 0
    return (course if course in magic.OUTCOMES else "match"), "", 0
