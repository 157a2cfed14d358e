"""Deploying: from the files of a bundle to new versions of its processes, all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, String, insert, select

from engine import calls, definitions, starters, worktime
from engine.audit import recording
from engine.audit.digests import DEPLOYED, about_definition
from engine.bpmn.lint import lint
from engine.bpmn.model import ProcessModel
from engine.bpmn.problems import Problem, Severity
from engine.bpmn.program import compile_program
from engine.bpmn.reading import read
from engine.definitions import Definition, refused
from engine.errors import Invalid
from engine.people import load_actor
from engine.tables import DATA_VERSION, definition, definition_file

if TYPE_CHECKING:
    from engine.core import Core


def deploy(core: Core, files: Mapping[str, bytes], by: int | None = None, note: str = "") -> list[Definition]:
    """Make a new version of each process among `files` (BPMN, DMN, forms, the facts schema, together one bundle): all of them or none.
    A process whose files are those of its newest version already gets no other. DefinitionRefused with every problem when any
    file is not good: nothing is stored."""
    models = prepared(files)
    with core.db.write() as connection:
        made = put(core, connection, models, files, by, note)
    return [definitions.get(core, new_id) for new_id in made]


def prepared(files: Mapping[str, bytes]) -> list[ProcessModel]:
    """The processes of a bundle, read and judged as far as that needs no database. DefinitionRefused with every problem."""
    problems = [p for p in lint(dict(files)) if p.severity is Severity.ERROR]
    if problems:
        raise refused(problems)
    models = [model for name in sorted(n for n in files if n.endswith(".bpmn")) for model in _models(name, files)]
    if not models:
        raise refused([Problem("", 0, "", "no_diagram", "没有 BPMN 文件", "there is no BPMN file among the files")])
    _check_keys(models)
    return models


def check(core: Core, connection: Connection, models: Sequence[ProcessModel]) -> None:
    """DefinitionRefused where these processes do not fit what is deployed and set here now: what they call, the calendars they count by."""
    problems = calls.check(core, connection, models) + worktime.check(core, connection, models)
    if problems:
        raise refused(problems)


def put(
    core: Core,
    connection: Connection,
    models: Sequence[ProcessModel],
    files: Mapping[str, bytes],
    by: int | None = None,
    note: str = "",
    *,
    anew: bool = False,
) -> list[int]:
    """Store what `prepared` gave as versions, inside the transaction of `connection`; answers their ids. `anew`: also where the newest
    version has the same files (a former version is published again)."""
    check(core, connection, models)
    made = []
    for model in models:
        bundle = files_of(model, files)
        digest = definitions.bundle_hash(bundle)
        newest = _newest(connection, model.id)
        if newest is not None and newest.hash == digest and not anew:
            made.append(newest.id)
            continue
        version = (newest.version if newest else 0) + 1
        new_id = _store(connection, core, model, bundle, digest, version, by, note)
        starters.register(connection, core, new_id, model)
        made.append(new_id)
        recording.record(
            core,
            connection,
            recording.CONTENT,
            DEPLOYED,
            actor=load_actor(connection, by) if by is not None else None,
            about=about_definition(model.id, version),
            data={
                "hash": digest,
                "before": newest.hash if newest is not None else None,
                "files": sorted(bundle),
                "note": note,
            },
        )
    return made


def put_apart(
    core: Core, connection: Connection, key: str, files: Mapping[str, bytes], number: int, by: int, note: str
) -> ProcessModel:
    """Store the process `key` of a bundle for a trial, under a `number` below zero that is its id and its version: nothing starts it, and
    it is the newest of nothing. DefinitionRefused with every problem, as for a deployment; Invalid where the bundle does not hold it."""
    models = prepared(files)
    check(core, connection, models)
    model = next((one for one in models if one.id == key), None)
    if model is None:
        raise Invalid(why_zh=f"文件中没有流程“{key}”", why_en=f"there is no process “{key}” among the files")
    bundle = files_of(model, files)
    _store(connection, core, model, bundle, definitions.bundle_hash(bundle), number, by, note)
    return model


def _models(name: str, files: Mapping[str, bytes]) -> tuple[ProcessModel, ...]:
    """The processes of a diagram, compiled once to see that they can be."""
    reading = read(name, files[name], forms=[n.removesuffix(".json") for n in files if n.endswith(".json")])
    if not reading.processes:
        raise refused(reading.problems)
    for model in reading.processes:
        compile_program(model)
    return reading.processes


def _check_keys(models: Sequence[ProcessModel]) -> None:
    """Two diagrams of a bundle may not hold the same process."""
    seen: set[str] = set()
    for model in models:
        if model.id in seen:
            zh, en = "另一个文件里已有同名流程", "another file of the bundle holds a process of this id"
            raise refused([Problem(model.file, 0, model.id, "duplicate-process", zh, en)])
        seen.add(model.id)


def files_of(model: ProcessModel, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a process needs of a bundle: its diagram, and whatever is no diagram."""
    return {name: content for name, content in files.items() if name == model.file or not name.endswith(".bpmn")}


def _newest(connection: Connection, key: str) -> Any:
    return connection.execute(
        select(definition.c.id, definition.c.version, definition.c.hash)
        .where(definition.c.key == key, definitions.IS_VERSION)
        .order_by(definition.c.version.desc())
        .limit(1)
    ).first()


def _store(
    connection: Connection,
    core: Core,
    model: ProcessModel,
    bundle: Mapping[str, bytes],
    digest: str,
    version: int,
    by: int | None,
    note: str,
) -> int:
    name_zh, name_en = (model.names.text(locale) or model.id for locale in ("zh", "en"))
    room = cast("String", definition.c.name_zh.type).length
    row = connection.execute(
        insert(definition)
        .values(
            **({"id": version} if version < 0 else {}),
            key=model.id,
            version=version,
            hash=digest,
            name_zh=name_zh[:room],
            name_en=name_en[:room],
            at=core.db.now_on(connection),
            by_id=by,
            note=note,
            data_version=DATA_VERSION,
        )
        .returning(definition.c.id)
    )
    new_id: int = row.scalar_one()
    connection.execute(
        insert(definition_file), [{"definition_id": new_id, "name": n, "content": c} for n, c in sorted(bundle.items())]
    )
    return new_id
