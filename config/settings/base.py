"""What the product consists of, where its state lives, and in which languages it speaks."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from config import env

ROOT = env.ROOT
DATA_DIR = Path(env.text("DATA_DIR", str(ROOT / ".data"))).resolve()
PORT = env.integer("PORT", 8000)
GATEWAY_PORT = env.integer("GATEWAY_PORT", PORT + 1)
LISTEN_ADDRESS = env.text("LISTEN_ADDRESS", "127.0.0.1")
PRODUCTION = env.text("ENVIRONMENT", "development") == "production"
DEBUG = False

CONTEXTS = [
    "platforms",
    "catalog",
    "inventory",
    "payments",
    "certification",
    "logistics",
    "marketplace",
    "journeys",
    "search",
    "storefront",
]
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin.apps.SimpleAdminConfig",  # the raw tables are loaded when one is asked
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "ninja",  # its API page with files of our own server
    "kernel",
    *CONTEXTS,
    "sandbox",
    "config",
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
