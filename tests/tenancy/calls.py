"""Requests made of a route's declaration: which ids it takes, and where they go."""

import inspect
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID, uuid4

from kernel.api import Id, Operation
from kernel.ids import public_id, uuid7
from tests.factories.platforms import ApiClient
from tests.tenancy.prefixes import PREFIXES
from tests.tenancy.town import Town

ANY_ID = re.compile(r"\b([a-z]{3})_([0-9a-hjkmnp-tv-z]{26})\b")
SUFFIX = re.compile(r"(?<![0-9a-z])[0-9a-hjkmnp-tv-z]{26}(?![0-9a-z])")
BARE_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z")
SLUG = re.compile(r'"slug":\s*"[^"]*"')  # an upsert's is drawn by chance if taken
PAGE = re.compile(r"/pay/[0-9a-z]{52}/")  # derived from the id of the payment
# A certificate that was issued just now: its serial and its text.
ISSUED = re.compile(r'"(serial|certificate_pem)":\s*"[^"]*"')
MARK = re.compile(r"u[0-9]{9}z")
# A body's values that must be new with each call, or the second would meet the first.
NEW = {"sku", "slug", "external_id", "email", "contact_email", "reference"}
PARTS = {"region": "22", "weight_grams": "100", "value": "100"}
_marks = itertools.count(1)


@dataclass(frozen=True)
class Slot:
    """A place where a route takes an id: in the path, the query, or at a path in the body."""

    place: str
    name: Any
    prefix: str  # "" for a merchant's own id


def slots(operation: Operation) -> list[Slot]:
    """Every such place of a route."""
    found = []
    parameters = inspect.signature(operation.handler, eval_str=True).parameters
    for name in re.findall(r"\{(\w+)\}", operation.path):
        prefix = _prefix(parameters[name].annotation)
        if prefix in PREFIXES or name in ("external_id", "code"):
            found.append(Slot("path", name, prefix))
    if operation.method == "GET" and "q" in parameters:
        for name, info in parameters["q"].annotation.model_fields.items():
            prefix = _prefix(info.annotation) or _prefix_of(info.metadata)
            if prefix in PREFIXES:
                found.append(Slot("query", info.alias or name, prefix))
    found += [
        Slot("body", path, match[1])
        for path, text in _texts(operation.request_example)
        if (match := ANY_ID.fullmatch(text)) and match[1] in PREFIXES
    ]
    return found


def _prefix_of(metadata: Any) -> str:
    return next((one.prefix for one in metadata if isinstance(one, Id)), "")


def _prefix(annotation: Any) -> str:
    if hasattr(annotation, "__metadata__"):
        return _prefix_of(annotation.__metadata__)
    return next((found for one in get_args(annotation) if (found := _prefix(one))), "")


def _texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(one, (*path, key))


def _set(body: Any, path: tuple[Any, ...], value: str) -> None:
    for key in path[:-1]:
        body = body[key]
    body[path[-1]] = value


def own(town: Town, slot: Slot) -> str:
    """The id of the town's thing that fits a slot."""
    return town.public(slot.prefix) if slot.prefix else town.external


def absent(slot: Slot) -> str:
    """An id of the same form that nothing has."""
    return public_id(slot.prefix, uuid7()) if slot.prefix else f"own-{uuid4().hex[:12]}"


def send(
    client: ApiClient, operation: Operation, ids: dict[Slot, str], headers: dict[str, str]
) -> Any:
    """Call a route with these ids in its slots; all else as its example says, but new."""
    return send_body(client, operation, ids, headers, body_of(operation, ids))


def body_of(operation: Operation, ids: dict[Slot, str]) -> Any:
    """The example's body with these ids in its slots, and new where it must be."""
    body = json.loads(json.dumps(operation.request_example))
    for path, text in list(_texts(body)):
        if path[-1] in NEW:
            mark = f"u{next(_marks):09}z"
            _set(body, path, f"{mark}@x.example" if "@" in text else mark)
    for slot, value in ids.items():
        if slot.place == "body":
            _set(body, slot.name, value)
    return body


def send_body(
    client: ApiClient,
    operation: Operation,
    ids: dict[Slot, str],
    headers: dict[str, str],
    body: Any,
) -> Any:
    """Call a route with this body, and these ids in its address."""
    where, query = operation.path.replace("{place}", "1"), {}
    for slot, value in ids.items():
        if slot.place == "path":
            where = where.replace("{" + slot.name + "}", value)
        elif slot.place == "query":
            query[slot.name] = value
    if operation.path == "/shipping/quotes":
        query |= PARTS
    if operation.path.endswith("/papers/{paper_id}") or "/inspection/" in operation.path:
        query |= {"reason": "to see that it can be seen"}
    return client.request(operation.method, where, body, headers=headers, query=query)


def shown(answer: Any, sent: dict[Slot, str]) -> str:
    """An answer without what differs between any two calls."""
    text = answer.content.decode(errors="replace")  # papers, lists of revoked certificates
    for slot, value in sent.items():
        text = text.replace(value, f"<{slot.name}>")
    for pattern, word in (
        (ANY_ID, r"\1_*"), (MOMENT, "<time>"), (MARK, "<new>"), (SLUG, '"slug":"*"'),
        (PAGE, "/pay/*/"), (ISSUED, r'"\1":"*"'),
    ):  # fmt: skip
        text = pattern.sub(word, text)
    if text.startswith("{"):
        found = json.loads(text)
        found.pop("request_id", None)
        text = json.dumps(found, sort_keys=True, ensure_ascii=False)
    return f"{answer.status_code} {answer.get('Content-Type')} {text}"


def told(text: str) -> set[str]:
    """Every id in a text, in whatever form, as 26 characters."""
    found = set(SUFFIX.findall(text))
    found |= {public_id("ids", UUID(bare))[4:] for bare in BARE_ID.findall(text)}
    return found
