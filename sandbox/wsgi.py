"""What granian serves on GATEWAY_PORT: the sandbox, with its worker threads.

``granian --interface wsgi sandbox.wsgi:application``. The settings are always the sandbox's own,
also when a supervisor hands down the product's in the environment.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"

import django

django.setup()

from sandbox.application import Application  # noqa: E402
from sandbox.delivery.worker import Worker  # noqa: E402

application = Application()
worker = Worker().start()
