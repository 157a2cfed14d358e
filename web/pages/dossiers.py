"""The dossier of a case: what it holds, its hash, and its two files."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, g, render_template, request

from engine.queries import cases as reading
from escalation.dossier import Dossier, asking, paper
from escalation.dossier.canonical import digest_of
from web import fonts
from web.auth import city
from web.policies import policy
from web.texts import locale, t

page = Blueprint("dossiers", __name__)


@page.get("/cases/<int:instance_id>/dossier")
@policy(*asking.POWERS)
def dossier(instance_id: int) -> str:
    """What the dossier holds and what it is called; nothing of it leaves the house yet."""
    core = city().core
    made = asking.look(core, g.actor, instance_id, _event())
    return render_template(
        "dossier.html",
        row=reading.row(core, g.actor, instance_id),
        made=made,
        file_hash=digest_of(made.content),
        size=len(made.content),
        key=made.document["signature"]["key"],
        until=datetime.fromisoformat(made.document["head"]["until"]),
        parts=_parts(made),
        named=bool(_event()),
    )


@page.get("/cases/<int:instance_id>/dossier.json")
@policy(*asking.POWERS)
def data(instance_id: int) -> Response:
    """The data file: what counts."""
    made = asking.hand_out(city().core, g.actor, instance_id, _event(), "json")
    return _file(made.content, f"{made.name}.json", "application/json")


@page.get("/cases/<int:instance_id>/dossier.pdf")
@policy(*asking.POWERS)
def printed(instance_id: int) -> Response:
    """The same on paper, the data file attached."""
    asking.check(city().core, g.actor, instance_id)
    made = asking.hand_out(city().core, g.actor, instance_id, _event(), "pdf")
    content = paper.render(made.content, made.name, fonts.folders(), locale())
    return _file(content, f"{made.name}.pdf", "application/pdf")


def _event() -> str | None:
    return request.args.get("event", "")[:2000] or None


def _parts(made: Dossier) -> list[tuple[str, int, str]]:
    """Name, number of rows and hash of each section that has rows."""
    words = {
        "case": t("案件与流程版本", "The case and its process version"),
        "answers": t("案情与各环节填报", "What was answered"),
        "handovers": t("经办交接", "Hand-overs"),
        "holding": t("各单位用时", "Who held it how long"),
        "clocks": t("时限及其台账", "Clocks with their ledgers"),
        "calendars": t("日历版本", "Versions of calendars"),
        "requests": t("延期、挂账等申请", "Requests about clocks"),
        "rungs": t("督办各级", "Rungs of supervision"),
        "notices": t("告知与阅知", "Notices and who read them"),
        "copies": t("抄送、传阅", "Copies"),
        "links": t("关联案件", "Linked cases"),
        "files": t("附件（按哈希）", "Files, by hash"),
        "history": t("办理经过", "History"),
        "supervisions": t("督办过程", "Supervisions"),
        "names": t("人员、单位、岗位名称", "Names of people, units and posts"),
    }
    sections = made.document["sections"]
    beside = sum(
        len(row.get("files", ()))
        for each in sections
        if each["name"] in ("supervisions", "requests")
        for row in each["content"]
    )
    return [
        (
            words.get(each["name"], each["name"]),
            _count(each["content"]) + (beside if each["name"] == "files" else 0),
            each["hash"],
        )
        for each in sections
    ]


def _count(content: Any) -> int:
    if isinstance(content, list):
        return len(content)
    for name in ("rows", "stretches", "people"):
        if name in content:
            return len(content[name])
    return 1


def _file(content: bytes, name: str, kind: str) -> Response:
    response = Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
