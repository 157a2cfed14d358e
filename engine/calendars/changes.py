"""Changes of the calendars as reviewed acts: one drafts and proposes, another human being decides (power `administer`), and the approved
table is the next version, by which workers then count every open clock anew. A draft is its author's, proposed, then active, refused
or withdrawn; made from an older version than the one that counts, it must be brought onto that first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update

from engine import access
from engine.acts.base import clean_text, maybe_text
from engine.audit.recording import CONTENT, record
from engine.calendar import Calendar, CalendarProblem
from engine.calendars import books, editing
from engine.calendars.books import ACTIVE, DEFAULT, DRAFT, PROPOSED, REFUSED, WITHDRAWN, Book
from engine.errors import Invalid, NotAllowed, NotFound
from engine.people import Actor, load_actor
from engine.tables import calendar_book, organisation, unit

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

POWER = "administer"
FAR = 2090
"""A year so far ahead that only what holds for ever holds in it."""
STATES = (DRAFT, PROPOSED, ACTIVE, REFUSED, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Change:
    """A book of calendars as it stands: a draft, a proposal, or a version that counts or counted."""

    id: int
    version: int | None
    base: int
    rows: str
    state: str
    note: str
    source: str
    preview: Row | None
    proposed_by: int | None
    proposed_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    said: str
    moved_at: datetime | None
    moved: Row | None


def begin(core: Core, by: int | str) -> int:
    """A draft with the rows that count now; answers its id. NotAllowed without the power."""
    with core.db.write() as connection:
        actor = _keeper(connection, by)
        version = books.version(connection)
        text = connection.execute(select(calendar_book.c.rows).where(calendar_book.c.version == version)).scalar()
        row: Row = {
            "rows": editing.write(editing.rows(text or books.SHIPPED.read_text("utf-8-sig"))),
            "base": version,
            "state": DRAFT,
            "proposed_by": actor.id,
            "proposed_at": core.db.now_on(connection),
        }
        added = insert(calendar_book).values(**row).returning(calendar_book.c.id)
        draft_id = int(connection.execute(added).scalar_one())
        _say(core, connection, "calendar_drafted", actor, draft_id, {"base": version})
        return draft_id


def edit(core: Core, draft_id: int, by: int | str, change: Callable[[str], str]) -> None:
    """Change the rows of one's own draft. CalendarProblem, naming the line, where the table then cannot be read; NotAllowed: it is
    somebody else's; Invalid: it is no draft any more."""
    with core.db.write() as connection:
        actor = _keeper(connection, by)
        row = _own(connection, draft_id, actor, DRAFT)
        text = change(row["rows"])
        if text == row["rows"]:
            return
        check(connection, text)
        made = editing.changed(row["rows"], text)
        connection.execute(update(calendar_book).where(calendar_book.c.id == draft_id).values(rows=text))
        data = {"added": made.added[:MOST_TOLD], "removed": made.removed[:MOST_TOLD], "rows": text_hash(text)}
        _say(core, connection, "calendar_edited", actor, draft_id, data)


def propose(
    core: Core, draft_id: int, by: int | str, note: str, source: str, preview: Mapping[str, Any] | None = None
) -> None:
    """Put one's draft up for decision: why, by which document, and what it would move as it was shown. Invalid: nothing changed, or it was
    made from an older version."""
    said, document = clean_text(note), clean_text(source)
    with core.db.write() as connection:
        actor = _keeper(connection, by)
        row = _own(connection, draft_id, actor, DRAFT)
        _check_base(connection, row)
        check(connection, row["rows"])
        made = editing.changed(text_of(connection, row["base"]), row["rows"])
        if not made.added and not made.removed:
            raise Invalid(why_zh="草稿与现行日历相同，没有可提交的更改", why_en="the draft changes nothing")
        values: Row = {"state": PROPOSED, "note": said, "source": document}
        values |= {"preview": dict(preview) if preview is not None else None, "proposed_at": core.db.now_on(connection)}
        connection.execute(update(calendar_book).where(calendar_book.c.id == draft_id).values(**values))
        data = {"note": said, "source": document, "base": row["base"], "rows": text_hash(row["rows"])}
        data |= {"added": made.added[:MOST_TOLD], "removed": made.removed[:MOST_TOLD]}
        _say(core, connection, "calendar_proposed", actor, draft_id, data)


def approve(core: Core, draft_id: int, by: int | str, said: str = "") -> int:
    """Make it the version that counts; answers which. Workers then count every open clock by it. NotAllowed: without the power, or by the
    human being who proposed it, by whatever account. Invalid: it is decided already, or made from an older version."""
    with core.db.write() as connection:
        actor, row = _decides(connection, draft_id, by)
        _check_base(connection, row)
        check(connection, row["rows"])
        version: int = row["base"] + 1
        counted = update(organisation).where(organisation.c.calendars == row["base"]).values(calendars=version)
        if connection.execute(counted).rowcount != 1:
            raise outdated(row["base"], books.version(connection))
        values = {"version": version, "moved": None, "moved_at": None}
        _decide(core, connection, row, actor, ACTIVE, maybe_text(said), values)
        return version


def refuse(core: Core, draft_id: int, by: int | str, said: str) -> None:
    """Refuse it, and say why. As `approve`."""
    why = clean_text(said)
    with core.db.write() as connection:
        actor, row = _decides(connection, draft_id, by)
        _decide(core, connection, row, actor, REFUSED, why)


def withdraw(core: Core, draft_id: int, by: int | str) -> None:
    """Take back one's proposal, or throw away one's draft."""
    with core.db.write() as connection:
        actor = _keeper(connection, by)
        row = _own(connection, draft_id, actor, DRAFT, PROPOSED)
        _decide(core, connection, row, actor, WITHDRAWN, "")


def rebase(core: Core, draft_id: int, by: int | str) -> list[dict[str, str]]:
    """Bring one's draft or proposal onto the version that counts now: a draft again, with its changes made there. Answers the rows it meant
    to take away that are gone already."""
    with core.db.write() as connection:
        actor = _keeper(connection, by)
        row = _own(connection, draft_id, actor, DRAFT, PROPOSED)
        version = books.version(connection)
        text, lost = editing.rebase(text_of(connection, row["base"]), row["rows"], text_of(connection, version))
        check(connection, text)
        values = {"rows": text, "base": version, "state": DRAFT, "preview": None}
        connection.execute(update(calendar_book).where(calendar_book.c.id == draft_id).values(**values))
        data = {"before": row["base"], "after": version, "rows": text_hash(text)}
        _say(core, connection, "calendar_rebased", actor, draft_id, data)
        return lost


def get(core: Core, draft_id: int) -> Change:
    """One book by its id. NotFound. Rights are the page's: only those who administer or audit see drafts."""
    return _one(core, calendar_book.c.id == draft_id)


def of_version(core: Core, version: int) -> Change:
    """The book of a version. NotFound."""
    return _one(core, calendar_book.c.version == version)


def listing(core: Core, states: Iterable[str] = STATES, limit: int = 100) -> list[Change]:
    """The newest first."""
    c = calendar_book.c
    query = select(*_COLUMNS).where(c.state.in_(list(states))).order_by(c.id.desc()).limit(limit)
    with core.db.read() as connection:
        return [Change(**row) for row in connection.execute(query).mappings()]


def check(connection: Connection, text: str) -> Book:
    """The book that this table makes. CalendarProblem, naming the line: it cannot be read, names a unit there is not or one twice, lacks a
    source, or the calendar that counts where nothing else is said."""
    book = books.open_book(text, 1)
    if DEFAULT not in book.calendars:
        raise CalendarProblem(
            why_zh=f"不能没有默认日历“{DEFAULT}”",
            why_en=f"the calendar “{DEFAULT}”, which counts by default, is missing",
        )
    for one in book.calendars.values():
        _check_hours(one)
    keepers: dict[str, int] = {}
    known = set(connection.execute(select(unit.c.key).where(unit.c.ended_at.is_(None))).scalars())
    for line, row in enumerate(editing.rows(text), editing.FIRST_LINE):
        if row["kind"] == "unit":
            if row["value"] not in known:
                raise _at(line, f"没有单位“{row['value']}”", f"there is no unit “{row['value']}”")
            if row["value"] in keepers:
                raise _at(
                    line,
                    f"单位“{row['value']}”在第 {keepers[row['value']]} 行已有日历",
                    f"the unit “{row['value']}” has a calendar in line {keepers[row['value']]}",
                )
            keepers[row["value"]] = line
        if not row["source"]:
            raise _at(line, "缺少依据（来源）", "its source is missing: by which document or decision")
    return book


def _check_hours(one: Calendar) -> None:
    """A year without any working hours would stop whatever counts by it: the last settled one, the next, and one far ahead."""
    last = max(one.settled_years or (FAR - 1,))
    for year in (last, last + 1, FAR):
        if not any(one.hours_on(date(year, 1, 1) + timedelta(days=n)) for n in range(365)):
            raise CalendarProblem(
                why_zh=f"日历“{one.key}”在 {year} 年没有任何工作时间",
                why_en=f"the calendar “{one.key}” has no working hours at all in {year}",
            )


def outdated(base: int, now: int) -> Invalid:
    """What a proposal that others overtook is told."""
    return Invalid(
        why_zh=f"该方案以第 {base} 版为基础，现行已是第 {now} 版，请先更新到现行版本。",
        why_en=f"This was made from version {base}, and version {now} counts now: bring it onto that first.",
    )


def text_hash(text: str) -> str:
    """What names a table in the audit: that the one approved is the one proposed."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def text_of(connection: Connection, version: int) -> str:
    """The rows of a version, a line each."""
    found = connection.execute(select(calendar_book.c.rows).where(calendar_book.c.version == version)).scalar()
    return editing.write(editing.rows(found or books.SHIPPED.read_text("utf-8-sig")))


# ---------------------------------------------------------------- inside

MOST_TOLD = 100
"""Rows that one audit row names; the hash covers all."""
_COLUMNS = [calendar_book.c[f.name] for f in fields(Change)]


def _one(core: Core, condition: Any) -> Change:
    with core.db.read() as connection:
        row = connection.execute(select(*_COLUMNS).where(condition)).mappings().first()
    if row is None:
        raise NotFound(what="change")
    return Change(**row)


def _keeper(connection: Connection, by: int | str) -> Actor:
    actor = load_actor(connection, by)
    access.check_power(actor, POWER, "维护工作日历", "keep the calendars")
    return actor


def _locked(connection: Connection, draft_id: int) -> Row:
    query = select(calendar_book).where(calendar_book.c.id == draft_id).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(what="change")
    return dict(row)


def _own(connection: Connection, draft_id: int, actor: Actor, *states: str) -> Row:
    row = _locked(connection, draft_id)
    if row["proposed_by"] not in actor.accounts:
        raise NotAllowed(
            act_zh="更改此草稿", act_en="change this draft", why_zh="它由他人起草", why_en="somebody else drafted it"
        )
    if row["state"] not in states:
        raise Invalid(
            why_zh="该方案已提交或处理，不能再更改", why_en="it was proposed or decided already; it cannot be changed"
        )
    return row


def _decides(connection: Connection, draft_id: int, by: int | str) -> tuple[Actor, Row]:
    actor = _keeper(connection, by)
    row = _locked(connection, draft_id)
    if row["state"] != PROPOSED:
        raise Invalid(why_zh="该方案已经处理，不能再审批", why_en="it is not open for decision any more")
    if row["proposed_by"] in actor.accounts:
        raise NotAllowed(
            act_zh="审批此方案",
            act_en="decide this proposal",
            why_zh="它由您提出，须由他人审批",
            why_en="you proposed it; somebody else must decide",
        )
    return actor, row


def _check_base(connection: Connection, row: Row) -> None:
    version = books.version(connection)
    if row["base"] != version:
        raise outdated(row["base"], version)


def _decide(
    core: Core, connection: Connection, row: Row, actor: Actor, state: str, said: str, more: Row | None = None
) -> None:
    values: Row = {"state": state, "said": said, **(more or {})}
    if state != WITHDRAWN:
        values |= {"decided_at": core.db.now_on(connection), "decided_by": actor.id}
    connection.execute(update(calendar_book).where(calendar_book.c.id == row["id"]).values(**values))
    data = {"version": values.get("version"), "said": said or None, "rows": text_hash(row["rows"])}
    word = "approved" if state == ACTIVE else state
    _say(core, connection, f"calendar_{word}", actor, row["id"], {k: v for k, v in data.items() if v is not None})


def _say(core: Core, connection: Connection, kind: str, actor: Actor, draft_id: int, data: Row) -> None:
    record(core, connection, CONTENT, kind, actor=actor, about=f"calendar:{draft_id}", data=data)


def _at(line: int, zh: str, en: str) -> CalendarProblem:
    return CalendarProblem(why_zh=f"日历表第 {line} 行：{zh}", why_en=f"line {line} of the table of calendars: {en}")
