"""One case: where it is, what happened, what is promised, what belongs to it; and the printed sheet (办理单)."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine import access, definitions, files_along, identities
from engine.definitions import Definition
from engine.privacy import hidden_facts
from engine.public import talking
from engine.queries import ballots, certificates, copies
from engine.queries import cases as reading
from engine.queries.cases import Case
from escalation import lights
from escalation.dossier import asking
from web import telling_emergencies, telling_orders, telling_permits, telling_requests, telling_votes, uploads
from web.auth import city
from web.dialogs import offered
from web.dialogs.asking import Subject
from web.plain import plain
from web.policies import SIGNED_IN, policy
from web.telling import names, now
from web.telling_cases import clock_name, link_word, node_name, process_name, status, steps, wait_word
from web.telling_facts import overview, tell
from web.telling_history import history
from web.telling_reporters import reporter_known
from web.telling_signers import opinions
from web.texts import locale, t

page = Blueprint("cases", __name__)


@page.get("/cases/<int:instance_id>")
@policy(SIGNED_IN, inline_styles=True)
def case(instance_id: int) -> str:
    """The page of a case."""
    shown = _shown(instance_id, whole="all" in request.args)
    found: Case = shown["case"]
    shown["entries"], finished = telling_orders.folded(found, shown["entries"])
    subject = Subject(city().core, g.actor, found.row)
    given = copies.of_case(city().core, instance_id)
    names().learn([one["person_id"] for one in given])
    # a task of a called process shows at the activity that called it: only that is in this diagram
    active = sorted({(r["within"] or r["node"]).partition("/")[0] for r in found.open_tasks})
    return render_template(
        "case.html",
        **shown,
        active_json=json.dumps(active),
        visits_json=json.dumps({node: times for node, times in found.visits.items() if "/" not in node}),
        steps=steps(found, shown["definition"]),
        link_word=link_word,
        wait_word=wait_word,
        workable={r["id"] for r in found.open_tasks if _may_work(r)},
        node_name=node_name,
        offers=offered.of_case(subject, found, given),
        may_attach=offered.may_on_case(subject, found, "attach"),
        may_comment=offered.may_on_case(subject, found, "comment"),
        opinions=opinions(found),
        operates=url_for("operating.case", instance_id=instance_id) if "operate" in g.actor.powers else None,
        copies=given,
        dossier=not g.actor.powers.isdisjoint(asking.POWERS),
        votes=telling_votes.told(ballots.of_case(city().core, found.row)),
        room=telling_emergencies.room_of(found.row),
        dialogue=talking.of_case(city().core, g.actor, instance_id),
        certificates=telling_permits.told(certificates.of_case(city().core, g.actor, instance_id)),
        finished=finished,
        most_open=telling_orders.MOST_OPEN,
        gone=files_along.gone(city().core, instance_id, found.history),
    )


@page.get("/cases/<int:instance_id>/print")
@policy(SIGNED_IN)
def sheet(instance_id: int) -> str:
    """The sheet of a case, for paper."""
    return render_template("case_print.html", **_shown(instance_id, whole=True), node_name=node_name)


@page.get("/cases/<int:instance_id>/diagram.bpmn")
@policy(SIGNED_IN)
def diagram(instance_id: int) -> Response:
    """The diagram this case runs by, as it was deployed; `?plain=1`: in the spelling that the drawing library understands."""
    core = city().core
    row = reading.row(core, g.actor, instance_id)
    files = definitions.files_of(core, row["definition_id"])
    content = next(c for n, c in files.items() if n.endswith(".bpmn"))
    return Response(
        plain(content) if request.args.get("plain") else content,
        mimetype="application/xml",
        headers={"Content-Disposition": "attachment; filename=case.bpmn"},
    )


@page.post("/cases/<int:instance_id>/files")
@policy(SIGNED_IN)
def add_files(instance_id: int) -> BaseResponse:
    """Add files to a case."""
    core = city().core
    reading.row(core, g.actor, instance_id)
    accepted = uploads.from_request(core, "files")
    if not accepted:
        flash(t("请先选择文件。", "Choose a file first."), "bad")
        return redirect(_back(instance_id), 303)
    city().attach(instance_id, accepted, g.actor.id, idempotency_key=_key())
    flash(t(f"已上传 {len(accepted)} 个文件。", f"{len(accepted)} file(s) added."))
    return redirect(_back(instance_id), 303)


# ---------------------------------------------------------------- inside


def _shown(instance_id: int, *, whole: bool) -> dict[str, Any]:
    core = city().core
    found = reading.case(core, g.actor, instance_id, whole=whole)
    definition = definitions.get(core, found.row["definition_id"])
    with core.db.read() as connection:
        hidden = hidden_facts(connection)
        known = identities.known(connection, instance_id)
    clocks = lights.of_case(core, instance_id, now(), locale())
    names().learn(
        [t_["assignee_id"] for t_ in found.tasks] + [f["by_id"] for f in found.files] + [found.row["starter_id"]]
    )
    return {
        "case": found,
        "row": found.row,
        "definition": definition,
        "process": process_name(found.row["definition_id"]),
        "status": status(found.row),
        "told": overview(definition, tell(definition, found.row["facts"], hidden)),
        "entries": history(found, definition, hidden),
        "clocks": [_clock(r, standing, _definition_of(r["task_id"], found, definition)) for r, standing in clocks],
        "asked": telling_requests.of_case(city().core, found.row["id"]),
        "main_clock": next((s for r, s in clocks if r["task_id"] == 0), None),
        "at": now(),
        "reporter": reporter_known(definition, known),
    }


def _definition_of(task_id: int, found: Case, usual: Definition) -> Definition:
    """The definition that a task is of: of a called process its own."""
    row = next((one for one in found.tasks if one["id"] == task_id), None)
    return definitions.get(city().core, row["definition_id"]) if row is not None else usual


def _clock(row: dict[str, Any], standing: lights.Standing, definition: Definition) -> dict[str, Any]:
    return {**row, "label": clock_name(row["name"], definition), "standing": standing, "of_case": row["task_id"] == 0}


def _may_work(row: dict[str, Any]) -> bool:
    return access.is_offered(g.actor, row)


def _back(instance_id: int) -> str:
    return url_for("cases.case", instance_id=instance_id)


def _key() -> str | None:
    return request.form.get("idempotency_key", "")[:100] or None
