"""Who looked at what: a row in the reader's own stream before the answer goes out. Looking at the same again soon is the same look."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from engine import settings
from engine.audit import recording

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

CASE, FILE, EXPORT, PRINTED, RECORDS = "saw_case", "saw_file", "exported", "printed", "saw_records"
DEFAULTS = {"audit_reading_minutes": 10}
_MOST_REMEMBERED = 20_000


class Looks:
    """The looks of this process that are recorded already: asking the database each time would cost more than the row."""

    def __init__(self) -> None:
        self._until: dict[tuple[int, str, str], float] = {}
        self._lock = threading.Lock()

    def looked(self, core: Core, actor: Actor, kind: str, about: str, data: dict[str, str] | None = None) -> bool:
        """Record that somebody looked at something, unless they just did; answers whether a row was written. Exports are always
        recorded, each with what was asked for in `data`."""
        key, now = (actor.id, kind, about), time.monotonic()
        if kind != EXPORT:
            with self._lock:
                if self._until.get(key, 0.0) > now:
                    return False
        with core.db.write() as connection:
            minutes = settings.read(connection, DEFAULTS)["audit_reading_minutes"]
            recording.record(
                core,
                connection,
                recording.reading(actor.id),
                kind,
                actor=actor,
                about=about,
                data=dict(data) if data else None,
            )
        with self._lock:
            if len(self._until) >= _MOST_REMEMBERED:
                self._until = {k: until for k, until in self._until.items() if until > now}
            if len(self._until) < _MOST_REMEMBERED:
                self._until[key] = now + minutes * 60
        return True
