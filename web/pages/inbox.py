"""The inbox: what is mine, what my unit may take, what is due soon, what is late; seen by light, process, unit or place."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import saved_views
from engine.bpmn.values import Names
from engine.queries import inbox as reading
from engine.queries import views
from engine.queries.inbox import DEPTH, Sort, Tab, Wanted
from engine.queries.views import By
from escalation import lights
from web.auth import city
from web.pages import batches
from web.policies import SIGNED_IN, policy
from web.telling import names, now
from web.telling_cases import node_name
from web.telling_inbox import KEYS, LIGHTS, key_word
from web.texts import locale, t

page = Blueprint("inbox", __name__)

PAGE_SIZE = 25


@page.get("/inbox")
@policy(SIGNED_IN)
def inbox() -> str:
    """One tab of the inbox, one page of it."""
    core = city().core
    counts = reading.counts(core, g.actor, now())
    counts[Tab.ALL] = min(DEPTH, counts[Tab.MINE] + counts[Tab.UNIT])
    # Without a wish: where there is something to do.
    usual = Tab.UNIT if counts[Tab.UNIT] and not counts[Tab.MINE] else Tab.MINE
    wanted = views.wanted_of(request.args, usual=usual, page=request.args.get("page", 1, type=int), size=PAGE_SIZE)
    by = By(request.args["by"]) if request.args.get("by") in list(By) else None
    found = reading.page(core, g.actor, wanted, now())
    return render_template(
        "inbox.html",
        tabs=[(tab, label, counts[tab]) for tab, label in _tabs()],
        wanted=wanted,
        by=by,
        ways=_ways(),
        groups=_groups(wanted, by) if by is not None else [],
        narrowed=_narrowed(wanted, by),
        kinds=_kinds(),
        rows=found.rows,
        more=found.more,
        lights=lights.of_tasks(core, found.rows, now(), locale()),
        node_name=node_name,
        depth=DEPTH,
        partial=counts[wanted.tab] >= DEPTH and (wanted.sort is not Sort.DUE or bool(by or wanted.unit or wanted.area)),
        saved=saved_views.listing(core, g.actor),
        address_of=_address_of,
        units=sorted({post.unit_id for post in g.actor.own_posts}),
        kept={key: request.args[key] for key in views.KEYS if request.args.get(key)} | {"tab": str(wanted.tab)},
        keys=[(key, key_word(key)) for key in KEYS],
        batch_acts=batches.offered(),
    )


@page.post("/inbox/views")
@policy(SIGNED_IN)
def save_view() -> Response:
    """Keep the filter that is now set."""
    said = {key: request.form.get(key, "") for key in views.KEYS}
    shared = request.form.get("unit_id", "")
    unit_id = int(shared) if shared.isascii() and shared.isdecimal() and len(shared) < 10 else None
    saved_views.save(city().core, g.actor, request.form.get("name", ""), said, unit_id)
    flash(t("筛选已保存。", "The filter is saved."))
    return redirect(_address_of(said), 303)


@page.post("/inbox/views/<int:view_id>/remove")
@policy(SIGNED_IN)
def remove_view(view_id: int) -> Response:
    """Forget a filter of one's own."""
    saved_views.remove(city().core, g.actor, view_id)
    flash(t("筛选已删除。", "The filter is removed."))
    return redirect(url_for("inbox.inbox"), 303)


def _address_of(query: dict[str, str]) -> str:
    said: dict[str, Any] = {key: query[key] for key in views.KEYS if query.get(key)}
    return url_for("inbox.inbox", **said)


def _tabs() -> list[tuple[Tab, str]]:
    return [
        (Tab.ALL, t("全部", "All")),
        (Tab.MINE, t("我的", "Mine")),
        (Tab.UNIT, t("本单位待领", "My unit's")),
        (Tab.SOON, t("临期", "Due soon")),
        (Tab.LATE, t("超时", "Overdue")),
    ]


def _ways() -> list[tuple[By, str]]:
    return [
        (By.LIGHT, t("亮灯", "Light")),
        (By.PROCESS, t("流程", "Process")),
        (By.UNIT, t("责任单位", "Unit")),
        (By.AREA, t("地点", "Place")),
    ]


_PARAMETER = {By.LIGHT: "light", By.PROCESS: "kind", By.UNIT: "unit", By.AREA: "area"}


def _groups(wanted: Wanted, by: By) -> list[dict[str, Any]]:
    """A choice for each value that there is: its words, how many, the change of the address that chooses it, and whether it is chosen."""
    chosen = _value(wanted, by)
    return [
        {
            "label": _word(by, value),
            "light": value if by is By.LIGHT else None,
            "count": count,
            "change": {_PARAMETER[by]: None if value == chosen else value, "page": None},
            "chosen": value == chosen,
        }
        for value, count in views.groups(city().core, g.actor, wanted, by, now())
        if value is not None
    ]


def _narrowed(wanted: Wanted, by: By | None) -> list[tuple[str, dict[str, None]]]:
    """What else narrows the list, each with the change of the address that takes it away."""
    return [
        (f"{label}{t('：', ': ')}{_word(way, value)}", {_PARAMETER[way]: None, "page": None})
        for way, label in _ways()
        if way is not by and way is not By.PROCESS and (value := _value(wanted, way)) is not None
    ]


def _value(wanted: Wanted, by: By) -> Any:
    if by is By.PROCESS:
        return wanted.process if wanted.node is None else None
    return {By.LIGHT: wanted.light, By.UNIT: wanted.unit, By.AREA: wanted.area}[by]


def _word(by: By, value: Any) -> str:
    if by is By.LIGHT:
        return t(*LIGHTS[value])
    if by is By.UNIT:
        return names().unit(value, locale()) or t("未定", "not said")
    if by is By.AREA:
        return names().area(value, locale())
    found: Names | None = _processes().get(value)
    return (found.text(locale()) if found is not None else "") or str(value)


def _processes() -> dict[str, Names]:
    known: dict[str, Names] | None = g.get("inbox_processes")
    if known is None:
        known = g.inbox_processes = {d.key: d.names for d, _ in reading.kinds(city().core, g.actor)}
    return known


def _kinds() -> list[tuple[str, str]]:
    return [
        (f"{d.key}.{node.id}", f"{node.names.text(locale()) or node.id} · {d.names.text(locale())}")
        for d, node in reading.kinds(city().core, g.actor)
    ]
