#!/usr/bin/env python
"""Quancheng's command line."""

import gc
import os
import sys
from importlib import import_module

# These start and watch others, or load what they need when it is due. The rest begins with all of
# the product.
AT_ONCE = {
    "serve": "config.serving:main",
    "product": "config.product:run",
    "web": "config.web:serve_product",
    "gateway": "config.web:serve_gateway",
}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if len(sys.argv) == 2 and sys.argv[1] in AT_ONCE:
        if sys.argv[1] == "serve":
            import_module("config.ahead").start(__file__)
        module, _, name = AT_ONCE[sys.argv[1]].partition(":")
        getattr(import_module(module), name)()
    else:
        import django
        from django.core.management import execute_from_command_line

        # All that is loaded stays: looking for garbage among it would take a third of the time.
        gc.disable()
        django.setup()
        gc.freeze()
        gc.enable()
        execute_from_command_line(sys.argv)
