"""Promise 26: what is too large, too slow, too deep or a bomb is refused in words, the server stays small, and others are served."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from engine import tokens
from tests.commands.test_up import answers, free_port, until
from tests.conftest import MakeDatabase
from tests.factories import COLLECTOR, DESIGNER, REPORT, say
from web.commands.serve import gunicorn
from web.settings import ROOT, Settings
from web.wiring import open_city

MEGABYTE = 1_000_000
PATIENCE = {"REQUEST_HEAD_SECONDS": "1.5", "REQUEST_BYTES_PER_SECOND": "1000000"}


@dataclass
class Server:
    """A real server of one process: the address, somebody's tokens, a case."""

    port: int
    process: int
    collector: str
    designer: str
    case: int

    def memory(self) -> int:
        """The most bytes its workers ever held in memory."""
        children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()
        return sum(_peak(int(child)) for child in children)

    def send(self, path: str, body: bytes | Iterator[bytes], media_type: str, token: str | None = None) -> int:
        """The status of a POST with this body: in one piece, or in chunks without a length."""
        headers = {"Content-Type": media_type, "Authorization": f"Bearer {token or self.collector}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except (ConnectionError, urllib.error.URLError):
            return 0  # it hung up before all was sent


@pytest.fixture
def server(make_database: MakeDatabase, tmp_path: Path) -> Iterator[Server]:
    url, port = make_database("sqlite", "city"), free_port()
    with closing(open_city(url)) as city:
        case = city.start("case_dispatch", REPORT, COLLECTOR)
        keys = [tokens.create(city.core, who, "test", timedelta(days=1)) for who in (COLLECTOR, DESIGNER)]
    secret = tmp_path / "secret"
    command = gunicorn(Settings(url, url, "127.0.0.1", port, secret), processes=1, threads=4)
    environment = {**os.environ, **PATIENCE, "DATABASE_URL": url, "LIANDONG_SECRET_FILE": str(secret)}
    program = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        until(lambda: answers(port, "/login"))
        yield Server(port, program.pid, keys[0], keys[1], case)
    finally:
        program.terminate()
        program.wait(30)


@pytest.mark.slow
def test_what_is_too_much_is_refused_and_costs_little(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    files = f"/api/v1/instances/{server.case}/files"
    form = "multipart/form-data; boundary=x"
    assert server.send(files, part("a.txt", b"abc"), form) == 201  # what is loaded at the first use does not count
    assert server.send("/api/v1/instances", b"[", "application/json") == 400
    before = server.memory()
    refused = {
        "deep JSON": (server.send("/api/v1/instances", b"[" * 100_000, "application/json"), {400}),
        "100 MB of JSON": (server.send("/api/v1/instances", b" " * 100 * MEGABYTE, "application/json"), {413, 0}),
        "100 MB in chunks": (server.send("/api/v1/instances", chunks(), "application/json"), {413, 0}),
        "a file of 100 MB": (server.send(files, part("a.txt", b"a" * 100 * MEGABYTE), form), {413, 0}),
        "chunks of a form": (server.send(files, chunks(), form), {400, 413, 422, 0}),
        "ten thousand parts": (server.send(files, b"".join(part(f"{i}", b"a", end=False) for i in range(10_000)), form), {413}),
        "a zip bomb": (server.send(files, part("b.xlsx", bomb("xl/workbook.xml")), form), {422}),
        "a bundle that is a bomb": (
            server.send("/api/v1/definitions", part("b.zip", bomb("a.bpmn")), form, server.designer),
            {400, 413, 422},
        ),
        "a picture of a million lines": (server.send(files, part("b.png", flat_png(60_000, 60_000)), form), {422}),
    }  # fmt: skip
    for name, (status, expected) in refused.items():
        assert status in expected, (name, status)
    assert answers(server.port, "/login"), "it still serves"
    grown = server.memory() - before
    say(capsys, hostile_bodies=len(refused), memory_grew_by_MB=round(grown / MEGABYTE, 1))
    assert grown < 32 * MEGABYTE


@pytest.mark.slow
def test_who_sends_slowly_is_cut_off_and_holds_up_nobody(server: Server) -> None:
    head = f"POST /api/v1/instances HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.collector}\r\n"
    body = head + "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    ended: list[bytes] = []
    slow = [
        threading.Thread(target=lambda said=said: ended.append(trickle(server.port, said.encode())), daemon=True)
        for said in (head, body) * 6  # three times as many as there are threads
    ]
    for each in slow:
        each.start()
    until(lambda: answers(server.port, "/login"), 30)
    for each in slow:
        each.join(60)
    assert len(ended) == len(slow), "somebody still holds a connection"
    statuses = {said.split(b" ")[1] for said in ended if said.startswith(b"HTTP")}
    assert statuses <= {b"408", b"400"}, statuses
    assert b"408" in statuses


# ---------------------------------------------------------------- what is sent


def _peak(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def chunks() -> Iterator[bytes]:
    for _ in range(100):
        yield b"a" * MEGABYTE


def part(name: str, content: bytes, *, end: bool = True) -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + content + (b"\r\n--x--\r\n" if end else b"\r\n")


def bomb(inside: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(inside, "w") as file:
        for _ in range(500):
            file.write(b"\0" * MEGABYTE)
    return out.getvalue()


def flat_png(width: int, height: int) -> bytes:
    import struct  # noqa: PLC0415  only here
    import zlib  # noqa: PLC0415

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def trickle(port: int, said: bytes) -> bytes:
    """Send the beginning, then a byte now and then, until the server hangs up; answers what it said."""
    heard = b""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as line:
        line.sendall(said)
        line.settimeout(0.2)
        for _ in range(300):
            try:
                piece = line.recv(4096)
                if not piece:
                    return heard
                heard += piece
            except TimeoutError:
                pass
            except OSError:
                return heard
            try:
                line.send(b"x")
            except OSError:
                return heard
    return heard
