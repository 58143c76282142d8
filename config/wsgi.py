"""The WSGI application that granian serves: ``get_wsgi_application`` in two steps."""

import gc

from django.core.handlers.wsgi import WSGIHandler

from config import loaded
from kernel.memory import forget_lookups

__all__ = ["application", "loaded"]
application = WSGIHandler()
forget_lookups()
gc.freeze()
