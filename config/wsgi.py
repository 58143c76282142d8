"""The WSGI application that granian serves."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config import tracing

gc.disable()  # nothing that is loaded is garbage
tracing.start()  # before the application loads its middleware
application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # before the first request, which would wait for it
import_module("search.facade").warm()
# What is loaded by now stays for good: the collector needn't look through it again and again.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
gc.enable()
