"""Running cases go on by another version: a plan from node to node, its dry run, its approval by a second person, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from engine import definitions, publishing, sheets
from engine.bpmn.changing import pairing
from engine.errors import Invalid
from engine.migrating import deciding, plans, working
from engine.queries import deployed
from engine.sheets import Column
from web import telling_migrating as telling
from web import telling_migrating_limits as limits
from web.auth import city
from web.definition_sides import of_version
from web.policies import policy
from web.telling import ZONE, names
from web.texts import locale, t

page = Blueprint("migrating", __name__)

AT_ONCE = 3.0
"""Seconds that a request works itself; a worker does what is left."""
SHOWN = 200
"""Cases on the page; all are in the sheet."""
LISTED = 20_000
"""Cases that the plan leaves where they are, in the sheet."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form said before: nodes, limits (none: as is proposed), and which cases."""

    nodes: dict[str, str]
    clocks: dict[str, str] | None
    cases: Mapping[str, str]


@page.get("/definitions/<key>/migrate")
@policy("design", inline_styles=True)
def ask(key: str) -> str:
    """From which version to which, and which node becomes which: from the newest before the last to the last, unless said. `again`:
    a plan whose answers are taken over."""
    again = request.args.get("again", 0, type=int)
    return _ask(key, [], _sent_before(key, again) if again else None)


@page.post("/definitions/<key>/migrate")
@policy("design")
def make(key: str) -> Any:
    """Draw up the plan and begin its dry run."""
    sent = request.form
    nodes = {name.removeprefix("node:"): to for name, to in sent.items() if name.startswith("node:") and to}
    clocks = limits.sent(sent)
    source, target = sent.get("from", 0, type=int), sent.get("to", 0, type=int)
    try:
        chosen = limits.chosen(sent)
        made = deciding.make(city().core, key, source, target, nodes, g.actor.id, clocks=clocks, chosen=chosen)
    except Invalid as error:
        return _ask(key, [error.text(locale())], Sent(nodes, clocks, sent)), 422
    working.work(city().core, made, AT_ONCE)
    return redirect(url_for("migrating.plan", plan_id=made), 303)


@page.get("/definitions/migrations/<int:plan_id>")
@policy("design")
def plan(plan_id: int) -> str:
    """A plan: what its dry run found, its decision, how far it is."""
    return _page(plans.get(city().core, plan_id), [])


@page.get("/definitions/migrations/<int:plan_id>/cases.xlsx")
@policy("design")
def export(plan_id: int) -> Response:
    """What becomes of every case, as a sheet."""
    found = plans.get(city().core, plan_id)
    rows = telling.cases(found, plans.items(city().core, plan_id), g.actor)
    columns = [
        Column(t("案件编号", "Number"), 20),
        Column(t("标题", "Title"), 40),
        Column(t("结果", "Outcome"), 16),
        Column(t("不能迁移的原因", "Why not"), 60),
        Column(t("在办任务", "Open tasks"), 50),
        Column(t("时限", "Limits"), 50),
        Column(t("定时", "Timers"), 50),
        Column(t("其他变化", "What else changes"), 50),
    ]
    lines = [
        (
            one.number,
            one.title,
            one.word,
            one.why,
            "; ".join(one.tasks),
            "; ".join(one.clocks),
            "; ".join(one.timers),
            "; ".join(one.other),
        )
        for one in rows
    ]
    stays = t("不在方案内，留在原版", "not in the plan: stays")
    _, left = plans.rest(city().core, found, LISTED)
    lines += [(one.number, one.title, stays, "", "", "", "", "") for one in telling.known(left, g.actor)]
    body = sheets.write(t("在办案件迁移", "Migration"), columns, lines, ZONE)
    headers = {"Content-Disposition": f'attachment; filename="migration-{plan_id}.xlsx"'}
    return Response(body, mimetype=sheets.MEDIA_TYPE, headers=headers)


@page.post("/definitions/migrations/<int:plan_id>/propose")
@policy("design")
def propose(plan_id: int) -> Any:
    """Put it up for decision."""
    try:
        state = deciding.propose(city().core, plan_id, g.actor.id, request.form.get("note", ""))
    except Invalid as error:
        return _page(plans.get(city().core, plan_id), [error.text(locale())]), 422
    if state == plans.PROPOSED:
        flash(t("已提交，等待另一位流程设计员批准。", "It is up for decision by another designer."))
    else:
        working.work(city().core, plan_id, AT_ONCE)
    return redirect(url_for("migrating.plan", plan_id=plan_id), 303)


@page.post("/definitions/migrations/<int:plan_id>/review")
@policy("design")
def review(plan_id: int) -> Any:
    """Approve and begin, or refuse and say why."""
    core, said = city().core, request.form.get("said", "").strip()[:1000]
    try:
        if request.form.get("decision") == "approve":
            deciding.approve(core, plan_id, g.actor.id, said)
            working.work(core, plan_id, AT_ONCE)
        else:
            deciding.refuse(core, plan_id, g.actor.id, said)
            flash(t("已驳回。", "Refused."))
    except Invalid as error:
        return _page(plans.get(core, plan_id), [error.text(locale())]), 422
    return redirect(url_for("migrating.plan", plan_id=plan_id), 303)


@page.post("/definitions/migrations/<int:plan_id>/withdraw")
@policy("design")
def withdraw(plan_id: int) -> Any:
    """Take it back."""
    return _ended(plan_id, deciding.withdraw, t("已撤回。", "Withdrawn."))


@page.post("/definitions/migrations/<int:plan_id>/stop")
@policy("design")
def stop(plan_id: int) -> Any:
    """Change no further case."""
    return _ended(
        plan_id,
        deciding.stop,
        t("已停止；已迁移的案件按新版继续。", "Stopped. The cases that went over go on by the new version."),
    )


# ---------------------------------------------------------------- inside


def _ended(plan_id: int, act: Any, said: str) -> Any:
    try:
        act(city().core, plan_id, g.actor.id)
    except Invalid as error:
        return _page(plans.get(city().core, plan_id), [error.text(locale())]), 422
    flash(said)
    return redirect(url_for("migrating.plan", plan_id=plan_id), 303)


def _sent_before(key: str, plan_id: int) -> Sent | None:
    found = plans.get(city().core, plan_id)
    if found.key != key:
        return None
    which = found.asked.chosen.kept()
    cases: dict[str, str] = {name: which[name] for name in ("unit", "since", "until") if name in which}
    cases |= {"at": which.get("node", ""), "numbers": "\n".join(which.get("numbers", ()))}
    return Sent(found.nodes, found.asked.clocks, cases)


def _ask(key: str, wrong: list[str], sent: Sent | None) -> str:
    rows = deployed.versions(city().core, key)
    last = rows[0]["version"]
    busiest = next((row["version"] for row in rows[1:] if row["active"]), rows[min(1, len(rows) - 1)]["version"])
    source = request.values.get("from", busiest, type=int)
    target = request.values.get("to", last, type=int)
    before, after = (deployed.version(city().core, key, number) for number in (source, target))
    old, new = (definitions.get(city().core, row["id"]).model for row in (before, after))
    proposed = pairing.propose(old, new)
    nodes = proposed if sent is None else sent.nodes
    stands, units = limits.choices(before["id"], old)
    return render_template(
        "migrate.html",
        key=key,
        name=t(rows[0]["name_zh"], rows[0]["name_en"]),
        versions=rows,
        source=before,
        target=after,
        before=of_version(key, source),
        after=of_version(key, target),
        pairs=telling.pairs(old, new, proposed, nodes),
        limits=limits.limits(old, new, nodes, sent.clocks if sent is not None else None),
        stands=stands,
        units=units,
        sent={name: sent.cases.get(name, "") if sent is not None else "" for name in limits.CASES},
        wrong=wrong,
        blocked=telling.blocked(old, new),
    )


def _page(found: plans.Plan, wrong: list[str]) -> str:
    core = city().core
    names().learn({found.made_by, found.proposed_by, found.decided_by})
    row = deployed.version(core, found.key, found.source)
    mine = bool(g.actor.accounts & {found.proposed_by or found.made_by})
    wanted = request.args.get("state", "")
    rest, left = plans.rest(core, found, SHOWN)
    items = plans.items(core, found.id, (wanted,) if wanted in telling.ITEMS else (), most=SHOWN)
    return render_template(
        "migration.html",
        plan=found,
        name=t(row["name_zh"], row["name_en"]),
        wrong=wrong,
        word=telling.state(found)[0],
        colour=telling.state(found)[1],
        counts=telling.counted(found),
        reasons=plans.reasons(core, found.id),
        changes=telling.changes(found),
        limits=limits.changes(found),
        means=limits.means(found),
        rest=rest,
        left=telling.known(left, g.actor),
        cases=telling.cases(found, items, g.actor),
        wanted=wanted,
        mine=mine,
        second=publishing.second_person(core),
        under_way=found.state in (plans.TRYING, plans.RUNNING),
        may_propose=found.state == plans.TRIED and bool(found.counts.get(plans.FITS)),
        may_review=found.state == plans.PROPOSED and not mine,
        may_withdraw=mine and found.state in (plans.TRYING, plans.TRIED, plans.PROPOSED),
    )
