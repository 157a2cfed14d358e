"""The identity provider of tests, and somebody who logs in there by its forms."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import requests

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / ".venv" / "bin" / "node"
MODULES = ROOT / "web" / "frontend" / "node_modules"
SECRET = "a secret of the client"


@contextmanager
def provider(*redirects: str) -> Iterator[str]:
    """Its address, while it runs (npm oidc-provider in a process of its own)."""
    script = Path(__file__).with_name("provider.mjs")
    with subprocess.Popen(
        [str(NODE), str(script), str(MODULES), *redirects], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{next(line for line in process.stdout if line.strip().isdigit()).strip()}"
        finally:
            process.kill()


def at_the_provider(address: str, name: str, back: str) -> str:
    """Where the provider sends a browser that was sent to `address`, when `name` logs in there and agrees."""
    with requests.Session() as browser:
        answer = browser.get(address, allow_redirects=False, timeout=30)
        for _ in range(12):
            if answer.is_redirect:
                where = urljoin(answer.url, answer.headers["Location"])
                if where.startswith(back):
                    return where
                answer = browser.get(where, allow_redirects=False, timeout=30)
                continue
            assert answer.status_code == 200, answer.text
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            action = re.search(r'action="([^"]+)"', answer.text)
            assert prompt is not None, answer.text
            assert action is not None, answer.text
            form = {"prompt": prompt[1], "login": name, "password": "anything"}
            answer = browser.post(urljoin(answer.url, action[1]), data=form, allow_redirects=False, timeout=30)
    raise AssertionError("the provider never sent the browser back")
