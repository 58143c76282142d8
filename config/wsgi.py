"""The WSGI application that granian serves: ``get_wsgi_application`` in two steps."""

import gc

from config import loaded
from config.handler import Handler
from kernel.memory import forget_lookups

__all__ = ["application", "loaded"]
application = Handler()
forget_lookups()
gc.freeze()
