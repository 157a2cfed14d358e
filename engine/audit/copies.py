"""The copy of the checkpoints outside the database: a file of JSON lines that is only ever added to.

It lies under `LIANDONG_AUDIT_DIR` (default `var/audit`), in a folder of its own for each database, best on a disk that the database's
owner cannot write (`chattr +a` makes the file such that nobody shortens it). Each worker keeps it complete."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy.engine import URL

from engine.audit.sealed import Sealed, from_line

USUAL_FOLDER = Path(__file__).resolve().parents[2] / "var" / "audit"
FILE = "checkpoints.jsonl"
_TAIL = 65_536


class Copy:
    """The copy of one database's checkpoints."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / FILE

    def last(self) -> Sealed | None:
        """The newest checkpoint in it."""
        try:
            with self.file.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                window = _TAIL
                while True:
                    start = max(0, size - window)
                    file.seek(start)
                    lines = file.read().split(b"\n")
                    for line in reversed(lines if start == 0 else lines[1:]):
                        found = from_line(line.decode(errors="replace")) if line else None
                        if found is not None:
                            return found
                    if start == 0:
                        return None
                    window *= 8
        except FileNotFoundError:
            return None

    def lines(self) -> Iterator[tuple[int, Sealed | None]]:
        """Every line with its number; none for one that cannot be read."""
        try:
            with self.file.open(encoding="utf-8", errors="replace") as file:
                for number, line in enumerate(file, 1):
                    yield number, from_line(line)
        except FileNotFoundError:
            return

    def append(self, more: Iterable[Sealed]) -> int:
        """Add those that are newer than its last, and wait until the disk has them; answers how many. Writers take turns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.file.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            last = self.last()
            newest = last.n if last is not None else 0
            lines = [each.line().encode() for each in more if each.n > newest]
            if not lines:
                return 0
            if file.tell() and not self._ends_whole():
                file.write(b"\n")  # somebody died while writing: what follows begins a line of its own
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
        return len(lines)

    def _ends_whole(self) -> bool:
        with self.file.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"


def folder() -> Path:
    """Where the copies lie, a folder for each database, each with the public keys that signed it."""
    given = os.environ.get("LIANDONG_AUDIT_DIR", "")
    return Path(given) if given else USUAL_FOLDER


def copy_for(url: URL) -> Copy:
    """The copy of the database at this address, whoever opens it."""
    return Copy(folder() / _name(url))


def _name(url: URL) -> str:
    """A folder's name for a database: what a person knows it by, without user and password."""
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "memory").absolute()
        return f"sqlite-{_plain(path.stem)}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    return f"{url.get_backend_name()}-{_plain(url.host or 'local')}-{url.port or 5432}-{_plain(url.database or '')}"


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", text)[:80]
