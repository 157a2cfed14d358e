"""People who call the API, each with a token of their own: a handler, a colleague, a stranger, those of the case's way."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from engine import tokens
from web.city import City

COLLECTOR = "lijianguo"
ACCEPTOR = "zhouxiaoyan"
LEADER = "sunguoqing"
OTHER_LEADER = "hulijuan"
DISPATCHER = "hejianping"
HANDLER = "caojinfeng"
STRANGER = "lvshuhua"
DESIGNER = "xuguangming"
OPERATOR = "fuxiaolin"

REPORT = {"source": "collector", "title": "章华中路井盖缺失", "area": "yuanlin", "place": "章华中路 18 号"}
FILE = {"file_decision": "file", "standard_code": "C-0101-1", "grade": "general"}
VOID = {"file_decision": "void", "void_reason": "现场未发现所述问题"}


@dataclass
class Caller:
    """One person at the API."""

    app: Flask
    token: str

    def get(self, path: str, **more: Any) -> Any:
        return self.app.test_client().get("/api/v1" + path, headers=self.headers(more), **more)

    def post(self, path: str, body: Any = None, key: str | None = None, **more: Any) -> Any:
        headers = self.headers(more)
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None:
            more["json"] = body
        return self.app.test_client().post("/api/v1" + path, headers=headers, **more)

    def raw(self, path: str, data: bytes, media_type: str = "application/json") -> Any:
        return self.post(path, data=data, content_type=media_type)

    def headers(self, more: dict[str, Any]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": "en", **more.pop("headers", {})}


def caller(app: Flask, city: City, login: str) -> Caller:
    return Caller(app, tokens.create(city.core, login, "test", timedelta(days=1)))


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """The application behind a real socket; gives its port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def call(port: int, method: str, path: str, token: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """One request over the socket."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        send(connection, method, path, token, body, **headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def send(
    connection: http.client.HTTPConnection, method: str, path: str, token: str, body: Any = None, **headers: str
) -> None:
    sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept-Language": "en"}
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None, sent)
