"""Proposals to publish: one designer proposes files as they are then, another human being decides. A proposal is proposed, then approved,
refused or withdrawn; approved, then published by `working`, or failed when by then it cannot be. What was proposed is kept apart from the
draft, so that what is published is what was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update

from engine import definitions, deployment, drafts, settings
from engine.acts.base import clean_text, maybe_text
from engine.audit.recording import CONTENT, record
from engine.drafts import keeping
from engine.drafts.keeping import LARGEST_ID, designer
from engine.errors import Invalid, NotAllowed, NotFound
from engine.people import Actor
from engine.publishing import telling
from engine.tables import definition, definition_file, process_proposal, process_proposal_file

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

PROPOSED, APPROVED, PUBLISHED = "proposed", "approved", "published"
REFUSED, WITHDRAWN, FAILED = "refused", "withdrawn", "failed"
STATES = (PROPOSED, APPROVED, PUBLISHED, REFUSED, WITHDRAWN, FAILED)
OPEN = (PROPOSED, APPROVED)

DEFAULTS = {"publish_second_person": True}
"""Whether nobody publishes alone; the row of `setting` wins."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as it stands. `base`: the version it follows, 0 for the first; `again`: the former version it brings back; `due_at`: from
    when it is to be published (none: once approved); `version`: what it became."""

    id: int
    key: str
    name_zh: str
    name_en: str
    base: int
    draft_id: int | None
    again: int | None
    hash: str
    state: str
    note: str
    due_at: datetime | None
    proposed_by: int
    proposed_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    said: str
    version: int | None
    published_at: datetime | None
    error: dict[str, str] | None


def second_person(core: Core) -> bool:
    """Whether a version needs a second person here (setting `publish_second_person`)."""
    with core.db.read() as connection:
        return _second_person(connection)


def check_alone(core: Core) -> None:
    """NotAllowed where nobody publishes alone: for the ways that make a version at once."""
    if second_person(core):
        raise NotAllowed(
            act_zh="直接发布",
            act_en="publish at once",
            why_zh="发布新版本须由另一人批准，请存为草稿后申请发布",
            why_en="a new version is approved by a second person: import it as a draft and propose it",
        )


def propose(
    core: Core,
    draft_id: int,
    by: int | str,
    note: str,
    *,
    follows: int,
    revision: int | None = None,
    due_at: datetime | None = None,
) -> int:
    """Put a draft up for decision as it is now; answers the proposal's id. `follows`: the newest version, as the proposer saw it
    (0: none); `revision`: of the draft they looked at. Where no second person is asked for it is approved at once. Invalid: somebody
    published or saved meanwhile, nothing differs, or `due_at` has passed; DefinitionRefused with every problem."""
    said = clean_text(note)
    files = drafts.files_of(core, draft_id)
    models = deployment.prepared(files)
    with core.db.write() as connection:
        actor = designer(connection, by)
        row = keeping.locked(connection, draft_id)
        if row["state"] != keeping.OPEN:
            raise Invalid(why_zh="该草稿已经关闭", why_en="this draft is closed already")
        if definitions.bundle_hash(files) != row["hash"] or (revision is not None and row["revision"] != revision):
            raise Invalid(
                why_zh="草稿刚刚被他人保存，请重新查看后再提交",
                why_en="somebody saved the draft just now: look at it again",
            )
        if all(one.id != row["key"] for one in models):
            raise Invalid(
                why_zh=f"流程标识须为“{row['key']}”，图中为“{models[0].id}”",
                why_en=f"the process must keep the id “{row['key']}”; the diagram says “{models[0].id}”",
            )
        deployment.check(core, connection, models)
        newest = _newest(connection, row["key"])
        if newest is not None and newest.hash == row["hash"]:
            raise Invalid(why_zh="与现行版本相同，没有可发布的更改", why_en="it is what the newest version is already")
        found = next(one for one in models if one.id == row["key"]).names
        values: Row = {"key": row["key"], "draft_id": draft_id, "again": None, "note": said, "due_at": due_at}
        values |= {"name_zh": (found.text("zh") or row["key"])[:200], "name_en": (found.text("en") or row["key"])[:200]}
        return _add(core, connection, actor, values, files, newest, follows)


def propose_again(
    core: Core, key: str, version: int, by: int | str, note: str, *, follows: int, due_at: datetime | None = None
) -> int:
    """Propose that a former version be the newest again, under a new number; answers the proposal's id. As `propose`."""
    said = clean_text(note)
    with core.db.read() as connection:
        found = connection.execute(
            select(definition.c.id, definition.c.name_zh, definition.c.name_en).where(
                definition.c.key == key, definition.c.version == version
            )
        ).first()
        if found is None:
            raise NotFound(what="version of the process")
        c = definition_file.c
        rows = connection.execute(select(c.name, c.content).where(c.definition_id == found.id)).all()
    files = {name: bytes(content) for name, content in rows}
    models = deployment.prepared(files)
    with core.db.write() as connection:
        actor = designer(connection, by)
        newest = _newest(connection, key)
        if newest is None or newest.version == version:
            raise Invalid(why_zh="它就是现行版本", why_en="it is the newest version already")
        if newest.hash == definitions.bundle_hash(files):
            raise Invalid(why_zh="它与现行版本相同", why_en="it is the same as the newest version")
        deployment.check(core, connection, models)
        values: Row = {
            "key": key,
            "name_zh": found.name_zh,
            "name_en": found.name_en,
            "draft_id": None,
            "again": version,
        }
        values |= {"note": said, "due_at": due_at}
        return _add(core, connection, actor, values, files, newest, follows)


def approve(core: Core, proposal_id: int, by: int | str, said: str = "") -> None:
    """Let it be published: at its time, or as soon as a worker comes. NotAllowed: without the power to design, or by the human being who
    proposed it, by whatever account. Invalid: it is decided, or another version was published meanwhile."""
    with core.db.write() as connection:
        actor, row = _decides(connection, proposal_id, by, (PROPOSED,))
        _check_base(connection, row)
        now = core.db.now_on(connection)
        _decide(core, connection, row, actor, APPROVED, maybe_text(said), {"try_at": max(now, row["due_at"] or now)})


def refuse(core: Core, proposal_id: int, by: int | str, said: str) -> None:
    """Refuse it, also what was approved and is not published yet, and say why. As `approve`."""
    why = clean_text(said)
    with core.db.write() as connection:
        actor, row = _decides(connection, proposal_id, by, OPEN)
        _decide(core, connection, row, actor, REFUSED, why)


def withdraw(core: Core, proposal_id: int, by: int | str) -> None:
    """Take back what one proposed, as long as it is not published."""
    with core.db.write() as connection:
        actor = designer(connection, by)
        row = _open(connection, proposal_id, OPEN)
        if row["proposed_by"] not in actor.accounts:
            raise NotAllowed(
                act_zh="撤回此申请",
                act_en="withdraw this proposal",
                why_zh="它由他人提出",
                why_en="somebody else proposed it",
            )
        _decide(core, connection, row, actor, WITHDRAWN, "")


def get(core: Core, proposal_id: int) -> Proposal:
    """One proposal. NotFound. Rights are the page's: only designers see proposals."""
    query = select(*_COLUMNS).where(process_proposal.c.id == min(proposal_id, LARGEST_ID))
    with core.db.read() as connection:
        row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(what="proposal")
    return Proposal(**row)


def listing(core: Core, key: str = "", states: Iterable[str] = STATES, limit: int = 100) -> list[Proposal]:
    """The newest first; of one process where it is named."""
    c = process_proposal.c
    query = select(*_COLUMNS).where(c.state.in_(list(states))).order_by(c.id.desc()).limit(limit)
    if key:
        query = query.where(c.key == key)
    with core.db.read() as connection:
        return [Proposal(**row) for row in connection.execute(query).mappings()]


def files_of(core: Core, proposal_id: int) -> dict[str, bytes]:
    """Its files, as they were proposed."""
    with core.db.read() as connection:
        return files_on(connection, min(proposal_id, LARGEST_ID))


def files_on(connection: Connection, proposal_id: int) -> dict[str, bytes]:
    """The same on a connection that is open already."""
    c = process_proposal_file.c
    query = select(c.name, c.content).where(c.proposal_id == proposal_id).order_by(c.name)
    return {row.name: bytes(row.content) for row in connection.execute(query)}


def newest_version(connection: Connection, key: str) -> int:
    """The number of the newest version; 0 when there is none."""
    found = _newest(connection, key)
    return int(found.version) if found is not None else 0


def outdated(base: int, now: int) -> Invalid:
    """What a proposal that another version overtook is told."""
    return Invalid(
        why_zh=f"它要接在第 {base} 版之后，而现行已是第 {now} 版：请对照现行版本重新提交",
        why_en=f"it was to follow version {base}, and version {now} is the newest now: compare with that and propose again",
    )


def say(core: Core, connection: Connection, kind: str, actor: Actor | None, row: Mapping[str, Any], data: Row) -> int:
    """Into the audit; answers the number of its row."""
    of = f"process_proposal:{row['key']}/{row['id']}"
    told = {k: v for k, v in {"hash": row["hash"], **data}.items() if v not in (None, "")}
    return record(core, connection, CONTENT, kind, actor=actor, about=of, data=told)


def about(row: Mapping[str, Any], text: str) -> Row:
    """What a notice of a proposal says: which, of what process, and what was written with it."""
    zh, en = row["name_zh"] or row["key"], row["name_en"] or row["name_zh"] or row["key"]
    return {"proposal": row["id"], "zh": zh, "en": en, **({"text": text} if text else {})}


# ---------------------------------------------------------------- inside

_TOLD = {APPROVED: telling.PUBLISH_APPROVED, REFUSED: telling.PUBLISH_REFUSED}
"""What who proposed it is told of a decision."""

_COLUMNS = [process_proposal.c[f.name] for f in fields(Proposal)]


def _second_person(connection: Connection) -> bool:
    return settings.read(connection, DEFAULTS)["publish_second_person"] is not False


def _newest(connection: Connection, key: str) -> Any:
    c = definition.c
    query = select(c.version, c.hash).where(c.key == key, definitions.IS_VERSION).order_by(c.version.desc()).limit(1)
    return connection.execute(query).first()


def _add(
    core: Core, connection: Connection, actor: Actor, values: Row, files: Mapping[str, bytes], newest: Any, follows: int
) -> int:
    base = newest.version if newest is not None else 0
    if base != follows:
        raise outdated(follows, base)
    now, due_at = core.db.now_on(connection), values["due_at"]
    if due_at is not None and due_at <= now:
        raise Invalid(
            why_zh="发布时刻已经过去；要批准后立即发布，请不填时刻",
            why_en="that time has passed; leave it empty to publish as soon as approved",
        )
    row: Row = {
        **values,
        "base": base,
        "hash": definitions.bundle_hash(files),
        "state": PROPOSED,
        "proposed_by": actor.id,
        "proposed_at": now,
    }
    if not _second_person(connection):
        row |= {"state": APPROVED, "decided_at": now, "try_at": row["due_at"] or now}
    c = process_proposal.c
    row["id"] = int(connection.execute(insert(process_proposal).values(**row).returning(c.id)).scalar_one())
    connection.execute(
        insert(process_proposal_file),
        [{"proposal_id": row["id"], "name": n, "content": content} for n, content in sorted(files.items())],
    )
    data = {"base": base, "note": row["note"], "again": row["again"], "draft": row["draft_id"]}
    data["due_at"] = row["due_at"].isoformat() if row["due_at"] else None
    seq = say(core, connection, "process_proposed", actor, row, data)
    if row["state"] == PROPOSED:
        people = telling.deciders(connection, actor)
        telling.tell(core, connection, seq, telling.PUBLISH_ASKED, people, about(row, row["note"]), actor.id)
    return int(row["id"])


def _open(connection: Connection, proposal_id: int, states: Iterable[str]) -> Row:
    query = select(process_proposal).where(process_proposal.c.id == min(proposal_id, LARGEST_ID)).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(what="proposal")
    if row["state"] not in states:
        raise Invalid(why_zh="该申请已经处理", why_en="it is not open for decision any more")
    return dict(row)


def _decides(connection: Connection, proposal_id: int, by: int | str, states: Iterable[str]) -> tuple[Actor, Row]:
    actor = designer(connection, by)
    row = _open(connection, proposal_id, states)
    if row["proposed_by"] in actor.accounts:
        raise NotAllowed(
            act_zh="审批此申请",
            act_en="decide this proposal",
            why_zh="它由您提出，须由他人审批",
            why_en="you proposed it; somebody else must decide",
        )
    return actor, row


def _check_base(connection: Connection, row: Row) -> None:
    now = newest_version(connection, row["key"])
    if now != row["base"]:
        raise outdated(row["base"], now)


def _decide(
    core: Core, connection: Connection, row: Row, actor: Actor, state: str, said: str, more: Row | None = None
) -> None:
    values: Row = {"state": state, **(more or {})}
    if state != WITHDRAWN:
        values |= {"said": said, "decided_at": core.db.now_on(connection), "decided_by": actor.id}
    connection.execute(update(process_proposal).where(process_proposal.c.id == row["id"]).values(**values))
    seq = say(core, connection, f"process_{state}", actor, row, {"said": said})
    if state in _TOLD:
        telling.tell(core, connection, seq, _TOLD[state], [row["proposed_by"]], about(row, said), actor.id)
