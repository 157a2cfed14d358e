"""The list of cases, with filters, and the same list as a sheet."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, g, render_template, request

from engine import access, registers, sheets, worlds
from engine.errors import Invalid
from engine.queries import deployed, listing
from engine.queries.listing import Wanted
from engine.sheets import Column
from engine.tables import LIVE, instance
from escalation import filters, lights
from escalation.sla import Light
from web.auth import city
from web.policies import SIGNED_IN, policy
from web.telling import ZONE, names, stamp
from web.telling_cases import STATUSES as STATUS_WORDS
from web.telling_cases import node_name, process_name, status
from web.texts import locale, t

page = Blueprint("case_list", __name__)

PAGE_SIZE = 25
MOST_EXPORTED = 30_000
LARGEST = 2**31 - 1
LIGHTS = (Light.RED, Light.YELLOW, Light.GREEN, Light.NONE)
STATUSES = ("active", "suspended", "completed", "rejected", "cancelled")
ENDED = "ended"
"""Asked for as a status: any of the last three."""


@page.get("/cases")
@policy(SIGNED_IN)
def cases() -> str:
    """One page of the list."""
    core = city().core
    world = _world()
    wanted = _wanted(world)
    found = listing.page(core, g.actor, wanted)
    return render_template(
        "cases.html",
        wanted=wanted,
        asked=request.args,
        found=found,
        capped=found.capped,
        filtered=_is_filtered(),
        choices=_choices(),
        world=world,
        worlds=_worlds(),
        **told(found.rows, world),
    )


@page.get("/cases.xlsx")
@policy(SIGNED_IN)
def export() -> Response:
    """The whole list under the same filter, as a sheet. Invalid when it is longer than a sheet should be."""
    core = city().core
    world = _world()
    rows = listing.everything(core, g.actor, _wanted(world), MOST_EXPORTED)
    if len(rows) > MOST_EXPORTED:
        raise Invalid(
            why_zh=f"超过 {MOST_EXPORTED} 条，请缩小筛选范围后再导出。",
            why_en=f"These are more than {MOST_EXPORTED} cases; narrow the filter and export again.",
        )
    return as_sheet(rows, world)


# ---------------------------------------------------------------- what the figures' lists use too


def told(rows: list[dict[str, Any]], world: worlds.World) -> dict[str, Any]:
    """What a list needs beside its rows."""
    core = city().core
    ids = [r["id"] for r in rows]
    return {
        "rows": rows,
        "lights": lights.of_cases(core, ids, world.now, locale()),
        "steps": {i: _steps(r) for i, r in listing.open_steps(core, ids).items()},
        "definition_of": {r["id"]: r["definition_id"] for r in rows},
        "classes": classes(),
        "sources": sources(),
        "status_word": status,
        "process_name": process_name,
        "node_name": node_name,
    }


def as_sheet(rows: list[dict[str, Any]], world: worlds.World) -> Response:
    """Cases as a file to keep."""
    core = city().core
    directory = names()
    shown = lights.of_cases(core, [r["id"] for r in rows], world.now, locale())
    steps = listing.open_steps(core, [r["id"] for r in rows])
    kinds, origins = classes(), sources()
    columns = [
        Column(t("编号", "Number"), 20),
        Column(t("问题", "Problem"), 40),
        Column(t("流程", "Process"), 18),
        Column(t("状态", "Status"), 12),
        Column(t("当前环节", "Current step"), 16),
        Column(t("小类", "Class"), 18),
        Column(t("街镇、社区", "Area"), 16),
        Column(t("具体位置", "Place"), 30),
        Column(t("来源", "Source"), 14),
        Column(t("责任单位", "Responsible unit"), 20),
        Column(t("受理时间", "Received"), 17),
        Column(t("截止时间", "Due"), 17),
        Column(t("结束时间", "Ended"), 17),
        Column(t("时限", "Light"), 12),
        Column(t("时限说明", "Time"), 20),
    ]
    lines = []
    for row in rows:
        standing = shown.get(row["id"])
        lines.append(
            (
                row["number"],
                row["title"],
                process_name(row["definition_id"]),
                status(row),
                "、".join(node_name(s["definition_id"], s["node"]) for s in steps.get(row["id"], ())),
                kinds.get(row["class"], row["class"]),
                directory.area(row["area"], locale()),
                row["place"],
                origins.get(row["source"], row["source"]),
                directory.unit(row["unit_id"], locale()),
                row["started_at"],
                standing.due_at if standing else None,
                row["ended_at"],
                light_word(Light(standing.colour)) if standing else light_word(Light.NONE),
                standing.words if standing else "",
            )
        )
    body = sheets.write(t("案件", "Cases"), columns, lines, world.zone)
    name = f"cases-{stamp(world.now).replace(' ', '-').replace(':', '')}.xlsx"
    return Response(body, mimetype=sheets.MEDIA_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def light_word(light: Light) -> str:
    """A light by its word."""
    return light.zh if locale() == "zh" else light.en


def classes() -> dict[str, str]:
    """The sub-classes of the standards by code."""
    found: dict[str, str] | None = g.get("class_names")
    if found is None:
        column = "small_name" if locale() == "zh" else "small_name_en"
        rows = registers.rows(city().core, "standards")
        found = g.class_names = {str(r["class"]): str(r.get(column) or r["class"]) for r in rows if r.get("class")}
    return found


def sources() -> dict[str, str]:
    """Where cases come from, by key."""
    column = "name_zh" if locale() == "zh" else "name_en"
    return {str(r["key"]): str(r.get(column) or r["key"]) for r in registers.rows(city().core, "sources")}


# ---------------------------------------------------------------- inside


def _world() -> worlds.World:
    """The world that was asked for: the live one, or for those who see all cases another."""
    asked = request.args.get("world", LIVE, type=int)
    if asked != LIVE and access.SEE_ALL in g.actor.powers:
        found = worlds.get(city().core, asked)
        if not found.is_drill:  # drills have pages of their own, which say so
            return found
    return city().world()


def _worlds() -> list[worlds.World]:
    return [one for one in worlds.every(city().core) if not one.is_drill] if access.SEE_ALL in g.actor.powers else []


def _wanted(world: worlds.World) -> Wanted:
    asked = request.args
    sort = asked.get("sort", "")
    known = sort.removeprefix("-") in {*listing.SORTS, "due"}
    colour = asked.get("light", "")
    unit = asked.get("unit", "")
    return Wanted(
        world=world.id,
        text=_text("q"),
        process=_text("process"),
        status=asked.get("status", "") if asked.get("status") in STATUSES else "",
        kind=_text("class"),
        area=_text("area"),
        unit_id=(names().unit_keys.get(unit, -1)) if unit else None,
        source=_text("source"),
        since=_day("from"),
        until=_day("to", after=True),
        more=((filters.light(Light(colour), world.now),) if colour in list(Light) else ()) + _of_version() + _ended(),
        order=filters.case_due() if sort.removeprefix("-") == "due" else None,
        sort=sort if known else "-started",
        page=max(1, min(100_000, asked.get("page", 1, type=int))),
        size=PAGE_SIZE,
    )


def _of_version() -> tuple[Any, ...]:
    """Only cases that run by one version of their process, where one is named."""
    number = request.args.get("version", 0, type=int)
    return (deployed.runs_on(_text("process"), min(number, LARGEST)),) if number > 0 and _text("process") else ()


def _ended() -> tuple[Any, ...]:
    return (instance.c.status.in_(STATUSES[2:]),) if request.args.get("status") == ENDED else ()


def _text(name: str) -> str:
    return request.args.get(name, "").replace("\x00", "").strip()[:100]


def _day(name: str, *, after: bool = False) -> datetime | None:
    """The beginning of a day in Shanghai; `after`: of the next, so that the day itself is in."""
    try:
        day = datetime.strptime(request.args.get(name, ""), "%Y-%m-%d").replace(tzinfo=ZONE).date()
    except ValueError:
        return None
    return datetime.combine(day + timedelta(days=1) if after else day, time(), ZONE)


def _is_filtered() -> bool:
    names_ = ("q", "process", "version", "status", "class", "area", "unit", "source", "light", "from", "to")
    return any(request.args.get(name) for name in names_)


def _choices() -> dict[str, list[tuple[str, str]]]:
    core = city().core
    zh = locale() == "zh"
    directory = names()
    return {
        "process": [(key, zh_ if zh else en) for key, zh_, en in listing.processes(core)],
        "status": [
            *((key, t(*STATUS_WORDS[key])) for key in STATUSES),
            (ENDED, t("已结束（任何结果）", "Ended, however")),
        ],
        "light": [(str(one), light_word(one)) for one in LIGHTS],
        "class": sorted(classes().items()),
        "area": [(k, n.text(locale())) for k, n in directory.areas.items()],
        "unit": [(k, directory.unit(i, locale())) for k, i in directory.unit_keys.items()],
        "source": list(sources().items()),
    }


def _steps(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each step once, with how many times it is open (a plan's many orders)."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault(row["node"], {**row, "count": 0})
        one["count"] += 1
    return list(found.values())
