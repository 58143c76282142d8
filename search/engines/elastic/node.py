"""OpenSearch through the Elasticsearch client.

The client sends Elasticsearch's own media types, which OpenSearch refuses with 406, and wants an
``X-Elastic-Product`` header in what it gets back, which OpenSearch doesn't send. Both happen around
the node, after serialising and before reading, so a node can undo both. Elastic doesn't support
this, and only what both servers speak alike may be used; see ``docs/search.md``.
"""

import dataclasses
import re
from typing import Any

from elastic_transport import HttpHeaders, Urllib3HttpNode
from elastic_transport._node import NodeApiResponse

_VENDOR = re.compile(r"application/vnd\.elasticsearch\+(\S+?)\s*;\s*compatible-with=\d+")


class PlainJsonNode(Urllib3HttpNode):
    """Speaks plain JSON, and answers as the client expects."""

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> NodeApiResponse:
        plain = HttpHeaders(headers or {})
        for name, value in list(plain.items()):
            plain[name] = _VENDOR.sub(r"application/\1", value)
        meta, answer = super().perform_request(method, target, body, plain, *args, **kwargs)
        told = HttpHeaders(meta.headers)
        told["x-elastic-product"] = "Elasticsearch"
        return NodeApiResponse(dataclasses.replace(meta, headers=told), answer)
