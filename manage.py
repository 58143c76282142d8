#!/usr/bin/env python
"""Quancheng's command line."""

import gc
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:] in (["web"], ["gateway"], ["product"]):
        # These load what they need by themselves, or nothing: the gateway's is up at once, and small.
        from config import product, web

        {"web": web.serve_product, "gateway": web.serve_gateway, "product": product.run}[
            sys.argv[1]
        ]()
    else:
        import django
        from django.core.management import execute_from_command_line

        # All that is loaded stays: looking for garbage among it would take a third of the time.
        gc.disable()
        django.setup()
        gc.freeze()
        gc.enable()
        execute_from_command_line(sys.argv)
