"""Settings of the sandbox's own process: its database, its addresses, nothing of the product."""

from config import env
from config.settings import *  # noqa: F403
from config.settings import DATABASES as _ALL

INSTALLED_APPS = ["sandbox"]
MIDDLEWARE = []
ROOT_URLCONF = "sandbox.urls"
WSGI_APPLICATION = "sandbox.wsgi.application"
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {}}
]
DATABASES = {
    "default": {},
    "sandbox": {**_ALL["sandbox"], "CONN_HEALTH_CHECKS": True},
}
ALLOWED_HOSTS = ["*"]
SECURE_SSL_REDIRECT = False
SANDBOX_FEE_PERCENT = env.text("SANDBOX_FEE_PERCENT", "2.9")
SANDBOX_FEE_FIXED = env.integer("SANDBOX_FEE_FIXED", 30)
SANDBOX_AVAILABLE_AFTER_DAYS = env.integer("SANDBOX_AVAILABLE_AFTER_DAYS", 2)
SANDBOX_REFUND_SETTLE_SECONDS = env.integer("SANDBOX_REFUND_SETTLE_SECONDS", 5)
SANDBOX_PAYOUT_SETTLE_SECONDS = env.integer("SANDBOX_PAYOUT_SETTLE_SECONDS", 5)
SANDBOX_DISPUTE_FEE = env.integer("SANDBOX_DISPUTE_FEE", 1500)
SANDBOX_DISPUTE_DAYS = env.integer("SANDBOX_DISPUTE_DAYS", 7)
SANDBOX_BANK_SETTLE_SECONDS = env.integer("SANDBOX_BANK_SETTLE_SECONDS", 5)
SANDBOX_CARRIER_ADVANCE_SECONDS = env.integer("SANDBOX_CARRIER_ADVANCE_SECONDS", 0)
