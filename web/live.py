"""Live updates: one thread of a process follows what moves and tells open pages that something of theirs changed, never what. It asks the
database one short question a second while anybody listens, and none while nobody does."""

from __future__ import annotations

import logging
import os
import selectors
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask

from engine.core import Core
from engine.errors import NotFound
from engine.people import Actor, load_actor
from engine.queries.live import Follower, Moved, standing
from web.handing import HandedOver, Outlet, QueueOutlet, SocketOutlet, can_leave, take

MOST = int(os.environ.get("LIVE_STREAMS", "2000"))
"""Streams of one process. These numbers belong to the machine, not to the city."""
MOST_IN_THREADS = int(os.environ.get("LIVE_THREADS", "4"))
MOST_OF_ONE = 8
EVERY = 1.0
CHECK_EVERY = 5.0
BEAT_EVERY = 15.0
LIFE = 300.0
"""Seconds: between looks at what moved; between looks whether sessions still hold; of silence until a sign of life; until a page has to
come again, with the rights it has then."""
OLDEST = timedelta(minutes=1)
"""A page older than this is told to ask anew, whatever moved."""

CHANGED, TOLD, ENDED = b"event: inbox\ndata: 1\n\n", b"event: notice\ndata: 1\n\n", b"event: ended\ndata: 1\n\n"
OPENING, BEAT = b"retry: 3000\n: here\n\n", b": here\n\n"

_log = logging.getLogger(__name__)


class NoRoom(Exception):
    """For another stream: the page asks now and then instead."""


@dataclass(slots=True, eq=False)
class Watcher:
    """An open page: whose, under which session, where its events go, and the case that it shows."""

    actor: Actor
    session: str
    outlet: Outlet
    case: int | None = None
    until: float = field(default_factory=lambda: time.monotonic() + LIFE)
    spoke: float = field(default_factory=time.monotonic)


class Hub:
    """All open pages of this process."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._lock = threading.Lock()
        self._watchers: set[Watcher] = set()
        self._thread: threading.Thread | None = None
        self._follower: Follower | None = None
        self._selector = selectors.DefaultSelector()
        self._checked = 0.0

    def stream(
        self, environ: Mapping[str, Any], actor: Actor, session: str, age: timedelta, case: int | None = None
    ) -> Iterator[bytes]:
        """The events of a page that is `age` old, as the body of an answer. `case`: one that it shows and its reader sees. NoRoom."""
        self._check_room(actor, in_thread=not can_leave(environ))
        return self._events(Watcher(actor, session, take(environ) or QueueOutlet(), case), age)

    def _events(self, watcher: Watcher, age: timedelta) -> Iterator[bytes]:
        yield OPENING
        self._join(watcher)
        if age > OLDEST or self._missed(watcher, age):
            watcher.outlet.send(CHANGED)
        if not isinstance(watcher.outlet, QueueOutlet):
            raise HandedOver
        try:
            yield from watcher.outlet.read()
        finally:
            self._leave(watcher)

    def _check_room(self, actor: Actor, *, in_thread: bool) -> None:
        with self._lock:
            threads = sum(isinstance(one.outlet, QueueOutlet) for one in self._watchers)
            same = sum(one.actor.id == actor.id for one in self._watchers)
            if len(self._watchers) >= MOST or same >= MOST_OF_ONE or (in_thread and threads >= MOST_IN_THREADS):
                raise NoRoom

    def _join(self, watcher: Watcher) -> None:
        with self._lock:
            self._watchers.add(watcher)
            if isinstance(watcher.outlet, SocketOutlet):
                self._selector.register(watcher.outlet.socket, selectors.EVENT_READ, watcher)
            if self._thread is None:
                self._follower = Follower(self._core, self._core.db.now())
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()

    def _missed(self, watcher: Watcher, age: timedelta) -> bool:
        """Between the page's making and now: before anybody followed for it."""
        news = Follower(self._core, self._core.db.now() - age).news()
        return news is not None and (_meant(watcher, news) or watcher.actor.id in news.told)

    def _leave(self, watcher: Watcher, last: bytes = b"") -> None:
        with self._lock:
            if watcher not in self._watchers:
                return
            self._watchers.discard(watcher)
            if isinstance(watcher.outlet, SocketOutlet):
                self._selector.unregister(watcher.outlet.socket)
        if last:
            watcher.outlet.send(last)
        watcher.outlet.close()

    def close(self) -> None:
        """End every stream, and the thread: before the database goes."""
        for one in list(self._watchers):
            self._leave(one)
        thread = self._thread
        if thread is not None:
            thread.join(2 * EVERY + 1)

    # ------------------------------------------------------------ its thread

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._watchers:
                    self._thread = None
                    return
            self._wait(EVERY)
            try:
                self._round()
            except Exception:  # noqa: BLE001  whatever it is, the next round tries again
                # The database is away, or a mistake of ours: pages still come by now and then.
                _log.exception("live updates wait")
                self._wait(CHECK_EVERY)

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                watcher: Watcher = key.data
                if isinstance(watcher.outlet, SocketOutlet) and watcher.outlet.is_gone():
                    self._leave(watcher)

    def _round(self) -> None:
        now = time.monotonic()
        everybody = list(self._watchers)
        news = self._follower.news() if self._follower is not None else None
        if news is not None:
            self._tell(everybody, news)
        if now - self._checked >= CHECK_EVERY:
            self._checked = now
            self._holding(everybody)
        for one in everybody:
            if now >= one.until:
                self._leave(one)
            elif now - one.spoke >= BEAT_EVERY:
                self._send(one, BEAT)

    def _tell(self, everybody: Iterable[Watcher], news: Moved) -> None:
        meant = [one for one in everybody if one.actor.id in news.told or _meant(one, news)]
        for one in self._holding(meant):
            try:
                with self._core.db.read() as connection:
                    one.actor = load_actor(connection, one.actor.id)  # rights that came or went with the time of day
            except NotFound:
                self._leave(one, ENDED)
                continue
            if one.actor.id in news.told:
                self._send(one, TOLD)
            if _meant(one, news):
                self._send(one, CHANGED)

    def _holding(self, some: Iterable[Watcher]) -> list[Watcher]:
        """Those whose sessions hold; others hear that theirs ended. Whose rights changed has to come again."""
        asked = list(some)
        found = standing(self._core, {one.session for one in asked})
        kept = []
        for one in asked:
            revision = found.get(one.session)
            if revision is None:
                self._leave(one, ENDED)
            elif revision != one.actor.access_revision:
                self._leave(one)
            else:
                kept.append(one)
        return kept

    def _send(self, watcher: Watcher, data: bytes) -> None:
        watcher.spoke = time.monotonic()
        if not watcher.outlet.send(data):
            self._leave(watcher)


def _meant(watcher: Watcher, news: Moved) -> bool:
    """Whether the page may look otherwise than before: an inbox of its reader's, or the case that it shows."""
    return watcher.case in news.cases or news.concerns(watcher.actor)


def install(app: Flask, core: Core) -> None:
    """One hub for the application."""
    app.extensions["liandong_live"] = Hub(core)


def hub(app: Flask) -> Hub:
    """That of this application."""
    found: Hub = app.extensions["liandong_live"]
    return found
