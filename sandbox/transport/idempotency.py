"""Idempotency keys (幂等键): the first answer is kept in the transaction of its effect.

Rules (public documentation of the protocol): a key is at most 255 characters and only matters for
POST; answers are kept with status and body, failures too, once execution has begun; a request
refused for its parameters or because another one is in flight keeps nothing; the same key with
other parameters is an ``idempotency_error`` (400); in flight 409; forgotten after 24 hours.
"""

import hashlib
from typing import Any

import orjson

from sandbox import conf, database
from sandbox.models import IdempotentRequest
from sandbox.rows import Rows

from .call import Answer, Call
from .errors import GatewayError

_KEPT = Rows(IdempotentRequest)


def check_key(key: str | None) -> str | None:
    """The key, if it can be one."""
    if key is not None and len(key) > 255:
        raise GatewayError(
            "Idempotency keys can be at most 255 characters.",
            kind="idempotency_error",
        )
    return key or None


def fingerprint(raw: Any) -> str:
    """Equal for equal parameters, whatever their order."""
    return hashlib.sha256(
        orjson.dumps(raw, option=orjson.OPT_SORT_KEYS, default=bytes.hex)
    ).hexdigest()


def claim(call: Call, method: str, path: str, print_: str) -> Answer | None:
    """Take the key until the transaction ends; the kept answer if there is one.

    Raises 409 when a request with this key is in flight, 400 when it was used for another.
    """
    key = str(call.idempotency_key)
    locked, found = database.rows(
        database.try_lock(f"idempotency:{call.account.pk}:{key}"),
        _KEPT.question("account_id = %s AND key = %s", [call.account.pk, key]),
    )
    if not locked[0][0]:
        raise GatewayError(
            f"There is currently another in-progress request using this Idempotency Key "
            f"({key[:60]}). Please wait for it to finish and try again.",
            status=409,
            kind="idempotency_error",
            code="idempotency_key_in_use",
        )
    if not found:
        return None
    row = _KEPT.read(found[0])
    if row.created <= call.now - conf.IDEMPOTENCY_HOURS * 3600:
        row.delete()
        return None
    if (row.method, row.path) != (method, path):
        raise GatewayError(
            "Keys for idempotent requests can only be used for the same endpoint they were first "
            f"used for ('{path}' vs '{row.path}'). Try using a key other than '{key[:60]}' if "
            "you meant to execute a different request.",
            kind="idempotency_error",
        )
    if row.fingerprint != print_:
        raise GatewayError(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key[:60]}' if you meant to execute a "
            "different request.",
            kind="idempotency_error",
        )
    return Answer(row.status, row.body.encode(), {"Idempotent-Replayed": "true"})


def keep(call: Call, method: str, path: str, print_: str, answer: Answer) -> None:
    """Store the answer, in the transaction of its effect."""
    row = IdempotentRequest(
        account=call.account,
        key=str(call.idempotency_key),
        method=method,
        path=path,
        fingerprint=print_,
        status=answer.status,
        body=answer.body.decode(),
        created=call.now,
    )
    _KEPT.insert(row)


def forget(now: int) -> int:
    """Delete what is older than 24 hours; returns how many."""
    border = now - conf.IDEMPOTENCY_HOURS * 3600
    return IdempotentRequest.objects.filter(created__lte=border).delete()[0]
