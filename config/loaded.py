"""Everything that serves and works, imported: the greater part of a process's start and memory.

Nothing here reads the schema or static files, so it may be imported while those are still being
prepared. It does read the translations, which are compiled before.
"""

import gc
import os
import sys
from importlib import import_module

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config import resolving, tracing

gc.disable()  # nothing that is loaded is garbage
# Development has it, and structlog would load it, and what colours code, for what we never print.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
tracing.start()  # before the application loads its middleware
django.setup(set_prefix=False)
import_module("search.facade").warm()  # what its files took meanwhile, the routes use next
for one in import_module(settings.ROOT_URLCONF).urlpatterns:
    if isinstance(one, resolving.Remembering):
        one.make_tables()  # before the first request, which would wait for it
import_module("storefront.warming").warm()
import_module("kernel.worker")
import_module("kernel.memory").make_tables()
# What is loaded by now stays for good: the collector needn't look through it, now or ever again.
gc.freeze()
gc.set_threshold(10_000, 20, 20)
gc.enable()
