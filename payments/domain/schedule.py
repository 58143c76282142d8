"""When a payout plan runs next; pure."""

from datetime import datetime, timedelta, tzinfo

HOUR = 2  # of the night, in the platform's time zone


def next_run(*, interval: str, day: int, after: datetime, zone: tzinfo) -> datetime | None:
    """The first 02:00 after ``after`` that the plan names; None for ``manual``."""
    if interval == "manual":
        return None
    moment = after.astimezone(zone).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    while moment <= after or not _named(interval, day, moment):
        moment += timedelta(days=1)
    return moment


def _named(interval: str, day: int, moment: datetime) -> bool:
    if interval == "weekly":
        return moment.isoweekday() == min(day, 7)
    return interval == "daily" or moment.day == day
