"""A draft written down: each edit its rows and its line of the audit, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pypinyin import lazy_pinyin
from sqlalchemy import Connection, delete, insert, or_, select, update

from engine import vault
from engine.audit.recording import ORGANISATION, record
from engine.organisation import revision
from engine.organisation.draft import Draft, Edit
from engine.organisation.drafting import plain
from engine.organisation.work import Work
from engine.tables import api_token, area, duty, membership, person, session, substitution, unit

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def write(core: Core, connection: Connection, draft: Draft, change_id: int) -> Work:
    """Write all edits of a draft for this change; answers what is left to be moved. The draft must be of this very transaction."""
    hand = _Hand(core, connection, draft, change_id)
    for edit in draft.edits:
        _WRITERS[edit.what](hand, edit)
    revision.touch(connection, hand.touched)
    return hand.work()


def end(core: Core, connection: Connection, work: Work, change_id: int, now: datetime) -> None:
    """What had to stay until all had moved: posts in the old units are taken, units end, what was lent in them ends."""

    def say(kind: str, about: str, before: Row | None, after: Row | None) -> None:
        data = {"change": change_id, "before": before, "after": after}
        record(core, connection, ORGANISATION, kind, about=about, data={k: v for k, v in data.items() if v is not None})

    touched = set()
    keys: dict[int, str] = dict(connection.execute(select(unit.c.id, unit.c.key)).all())
    for person_id, unit_id, post in work.later:
        here = (membership.c.person_id == person_id, membership.c.unit_id == unit_id, membership.c.post_key == post)
        running = or_(membership.c.until.is_(None), membership.c.until > now)
        if connection.execute(update(membership).where(*here, running).values(until=now)).rowcount:
            say("post_taken", f"person:{person_id}", {"unit": keys[unit_id], "post": post}, None)
            touched.add(person_id)
    for unit_id, successor_id in work.ends:
        connection.execute(update(unit).where(unit.c.id == unit_id).values(ended_at=now, successor_id=successor_id))
        say("unit_ended", f"unit:{keys[unit_id]}", None, {"successor": keys[successor_id]})
        lent = select(substitution).where(substitution.c.unit_id == unit_id, substitution.c.ended_at.is_(None))
        for row in connection.execute(lent.where(substitution.c.until > now)).all():
            connection.execute(update(substitution).where(substitution.c.id == row.id).values(ended_at=now))
            told = {"substitute": row.substitute_id, "unit": keys[unit_id]}
            say("substitution_ended", f"person:{row.principal_id}", told, None)
            touched |= {row.principal_id, row.substitute_id}
    revision.touch(connection, touched)


@dataclass
class _Hand:
    core: Core
    connection: Connection
    draft: Draft
    change_id: int
    touched: set[int] = field(default_factory=set)
    units: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.units = {key: row["id"] for key, row in self.draft.was.units.items()}
        self.people = {login: row["id"] for login, row in self.draft.was.people.items()}

    def unit(self, key: str | None) -> int | None:
        return self.units[key] if key is not None else None

    def audit(self, edit: Edit, about: str, before: Row | None, after: Row | None, for_id: int | None = None) -> None:
        data = {"change": self.change_id, "before": plain(before), "after": plain(after)}
        data = {k: v for k, v in data.items() if v is not None}
        record(self.core, self.connection, ORGANISATION, edit.what, about=about, data=data, for_id=for_id)

    def work(self) -> Work:
        """What is left to be moved, by ids."""
        return Work(
            ways={self.units[key]: way for key, way in self.draft.ways.items()},
            backs=[
                (self.people[b.login], self.unit(b.unit), b.post, self.people[b.successor] if b.successor else None)
                for b in self.draft.backs
            ],
            later=[(self.people[login], self.units[key], post) for login, key, post in self.draft.later],
            ends=[
                (self.units[key], self.units[row["successor"]])
                for key, row in self.draft.now.units.items()
                if key in self.draft.ways and row["ended_at"] is not None
            ],
        )


def pinyin(text: str) -> str:
    """The key Chinese names sort by."""
    return "".join(lazy_pinyin(text)).lower()


# ---------------------------------------------------------------- units and areas


def _unit_created(hand: _Hand, edit: Edit) -> None:
    values = dict(edit.after or {})
    parent = hand.unit(values.pop("parent"))
    row = {"key": edit.key[0], **values, "parent_id": parent, "pinyin": pinyin(values["name_zh"])}
    row["source"] = f"change {hand.change_id}"
    done = hand.connection.execute(insert(unit).values(**row).returning(unit.c.id))
    hand.units[edit.key[0]] = done.scalar_one()
    hand.audit(edit, f"unit:{edit.key[0]}", None, edit.after)


def _unit_changed(hand: _Hand, edit: Edit) -> None:
    values = dict(edit.after or {})
    if "parent" in values:
        values["parent_id"] = hand.unit(values.pop("parent"))
    if "name_zh" in values:
        values["pinyin"] = pinyin(values["name_zh"])
    hand.connection.execute(update(unit).where(unit.c.id == hand.units[edit.key[0]]).values(**values))
    hand.audit(edit, f"unit:{edit.key[0]}", edit.before, edit.after)


def _unit_ended(hand: _Hand, edit: Edit) -> None:
    if edit.key[0] in hand.draft.ways:
        return  # once everything has moved: see `end`
    ended = update(unit).where(unit.c.id == hand.units[edit.key[0]]).values(ended_at=hand.draft.now.now)
    hand.connection.execute(ended)
    hand.audit(edit, f"unit:{edit.key[0]}", None, edit.after)


def _area(hand: _Hand, edit: Edit) -> None:
    values = dict(edit.after or {})
    if "unit" in values:
        values["unit_id"] = hand.unit(values.pop("unit"))
    if "parent" in values:
        values["parent_key"] = values.pop("parent")
    if edit.what == "area_created":
        values["source"] = f"change {hand.change_id}"
        hand.connection.execute(insert(area).values(key=edit.key[0], **values))
    else:
        hand.connection.execute(update(area).where(area.c.key == edit.key[0]).values(**values))
    hand.audit(edit, f"area:{edit.key[0]}", edit.before, edit.after)


# ---------------------------------------------------------------- people


def _person_created(hand: _Hand, edit: Edit) -> None:
    login, values = edit.key[0], edit.after or {}
    done = hand.connection.execute(
        insert(person).values(login=login, must_change=True, **_named(values)).returning(person.c.id)
    )
    hand.people[login] = done.scalar_one()
    hand.audit(edit, f"person:{hand.people[login]}", None, _sealed(hand, login, values))


def _person_changed(hand: _Hand, edit: Edit) -> None:
    login = edit.key[0]
    hand.connection.execute(update(person).where(person.c.id == hand.people[login]).values(**_named(edit.after or {})))
    hand.touched.add(hand.people[login])
    before, after = _sealed(hand, login, edit.before or {}), _sealed(hand, login, edit.after or {})
    hand.audit(edit, f"person:{hand.people[login]}", before, after)


def _named(values: Row) -> Row:
    return {**values, "pinyin": pinyin(values["name"])} if "name" in values else values


def _sealed(hand: _Hand, login: str, values: Row) -> Row:
    return {"sealed": vault.seal(hand.core, hand.connection, vault.person(hand.people[login]), values)}


def _person_left(hand: _Hand, edit: Edit) -> None:
    who = hand.people[edit.key[0]]
    now = hand.draft.now.now
    hand.connection.execute(update(person).where(person.c.id == who).values(active=False, left_at=now))
    sessions = hand.connection.execute(delete(session).where(session.c.person_id == who)).rowcount
    tokens = hand.connection.execute(
        update(api_token).where(api_token.c.person_id == who, api_token.c.revoked_at.is_(None)).values(revoked_at=now)
    ).rowcount
    hand.touched.add(who)
    successor = (edit.after or {}).get("successor")
    after: Row = {"sessions": sessions, "tokens": tokens}
    if successor is not None:
        after["successor"] = hand.people[successor]
    hand.audit(edit, f"person:{who}", None, after)


def _post(hand: _Hand, edit: Edit) -> None:
    login, unit_key, post = edit.key
    who = hand.people[login]
    here = (
        membership.c.person_id == who,
        membership.c.unit_id == hand.units[unit_key],
        membership.c.post_key == post,
    )
    if edit.what == "post_taken":
        hand.connection.execute(update(membership).where(*here).values(until=hand.draft.now.now))
    elif hand.connection.execute(select(membership.c.person_id).where(*here)).first() is not None:
        hand.connection.execute(update(membership).where(*here).values(**(edit.after or {})))
    else:
        row = {"person_id": who, "unit_id": hand.units[unit_key], "post_key": post}
        hand.connection.execute(insert(membership).values(**row, **(edit.after or {})))
    hand.touched.add(who)
    place = {"unit": unit_key, "post": post}
    before = {**place, **edit.before} if edit.before is not None else None
    after = {**place, **edit.after} if edit.after is not None else None
    hand.audit(edit, f"person:{who}", before, after)


# ---------------------------------------------------------------- substitutes and duty


def _substitution(hand: _Hand, edit: Edit) -> None:
    if edit.what == "substitution_ended":
        hand.connection.execute(
            update(substitution).where(substitution.c.id == edit.key[0]).values(ended_at=hand.draft.now.now)
        )
    values = dict((edit.after if edit.what == "substitution_made" else edit.before) or {})
    one, other = hand.people[values.pop("principal")], hand.people[values.pop("substitute")]
    hand.touched |= {one, other}
    told = {"substitute": other, **{k: v for k, v in values.items() if k != "reason"}}
    if edit.what == "substitution_made":
        values["unit_id"], values["post_key"] = hand.unit(values.pop("unit")), values.pop("post")
        row = {"principal_id": one, "substitute_id": other, "made_at": hand.draft.now.now, **values}
        hand.connection.execute(insert(substitution).values(**row))
        hand.audit(edit, f"person:{one}", None, told)
    else:
        hand.audit(edit, f"person:{one}", told, edit.after)


def _duty(hand: _Hand, edit: Edit) -> None:
    values = dict((edit.after if edit.what == "duty_put" else edit.before) or {})
    who = hand.people[values["login"]]
    place = f"unit:{values['unit']}"
    told = {"person": who, **{k: values[k] for k in ("post", "since", "until")}}
    if edit.what == "duty_put":
        row = {"unit_id": hand.units[values["unit"]], "post_key": values["post"], "person_id": who}
        row |= {k: values[k] for k in ("since", "until", "note")}
        hand.connection.execute(insert(duty).values(**row))
        hand.audit(edit, place, None, told)
        return
    now = hand.draft.now.now
    if values["since"] < now:
        hand.connection.execute(update(duty).where(duty.c.id == edit.key[0]).values(until=now))
    else:
        hand.connection.execute(delete(duty).where(duty.c.id == edit.key[0]))
    hand.audit(edit, place, told, None)


_WRITERS: dict[str, Callable[[_Hand, Edit], None]] = {
    "unit_created": _unit_created,
    "unit_changed": _unit_changed,
    "unit_ended": _unit_ended,
    "person_created": _person_created,
    "person_changed": _person_changed,
    "person_left": _person_left,
    "post_given": _post,
    "post_changed": _post,
    "post_taken": _post,
    "area_created": _area,
    "area_changed": _area,
    "substitution_made": _substitution,
    "substitution_ended": _substitution,
    "duty_put": _duty,
    "duty_removed": _duty,
}
