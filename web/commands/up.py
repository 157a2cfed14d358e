"""Everything at once: the first start of a city, and each one after."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import signal
import socket
import subprocess
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from web.settings import Settings

DESCRIPTION = """Migrate, seed, fill a new city with demo data (--no-demo: ask for an administrator instead), then serve pages and run a
worker, until stopped. A worker or server that dies is started again."""


def main(arguments: list[str]) -> int:
    """Run the command."""
    from web import settings
    from web.commands import admin, demo, seeding

    parser = argparse.ArgumentParser(prog="liandong up", description=DESCRIPTION)
    parser.add_argument("--no-demo", action="store_true", help="an empty city for real work")
    given = parser.parse_args(arguments)
    found = settings.from_environment()
    if _is_taken(found.host, found.port):
        print(f"Port {found.port} is in use. Choose another:\n\n    PORT={found.port + 1} ./run\n", file=sys.stderr)
        return 1
    seeding.prepare(found, people=not given.no_demo)
    if given.no_demo:
        admin.ask(found)
    elif not demo.is_filled(found) and not demo.fill(found):
        return 1
    return _keep_running(found)


def _keep_running(found: Settings) -> int:
    from web.commands.serve import gunicorn

    found.secret()  # made once, before two processes ask for it
    commands = {
        "server": gunicorn(found),
        "worker": [sys.executable, "-P", "-m", "web.cli", "worker"],
    }
    running = {name: _start(command) for name, command in commands.items()}
    stop = threading.Event()

    def stopped(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stopped)
    shown = "localhost" if found.host in ("127.0.0.1", "0.0.0.0", "::") else found.host  # noqa: S104
    print(f"联动 Liandong:  http://{shown}:{found.port}   (Ctrl-C stops it)", flush=True)
    failures = dict.fromkeys(commands, 0)
    code = 0
    while not stop.wait(1):
        for name, process in running.items():
            if process.poll() is None:
                continue
            failures[name] += 1
            if failures[name] > 20:
                print(f"The {name} ends again and again (code {process.returncode}): ./run doctor", file=sys.stderr)
                code = 1
                stop.set()
                break
            print(f"the {name} ended (code {process.returncode}); it is started again", file=sys.stderr, flush=True)
            running[name] = _start(commands[name])
    for process in running.values():
        process.terminate()
    for process in running.values():
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
    return code


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C reaches us alone, and we end it in good order. If we are killed, Linux ends it."""
    return subprocess.Popen(command, start_new_session=True, preexec_fn=_end_with_parent)  # noqa: PLW1509, S603


def _end_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _is_taken(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
