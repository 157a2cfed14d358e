"""Process definitions: immutable versions, named by the hash of their files, parsed once and shared."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from engine import feel, opinion
from engine.bpmn.model import Kind, Node, ProcessModel
from engine.bpmn.problems import Problem
from engine.bpmn.program import Program, compile_program
from engine.bpmn.reading import read_again
from engine.bpmn.runtime.held import SIGNER
from engine.bpmn.values import Names
from engine.dmn import Decisions
from engine.errors import DefinitionRefused, NotFound
from engine.tables import definition, definition_file
from forms import FactsSchema, Form, at_step, load, load_facts

if TYPE_CHECKING:
    from engine.core import Core

FACTS_FILE = "facts.json"
IS_VERSION = definition.c.version > 0
"""The condition on `definition` for what was deployed: below zero is the draft of a trial (`engine.trials`), no version of anything."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a process, ready to run."""

    id: int
    key: str
    version: int
    hash: str
    names: Names
    program: Program
    forms: Mapping[str, Form]
    facts: FactsSchema | None
    decisions: Decisions
    at_steps: Mapping[str, Form]
    """The form of each step that says something of its fields, as that step has it."""

    @property
    def model(self) -> ProcessModel:
        """What the diagram says."""
        return self.program.model

    def form_of(self, node: Node, role: str | None = None) -> Form | None:
        """The form a user task asks for, as its step has it; of who was added to it (`role`) their opinion."""
        if role == SIGNER:
            return opinion.form()
        return self.at_steps.get(node.id) or (self.forms[node.settings.form] if node.settings.form else None)

    def decide(
        self,
        ref: str,
        data: Mapping[str, Any],
        now: datetime,
        zone: ZoneInfo,
        functions: Mapping[str, Callable[..., object]] | None = None,
    ) -> Any:
        """What a decision of the bundle's DMN files gives for these data, as plain JSON. DecisionFailed when there is no such one."""
        return feel.to_json(self.decisions.evaluate(ref, data, now=now, zone=zone, functions=functions))

    @property
    def entrances(self) -> tuple[Node, ...]:
        """The none start events at which a person may start an instance, the usual one first."""
        return tuple(node for node in self.model.starters if node.kind is Kind.START and node.is_none)

    @property
    def start_form(self) -> Form | None:
        """The form that starts an instance."""
        return self.forms[self.model.form] if self.model.form else None


def get(core: Core, definition_id: int) -> Definition:
    """A version by its id, parsed at most once per process."""
    found = core.definitions.get(definition_id)
    if found is None:
        found = core.definitions[definition_id] = _load(core, definition_id)
    return found


def newest(core: Core, key: str) -> Definition:
    """The newest version of a process. NotFound when no version was deployed."""
    with core.db.read() as connection:
        found = connection.execute(
            select(definition.c.id)
            .where(definition.c.key == key, IS_VERSION)
            .order_by(definition.c.version.desc())
            .limit(1)
        ).scalar()
    if found is None:
        raise NotFound(what=f"process {key}")
    return get(core, found)


def newest_ids(connection: Connection) -> dict[str, int]:
    """Key to id of the newest version of every process."""
    latest = select(definition.c.key, func.max(definition.c.version).label("v")).where(IS_VERSION)
    highest = latest.group_by(definition.c.key).subquery()
    rows = connection.execute(
        select(definition.c.key, definition.c.id).join(
            highest, (highest.c.key == definition.c.key) & (highest.c.v == definition.c.version)
        )
    )
    return dict(rows.all())


def files_of(core: Core, definition_id: int) -> dict[str, bytes]:
    """The files of a version, as they were deployed."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(definition_file.c.name, definition_file.c.content)
            .where(definition_file.c.definition_id == definition_id)
            .order_by(definition_file.c.name)
        ).all()
    if not rows:
        raise NotFound(what="process definition")
    return {name: bytes(content) for name, content in rows}


def bundle_hash(files: Mapping[str, bytes]) -> str:
    """The identity of a bundle: SHA-256 over names, lengths and contents in the order of names, with the algorithm's name."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return f"sha256:{digest.hexdigest()}"


def _load(core: Core, definition_id: int) -> Definition:
    files = files_of(core, definition_id)
    with core.db.read() as connection:
        row = connection.execute(select(definition).where(definition.c.id == definition_id)).mappings().one()
    diagram = next(n for n in files if n.endswith(".bpmn"))
    loaded = {n.removesuffix(".json"): load(c) for n, c in files.items() if n.endswith(".json") and n != FACTS_FILE}
    reading = read_again(diagram, files[diagram])
    model = next((each for each in reading.processes if each.id == row["key"]), None)
    if model is None:
        raise refused(reading.problems)
    at_steps = {
        node.id: at_step(loaded[node.settings.form], {one.name: one.access for one in node.settings.fields})
        for node in model.nodes.values()
        if node.settings.fields and node.settings.form
    }
    return Definition(
        id=row["id"],
        key=row["key"],
        version=row["version"],
        hash=row["hash"],
        names=Names(row["name_zh"], row["name_en"]),
        program=compile_program(model),
        forms=loaded,
        facts=load_facts(files[FACTS_FILE]) if FACTS_FILE in files else None,
        decisions=Decisions({n: c for n, c in files.items() if n.endswith(".dmn")}),
        at_steps=at_steps,
    )


def refused(problems: Sequence[Problem]) -> DefinitionRefused:
    """The error that says what is wrong with a bundle."""
    first = problems[0] if problems else None
    return DefinitionRefused(
        problems, first=first.line_for("zh") if first else "", first_en=first.line_for("en") if first else ""
    )
