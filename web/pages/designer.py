"""Drawing a process: its newest diagram in the editor, checked and saved as a new version."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any

from flask import Blueprint, Response, flash, g, jsonify, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from engine import definitions
from engine.bpmn.limits import MAX_BYTES
from engine.bpmn.lint import FACTS_FILE, lint
from engine.bpmn.problems import Problem, Severity
from engine.bpmn.reading import read
from engine.errors import DefinitionRefused, Invalid
from engine.queries import deployed
from web.auth import city
from web.pages.definitions import told_deployed
from web.policies import policy
from web.telling import names, stamp
from web.texts import locale, t

page = Blueprint("designer", __name__)


@page.get("/definitions/<key>/edit")
@policy("design", inline_styles=True)
def edit(key: str) -> str:
    """The editor on a version, the newest unless another is named."""
    core = city().core
    versions = deployed.versions(core, key)
    row = deployed.version(core, key, request.args.get("version", versions[0]["version"], type=int))
    files = definitions.files_of(core, row["id"])
    diagram = _diagram(files)
    config = {
        "key": key,
        "base": row["version"],
        "xml": url_for("definitions.file", key=key, number=row["version"], name=diagram, plain=1),
        "save": url_for("designer.save", key=key),
        "lint": url_for("designer.check", key=key),
        "csrf": generate_csrf(),
        "forms": [PurePath(n).stem for n in files if n.endswith(".json") and n != FACTS_FILE],
        "registers": deployed.registers(core),
        **deployed.candidates(core, locale()),
    }
    return render_template(
        "designer.html",
        row=row,
        newest=versions[0]["version"],
        definition=definitions.get(core, row["id"]),
        config=json.dumps(config),
    )


@page.post("/definitions/<key>/lint")
@policy("design")
def check(key: str) -> Response:
    """Everything wrong with a drawing."""
    xml, base, _ = _drawn()
    return jsonify(problems=_told(_problems(key, _bundle(key, base, xml))))


@page.post("/definitions/<key>/save")
@policy("design")
def save(key: str) -> Any:
    """Deploy a drawing with the forms of the version it began from. Refused with every problem, or when somebody else deployed
    meanwhile; the editor keeps the drawing."""
    xml, base, sent = _drawn()
    bundle = _bundle(key, base, xml)
    problems = _problems(key, bundle)
    if any(p.severity is Severity.ERROR for p in problems):
        return jsonify(
            problems=_told(problems), sentence=t("没有保存：图中有问题，见下方。", "Not saved: see what to mend below.")
        ), 422
    newest = deployed.versions(city().core, key)[0]
    if newest["version"] != base and not sent.get("force"):
        who = names().person(newest["by_id"]) or t("系统", "the system")
        sentence = t(
            f"没有保存：{who}已于 {stamp(newest['at'])} 发布了第 {newest['version']} 版。",
            f"Not saved: {who} deployed version {newest['version']} on {stamp(newest['at'])}.",
        )
        return jsonify(sentence=sentence, newer=True, problems=_told(problems)), 409
    note = str(sent.get("note", "")).replace("\x00", "").strip()[:500]
    try:
        made = next(one for one in city().deploy(bundle, by=g.actor.id, note=note) if one.key == key)
    except DefinitionRefused as error:
        return jsonify(problems=_told(list(error.problems)), sentence=error.text(locale())), 422
    flash(told_deployed(made))
    return jsonify(url=url_for("definitions.version", key=made.key, number=made.version))


# ---------------------------------------------------------------- inside


def _drawn() -> tuple[bytes, int, dict[str, Any]]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("xml"), str) or not isinstance(sent.get("base"), int):
        raise Invalid(why_zh="没有收到流程图。", why_en="No diagram was received.")
    xml = sent["xml"].encode("utf-8", "replace")
    if len(xml) > MAX_BYTES:
        raise Invalid(why_zh="流程图超过 2 MB。", why_en="The diagram is larger than 2 MB.")
    return xml, sent["base"], sent


def _bundle(key: str, base: int, xml: bytes) -> dict[str, bytes]:
    """The files of the version that was edited, with the new diagram."""
    core = city().core
    files = definitions.files_of(core, deployed.version(core, key, base)["id"])
    return {**files, _diagram(files): xml}


def _problems(key: str, bundle: dict[str, bytes]) -> list[Problem]:
    core = city().core
    problems = lint(bundle, registers=deployed.registers(core), processes=deployed.keys(core))
    diagram = _diagram(bundle)
    forms = [PurePath(n).stem for n in bundle if n.endswith(".json")]
    processes = read(diagram, bundle[diagram], forms=forms).processes
    if processes and all(one.id != key for one in processes):
        process = processes[0]
        problems.append(
            Problem(
                diagram,
                0,
                process.id,
                "other-process",
                f"流程标识改成了“{process.id}”：新版本必须仍是“{key}”；要建新流程请用上传。",
                f"the process id became “{process.id}”: a new version must keep “{key}”; upload the file to make another process.",
            )
        )
    return problems


def _told(problems: list[Problem]) -> list[dict[str, Any]]:
    return [
        {"severity": str(p.severity), "line": p.line, "element": p.element, "text": p.text(locale())}
        for p in sorted(problems, key=lambda p: (p.severity is not Severity.ERROR, p.file, p.line))
    ]


def _diagram(files: dict[str, bytes]) -> str:
    return next(n for n in files if n.endswith(".bpmn"))
