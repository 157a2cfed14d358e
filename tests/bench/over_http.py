"""Completions over HTTP: a real gunicorn with one worker, a client with one kept connection, every request with a token and an
idempotency key."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from datetime import timedelta

from engine import tokens
from tests.bench.story import OLD, Walker
from tests.postgres import free_port


def completions(walker: Walker, url: str, cases: int) -> float:
    """Completions a second."""
    logins = {walker.who(node) for node, _ in OLD}
    keys = {login: tokens.create(walker.city.core, login, "bench", timedelta(hours=1)) for login in logins}
    aged = list(walker.aged(cases + 3))
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "web.wsgi:app", "--workers=1", "--worker-class=gthread", "--threads=2",
         f"--bind=127.0.0.1:{port}", "--log-level=error"],
        env={**os.environ, "DATABASE_URL": url, "LIANDONG_SECRET": "bench-only"},
    )  # fmt: skip
    try:
        client = _connect(port)
        for case in aged[:3]:  # plans prepared, definitions read
            _close(client, walker, keys, *case)
        began = time.perf_counter()
        for case in aged[3:]:
            _close(client, walker, keys, *case)
        return round(cases * len(OLD) / (time.perf_counter() - began), 1)
    finally:
        server.terminate()
        server.wait(30)


def _close(
    client: http.client.HTTPConnection, walker: Walker, keys: dict[str, str], instance_id: int, ref: str
) -> None:
    for node, answers in OLD:
        client.request(
            "POST",
            f"/api/v1/tasks/{ref}/complete",
            json.dumps({"answers": answers}),
            {
                "Content-Type": "application/json",
                "Authorization": f"Bearer {keys[walker.who(node)]}",
                "Idempotency-Key": f"bench:{ref}",
            },
        )
        response = client.getresponse()
        reply = json.loads(response.read())
        if response.status != 200:
            raise RuntimeError(f"{response.status}: {reply}")
        if reply["opened"]:
            opened = str(reply["opened"][0])
            ref = opened if "." in opened else f"{instance_id}.{opened}"


def _connect(port: int) -> http.client.HTTPConnection:
    for _ in range(600):
        try:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            client.request("GET", "/health")
            client.getresponse().read()
        except OSError:
            time.sleep(0.05)
        else:
            return client
    raise RuntimeError("the server does not start")
