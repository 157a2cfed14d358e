"""One user task, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from engine import access, definitions
from engine.acts.base import split
from engine.bpmn.model import Node
from engine.definitions import Definition
from engine.errors import NotFound
from engine.people import Actor
from engine.tables import instance, membership, person, recusal, task
from engine.tables.columns import database_now

if TYPE_CHECKING:
    from engine.core import Core
    from forms import Form

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class UserTask:
    """A task with its case and its place in the diagram: that of the called process when it belongs to one."""

    row: Row
    case: Row
    definition: Definition
    node: Node
    main: Definition
    """The case's own definition: the same, but for a task of a called process."""

    @property
    def ref(self) -> str:
        """Its public reference."""
        return f"{self.row['instance_id']}.{self.row['id']}"

    @property
    def form(self) -> Form | None:
        """The form it asks for: of its node, or of who was added to it to give an opinion."""
        return self.definition.form_of(self.node, self.row["role"])

    @property
    def unseen(self) -> frozenset[str]:
        """Fields of its form that this step is not shown: nothing on its page or paper tells them."""
        properties = self.form.root.properties if self.form is not None else ()
        return frozenset(one.name for one in properties if one.access == "hidden")

    @property
    def seen(self) -> Row:
        """The facts of the case that may be told beside its form."""
        return {name: value for name, value in self.case["facts"].items() if name not in self.unseen}

    @property
    def unseen_files(self) -> frozenset[str]:
        """The ids of files that fields it is not shown hold."""
        held = (self.case["facts"].get(name) for name in self.unseen)
        return frozenset(str(each) for value in held for each in (value if isinstance(value, list) else [value]))

    @property
    def known(self) -> Row:
        """What its form may show: the facts of the case, and before them the variables it saw when it opened."""
        return {**self.case["facts"], **(self.row["variables"] or {})}

    @property
    def is_open(self) -> bool:
        """Still to be done."""
        return bool(self.row["state"] == "open")


def user_task(core: Core, actor: Actor, ref: str) -> UserTask:
    """The task behind a reference, open or closed, for those it is or was offered to. NotFound for everybody else."""
    instance_id, task_id = split(ref)
    with core.db.read() as connection:
        row = (
            connection.execute(select(task).where(task.c.instance_id == instance_id, task.c.id == task_id))
            .mappings()
            .first()
        )
        if row is None:
            raise NotFound(what="task")
        case = connection.execute(select(instance).where(instance.c.id == instance_id)).mappings().one()
        about = connection.execute(select(recusal.c.unit_id).where(recusal.c.instance_id == instance_id)).scalars()
        access.check_not_recused(actor, frozenset(about))
        process = case["key"]
        access.check_can_work(actor, dict(row), process)
        if case["confidential"] and not access.can(access.check_can_see, connection, actor, instance_id):
            raise NotFound(what="task")  # lent to nobody, and no more theirs when somebody else has it
    definition = definitions.get(core, row["definition_id"])
    main = definitions.get(core, case["definition_id"])
    return UserTask(dict(row), dict(case), definition, definition.model.nodes[row["node"]], main)


def colleagues(core: Core, row: Row, without: int) -> list[Row]:
    """Who else holds the post in the unit a task is offered to: whom it can be handed to. Nobody, when the diagram means one person."""
    if row["post_key"] is None:
        return []
    query = (
        select(person.c.id, person.c.name, person.c.pinyin)
        .join(membership, membership.c.person_id == person.c.id)
        .where(membership.c.post_key == row["post_key"], person.c.active, person.c.id != without)
        .where(or_(membership.c.since.is_(None), membership.c.since <= database_now()))
        .where(or_(membership.c.until.is_(None), membership.c.until > database_now()))
        .order_by(person.c.pinyin)
        .distinct()
        .limit(200)
    )
    if row["unit_id"] is not None:
        query = query.where(membership.c.unit_id == row["unit_id"])
    with core.db.read() as connection:
        return [dict(r) for r in connection.execute(query).mappings()]
