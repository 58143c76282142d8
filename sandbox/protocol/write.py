"""The table as text: one operation a line, so that a change is readable."""

import json
from typing import Any

from sandbox.transport.operations import OPERATIONS

from . import build


def text(spec: dict[str, Any]) -> str:
    """The table of every registered operation."""
    wanted = {(row.method, build.pattern(row.path)) for row in OPERATIONS.values()}
    found = build.table(spec, wanted)
    lines = [f'"{key}":{_json(fields)}' for key, fields in found["operations"].items()]
    inside = ",\n".join(lines)
    return (
        f'{{"version":"{found["version"]}",\n"values":{_json(found["values"])},\n'
        f'"operations":{{\n{inside}\n}}\n}}\n'
    )


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
