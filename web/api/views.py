"""From rows to what the schemas give out."""

from __future__ import annotations

from typing import Any

from flask import g

from engine import definitions, privacy
from engine.core import Core
from engine.definitions import Definition
from engine.queries.names import Directory, directory
from escalation.lights import Standing
from web.api.bodies import parse
from web.api.problems import speak
from web.auth import city

Row = dict[str, Any]


def names() -> Directory:
    """Names of people and units, read once a request."""
    found: Directory | None = g.get("api_names")
    if found is None:
        found = g.api_names = directory(city().core, speak())
    return found


def person(person_id: int | None) -> Row | None:
    """A person by name; none for the system."""
    return {"id": str(person_id), "name": names().person(person_id)} if person_id is not None else None


def definition(row: Row) -> Row:
    """A version of a process."""
    return {**row, "name": row["name_en"] if speak() == "en" else row["name_zh"]}


def instance(row: Row) -> Row:
    """An instance as lists show it."""
    core = city().core
    return {**row, "id": str(row["id"]), "process": row["key"], "unit": core.unit_key(row["unit_id"])}


def task(row: Row, case: Row | None = None) -> Row:
    """A user task; `case` where the row itself does not hold number, title and process."""
    core = city().core
    about = case if case is not None else row
    node = definitions.get(core, row["definition_id"]).model.nodes.get(row["node"])
    return {
        "ref": ref(row["instance_id"], row["id"]),
        "instance": str(row["instance_id"]),
        "number": about["number"],
        "title": about["title"],
        "process": about.get("process") or about.get("key"),
        "node": row["node"],
        "name": node.names.text(speak()) if node is not None else row["node"],
        "state": row["state"],
        "unit": core.unit_key(row["unit_id"]),
        "post": row["post_key"],
        "assignee": person(row["assignee_id"]),
        "item": row["item"],
        "opened_at": row["opened_at"],
        "due_at": row["due_at"],
        "warn_at": row["warn_at"],
    }


def clock(row: Row, standing: Standing) -> Row:
    """A clock with the light it shows now."""
    task_id = row["task_id"]
    return {
        **row,
        "task": ref(row["instance_id"], task_id) if task_id else None,
        "light": standing.colour,
        "words": standing.words,
        "raw": standing.raw,
        "used": standing.used,
        "provisional": standing.provisional,
    }


def hidden() -> frozenset[str]:
    """Names of the facts that nobody is shown."""
    core = city().core
    with core.db.read() as connection:
        return privacy.hidden_facts(connection)


def without(known: Row, names_hidden: frozenset[str]) -> Row:
    """Facts or answers, less those that are not shown."""
    return {name: value for name, value in known.items() if name not in names_hidden}


def event(row: Row, names_hidden: frozenset[str]) -> Row:
    """A line of the history."""
    data = {name: value for name, value in row["data"].items() if name != "identity"} if row["data"] else row["data"]
    if data and "answers" in data:
        data = {**data, "answers": without(data["answers"], names_hidden)}
    return {
        **row,
        "data": data,
        "task": ref(row["instance_id"], row["task_id"]) if row["task_id"] is not None else None,
        "actor": person(row["actor_id"]),
        "unit": city().core.unit_key(row["unit_id"]),
        "post": row["post_key"],
    }


def file(row: Row) -> Row:
    """An attachment."""
    task_id = row["task_id"]
    return {
        **row,
        "task": ref(row["instance_id"], task_id) if task_id is not None else None,
        "by": str(row["by_id"]),
    }


def incident(row: Row) -> Row:
    """An incident."""
    return {**row, "instance": str(row["instance_id"]), "id": str(row["id"])}


def ref(instance_id: int, task_id: int) -> str:
    """A task's public reference."""
    return f"{instance_id}.{task_id}"


def form_schema(core: Core, of: Definition, name: str | None) -> Row | None:
    """The JSON Schema of a form, as it was deployed."""
    if name is None:
        return None
    schema: Row = parse(definitions.files_of(core, of.id)[f"{name}.json"])
    return schema
