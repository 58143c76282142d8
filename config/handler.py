"""From a request to what the server sends."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler


class Handler(WSGIHandler):
    """Django's, which hands on an answer that is whole in one piece, with all done that comes after
    it. A server that is given the response itself asks for piece after piece."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """See Django's."""
        response: Any = super().__call__(environ, start_response)
        if getattr(response, "streaming", True):
            return response
        whole = [response.content]
        response.close()
        return whole
