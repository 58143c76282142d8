"""Structured logs: one JSON object a line, or readable lines on a terminal."""

from typing import Any

from config import env

from .base import PRODUCTION

LOG_LEVEL = env.text("LOG_LEVEL", "INFO" if PRODUCTION else "WARNING").upper()
LOG_FORMAT = env.text("LOG_FORMAT", "json" if PRODUCTION else "text")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"structured": {"()": "config.logs.formatter", "style": LOG_FORMAT}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        # Refused requests are answered, and counted by the access log; failures are logged.
        "django.request": {"level": "ERROR"},
        "django.security.csrf": {"level": "ERROR"},
    },
}
OTEL_ENDPOINT = env.text("OTEL_EXPORTER_OTLP_ENDPOINT")
