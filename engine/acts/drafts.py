"""Drafts: what somebody began to fill in, kept for them alone until the task is done. No part of the record, written outside of steps:
the same again changes nothing, and a task that was done meanwhile takes none. Personal fields are never kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from engine import access, identities, settings, steps
from engine.acts.base import open_task, split
from engine.errors import Invalid, NotFound
from engine.states import TaskState
from engine.tables import draft, task

if TYPE_CHECKING:
    from engine.core import Core
    from forms import Form

Row = dict[str, Any]

DEFAULTS = {"draft_bytes_most": 100_000}
"""A draft is as long at most, as JSON; the row of `setting` wins."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was kept, and when; `left_out`: names of personal fields, which are asked again."""

    answers: Row
    at: datetime
    left_out: tuple[str, ...] = ()


def save(core: Core, ref: str, answers: Mapping[str, Any], by: int | str) -> Draft:
    """Keep answers to the task's form as they are, complete or not, in place of what was kept before. Fields that the form does not have
    or that nobody may write are dropped. NotFound, TaskGone, NotAllowed as for any act; Invalid: too long."""
    instance_id, task_id = split(ref)
    try:
        seen = steps.read(core, instance_id, by)
    except NotFound as error:
        raise NotFound(what="task") from error
    row, node, its_own, actor = open_task(core, seen, task_id, "save")
    kept, left_out = clean(its_own.form_of(node, row["role"]), answers)
    with core.db.write() as connection:
        limit = int(settings.read(connection, DEFAULTS)["draft_bytes_most"])
        if len(json.dumps(kept, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")) > limit:
            raise Invalid(why_zh=f"草稿超过 {limit} 字节", why_en=f"the draft is longer than {limit} bytes")
        values = {
            "instance_id": instance_id,
            "task_id": task_id,
            "person_id": actor.id,
            "answers": kept,
            "at": seen.now,
        }
        upsert = (postgresql if core.db.postgresql else sqlite).insert(draft).values(**values)
        connection.execute(
            upsert.on_conflict_do_update(
                index_elements=["instance_id", "task_id", "person_id"], set_={"answers": kept, "at": seen.now}
            )
        )
    return Draft(kept, seen.now, left_out)


def load(core: Core, ref: str, by: int | str) -> Draft | None:
    """What the actor kept of an open task they may work, or a delegate proposed to them; none: nothing. NotFound: not theirs to see."""
    instance_id, task_id = split(ref)
    try:
        seen = steps.read(core, instance_id, by)
    except NotFound as error:
        raise NotFound(what="task") from error
    row = seen.open_tasks.get(task_id)
    if row is None:
        raise NotFound(what="task")
    access.check_not_recused(seen.someone, seen.recused)
    access.check_can_work(seen.someone, row, seen.instance["key"])
    with core.db.read() as connection:
        found = connection.execute(_own(instance_id, task_id, seen.someone.id)).first()
    return Draft(dict(found.answers), found.at) if found is not None else None


def clean(form: Form | None, answers: Mapping[str, Any]) -> tuple[Row, tuple[str, ...]]:
    """Answers that may be kept, and the names of the personal ones, which may not."""
    fields = form.editable if form is not None else ()
    wanted = {name: _plain(value) for name, value in answers.items() if name in fields}
    kept, personal = identities.split(form, wanted)
    return {name: value for name, value in kept.items() if value is not None}, tuple(sorted(personal))


def sweep(core: Core, most: int = 1000) -> int:
    """Delete drafts of tasks that are no longer open; answers how many."""
    still = exists(
        select(task.c.id).where(
            task.c.instance_id == draft.c.instance_id,
            task.c.id == draft.c.task_id,
            task.c.state.in_((TaskState.OPEN, TaskState.SUSPENDED)),
        )
    )
    old = select(draft.c.instance_id, draft.c.task_id, draft.c.person_id).where(~still).limit(most)
    with core.db.write() as connection:
        rows = connection.execute(old).all()
        for row in rows:
            connection.execute(
                delete(draft).where(
                    draft.c.instance_id == row.instance_id,
                    draft.c.task_id == row.task_id,
                    draft.c.person_id == row.person_id,
                )
            )
    return len(rows)


def _own(instance_id: int, task_id: int, person_id: int) -> Any:
    return select(draft.c.answers, draft.c.at).where(
        draft.c.instance_id == instance_id, draft.c.task_id == task_id, draft.c.person_id == person_id
    )


def _plain(value: Any) -> Any:
    """Without characters that no database keeps."""
    if isinstance(value, str):
        return "".join(c for c in value if c != "\x00" and not "\ud800" <= c <= "\udfff")
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(_plain(str(name))): _plain(each) for name, each in value.items()}
    return value
