"""From a plan to a draft: the edits of its kind, judged, and shown as a preview."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from engine.organisation import importing, judging, picture, plans, reading, reshaping, staffing
from engine.organisation.draft import Draft, Edit
from engine.organisation.plans import Preview
from engine.tables import instant_text

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def draft(core: Core, connection: Connection, kind: str, plan: Row) -> tuple[Draft, Preview]:
    """What this plan would make of the organisation as it stands. Invalid when the plan has not the shape of its kind."""
    wanted = reading.read(kind, plan)
    found = Draft(picture.load(core, connection))
    match wanted:
        case plans.Create():
            reshaping.create(found, wanted)
        case plans.Rename():
            reshaping.rename(found, wanted)
        case plans.Merge():
            reshaping.merge(found, wanted)
        case plans.Split():
            reshaping.split(found, wanted)
        case plans.People():
            staffing.people(found, wanted)
        case plans.Leave():
            staffing.leave(found, wanted)
        case plans.Import():
            importing.apply(found, wanted)
    judging.judge(found)
    preview = Preview()
    judging.count_work(connection, found, preview)
    judging.tell_registers(connection, found)
    preview.edits = [_told(found, edit) for edit in found.edits]
    preview.problems, preview.notes = found.problems, found.notes
    if not found.edits and not found.problems:
        found.problem("与现状相同，没有可变更的内容。", "Nothing would change.")
    return found, preview


def _told(found: Draft, edit: Edit) -> Row:
    zh, en = _label(found, edit)
    return {
        "what": edit.what,
        "about": ":".join(str(part) for part in edit.key),
        "label_zh": zh,
        "label_en": en,
        "before": plain(edit.before),
        "after": plain(edit.after),
    }


def _label(found: Draft, edit: Edit) -> tuple[str, str]:
    kind = edit.what.partition("_")[0]
    if kind == "unit":
        return found.now.unit_names(edit.key[0])
    if kind == "person":
        name = found.now.name(edit.key[0])
        return name, name
    if kind == "area":
        row = found.now.areas[edit.key[0]]
        return row["name_zh"], row["name_en"]
    if kind == "post":
        return _held(found, *edit.key)
    values = edit.after if edit.what in ("substitution_made", "duty_put") else edit.before
    row = values or {}
    if kind == "duty":
        return _held(found, row["login"], row["unit"], row["post"])
    one, other = found.now.name(row["substitute"]), found.now.name(row["principal"])
    return f"{one} 代 {other}", f"{one} for {other}"


def _held(found: Draft, login: str, unit: str, post: str) -> tuple[str, str]:
    (unit_zh, unit_en), (post_zh, post_en) = found.now.unit_names(unit), found.now.post_names(post)
    name = found.now.name(login)
    return f"{name}：{unit_zh} {post_zh}", f"{name}: {post_en}, {unit_en}"


def plain(values: Row | None) -> Row | None:
    """As JSON: instants as text."""
    if values is None:
        return None
    return {k: instant_text(v) if isinstance(v, datetime) else v for k, v in values.items()}
