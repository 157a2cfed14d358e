"""The organisation as it stands, in memory: what a plan is tried on. Of the city itself; a replay's own units are not in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, or_, select

from engine.tables import area, duty, membership, person, post, post_conflict, substitution, unit

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]
Key = tuple[str, str, str]
Term = tuple[datetime | None, datetime | None]


@dataclass(slots=True)
class Picture:
    """Units, posts, people and areas by their keys; what is over is left out. `held`: by login, unit and post, from and until when."""

    now: datetime
    units: dict[str, Row] = field(default_factory=dict)
    posts: dict[str, Row] = field(default_factory=dict)
    conflicts: dict[frozenset[str], tuple[str, str]] = field(default_factory=dict)
    people: dict[str, Row] = field(default_factory=dict)
    held: dict[Key, Term] = field(default_factory=dict)
    areas: dict[str, Row] = field(default_factory=dict)
    substitutes: dict[Any, Row] = field(default_factory=dict)
    duty: dict[Any, Row] = field(default_factory=dict)

    def copy(self) -> Picture:
        """Another that can be changed."""
        return Picture(
            self.now,
            dict(self.units),
            self.posts,
            self.conflicts,
            dict(self.people),
            dict(self.held),
            dict(self.areas),
            dict(self.substitutes),
            dict(self.duty),
        )

    def human(self, login: str) -> str:
        """What names the human being behind an account: the staff number, or the account itself."""
        found = self.people.get(login)
        return f"staff {found['staff_no']}" if found is not None and found["staff_no"] else login

    def active(self, login: str) -> bool:
        """Whether this account may do anything."""
        found = self.people.get(login)
        return found is not None and bool(found["active"])

    def stays(self, login: str) -> bool:
        """Whether somebody belongs to the organisation, though their account may be switched off for now."""
        found = self.people.get(login)
        return found is not None and found.get("left_at") is None

    def holders(self) -> set[tuple[str, str]]:
        """Units and posts that somebody holds now."""
        return {(u, p) for (login, u, p), term in self.held.items() if self.active(login) and self.runs(term)}

    def runs(self, term: Term) -> bool:
        """Whether it holds now."""
        since, until = term
        return (since is None or since <= self.now) and (until is None or until > self.now)

    def posts_of(self, login: str) -> list[Key]:
        """Posts of a person."""
        return [key for key in self.held if key[0] == login]

    def below(self, keys: set[str]) -> set[str]:
        """These areas and all in them."""
        found = set(keys)
        grew = True
        while grew:
            more = {k for k, row in self.areas.items() if row["parent"] in found} - found
            grew = bool(more)
            found |= more
        return found

    def unit_names(self, key: str | None) -> tuple[str, str]:
        """What a unit is called, in both languages."""
        found = self.units.get(key or "")
        return (found["name_zh"], found["name_en"]) if found is not None else (key or "", key or "")

    def post_names(self, key: str | None) -> tuple[str, str]:
        """What a post is called."""
        found = self.posts.get(key or "")
        return (found["name_zh"], found["name_en"]) if found is not None else (key or "", key or "")

    def name(self, login: str) -> str:
        """What a person is called."""
        found = self.people.get(login)
        return str(found["name"]) if found is not None else login


def overlap(one: Term, other: Term) -> bool:
    """Whether two spans of time have an instant in common."""
    return (one[1] is None or other[0] is None or other[0] < one[1]) and (
        other[1] is None or one[0] is None or one[0] < other[1]
    )


def load(core: Core, connection: Connection) -> Picture:
    """Read all of it, as of the database's time now."""
    now = core.db.now_on(connection)
    ids: dict[int, str] = dict(connection.execute(select(unit.c.id, unit.c.key)).all())
    found = Picture(now)
    foreign: set[int] = set()
    for row in connection.execute(select(unit)).mappings():
        if row["realm"]:
            foreign.add(row["id"])
            continue
        found.units[row["key"]] = {
            **{name: row[name] for name in ("id", "name_zh", "name_en", "kind", "ended_at")},
            "parent": ids.get(row["parent_id"] or 0),
            "successor": ids.get(row["successor_id"] or 0),
        }
    for row in connection.execute(select(post)).mappings():
        found.posts[row["key"]] = dict(row)
    for row in connection.execute(select(post_conflict)).mappings():
        found.conflicts[frozenset((row["post_key"], row["other_key"]))] = (row["why_zh"], row["why_en"])
    _people(connection, found, ids, foreign)
    for row in connection.execute(select(area).where(area.c.realm == "")).mappings():
        found.areas[row["key"]] = {
            **{name: row[name] for name in ("name_zh", "name_en", "kind", "lat", "lon")},
            "parent": row["parent_key"],
            "unit": ids.get(row["unit_id"] or 0),
        }
    _terms(connection, found, ids)
    return found


def _people(connection: Connection, found: Picture, ids: dict[int, str], foreign: set[int]) -> None:
    logins: dict[int, str] = dict(connection.execute(select(person.c.id, person.c.login)).all())
    elsewhere = set()
    for row in connection.execute(
        select(membership).where(or_(membership.c.until.is_(None), membership.c.until > found.now))
    ).mappings():
        if row["unit_id"] in foreign:
            elsewhere.add(row["person_id"])
            continue
        key = (logins[row["person_id"]], ids[row["unit_id"]], row["post_key"])
        found.held[key] = (row["since"], row["until"])
    columns = (person.c.id, person.c.login, person.c.name, person.c.staff_no, person.c.active, person.c.left_at)
    for row in connection.execute(select(*columns)).mappings():
        if row["id"] not in elsewhere:
            found.people[row["login"]] = dict(row)
    found.held = {key: term for key, term in found.held.items() if key[0] in found.people}


def _terms(connection: Connection, found: Picture, ids: dict[int, str]) -> None:
    logins = {row["id"]: login for login, row in found.people.items()}
    query = select(substitution).where(substitution.c.ended_at.is_(None), substitution.c.until > found.now)
    for row in connection.execute(query).mappings():
        if row["principal_id"] in logins and row["substitute_id"] in logins:
            found.substitutes[row["id"]] = {
                "principal": logins[row["principal_id"]],
                "substitute": logins[row["substitute_id"]],
                **{name: row[name] for name in ("since", "until", "processes", "reason")},
                "unit": ids.get(row["unit_id"] or 0),
                "post": row["post_key"],
            }
    for row in connection.execute(select(duty).where(duty.c.until > found.now)).mappings():
        if row["person_id"] in logins and row["unit_id"] in ids:
            found.duty[row["id"]] = {
                "unit": ids[row["unit_id"]],
                "post": row["post_key"],
                "login": logins[row["person_id"]],
                **{name: row[name] for name in ("since", "until", "note")},
            }
