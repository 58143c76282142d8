"""Requests, templates, static files, the API."""

import os

from config import env

from .base import DATA_DIR, GATEWAY_PORT, ROOT

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "kernel.middleware.RequestIdMiddleware",
    "kernel.middleware.NoNullMiddleware",
    "kernel.api.middleware.ProblemMiddleware",
    "config.health.HealthMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.maintenance.MaintenanceMiddleware",
    "platforms.middleware.PlatformMiddleware",
    "platforms.middleware.SignInMiddleware",
    "kernel.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "kernel.middleware.MessagesMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# The raw tables are for deployment operators, who are let in by SignInMiddleware and not by
# the admin's own sign-in, which is what these three checks ask for.
SILENCED_SYSTEM_CHECKS = ["admin.E402", "admin.E408", "admin.E410"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "storefront.context.page",
            ],
        },
    }
]
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS: list[object] = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WEB_WORKERS = env.integer("WEB_WORKERS", min(os.cpu_count() or 1, 4))
WEB_THREADS = env.integer("WEB_THREADS", 4)
# One thread of a process at a time takes requests until it is held up (``kernel.turns``), where the
# database is on this machine.
WEB_TURNS = env.flag("WEB_TURNS", True)
WEB_BACKLOG = 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
APPEND_SLASH = True
LOCALE_PATHS = [str(ROOT / "config" / "locale")]
GATEWAY_URL = env.text("GATEWAY_URL", f"http://127.0.0.1:{GATEWAY_PORT}")
CARRIER_URL = env.text("CARRIER_URL", f"{GATEWAY_URL}/carrier")
BANK_URL = env.text("BANK_URL", f"{GATEWAY_URL}/bank")
IDENTITY_URL = env.text("IDENTITY_URL", f"{GATEWAY_URL}/identity")
API_VALIDATE_RESPONSES = env.flag("API_VALIDATE_RESPONSES", False)
# Requests a minute on the API: for one key or person, and for one guest's network address.
API_RATE_LIMITS = {
    "key": env.integer("RATE_LIMIT_KEY", 6000),
    "guest": env.integer("RATE_LIMIT_GUEST", 1200),
}
