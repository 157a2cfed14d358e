"""What programs write about themselves: one line of JSON an event to standard error, or readable lines on a terminal. Tracebacks
never carry the values of variables: those are people's names and numbers."""

from __future__ import annotations

import logging
import sys
from typing import TextIO, cast

import structlog


class _StandardError:
    """Standard error as it is when a line is written: whoever took its place meanwhile and closed it does not stop the program."""

    def write(self, text: str) -> int:
        """Pass a line on."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Have it out."""
        sys.stderr.flush()


def configure(level: int = logging.INFO) -> None:
    """Once, when a program starts."""
    terminal = sys.stderr.isatty()
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _StandardError())),
        cache_logger_on_first_use=True,
    )
