"""Errors as pages in words, and as JSON where a program asks."""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from flask import Flask, Response, flash, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import Busy, LiandongError, NotFound, TaskGone
from escalation import words
from escalation.kept.keeping import Counting
from forms.errors import FormsError, InvalidAnswers
from web.telling import ZONE, now
from web.texts import locale, t

log = structlog.get_logger(__name__)


class LogInFirst(LiandongError):
    """Nobody is logged in, or no longer."""

    code = "log_in_first"
    status = 401
    zh = "请先登录。"
    en = "Please log in first."


_WORDS: dict[int, tuple[tuple[str, str], tuple[str, str]]] = {
    400: (
        ("请求有误", "Bad request"),
        ("服务器看不懂这个请求。请返回上一页重试。", "The server could not read this request. Go back and try again."),
    ),
    403: (("无权操作", "Not allowed"), ("您的岗位没有此权限。", "None of your posts carries this right.")),
    404: (
        ("没有找到", "Not found"),
        ("没有这个页面，或者您无权查看。", "There is no such page, or none that you may see."),
    ),
    405: (("请求方式不对", "Wrong method"), ("这个地址不能这样访问。", "This address cannot be used in this way.")),
    408: (
        ("传输太慢", "Too slow"),
        (
            "内容没有在规定时间内传完。请检查网络后重试。",
            "What you sent did not arrive in time. Please look at your connection and try again.",
        ),
    ),
    409: (("已被办理", "Already done"), ("这项任务的状态已经改变。", "The state of this task has changed.")),
    413: (
        ("内容太大", "Too large"),
        (
            "上传的内容超过上限。请压缩照片或分几次上传。",
            "This is larger than allowed. Make photos smaller or send them in parts.",
        ),
    ),
    415: (
        ("格式不支持", "Unsupported format"),
        ("服务器不接受这种格式的内容。", "The server does not take content of this kind."),
    ),
    422: (("内容需要修改", "Please correct"), ("提交的内容不符合要求。", "What you sent does not fit what was asked.")),
    429: (("过于频繁", "Too often"), ("请稍后再试。", "Please try again later.")),
    500: (
        ("系统出错", "Something went wrong"),
        (
            "这是系统的问题，不是您的操作有误。您提交的内容没有保存，请稍后重试。",
            "This is our fault, not yours. What you sent was not saved; please try again later.",
        ),
    ),
    503: (("系统繁忙", "Busy"), ("请稍后重试。", "Please try again shortly.")),
    507: (
        ("存储已满", "No room left"),
        ("数据没有保存，请联系运维人员。", "Nothing was saved; please tell the operators."),
    ),
}


_OWED = {"password_must_change": "session.password", "second_factor_wanted": "account.second_factor"}
"""Where somebody does what they owe before anything else (web/policies.py)."""


COUNTED_AGAIN = 10
"""Seconds after which a program asks again for what is being counted. Pages ask by themselves."""


def install(app: Flask) -> None:
    """Answer every error in words."""
    app.register_error_handler(LiandongError, _told)
    app.register_error_handler(FormsError, _told)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def wants_json() -> bool:
    """True for programs: the API, and whoever asks for JSON rather than a page."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def _told(error: LiandongError | FormsError) -> BaseResponse:
    status = getattr(error, "status", 422)
    if isinstance(error, LogInFirst) and not wants_json():
        there = request.full_path if request.method == "GET" else None
        return redirect(url_for("session.log_in", next=there and there.rstrip("?")))
    if error.code in _OWED and not wants_json():
        flash(error.text(locale()), "warn")
        return redirect(url_for(_OWED[error.code]), 303)
    body: dict[str, Any] = {"code": error.code, "zh": error.text("zh"), "en": error.text("en")}
    if isinstance(error, InvalidAnswers):
        body["problems"] = [{"path": p.path, "zh": p.zh, "en": p.en} for p in error.problems]
    if isinstance(error, Counting):
        answer = _answer(status, sentence(error), body, error, title=t("正在统计", "Being counted"))
        answer.headers["Retry-After"] = str(COUNTED_AGAIN)
        return answer
    return _answer(status, sentence(error), body, error)


def sentence(error: LiandongError | FormsError) -> str:
    """What the reader of a page is told: as the error says it, its time as people write it."""
    if isinstance(error, TaskGone) and error.at is not None:
        error.params["when"] = words.when(error.at, now(), ZONE, locale())
    return error.text(locale())


def _csrf(_error: CSRFError) -> BaseResponse:
    zh = "这个页面打开得太久，或来自别处，提交没有执行。请刷新页面后再提交一次。"
    en = "This page was open too long, or came from elsewhere; nothing was done. Reload it and send again."
    return _answer(400, t(zh, en), {"code": "csrf", "zh": zh, "en": en}, title=t("页面已过期", "The page has expired"))


def _http(error: HTTPException) -> BaseResponse:
    if error.code is not None and error.code < 400:
        return make_response(error.get_response())
    if request.path.startswith("/api/"):  # an address of the API that no route knows
        from web.api import problems  # noqa: PLC0415  the API needs this module first

        return problems.http(error)
    status = error.code or 500
    _, sentence = _WORDS.get(status, _WORDS[400 if status < 500 else 500])
    response = _answer(status, t(*sentence), {"code": str(status), "zh": sentence[0], "en": sentence[1]})
    if error.response is None and (allow := dict(error.get_headers()).get("Allow")):
        response.headers["Allow"] = allow
    return response


def _unexpected(error: Exception) -> BaseResponse:
    reference = uuid.uuid4().hex[:8]
    log.error("unexpected", reference=reference, method=request.method, endpoint=request.endpoint, exc_info=error)
    zh, en = _WORDS[500][1]
    body = {"code": "internal", "zh": zh, "en": en, "reference": reference}
    return _answer(500, t(zh, en), body, reference=reference)


def _answer(
    status: int,
    sentence: str,
    body: dict[str, Any],
    error: Exception | None = None,
    *,
    title: str | None = None,
    reference: str | None = None,
) -> Response:
    if wants_json():
        response = jsonify(body)
        response.status_code = status
        return response
    heading, _ = _WORDS.get(status, _WORDS[400 if status < 500 else 500])
    page = render_template(
        "error.html",
        status=status,
        heading=title or t(*heading),
        sentence=sentence,
        again=isinstance(error, Busy),
        missing=isinstance(error, NotFound),
        counting=isinstance(error, Counting),
        reference=reference,
        problems=[p.text(locale()) for p in getattr(error, "problems", ()) if hasattr(p, "text")],
        actor=g.get("actor"),
    )
    return make_response(page, status)
