"""How long the server waits for a request. A request that trickles in must not hold a thread for ever: its head has to be there after
`HEAD_SECONDS`, and its body has to come at `BYTES_PER_SECOND` at least, on the whole (as Apache's mod_reqtimeout asks). Who is slower
is cut off; the application answers what is left with 408. The numbers are the environment's (REQUEST_HEAD_SECONDS,
REQUEST_BYTES_PER_SECOND): they belong to the machine and its lines, not to the city."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import time
from typing import Any

from gunicorn.workers import gthread
from werkzeug.exceptions import RequestTimeout

from web.handing import HandedOver

HEAD_SECONDS = float(os.environ.get("REQUEST_HEAD_SECONDS", "20"))
BYTES_PER_SECOND = float(os.environ.get("REQUEST_BYTES_PER_SECOND", "4000"))


class Connection(gthread.TConn):
    """A connection that knows how much came in since it was given to a thread."""

    began: float | None = None
    received = 0
    in_body = False
    is_cut = False
    is_handed = False

    def init(self) -> None:
        """Count what the parser reads."""
        first = not self.initialized
        super().init()
        if first and not self.is_http2:
            unreader = self.parser.unreader
            read = unreader.chunk

            def counted(*args: Any) -> bytes:
                data: bytes = read(*args)
                self.received += len(data)
                if self.is_cut and self.in_body and not data:
                    raise RequestTimeout  # the application reads: it shall not take the part for the whole
                return data

            unreader.chunk = counted

    def is_too_slow(self, now: float) -> bool:
        """Has it had its time? What came in buys time for more."""
        if self.began is None:
            return False
        return now - self.began > HEAD_SECONDS + self.received / BYTES_PER_SECOND

    def close(self, graceful: bool = False) -> None:  # noqa: FBT001, FBT002  gunicorn's signature
        """One that was handed over is only let go: its other end is still written to."""
        super().close(graceful=graceful and not self.is_handed)

    def cut_off(self) -> None:
        """Nothing more is read; what was begun can still be answered."""
        self.is_cut = True
        with contextlib.suppress(OSError):  # it is gone already
            self.sock.shutdown(socket.SHUT_RD)


class Worker(gthread.ThreadWorker):
    """Threads of gunicorn, and an eye on the connections they wait for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._busy: dict[int, Connection] = {}

    def accept(self, listener: Any) -> None:
        """As gunicorn does, with a connection that counts."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        client.setblocking(True)
        self.enqueue_req(Connection(self.cfg, client, address, listener.getsockname()))

    def handle(self, conn: Connection) -> Any:
        """A request, in its thread; the main loop looks how it comes in."""
        conn.began, conn.received = time.monotonic(), 0
        self._busy[id(conn)] = conn
        try:
            return super().handle(conn)
        finally:
            conn.began = None
            self._busy.pop(id(conn), None)

    def handle_request(self, req: Any, conn: Connection) -> Any:
        """The application's part, which reads the body."""
        conn.in_body = True
        try:
            return super().handle_request(req, conn)
        except HandedOver:
            conn.is_handed = True
            return False
        finally:
            conn.in_body = False

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """The main loop comes by here at least once a second."""
        super().wait_for_and_dispatch_events(timeout)
        now = time.monotonic()
        for conn in list(self._busy.values()):
            if conn.is_too_slow(now):
                conn.cut_off()
