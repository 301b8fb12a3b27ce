"""Logs as JSON lines without secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Final

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from flowloom_servicekit.tracing import names

MAX_VALUE_CHARS: Final = 2_000
MAX_TRACEBACK_CHARS: Final = 16_000
MAX_SECRET_CHARS: Final = 10_000
REDACTED: Final = "[redacted]"

SENSITIVE_WORDS: Final = frozenset(
    [
        "password",
        "passwd",
        "secret",
        "secrets",
        "token",
        "authorization",
        "cookie",
        "credential",
        "credentials",
        "apikey",
        "prompt",
        "completion",
        "body",
        "signature",
        "dsn",
    ]
)
SENSITIVE_NAMES: Final = re.compile(r"(api|private|access|signing|session)[_-]?key", re.IGNORECASE)
SENSITIVE_VALUES: Final = re.compile(
    r"flk_\w+|(?<![\w-])sk-[\w-]{16,}|(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]+|(?i:bearer)\s+\S+"
    r"|(?<=://)[^/\s:@]{0,200}:[^/\s@]{1,500}(?=@)"
)


def configure_logging(service: str, level: str) -> None:
    """Send structlog and the standard library's records to standard output, one JSON object a line."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _about_whom,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
        _Named(service),
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("uvicorn", "uvicorn.error", "uvicorn.access", "httpx", "httpcore", "WorkflowRuntime"):
        quiet = logging.getLogger(noisy)
        quiet.handlers[:] = []
        quiet.propagate = True
    for noisy in ("uvicorn.access", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _about_whom(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {**names(), **event}


class _Named:
    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = self._service
        return event


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide values by the name of their key, then by their look, and cap their length."""
    for key, value in event.items():
        if not key.startswith("_"):
            event[key] = _clean(key, value)
    return event


def _clean(key: str, value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _is_sensitive(key):
        return REDACTED
    if isinstance(value, MutableMapping):
        return {str(name): _clean(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(key, inner) for inner in value]
    limit = MAX_TRACEBACK_CHARS if key == "exception" else MAX_VALUE_CHARS
    whole = str(value)
    # Nothing behind the cut is looked at, but so much more than is kept that no secret is cut in two.
    text = SENSITIVE_VALUES.sub(REDACTED, whole[: limit + MAX_SECRET_CHARS])
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def _is_sensitive(key: str) -> bool:
    words = re.split(r"[_\-.\s]", key.lower())
    return not SENSITIVE_WORDS.isdisjoint(words) or SENSITIVE_NAMES.search(key) is not None


def _render(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str).decode()
