"""Names of units, posts, areas and people, for whoever shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.bpmn.values import Names
from engine.public import technical
from engine.tables import area, person, post, unit

if TYPE_CHECKING:
    from engine.core import Core

_NOTHING = Names()


@dataclass(slots=True)
class Directory:
    """Names by id or key, read once. People are many: they are looked up when asked for and kept. A person has one name in every
    language; only the public as such, who is nobody, is named in that of `locale`."""

    core: Core
    units: dict[int, Names]
    unit_keys: dict[str, int]
    posts: dict[str, Names]
    areas: dict[str, Names]
    city: Names = _NOTHING
    locale: str = "zh"
    people: dict[int, str] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    ended: frozenset[str] = frozenset()
    """Keys of units that go on no more: they have a name, but nobody chooses them."""

    def unit(self, unit_id: int | None, locale: str = "zh") -> str:
        """A unit by its id; empty when there is none."""
        return self.units.get(unit_id, _NOTHING).text(locale) if unit_id is not None else ""

    def unit_by_key(self, key: str | None, locale: str = "zh") -> str:
        """A unit by its key; the key itself when there is no such unit."""
        found = self.unit_keys.get(key) if key is not None else None
        return self.unit(found, locale) if found is not None else key or ""

    def post(self, key: str | None, locale: str = "zh") -> str:
        """A post by its key."""
        return self.posts.get(key, _NOTHING).text(locale) or key if key is not None else ""

    def area(self, key: str | None, locale: str = "zh") -> str:
        """An area by its key; the key itself when there is no such area."""
        return (self.areas.get(key, _NOTHING).text(locale) or key) if key is not None else ""

    def person(self, person_id: int | None) -> str:
        """A person's name; empty for nobody."""
        if person_id is None:
            return ""
        if person_id not in self.people:
            self.learn([person_id])
        return self.people.get(person_id, "")

    def person_by_login(self, login: str) -> str:
        """A person's name by what they log in as; the login itself when there is nobody of it."""
        if login not in self.logins:
            with self.core.db.read() as connection:
                found = connection.execute(select(person.c.name).where(person.c.login == login)).scalar()
            self.logins[login] = found or login
        return self.logins[login]

    def learn(self, person_ids: Iterable[int | None]) -> None:
        """Look several people up at once, before they are asked for one by one."""
        wanted = {i for i in person_ids if i is not None} - set(self.people)
        if wanted:
            with self.core.db.read() as connection:
                rows = connection.execute(
                    select(person.c.id, person.c.name, person.c.login).where(person.c.id.in_(wanted))
                )
                public = technical.NAME.text(self.locale)
                self.people.update({row.id: public if row.login == technical.LOGIN else row.name for row in rows})


def directory(core: Core, locale: str = "zh") -> Directory:
    """The names as they are now, for who reads `locale`."""
    with core.db.read() as connection:
        units = connection.execute(select(unit.c.id, unit.c.key, unit.c.name_zh, unit.c.name_en, unit.c.ended_at)).all()
        posts = connection.execute(select(post.c.key, post.c.name_zh, post.c.name_en)).all()
        areas = connection.execute(select(area.c.key, area.c.kind, area.c.name_zh, area.c.name_en)).all()
    return Directory(
        core=core,
        units={u.id: Names(u.name_zh, u.name_en) for u in units},
        unit_keys={u.key: u.id for u in units},
        posts={p.key: Names(p.name_zh, p.name_en) for p in posts},
        areas={a.key: Names(a.name_zh, a.name_en) for a in areas},
        ended=frozenset(u.key for u in units if u.ended_at is not None),
        locale=locale,
        city=next((Names(a.name_zh, a.name_en) for a in areas if a.kind == "city"), _NOTHING),
    )
