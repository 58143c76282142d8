"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config import tracing
from config.embedded.parent import leave_with_parent

leave_with_parent()
tracing.start()
application = get_wsgi_application()
