"""Drafts as rows: begun from a version or from a package, saved file by file, discarded or published. Whoever saves what another page has
changed meanwhile overwrites nothing: theirs becomes a draft of its own beside the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, insert, select, update

from engine import access, bundles, definitions
from engine.audit.recording import CONTENT, record
from engine.errors import Invalid, NotFound
from engine.people import Actor, load_actor
from engine.tables import definition, process_draft, process_draft_file

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

OPEN, DISCARDED, PUBLISHED = "open", "discarded", "published"
POWER = "design"
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it stands. `base`: the version it was made from, 0 where it came from outside; `beside`: the draft it would have
    overwritten; `revision` rises with each save."""

    id: int
    key: str
    name_zh: str
    name_en: str
    base: int
    revision: int
    state: str
    beside: int | None
    hash: str
    made_by: int
    made_at: datetime
    saved_by: int
    saved_at: datetime
    saved_tab: str


@dataclass(frozen=True, slots=True)
class Saved:
    """Where a save went: the draft as it is now, and, when others had changed the same meanwhile, `other`: theirs, which stands as it
    was."""

    draft: Draft
    other: Draft | None = None


def begin(
    core: Core,
    key: str,
    files: Mapping[str, bytes],
    by: int | str,
    *,
    base: int = 0,
    names: tuple[str, str] = ("", ""),
    tab: str = "",
) -> Draft:
    """A draft with these files. `base`: the version they were made from. `names`: what it is called in Chinese and English where no version
    was deployed yet. NotAllowed without the power to design; BundleRefused: too much."""
    bundles.check_size(files)
    with core.db.write() as connection:
        actor = designer(connection, by)
        said = {"key": key, "base": base, "name_zh": names[0], "name_en": names[1], "saved_tab": tab}
        return _get(connection, _make(core, connection, actor, files, said))


def save(
    core: Core, draft_id: int, revision: int, changed: Mapping[str, bytes | None], by: int | str, tab: str = ""
) -> Saved:
    """Put these files into a draft (none: it is taken away), as somebody changed them who had seen it at `revision`; the others stay as
    they are. Where another page (`tab`) has changed one of them since, or the draft is closed, they make a draft of their own."""
    with core.db.write() as connection:
        actor = designer(connection, by)
        row = _locked(connection, draft_id)
        now_files = _files(connection, row["id"])
        wanted = {name: (content, 0) for name, (content, _) in now_files.items()} | {
            name: (content or b"", 0) for name, content in changed.items()
        }
        merged = {name: content for name, (content, _) in wanted.items() if changed.get(name, b"") is not None}
        bundles.check_size(merged)
        real = {n: c for n, c in changed.items() if now_files.get(n, (None, 0))[0] != c}
        if not real and row["state"] == OPEN:
            return Saved(_get(connection, draft_id))
        own = bool(tab) and row["saved_tab"] == tab
        older = any(now_files[n][1] > revision for n in real if n in now_files)
        if row["state"] != OPEN or (older and not own):
            said = {name: row[name] for name in ("key", "base", "name_zh", "name_en")}
            beside = _make(core, connection, actor, merged, {**said, "saved_tab": tab, "beside": draft_id})
            return Saved(_get(connection, beside), _get(connection, draft_id))
        _put(core, connection, row, real, actor, tab, definitions.bundle_hash(merged))
        return Saved(_get(connection, draft_id))


def discard(core: Core, draft_id: int, by: int | str) -> None:
    """Close a draft; its files stay in the database. Invalid: it is closed already."""
    with core.db.write() as connection:
        actor = designer(connection, by)
        row = _locked(connection, draft_id)
        if row["state"] != OPEN:
            raise Invalid(why_zh="该草稿已经关闭", why_en="this draft is closed already")
        close(connection, draft_id, DISCARDED)
        record(core, connection, CONTENT, "process_draft_discarded", actor=actor, about=about(row["key"], draft_id))


def close(connection: Connection, draft_id: int, state: str) -> None:
    """The draft is done with."""
    connection.execute(update(process_draft).where(process_draft.c.id == draft_id).values(state=state))


def get(core: Core, draft_id: int) -> Draft:
    """One draft by its id. NotFound. Rights are the page's: only designers see drafts."""
    with core.db.read() as connection:
        return _get(connection, draft_id)


def listing(core: Core, key: str = "", states: Iterable[str] = (OPEN,), limit: int = 200) -> list[Draft]:
    """Drafts, those saved last first; of one process where it is named."""
    c = process_draft.c
    query = select(*_COLUMNS).where(c.state.in_(list(states))).order_by(c.saved_at.desc(), c.id.desc()).limit(limit)
    if key:
        query = query.where(c.key == key)
    with core.db.read() as connection:
        return [Draft(**row) for row in connection.execute(query).mappings()]


def files_of(core: Core, draft_id: int) -> dict[str, bytes]:
    """Its files as they were saved last."""
    with core.db.read() as connection:
        found = _files(connection, draft_id)
    if not found:
        raise NotFound(what="draft")
    return {name: content for name, (content, _) in found.items()}


def files_on(connection: Connection, draft_id: int) -> dict[str, bytes]:
    """The same on a connection that is open already."""
    return {name: content for name, (content, _) in _files(connection, draft_id).items()}


def locked(connection: Connection, draft_id: int) -> Row:
    """The draft's row, held until the transaction ends. NotFound."""
    return _locked(connection, draft_id)


def designer(connection: Connection, by: int | str) -> Actor:
    """Who draws. NotAllowed without the power to."""
    actor = load_actor(connection, by)
    access.check_power(actor, POWER, "设计流程", "design processes")
    return actor


def about(key: str, draft_id: int) -> str:
    """What an audit row about a draft names."""
    return f"process_draft:{key}/{draft_id}"


# ---------------------------------------------------------------- inside

_COLUMNS = [process_draft.c[f.name] for f in fields(Draft)]


def _get(connection: Connection, draft_id: int) -> Draft:
    query = select(*_COLUMNS).where(process_draft.c.id == min(draft_id, LARGEST_ID))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(what="draft")
    return Draft(**row)


def _locked(connection: Connection, draft_id: int) -> Row:
    query = select(process_draft).where(process_draft.c.id == min(draft_id, LARGEST_ID)).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(what="draft")
    return dict(row)


def _files(connection: Connection, draft_id: int) -> dict[str, tuple[bytes, int]]:
    c = process_draft_file.c
    query = select(c.name, c.content, c.revision).where(c.draft_id == min(draft_id, LARGEST_ID)).order_by(c.name)
    return {row.name: (bytes(row.content), row.revision) for row in connection.execute(query)}


def _make(core: Core, connection: Connection, actor: Actor, files: Mapping[str, bytes], said: Row) -> int:
    """A new draft; `said`: its process, base, names, tab and what it lies beside."""
    key = said["key"]
    now = core.db.now_on(connection)
    newest = connection.execute(
        select(definition.c.name_zh, definition.c.name_en)
        .where(definition.c.key == key, definitions.IS_VERSION)
        .order_by(definition.c.version.desc())
        .limit(1)
    ).first()
    row: Row = {
        "beside": None,
        **said,
        "name_zh": (newest.name_zh if newest else said["name_zh"])[:200] or key,
        "name_en": (newest.name_en if newest else said["name_en"])[:200] or key,
        "revision": 1,
        "state": OPEN,
        "hash": definitions.bundle_hash(files),
        "made_by": actor.id,
        "made_at": now,
        "saved_by": actor.id,
        "saved_at": now,
    }
    draft_id = int(connection.execute(insert(process_draft).values(**row).returning(process_draft.c.id)).scalar_one())
    connection.execute(
        insert(process_draft_file),
        [{"draft_id": draft_id, "name": n, "revision": 1, "content": c} for n, c in sorted(files.items())],
    )
    data = {name: row[name] for name in ("base", "beside", "hash")}
    record(core, connection, CONTENT, "process_drafted", actor=actor, about=about(key, draft_id), data=data)
    return draft_id


def _put(
    core: Core,
    connection: Connection,
    row: Row,
    changed: Mapping[str, bytes | None],
    actor: Actor,
    tab: str,
    digest: str,
) -> None:
    revision = row["revision"] + 1
    c = process_draft_file.c
    for name, content in changed.items():
        connection.execute(delete(process_draft_file).where(c.draft_id == row["id"], c.name == name))
        if content is not None:
            values = {"draft_id": row["id"], "name": name, "revision": revision, "content": content}
            connection.execute(insert(process_draft_file).values(**values))
    values = {"revision": revision, "hash": digest, "saved_by": actor.id, "saved_at": core.db.now_on(connection)}
    connection.execute(update(process_draft).where(process_draft.c.id == row["id"]).values(**values, saved_tab=tab))
