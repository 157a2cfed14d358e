"""Where a stream of events goes. Under our server the connection leaves the pool of threads: one thread of the process then writes to all
of them, so that a thousand open pages hold no thread. Under any other server a stream keeps its thread, and there are few."""

from __future__ import annotations

import contextlib
import errno
import queue
import socket
import ssl
from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class HandedOver(OSError):
    """The connection is somebody else's now: the server neither writes to it nor ends it."""

    def __init__(self) -> None:
        super().__init__(errno.ENOTCONN, "handed over")


class Outlet(Protocol):
    """What events are written to."""

    def send(self, data: bytes) -> bool:
        """Write; false when nobody reads any more."""

    def close(self) -> None:
        """Nothing more comes."""


class SocketOutlet:
    """A connection of our server. Whoever reads so slowly that a line does not fit is let go: they come again and ask anew."""

    def __init__(self, taken: socket.socket, *, chunked: bool) -> None:
        self.socket = taken
        self._chunked = chunked

    def send(self, data: bytes) -> bool:
        """Write without waiting."""
        framed = b"%X\r\n%b\r\n" % (len(data), data) if self._chunked else data
        try:
            return self.socket.send(framed, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL) == len(framed)
        except OSError:
            return False

    def is_gone(self) -> bool:
        """Has the reader left? Asked when there is something to read: a reader of events has nothing to say."""
        try:
            return not self.socket.recv(512, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def close(self) -> None:
        """End the answer as HTTP does."""
        if self._chunked:
            with contextlib.suppress(OSError):
                self.socket.send(b"0\r\n\r\n", socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        self.socket.close()


class QueueOutlet:
    """A thread of another server that waits for events and writes them itself."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._open = True

    def send(self, data: bytes) -> bool:
        """Leave it for the thread."""
        if self._open:
            self._waiting.put(data)
        return self._open

    def close(self) -> None:
        """Let the thread go."""
        self._waiting.put(None)

    def read(self) -> Iterator[bytes]:
        """What was sent, until it ends or the server stops reading."""
        try:
            while (data := self._waiting.get()) is not None:
                yield data
        finally:
            self._open = False


def take(environ: Mapping[str, Any]) -> SocketOutlet | None:
    """The connection of this request, if it can leave its thread: plain HTTP/1 of our server. Who took it raises `HandedOver`."""
    if not can_leave(environ):
        return None
    return SocketOutlet(environ["gunicorn.socket"].dup(), chunked=environ["SERVER_PROTOCOL"] == "HTTP/1.1")


def can_leave(environ: Mapping[str, Any]) -> bool:
    """Whether the connection of this request can leave its thread."""
    found = environ.get("gunicorn.socket")
    plain = environ.get("SERVER_PROTOCOL") in ("HTTP/1.0", "HTTP/1.1")
    return found is not None and not isinstance(found, ssl.SSLSocket) and plain
