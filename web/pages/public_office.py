"""The office's side of public reports: those that are held, those in which somebody waits for an answer, and talking with a reporter."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine.public import holding, talking
from web.auth import city
from web.pages.public import topic_word
from web.policies import policy
from web.telling import names
from web.texts import locale, t

page = Blueprint("public_office", __name__)


@page.get("/public-reports")
@policy("receive")
def reports() -> str:
    """What waits for the office."""
    core = city().core
    return render_template(
        "public_reports.html",
        held=holding.waiting(core, g.actor),
        waiting=talking.waiting(core, g.actor),
        topic_word=topic_word,
        area=lambda key: names().area(key, locale()) if key else "",
        why=_why,
        kind_word=kind_word,
    )


@page.get("/public-reports/<int:report_id>/photos/<file_id>")
@policy("receive")
def photo(report_id: int, file_id: str) -> Response:
    """A photo of a held report."""
    small = bool(request.args.get("small"))
    found = holding.photo(city().core, g.actor, report_id, file_id, thumbnail=small)
    place = "inline" if small else f"attachment; filename={file_id[:12]}.jpg"
    return Response(found.content, mimetype=found.type, headers={"Content-Disposition": place})


@page.post("/public-reports/<int:report_id>/release")
@policy("receive")
def release(report_id: int) -> BaseResponse:
    """It is a report."""
    case = holding.release(city().core, report_id, g.actor.id, request.form.get("note", ""))
    flash(t("已放行，案件已进入办理流程。", "Released; the case is under way."))
    return redirect(url_for("cases.case", instance_id=case), 303)


@page.post("/public-reports/<int:report_id>/refuse")
@policy("receive")
def refuse(report_id: int) -> BaseResponse:
    """It is none."""
    holding.refuse(city().core, report_id, g.actor.id, request.form.get("reason", ""))
    flash(t("已不予受理，照片和来件人信息已删除。", "Refused; its photos and who sent it were deleted."))
    return redirect(url_for("public_office.reports"), 303)


@page.post("/cases/<int:instance_id>/reporter")
@policy("receive")
def say(instance_id: int) -> BaseResponse:
    """Ask, answer, or mark as read."""
    kind = request.form.get("kind", "")
    key = request.form.get("idempotency_key", "")[:100] or None
    to = request.form.get("to", "") or None
    talking.say(city().core, instance_id, kind, request.form.get("text", ""), g.actor.id, to=to, key=key)
    flash(
        t("已标记为已阅。", "Marked as read.")
        if kind == talking.SEEN
        else t("已发送给上报人。", "Sent to who reported.")
    )
    return redirect(url_for("cases.case", instance_id=instance_id) + "#talk", 303)


def kind_word(kind: str) -> str:
    """What a message is."""
    words = {
        talking.NOTE: t("补充", "Added"),
        talking.ANSWER: t("回答", "Answer"),
        talking.SOLVED: t("已解决", "Solved"),
        talking.UNSOLVED: t("没有解决", "Not solved"),
        talking.QUESTION: t("询问", "Question"),
        talking.REPLY: t("答复", "Reply"),
        talking.SEEN: t("已阅", "Read"),
    }
    return words.get(kind, kind)


def _why(reason: str) -> str:
    words = {
        holding.WORDS: t("含有疑似广告的词", "words of advertising"),
        holding.FAST: t("填写过快", "filled in too fast"),
        holding.MANY: t("同一地址短时间内多次上报", "many from one address"),
        holding.TRAP: t("疑似程序自动填写", "filled in by a program, it seems"),
    }
    return words.get(reason, reason)
