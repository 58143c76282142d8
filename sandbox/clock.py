"""Time as the outside parties tell it."""

from datetime import UTC, datetime, timedelta

from kernel import clock


def now() -> datetime:
    """Aware, UTC."""
    return clock.system()


def unix() -> int:
    """Whole seconds, as the gateway's objects carry them."""
    return int(clock.system().timestamp())


def after(seconds: float) -> datetime:
    """The moment ``seconds`` from now."""
    return clock.system() + timedelta(seconds=seconds)


def iso(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, as bank and carrier write times."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def midnight_after(days: int) -> int:
    """Unix seconds of the UTC midnight that begins the day ``days`` from today; 0 means now."""
    if days <= 0:
        return unix()
    day = (clock.system() + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(day.timestamp())
