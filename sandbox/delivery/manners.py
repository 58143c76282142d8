"""Pushes as each provider sends them: its own signature, answer and repetitions."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox import conf
from sandbox.models import Delivery


@dataclass(frozen=True)
class Manner:
    """How one provider pushes. ``good`` decides by status and body whether it was taken."""

    content_type: str
    headers: Callable[[Delivery, int, bytes], dict[str, str]]
    good: Callable[[int, str], bool]
    retries: str


MANNERS: dict[str, Manner] = {}


def manner_of(row: Delivery) -> Manner | None:
    """None for the parties that push JSON with both usual signatures."""
    return MANNERS.get(str(row.endpoint.channel))


def retries_of(row: Delivery) -> list[float]:
    """After how many seconds the next attempts come."""
    manner = manner_of(row)
    return list(conf.get(manner.retries if manner else "WEBHOOK_RETRIES"))
