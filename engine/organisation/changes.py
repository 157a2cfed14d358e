"""Changes of the organisation as reviewed acts: one proposes (power `administer`), another human being approves (`secure`), a worker
carries out. A change is proposed, then refused, withdrawn or approved; approved, then applying while tasks move, then applied; or
failed when by then it cannot be carried out (nothing was changed then)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update

from engine import access
from engine.acts.base import clean_text
from engine.audit.chain import canonical
from engine.audit.recording import ORGANISATION, record
from engine.errors import Invalid, NotAllowed, NotFound
from engine.organisation import drafting, plans, rights
from engine.organisation.draft import Draft
from engine.organisation.plans import Preview
from engine.people import Actor, load_actor
from engine.tables import organisation_change

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A change as it stands. `done` of `total` tasks have moved."""

    id: int
    kind: str
    plan: Row
    preview: Row
    state: str
    reason: str
    proposed_at: datetime
    proposed_by: int | None
    reviewed_at: datetime | None
    reviewed_by: int | None
    review_note: str
    applied_at: datetime | None
    done: int
    total: int
    error: str | None


STATES = ("proposed", "approved", "applying", "applied", "refused", "withdrawn", "failed")


def preview(core: Core, kind: str, plan: Mapping[str, Any]) -> Preview:
    """What this plan would change now; its `problems` say why it cannot be carried out. Invalid when the plan has not the shape of its
    kind (see `engine.organisation.plans`)."""
    with core.db.snapshot() as connection:
        return drafting.draft(core, connection, kind, dict(plan))[1]


def propose(core: Core, kind: str, plan: Mapping[str, Any], by: int | str, reason: str) -> int:
    """Put a change up for review; answers its id. NotAllowed without the power to administer; Invalid (`params["problems"]`: each one)
    when it cannot be carried out as it is."""
    said = clean_text(reason)
    with core.db.write() as connection:
        actor = load_actor(connection, by)
        access.check_power(actor, rights.ADMINISTER, "提出机构变更", "propose a change of the organisation")
        draft, shown = drafting.draft(core, connection, kind, dict(plan))
        if draft.problems:
            raise plans.refused(draft.problems)
        row: Row = {
            "kind": kind,
            "plan": plans.named(plan),
            "preview": shown.json(),
            "state": "proposed",
            "reason": said,
            "proposed_at": core.db.now_on(connection),
            "proposed_by": actor.id,
        }
        c = organisation_change.c
        change_id = int(connection.execute(insert(organisation_change).values(**row).returning(c.id)).scalar_one())
        data = {"kind": kind, "plan": plan_hash(row["plan"]), "reason": said, "edits": _counted(shown)}
        _say(core, connection, "change_proposed", actor, change_id, data)
        return change_id


def approve(core: Core, change_id: int, by: int | str, note: str = "") -> None:
    """Approve it: workers carry it out. NotAllowed: without the power `secure`, by the human being who proposed it, or by one whose own
    posts it changes. Invalid: it is not open any more, or cannot be carried out as things stand now."""
    with core.db.write() as connection:
        actor, row, draft = _review(core, connection, change_id, by)
        if draft.problems:
            raise plans.refused(draft.problems)
        _decide(core, connection, row, actor, "approved", clean_text(note) if note.strip() else "")


def refuse(core: Core, change_id: int, by: int | str, note: str) -> None:
    """Refuse it, and say why. As `approve`."""
    said = clean_text(note)
    with core.db.write() as connection:
        actor, row, _ = _review(core, connection, change_id, by)
        _decide(core, connection, row, actor, "refused", said)


def withdraw(core: Core, change_id: int, by: int | str) -> None:
    """Take back what one proposed oneself, as long as nobody approved it."""
    with core.db.write() as connection:
        actor = load_actor(connection, by)
        row = _open(connection, change_id)
        if row["proposed_by"] not in actor.accounts:
            raise NotAllowed(
                act_zh="撤回此项变更",
                act_en="withdraw this change",
                why_zh="它由他人提出",
                why_en="somebody else proposed it",
            )
        _decide(core, connection, row, actor, "withdrawn", "")


def get(core: Core, change_id: int) -> Change:
    """One change. NotFound when there is none. Rights are the page's: only those who administer, secure or audit see changes."""
    with core.db.read() as connection:
        row = connection.execute(select(*_COLUMNS).where(organisation_change.c.id == change_id)).mappings().first()
    if row is None:
        raise NotFound(what="change")
    return Change(**row)


def listing(core: Core, states: Iterable[str] = (), limit: int = 100) -> list[Change]:
    """The newest changes first; only of these states where any are named."""
    query = select(*_COLUMNS).order_by(organisation_change.c.id.desc()).limit(limit)
    named = list(states)
    if named:
        query = query.where(organisation_change.c.state.in_(named))
    with core.db.read() as connection:
        return [Change(**row) for row in connection.execute(query).mappings()]


def plan_hash(plan: Mapping[str, Any]) -> str:
    """What names a plan in the audit: that the one approved is the one proposed, and the one carried out."""
    return "sha256:" + hashlib.sha256(canonical(plan).encode()).hexdigest()


# ---------------------------------------------------------------- inside

_COLUMNS = [organisation_change.c[f.name] for f in fields(Change)]


def _open(connection: Connection, change_id: int) -> Row:
    query = select(organisation_change).where(organisation_change.c.id == change_id).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(what="change")
    if row["state"] != "proposed":
        raise Invalid(why_zh="该变更已经处理，不能再审核或撤回", why_en="this change is not open for review any more")
    return dict(row)


def _review(core: Core, connection: Connection, change_id: int, by: int | str) -> tuple[Actor, Row, Draft]:
    actor = load_actor(connection, by)
    row = _open(connection, change_id)
    draft, _ = drafting.draft(core, connection, row["kind"], row["plan"])
    logins = {
        str(edit.key[0])
        for edit in draft.edits
        if edit.what.startswith(("person_", "post_")) and row["kind"] not in (plans.MERGE, plans.SPLIT)
    }
    concerned = {found["id"] for login, found in draft.was.people.items() if login in logins}
    rights.check_reviews(actor, row["proposed_by"], concerned)
    return actor, row, draft


def _decide(core: Core, connection: Connection, row: Row, actor: Actor, state: str, note: str) -> None:
    values: Row = {"state": state, "review_note": note}
    if state != "withdrawn":
        values |= {"reviewed_at": core.db.now_on(connection), "reviewed_by": actor.id}
    connection.execute(update(organisation_change).where(organisation_change.c.id == row["id"]).values(**values))
    data = {"kind": row["kind"], "plan": plan_hash(row["plan"]), "note": note or None}
    _say(core, connection, f"change_{state}", actor, row["id"], {k: v for k, v in data.items() if v is not None})


def _say(core: Core, connection: Connection, kind: str, actor: Actor, change_id: int, data: Row) -> None:
    record(core, connection, ORGANISATION, kind, actor=actor, about=f"change:{change_id}", data=data)


def _counted(shown: Preview) -> dict[str, int]:
    return dict(Counter(edit["what"] for edit in shown.edits))
