"""Times that somebody has to do something, counted in the platform's days."""

from datetime import datetime, timedelta

from kernel import clock
from platforms import facade as platforms


def days_from_now(setting: str) -> datetime:
    """So many days of the platform's setting from now, business time."""
    return clock.business() + timedelta(days=int(platforms.setting("marketplace", setting)))
