"""JSON in: fast, strict, with our errors."""

from typing import Any

import orjson
from django.http import HttpRequest
from ninja.parser import Parser

from kernel.errors import Malformed


class JsonParser(Parser):
    """Reads a JSON object; numbers with a fraction are refused later, by the field types."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        content = request.headers.get("Content-Type", "application/json").split(";")[0].strip()
        if content != "application/json":
            raise Malformed(f"Content-Type is {content!r}; application/json is needed.")
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise Malformed(f"The body isn't JSON: {error}.") from error
        if not isinstance(body, dict):
            raise Malformed("The body must be a JSON object.")
        return body
