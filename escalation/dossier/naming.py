"""The names of people, units and posts as they were at a dossier's last event: what was renamed later bears its old name in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from engine import vault
from engine.audit.recording import ORGANISATION
from engine.errors import LiandongError
from engine.tables import audit, person, post, unit

Row = dict[str, Any]


class Names:
    """Remembers whom a dossier names, and tells their names at the end."""

    def __init__(self, connection: Connection, until: datetime | None) -> None:
        self._connection = connection
        self._until = until
        self._people: set[int] = set()
        self._units: set[int] = set()
        self._posts: set[str] = set()
        self._keys: set[str] = set()

    def learn(
        self,
        *,
        people: Iterable[Any] = (),
        units: Iterable[Any] = (),
        posts: Iterable[Any] = (),
        unit_keys: Iterable[Any] = (),
    ) -> None:
        """These are named; what is None is not."""
        self._people.update(p for p in people if isinstance(p, int))
        self._units.update(u for u in units if isinstance(u, int))
        self._posts.update(p for p in posts if isinstance(p, str))
        self._keys.update(k for k in unit_keys if isinstance(k, str))

    def told(self) -> Row:
        """The section: by id, or by the post's key, as text, for keys of JSON are texts."""
        return {"people": self._told_people(), "units": self._told_units(), "posts": self._told_posts()}

    def _told_people(self) -> Row:
        query = select(person.c.id, person.c.login, person.c.name).where(person.c.id.in_(sorted(self._people)))
        found = {str(r.id): {"login": r.login, "name": r.name} for r in self._connection.execute(query)}
        for about, data in self._later():
            kind, _, key = about.partition(":")
            if kind == "person" and key in found:
                before = self._unsealed(int(key), data)
                found[key]["name"] = before.get("name", found[key]["name"])
        return found

    def _told_units(self) -> Row:
        query = select(unit.c.id, unit.c.key, unit.c.name_zh, unit.c.name_en).where(
            or_(unit.c.id.in_(sorted(self._units)), unit.c.key.in_(sorted(self._keys)))
        )
        found = {str(r.id): {"key": r.key, "zh": r.name_zh, "en": r.name_en} for r in self._connection.execute(query)}
        by_key = {f"unit:{each['key']}": each for each in found.values()}
        for about, data in self._later():
            before = data.get("before") or {}
            if about in by_key:
                by_key[about]["zh"] = before.get("name_zh", by_key[about]["zh"])
                by_key[about]["en"] = before.get("name_en", by_key[about]["en"])
        return found

    def _told_posts(self) -> Row:
        query = select(post.c.key, post.c.name_zh, post.c.name_en).where(post.c.key.in_(sorted(self._posts)))
        return {r.key: {"zh": r.name_zh, "en": r.name_en} for r in self._connection.execute(query)}

    def _later(self) -> list[tuple[str, Row]]:
        """What the organisation's chain says of later changes, the newest first: walked back, they give the older names."""
        if self._until is None:
            return []
        query = (
            select(audit.c.about, audit.c.data)
            .where(audit.c.stream == ORGANISATION, audit.c.at > self._until)
            .order_by(audit.c.seq.desc())
        )
        return [(row.about, row.data or {}) for row in self._connection.execute(query)]

    def _unsealed(self, person_id: int, data: Row) -> Row:
        sealed = (data.get("before") or {}).get("sealed")
        if sealed is None:
            return {}
        try:
            found = vault.unseal(self._connection, vault.person(person_id), sealed)
        except LiandongError:
            return {}  # destroyed since: nobody knows it any more
        return found if isinstance(found, dict) else {}
