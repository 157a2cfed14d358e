"""The auditors' page: whether the records are whole, who did what, who looked at what; the same as a sheet."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine import sheets
from engine.errors import Invalid
from engine.queries import records
from engine.queries.records import CASES, READING, STREAMS, Wanted
from engine.sheets import Column
from web import telling_acts
from web.auth import city
from web.policies import policy
from web.telling import ZONE, names, stamp
from web.telling_cases import node_name
from web.texts import locale, t

page = Blueprint("audit", __name__)

MOST_EXPORTED = 50_000
CHOICES = (*STREAMS, READING, CASES)
_CASE = re.compile(r"case:(\d{1,19})")


@page.get("/audit")
@policy("audit")
def listing() -> str:
    """How the records stand, and what fits the filter."""
    wanted = _wanted()
    found = records.search(city().core, g.actor, wanted)
    state = records.state(city().core, g.actor)
    names().learn([row[name] for row in found.rows for name in ("actor_id", "for_id")])
    return render_template(
        "audit.html",
        state=state,
        wanted=wanted,
        asked=request.args,
        found=found,
        streams=[(name, telling_acts.stream(name)) for name in CHOICES],
        filtered=any(request.args.get(name) for name in ("stream", "who", "about", "from", "to")),
        act=telling_acts.act,
        stream_word=telling_acts.stream,
        details=telling_acts.details,
        about=about,
        told=_told(state.verified.summary),
        node_name=node_name,
    )


@page.get("/audit.xlsx")
@policy("audit")
def export() -> Response:
    """Everything that fits, as a sheet. Invalid when it is longer than a sheet should be."""
    rows = records.everything(city().core, g.actor, _wanted(), MOST_EXPORTED)
    if len(rows) > MOST_EXPORTED:
        raise Invalid(
            why_zh=f"超过 {MOST_EXPORTED} 条，请缩小范围后再导出。",
            why_en=f"These are more than {MOST_EXPORTED} records; narrow the filter and export again.",
        )
    directory = names()
    directory.learn([row[name] for row in rows for name in ("actor_id", "for_id")])
    columns = [
        Column(t("时间", "When"), 20),
        Column(t("类别", "Stream"), 18),
        Column(t("序号", "Number"), 8),
        Column(t("谁", "Who"), 14),
        Column(t("单位", "Unit"), 20),
        Column(t("岗位", "Post"), 14),
        Column(t("代", "For"), 14),
        Column(t("做了什么", "What"), 26),
        Column(t("对象", "About"), 26),
        Column(t("来自", "From where"), 26),
        Column(t("详情", "Details"), 60),
        Column(t("哈希", "Hash"), 40),
    ]
    lines = [
        (
            row["at"],
            telling_acts.stream(row.get("stream", CASES)),
            row["seq"],
            directory.person(row["actor_id"]) or t("系统", "The system"),
            directory.unit(row["unit_id"], locale()),
            directory.post(row["post_key"], locale()),
            directory.person(row["for_id"]),
            telling_acts.act(row["kind"])
            + (f" · {node_name(row['definition_id'], row['node'])}" if row.get("node") else ""),
            about(row),
            row["origin"] or "",
            "; ".join(f"{name}: {text}" for name, text in telling_acts.details(row.get("data"))),
            row.get("hash") or "",
        )
        for row in rows
    ]
    body = sheets.write(t("审计记录", "Audit"), columns, lines, ZONE)
    name = f"audit-{stamp(city().core.db.now()).replace(' ', '-').replace(':', '')}.xlsx"
    return Response(body, mimetype=sheets.MEDIA_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@page.post("/audit/verify")
@policy("audit")
def verify() -> BaseResponse:
    """Let a worker verify everything soon."""
    records.ask_for_verification(city().core, g.actor)
    flash(
        t(
            "已安排验证，后台进程将在半分钟内开始；完成后结果显示在本页。",
            "A worker begins within half a minute; the outcome shows on this page.",
        )
    )
    return redirect(url_for("audit.listing"), 303)


def about(row: dict[str, Any]) -> str:
    """What an act was about, as people know it: a case by its number, a person or a unit by name."""
    if row.get("case"):
        file = row["about"].partition("/")[2]
        return f"{row['case']}{t('，附件 ', ', file ') + file if file else ''}"
    named: str = row["about"]
    kind, _, rest = named.partition(":")
    if kind == "person" and rest.isdecimal() and len(rest) < 10:
        return names().person(int(rest)) or named
    if kind == "unit":
        return names().unit_by_key(rest, locale()) or named
    if kind == "change" and rest.isdecimal():
        return t(f"机构变更 {rest}", f"Change {rest} of the organisation")
    if kind == "setting":
        return rest
    return named


# ---------------------------------------------------------------- inside


def _told(summary: dict[str, Any]) -> dict[str, list[str]]:
    """Findings and warnings in words, cases by their numbers."""
    lists = {name: [t(one["zh"], one["en"]) for one in summary.get(name, ())] for name in ("first", "warnings")}
    ids = {int(i) for texts in lists.values() for text in texts for i in _CASE.findall(text)}
    known = records.numbers(city().core, g.actor, ids) if ids else {}
    return {
        name: [_CASE.sub(lambda m: known.get(int(m[1]), m[0]), text) for text in texts] for name, texts in lists.items()
    }


def _wanted() -> Wanted:
    asked = request.args
    stream = asked.get("stream", "")
    return Wanted(
        stream=stream if stream in CHOICES else "",
        who=_text("who"),
        about=_text("about"),
        kind=_text("kind"),
        since=_day("from"),
        until=_day("to", after=True),
        page=max(1, min(100_000, asked.get("page", 1, type=int))),
    )


def _text(name: str) -> str:
    return request.args.get(name, "").replace("\x00", "").strip()[:100]


def _day(name: str, *, after: bool = False) -> datetime | None:
    try:
        found = datetime.strptime(request.args.get(name, ""), "%Y-%m-%d").replace(tzinfo=ZONE).date()
        found = found + timedelta(days=1) if after else found
    except (ValueError, OverflowError):
        return None
    return datetime.combine(found, time(), ZONE)
