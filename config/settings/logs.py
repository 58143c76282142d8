"""Structured logs."""

from config import env

LOG_LEVEL = env.text("LOG_LEVEL", "WARNING")
