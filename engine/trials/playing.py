"""Playing the parts in a trial. Each act is the designer's and is written down as theirs, with as whom it was done: whether that person may
do it is asked as in earnest (post, substitution, four-eyes, recusal), and nothing follows for that person from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from engine import access, definitions, effects, files, four_eyes, identities, incidents, instances
from engine.acts import receivers
from engine.bpmn.model import Node
from engine.bpmn.runtime.held import SIGNER
from engine.definitions import Definition
from engine.errors import Invalid, LiandongError, NotFound, StepFailed
from engine.events import Event
from engine.people import Actor, load_actor
from engine.steps import Reply, Seen, read, run
from engine.tables import history, instance, person
from engine.trials.making import Trial, cases, check_runs
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.bpmn.running import Run
    from engine.core import Core
    from forms import Form

Row = dict[str, Any]

MOST_PEOPLE = 12
"""Of whom a task waits for, so many are named and may be played."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a task waits for. `why_not`: the error that keeps them from it all the same (four-eyes); none: they may do it."""

    person_id: int
    why_not: LiandongError | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task that waits in a trial, with its case, where it stands in which diagram, and for whom. `more`: how many beyond those named."""

    row: Row
    case: Row
    definition: Definition
    node: Node
    people: list[Candidate]
    more: int

    @property
    def form(self) -> Form | None:
        """What it asks."""
        return self.definition.form_of(self.node, self.row["role"])

    @property
    def known(self) -> Row:
        """What its form may show."""
        return {**self.case["facts"], **(self.row["variables"] or {})}


def begin(
    core: Core,
    actor: Actor,
    trial: Trial,
    answers: Mapping[str, Any],
    *,
    entrance: str | None = None,
    accepted: Sequence[files.Accepted] = (),
    key: str | None = None,
    as_whom: int | None = None,
) -> int:
    """Start the draft's process by its form, in the designer's own name, or as somebody else, who then counts as who started it; answers
    the instance's id. Invalid: the trial has ended, or nobody of that id works here; StepFailed: the draft cannot go on from there;
    InvalidAnswers."""
    check_runs(trial)
    if as_whom is not None:
        with core.db.read() as connection:
            known = connection.execute(select(person.c.id).where(person.c.id == as_whom, person.c.active)).scalar()
        if known is None:
            raise Invalid(why_zh="没有这个人，或已离职", why_en="nobody of that name works here")
    reply = instances.start(
        core,
        trial.key,
        answers,
        actor.id,
        key=key,
        world_id=trial.id,
        accepted=accepted,
        start=entrance,
        definition_id=trial.id,
        plays=as_whom if as_whom != actor.id else None,
    )
    return int(reply["instance"])


def waiting(core: Core, trial: Trial) -> list[Waiting]:
    """All that waits for somebody now, case by case."""
    found = []
    for case in cases(core, trial):
        if case["state"] is not None:
            found += _of_case(core, case)
    return found


def one(core: Core, trial: Trial, instance_id: int, task_id: int) -> Waiting:
    """One of these. NotFound: it waits no more, or is of another trial."""
    case = next((each for each in cases(core, trial) if each["id"] == instance_id), None)
    found = _of_case(core, case) if case is not None and case["state"] is not None else []
    for each in found:
        if each.row["id"] == task_id:
            return each
    raise NotFound(what="task")


def complete(
    core: Core,
    actor: Actor,
    trial: Trial,
    where: tuple[int, int],
    answers: Mapping[str, Any],
    as_whom: int,
    accepted: Sequence[files.Accepted] = (),
) -> None:
    """Do a task (`where`: instance and task) as somebody it waits for. Invalid: the trial has ended, or it does not wait for that person;
    NotFound: it waits no more; NotAllowed: four-eyes; InvalidAnswers; StepFailed: the draft cannot go on, which is kept as an incident."""
    check_runs(trial)
    instance_id, task_id = where
    one(core, trial, instance_id, task_id)
    if accepted:
        files.keep(core, accepted)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row = seen.open_tasks.get(task_id)
        if row is None:
            raise NotFound(what="task")
        seen.actor = actor
        writes.person = (actor.id, actor.access_revision)
        definition, process_run = effects.resume(core, seen)
        with core.db.read() as connection:
            plays = player(core, connection, seen, row, as_whom)
        seen.played = plays
        four_eyes.check(core, seen, process_run, task_id, plays)
        its_own = definitions.get(core, row["definition_id"])
        form = its_own.form_of(its_own.model.nodes[row["node"]], row["role"])
        cleaned = form.validate(dict(answers), process_run.data(task_id)) if form is not None else {}
        cleaned = identities.split(form, cleaned)[0]  # who reported is nobody here
        facts = cleaned if row["role"] != SIGNER else None
        process_run.complete(task_id, four_eyes.performers(core, seen, plays), facts)
        said: Row = {"played": plays.id, **({"answers": cleaned} if cleaned else {})}
        effects.apply(
            core, definition, seen, writes, process_run, Event.COMPLETED, actor=actor, completed=row, data=said
        )
        files.add(core, seen, writes, accepted, task_id=task_id)
        return {}

    try:
        run(core, instance_id, plan)
    except StepFailed as error:
        incidents.note(core, instance_id, error)
        raise


def answered_before(core: Core, trial: Trial, node: str | None) -> Row:
    """What was answered last at a step of this process (none: at its start), in this trial or an earlier one: to be filled in again."""
    wanted = [history.c.kind == str(Event.STARTED)] if node is None else [history.c.node == node]
    if node is not None:
        wanted.append(history.c.kind == str(Event.COMPLETED))
    query = (
        select(history.c.data)
        .join(instance, instance.c.id == history.c.instance_id)
        .where(instance.c.id < 0, instance.c.key == trial.key, *wanted)
        .order_by(history.c.written_at.desc())
        .limit(1)
    )
    with core.db.read() as connection:
        data = connection.execute(query).scalar()
    answers: Row = (data or {}).get("answers") or {}
    return answers


def player(core: Core, connection: Connection, seen: Seen, row: Row, as_whom: int) -> Actor:
    """The person who is played, with their posts. Invalid: the task does not wait for them."""
    if as_whom not in receivers.holders(core, seen, row):
        raise Invalid(why_zh="此任务不是等这个人办理的", why_en="this task does not wait for that person")
    found = load_actor(connection, as_whom)
    access.check_not_recused(found, seen.recused)
    return found


# ---------------------------------------------------------------- inside


def _of_case(core: Core, case: Row) -> list[Waiting]:
    seen = read(core, case["id"])
    if seen.instance["state"] is None:
        return []
    _, process_run = effects.resume(core, seen)
    found = []
    with core.db.read() as connection:
        for task_id, row in sorted(seen.open_tasks.items()):
            definition = definitions.get(core, row["definition_id"])
            holders = receivers.holders(core, seen, row)
            people = [
                _candidate(core, connection, seen, process_run, row, who) for who in sorted(holders)[:MOST_PEOPLE]
            ]
            more = max(0, len(holders) - MOST_PEOPLE)
            node = definition.model.nodes[row["node"]]
            found.append(Waiting({**row, "id": task_id}, seen.instance, definition, node, people, more))
    return found


def _candidate(core: Core, connection: Connection, seen: Seen, process_run: Run, row: Row, who: int) -> Candidate:
    try:
        four_eyes.check(core, seen, process_run, row["id"], load_actor(connection, who))
    except LiandongError as error:
        return Candidate(who, error)
    return Candidate(who)
