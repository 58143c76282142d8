"""How a log line is made: what was logged, and for which request and platform."""

import logging
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from kernel import logs, tenancy


def _context(logger: Any, method: str, event: EventDict) -> EventDict:
    """Add the request's id and the platform's code, where there are any."""
    request_id = logs.request_id()
    if request_id:
        event.setdefault("request_id", request_id)
    tenant = tenancy.current_or_none()
    if tenant is not None:
        event.setdefault("platform", tenant.code)
    return event


def _fields(logger: Any, method: str, event: EventDict) -> EventDict:
    """Take over what a standard logging call passed as ``extra={"fields": {...}}``."""
    record = event.get("_record")
    event.update(getattr(record, "fields", None) or {})
    return event


def formatter(*, style: str) -> logging.Formatter:
    """The formatter of the ``stderr`` handler; ``style`` is ``json`` or ``text``."""
    shared: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _context,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    end: list[Processor] = [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    ]
    if style == "text":
        plain = structlog.dev.plain_traceback  # no local variables: they may hold secrets
        end = [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, _fields],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *end],
    )
