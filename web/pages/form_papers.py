"""A filled form as a PDF: of a step that was done, from the history of its case; of an open task, as its draft has it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, g

from engine import definitions, worlds
from engine.bpmn.runtime.held import SIGNER
from engine.errors import NotFound
from engine.events import Event
from engine.privacy import hidden_facts
from engine.queries import cases as reading
from engine.queries.tasks import user_task
from escalation.papers import form as paper
from escalation.papers.form import Filled
from forms.form import Form
from web import fonts, form_papers
from web.auth import city
from web.policies import SIGNED_IN, policy
from web.telling import city_name, names, now, stamp
from web.telling_history import who
from web.texts import locale, t

page = Blueprint("form_papers", __name__)


@page.get("/cases/<int:instance_id>/forms/<int:number>.pdf")
@policy(SIGNED_IN)
def answered(instance_id: int, number: int) -> Response:
    """What was answered in one line of the history. NotFound where nothing was, or the case is not theirs to see."""
    core = city().core
    case = reading.case(core, g.actor, instance_id, whole=True)
    row = next((each for each in case.history if each["seq"] == number), None)
    data: dict[str, Any] = (row["data"] or {}) if row is not None else {}
    if row is None or "answers" not in data:
        raise NotFound(what="form")
    main = definitions.get(core, case.row["definition_id"])
    task = next((each for each in case.tasks if each["id"] == row["task_id"]), None)
    definition = definitions.get(core, task["definition_id"]) if task is not None else main
    form: Form | None = None
    if Event(row["kind"]) is Event.STARTED:
        begun = definition.model.nodes.get(
            next(iter(data.get("path", ())), "")
        )  # one may begin at another start than the first
        form = definition.form_of(begun) if begun is not None else definition.start_form
    elif task is not None and (node := definition.model.nodes.get(row["node"] or "")) is not None:
        form = definition.form_of(node, SIGNER if task["role"] == SIGNER else None)
    if form is None:
        raise NotFound(what="form")
    names().learn([row["actor_id"]])
    signed = "signature" in data
    filled = form_papers.filled(
        form,
        data["answers"],
        case=case.row,
        definition=main,
        signs=[
            (t("填写人", "Filled in by"), who(row)),
            (t("提交时间", "Handed in"), stamp(row["at"])),
            (t("签名", "Signature"), t("已在系统中签名", "signed in the system") if signed else ""),
            (t("单位盖章", "Seal of the unit"), ""),
        ],
        hidden=_hidden(),
        names={file["id"]: file["name"] for file in case.files},
        stamp=_drill(case.row["world_id"]),
    )
    return _pdf(filled, f"{case.row['number']}-{number}")


@page.get("/tasks/<ref>/form.pdf")
@policy(SIGNED_IN)
def waiting(ref: str) -> Response:
    """The form of an open task with what is known and what its draft holds: to be carried along, or signed by hand."""
    core = city().core
    found = user_task(core, g.actor, ref)
    form = found.form
    if form is None or not found.is_open:
        raise NotFound(what="form")
    draft = city().draft(ref, g.actor.id)
    filled = form_papers.filled(
        form,
        {**found.known, **(draft.answers if draft is not None else {})},
        case=found.case,
        definition=found.main,
        signs=[
            (t("填写人签名", "Signature"), ""),
            (t("日期", "Date"), ""),
        ],
        hidden=_hidden(),
        stamp=_drill(found.row["world_id"]) or t("未提交", "NOT HANDED IN"),
    )
    return _pdf(filled, f"{found.case['number']}-{found.node.id}")


# ---------------------------------------------------------------- inside


def _hidden() -> frozenset[str]:
    with city().core.db.read() as connection:
        return hidden_facts(connection)


def _drill(world_id: int) -> str:
    return t("演练", "DRILL") if worlds.get(city().core, world_id).is_drill else ""


def _pdf(filled: Filled, name: str) -> Response:
    content = paper.render(filled, now(), stamp(now()), fonts.folders(), locale(), city_name())[0]
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}.pdf"},
    )
