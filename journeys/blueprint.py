"""The journeys' section of a platform's blueprint."""

DEFAULTS = {"payment_minutes": 30}
