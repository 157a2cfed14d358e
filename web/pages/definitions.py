"""Processes: their versions, diagrams, forms and files; drafts of them, and what is proposed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine import access, bundles, definitions, drafts, publishing
from engine.bpmn.model import Kind, Node, ProcessModel
from engine.bpmn.settings import Choice, ClockSetting
from engine.bpmn.values import Value
from engine.bpmn.words import TRIGGERS
from engine.calendar import Unit
from engine.definitions import FACTS_FILE, Definition
from engine.drafts import presence
from engine.errors import NotFound
from engine.publishing import proposals
from engine.queries import deployed
from web.auth import city
from web.drawing import draw
from web.pages.designer_publish import state
from web.plain import drawable
from web.policies import SIGNED_IN, policy
from web.telling import names
from web.texts import locale, t

page = Blueprint("definitions", __name__)

KINDS: Mapping[Kind, tuple[str, str]] = {
    Kind.START: ("开始", "Start"),
    Kind.END: ("结束", "End"),
    Kind.USER: ("人工任务", "User task"),
    Kind.MANUAL: ("线下任务", "Manual task"),
    Kind.SCRIPT: ("计算", "Script"),
    Kind.RULE: ("查表", "Look-up"),
    Kind.SERVICE: ("系统动作", "Service task"),
    Kind.TASK: ("记录", "Task"),
    Kind.SEND: ("发送", "Send"),
    Kind.RECEIVE: ("接收", "Receive"),
    Kind.CALL: ("调用流程", "Called process"),
    Kind.SUBPROCESS: ("子流程", "Sub-process"),
    Kind.TRANSACTION: ("事务子流程", "Transaction"),
    Kind.EVENT_SUBPROCESS: ("事件子流程", "Event sub-process"),
    Kind.CATCH: ("等待", "Wait"),
    Kind.THROW: ("发出", "Throw"),
    Kind.BOUNDARY: ("边界事件", "Boundary event"),
}


@page.get("/definitions")
@policy(SIGNED_IN)
def processes() -> str:
    """Every process."""
    core = city().core
    found = deployed.processes(core)
    may_design = "design" in g.actor.powers
    begun = drafts.listing(core) if may_design else []
    asked = publishing.listing(core, states=proposals.OPEN) if may_design else []
    here = presence.present(core) if may_design else {}
    names().learn([one.newest["by_id"] for one in found] + [one.saved_by for one in begun])
    names().learn([one.proposed_by for one in asked] + [each for people in here.values() for each in people])
    return render_template(
        "definitions.html",
        processes=found,
        may_design=may_design,
        sees_all=access.SEE_ALL in g.actor.powers,
        drafts=begun,
        proposals=asked,
        here=here,
        state=state,
    )


@page.get("/definitions/<key>")
@policy(SIGNED_IN)
def process(key: str) -> BaseResponse:
    """The newest version."""
    newest = deployed.versions(city().core, key)[0]
    return redirect(url_for("definitions.version", key=key, number=newest["version"]))


def _tells(node: Node) -> bool:
    """Whether a step is worth a line: ends and the plain starts of sub-processes say nothing."""
    plain = node.kind is Kind.START and node.is_none and node.parent is not None
    return node.kind in KINDS and node.kind is not Kind.END and not plain


@page.get("/definitions/<key>/<int:number>")
@policy(SIGNED_IN, inline_styles=True)
def version(key: str, number: int) -> str:
    """One version: its diagram, steps, forms and files."""
    core = city().core
    every = deployed.versions(core, key)
    row = deployed.version(core, key, number)
    definition = definitions.get(core, row["id"])
    files = definitions.files_of(core, row["id"])
    names().learn([one["by_id"] for one in every])
    model = definition.model
    return render_template(
        "definition.html",
        row=row,
        versions=every,
        definition=definition,
        documentation=model.documentation if locale() == "zh" else "",
        steps=[n for n in model.nodes.values() if _tells(n)],
        forms=_forms(definition),
        files=[(name, len(content)) for name, content in files.items()],
        diagram_name=next(n for n in files if n.endswith(".bpmn")),
        case_clocks=model.clocks,
        kind_word=kind_word,
        who=lambda node: _who(node, model),
        clock_words=clock_words,
        may_design="design" in g.actor.powers,
    )


@page.get("/definitions/<key>/<int:number>/files/<name>")
@policy(SIGNED_IN)
def file(key: str, number: int, name: str) -> Response:
    """One file, as it was deployed; `?plain=1`: in the spelling that the drawing library understands."""
    files = definitions.files_of(city().core, deployed.version(city().core, key, number)["id"])
    if name not in files:
        raise NotFound(what="file")
    content = drawable(name, files[name]) if request.args.get("plain") else files[name]
    media = "application/xml" if name.endswith((".bpmn", ".dmn")) else "application/json"
    return Response(content, mimetype=media, headers={"Content-Disposition": _attachment(name)})


@page.get("/definitions/<key>/<int:number>.zip")
@policy(SIGNED_IN)
def bundle(key: str, number: int) -> Response:
    """A version as a package with its manifest, ready for another installation: the same version makes the same bytes."""
    files = definitions.files_of(city().core, deployed.version(city().core, key, number)["id"])
    row = deployed.version(city().core, key, number)
    named = {"zh": row["name_zh"], "en": row["name_en"]}
    headers = {"Content-Disposition": _attachment(bundles.package_name(files, key, number))}
    return Response(bundles.package(files, key, number, named), mimetype="application/zip", headers=headers)


@page.get("/definitions/<key>/<int:number>/forms/<name>")
@policy(SIGNED_IN)
def form(key: str, number: int, name: str) -> str:
    """A form as people see it, not to be sent; `?step=`: as that step has it."""
    row = deployed.version(city().core, key, number)
    definition = definitions.get(city().core, row["id"])
    if name not in definition.forms:
        raise NotFound(what="form")
    node = definition.model.nodes.get(request.args.get("step", ""))
    step = node if node is not None and node.settings.form == name else None
    shown = (definition.form_of(step) if step is not None else None) or definition.forms[name]
    return render_template(
        "form_preview.html", row=row, definition=definition, form=shown, step=step, drawn=draw(shown, {})
    )


def kind_word(node: Node) -> str:
    """What a node is, and what its events are about."""
    triggers = [t(*TRIGGERS[event.trigger]) for event in node.events if node.kind.is_event]
    word = t(*KINDS[node.kind])
    return word + (t("（", " (") + t("、", ", ").join(triggers) + t("）", ")") if triggers else "")


def clock_words(clock: ClockSetting) -> str:
    """A clock's budget in words."""
    if clock.budget is None:
        return t("按给定期限", "as given")
    amount, unit = clock.budget.literal, clock.unit.literal if clock.unit is not None else None
    if amount is None:
        text = t("查表确定", "from the table")
    elif unit in list(Unit):
        text = f"{amount} {Unit(unit).zh if locale() == 'zh' else Unit(unit).en + 's'}"
    else:
        text = amount
    if clock.due is not None:
        text += t("，有来文期限的从其规定", ", or the term that was given")
    return text


# ---------------------------------------------------------------- inside


def _forms(definition: Definition) -> list[dict[str, Any]]:
    used = Counter(n.settings.form for n in definition.model.nodes.values() if n.settings.form)
    return [
        {
            "name": name,
            "title": one.title.of(locale()),
            "fields": [(p.title.of(locale()), p.access) for p in one.properties.values() if p.control != "hidden"],
            "used": used.get(name, 0) or int(name == definition.model.form),
        }
        for name, one in definition.forms.items()
        if name + ".json" != FACTS_FILE
    ]


def _who(node: Node, model: ProcessModel) -> str:
    found = node.settings.candidates
    if found is None:
        lane = next((one for one in model.lanes if one.id == node.lane), None)
        return lane.names.text(locale()) if lane is not None and node.kind is Kind.START else ""
    if found.starter:
        return t("发起人", "who started it")
    unit = _unit_word(found.unit)
    parts = [unit] if unit else []
    if found.person is not None:
        parts.append(found.person.text)
    if found.head is not None:
        level = found.head.text
        parts.append(
            t("负责人", "its head") if level == "0" else t(f"上 {level} 级负责人", f"the head {level} levels up")
        )
    if found.post is not None:
        parts.append(names().post(found.post.literal, locale()) if found.post.literal else found.post.text)
    if found.choose is not None:
        parts.append(t(*_CHOICES[found.choose]))
    return " · ".join(part for part in parts if part)


_CHOICES = {
    Choice.DUTY: ("值班人员", "on duty"),
    Choice.TURN: ("轮流", "in turn"),
    Choice.LOAD: ("在办最少者", "the least loaded"),
}


def _unit_word(value: Value | None) -> str:
    if value is None or not value.text:
        return ""
    if value.literal is not None:
        return names().unit_by_key(value.literal, locale())
    return t("责任单位", "responsible unit") if value.text.strip() == "responsible_unit" else value.text


def _attachment(name: str) -> str:
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    return f'attachment; filename="{plain}"'
