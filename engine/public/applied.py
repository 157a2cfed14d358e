"""What somebody who holds the receipt code of an application is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import certificates, definitions, files, settings
from engine.errors import NotFound
from engine.people import load_actor
from engine.public import applying, stages, talking, technical, terms
from engine.public.applying import Ask
from engine.public.stages import Stage
from engine.public.talking import Message
from engine.queries.tasks import UserTask, user_task
from engine.tables import attachment, instance, notice, task

if TYPE_CHECKING:
    from engine.core import Core
    from engine.definitions import Definition

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that the applicant may have: one they sent (`own`), or one of the office that the city shows."""

    id: str
    name: str
    own: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """What the process told who applied: they have no account to be told by, so it stands on the page that their code opens."""

    at: datetime
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Applied:
    """An application as its applicant sees it. `tasks`: what is theirs to do now; `told`: the facts that the city tells them, by name;
    `stands`: the case is suspended; `definition_of`: the definition of each task, a called process's among them, by the task's id."""

    code_hash: str
    instance_id: int
    definition: Definition
    number: str
    title: str
    at: datetime
    ended: bool
    stands: bool
    stages: tuple[Stage, ...]
    tasks: tuple[Row, ...]
    asks: tuple[Ask, ...]
    messages: tuple[Message, ...]
    notices: tuple[Notice, ...]
    asked: bool
    certificates: tuple[Row, ...]
    papers: tuple[Paper, ...]
    told: Mapping[str, Any]
    definition_of: Mapping[int, int]


def follow(core: Core, code_hash: str) -> Applied:
    """The application of a code as it stands now. NotFound when there is none."""
    with core.db.read() as connection:
        instance_id = applying.known(connection, code_hash)
        if instance_id is None:
            raise NotFound(what="application")
        case = dict(connection.execute(select(instance).where(instance.c.id == instance_id)).mappings().one())
        tasks = [dict(r) for r in connection.execute(select(task).where(task.c.instance_id == instance_id)).mappings()]
        asked = {**terms.read(connection), **settings.read(connection, applying.DEFAULTS)}
        sent = connection.execute(
            select(attachment.c.id, attachment.c.name, attachment.c.by_id)
            .where(attachment.c.instance_id == instance_id)
            .order_by(attachment.c.at, attachment.c.id)
        ).all()
    person = technical.person_id(core)
    notices = tuple(_notices(core, instance_id, person))
    says = asked["public_applications"].get(case["key"], {})
    told = {
        name: case["facts"][name] for name in says.get("tells", ()) if case["facts"].get(name) not in (None, "", [])
    }
    shown = {str(one) for value in told.values() for one in (value if isinstance(value, list) else [value])}
    messages = tuple(talking.seen_by(core, instance_id, code_hash))
    running = case["ended_at"] is None and case["status"] == "active"
    return Applied(
        code_hash=code_hash,
        instance_id=instance_id,
        definition=definitions.get(core, case["definition_id"]),
        number=case["number"],
        title=case["title"],
        at=case["started_at"],
        ended=case["ended_at"] is not None,
        stands=case["ended_at"] is None and not running,
        stages=tuple(stages.of_case(asked["public_stages"].get(case["key"], []), case, tasks)),
        tasks=tuple(one for one in tasks if one["state"] == "open" and one["assignee_id"] == person) if running else (),
        asks=tuple(applying.asks(core, instance_id, case["key"])) if running else (),
        messages=messages,
        notices=notices,
        asked=talking.is_asked(messages),
        certificates=tuple(certificates.of_instance(core, instance_id)),
        papers=tuple(Paper(r.id, r.name, r.by_id == person) for r in sent if r.by_id == person or r.id in shown),
        told=told,
        definition_of={one["id"]: one["definition_id"] for one in tasks},
    )


def their_task(core: Core, found: Applied, task_id: int) -> UserTask:
    """One of the applicant's tasks. NotFound when it is none of theirs, or done."""
    if not any(one["id"] == task_id for one in found.tasks):
        raise NotFound(what="task")
    with core.db.read() as connection:
        actor = load_actor(connection, technical.person_id(core))
    return user_task(core, actor, f"{found.instance_id}.{task_id}")


def fetch(core: Core, found: Applied, file_id: str) -> files.Fetched:
    """A paper of theirs. NotFound otherwise."""
    if not any(one.id == file_id for one in found.papers):
        raise NotFound(what="file")
    return files.fetch_unasked(core, found.instance_id, file_id)


# ---------------------------------------------------------------- inside


def _notices(core: Core, instance_id: int, person_id: int) -> Iterator[Notice]:
    query = select(notice.c.at, notice.c.data).where(
        notice.c.instance_id == instance_id, notice.c.person_id == person_id
    )
    before: set[str] = set()
    with core.db.read() as connection:
        for row in connection.execute(query.order_by(notice.c.at, notice.c.id)):
            said = row.data or {}
            if said.get("zh") and said["zh"] not in before:  # found once more after a correction: they know
                before.add(said["zh"])
                yield Notice(row.at, said["zh"], said.get("en") or said["zh"])
