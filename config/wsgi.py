"""The WSGI application that granian serves: ``get_wsgi_application`` in two steps."""

import gc

from django.core.handlers.wsgi import WSGIHandler

from config import loaded

__all__ = ["application", "loaded"]
application = WSGIHandler()
gc.freeze()
