"""Real receivers of notices on this machine: a mail server and an HTTP server, which may fail, hang, answer late or cut a connection.

`arrived` holds what a receiver took, as (address, id, what it held), in the order it took it: also what it then never acknowledged."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

OK, FAIL, HANG, LATE, CUT = "ok", "fail", "hang", "late", "cut"
Behaviour = Callable[[], str]


def always(how: str) -> Behaviour:
    return lambda: how


WELL = always(OK)


def in_turn(*hows: str, then: str = OK) -> Behaviour:
    """These, one after another, and then always the last."""
    left = list(hows)
    lock = threading.Lock()

    def behave() -> str:
        with lock:
            return left.pop(0) if left else then

    return behave


def wild(seed: int, trouble: float = 0.3) -> Behaviour:
    """Trouble of every kind, so often."""
    rng = random.Random(seed)
    return lambda: rng.choice((FAIL, HANG, LATE, CUT)) if rng.random() < trouble else OK


@dataclass
class Receiver:
    """What both have. `silence`: how long it hangs, longer than the sender waits; `late`: how long it thinks, shorter than that."""

    behave: Behaviour
    silence: float = 1.0
    late: float = 0.05
    port: int = 0
    arrived: list[tuple[str, str, Any]] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    ended: threading.Event = field(default_factory=threading.Event)

    def next(self) -> str:
        how = self.behave()
        self.did[how] += 1
        return how

    def ids(self, address: str | None = None) -> list[str]:
        """Ids in the order of their first arrival."""
        return list(dict.fromkeys(id_ for where, id_, _ in self.arrived if address in (None, where)))


@contextmanager
def http_receiver(behave: Behaviour = WELL, says: str = "{}", **more: Any) -> Iterator[Receiver]:
    """Takes POSTs; the address of one is its path. `says`: the body of a good answer."""
    receiver = Receiver(behave, **more)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            how = receiver.next()
            if how != FAIL:
                receiver.arrived.append((self.path, self.headers.get("Idempotency-Key", ""), body))
            if how == HANG:
                receiver.ended.wait(receiver.silence)
            if how == LATE:
                time.sleep(receiver.late)
            self.close_connection = True
            if how in (HANG, CUT):
                return
            answer = says.encode()
            self.send_response(500 if how == FAIL else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

        def handle_error(self, *_args: Any) -> None:
            """Whoever hung up did so."""

    server = Server(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


class AnyPort(Controller):
    """A mail server on a port that is free."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def mail_receiver(behave: Behaviour = WELL, **more: Any) -> Iterator[Receiver]:
    """Takes mail; its address is the recipient."""
    receiver = Receiver(behave, **more)

    class Handler:
        async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
            how = receiver.next()
            if how == FAIL:
                return "451 not now"
            content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
            mail = message_from_bytes(content, policy=policy.default)
            id_ = str(mail["Message-ID"]).strip("<>").partition("@")[0]
            receiver.arrived.append((envelope.rcpt_tos[0], id_, mail))
            if how == HANG:
                await asyncio.sleep(receiver.silence)
            if how == LATE:
                await asyncio.sleep(receiver.late)
            if how in (HANG, CUT):
                transport: Any = server.transport
                transport.abort()
            return "250 taken"

    controller = AnyPort(Handler(), hostname="127.0.0.1", port=0, ready_timeout=20)
    controller.start()
    receiver.port = controller.port
    try:
        yield receiver
    finally:
        receiver.ended.set()
        controller.stop()
