"""Where an act comes from: the address and session of a request, a token, a command. Kept with every audited row; never shown on the
pages of a case. Nothing is said of the public: their reports carry no origin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LONGEST = 120

_current: ContextVar[str] = ContextVar("liandong_origin", default="")


def current() -> str:
    """The origin of what is being done now; "" for the system itself."""
    return _current.get()


def say(origin: str) -> None:
    """From now on, in this context (a request, a command), acts come from here."""
    _current.set(origin[:LONGEST])


@contextmanager
def coming_from(origin: str) -> Iterator[None]:
    """The same for a while."""
    token = _current.set(origin[:LONGEST])
    try:
        yield
    finally:
        _current.reset(token)
