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


def midnight_after(days: int, moment: int) -> int:
    """Unix seconds of the UTC midnight that begins the day ``days`` after that of ``moment``.

    ``days`` 0 means the moment itself.
    """
    return moment if days <= 0 else (moment // 86400 + days) * 86400
