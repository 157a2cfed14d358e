"""Every error of the API as application/problem+json (RFC 9457): a code for programs, a sentence for people in the language they
asked for, and each single problem with its place."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import structlog
from flask import Response, g, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine.bpmn.problems import Problem as FileProblem
from engine.errors import LiandongError, TaskGone
from forms.errors import FormsError
from forms.errors import Problem as FormProblem
from web.texts import LOCALES, ZH

MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger("liandong.api")

_SENTENCES = {
    400: ("请求有误。", "The request is not as it should be."),
    401: ("请先登录，或提供有效的令牌。", "Log in, or send a token that works."),
    403: ("您的岗位没有此权限。", "None of your posts carries this right."),
    404: ("没有这个地址。", "There is nothing at this address."),
    405: ("此地址不支持这种请求方法。", "This address does not take this method."),
    408: ("内容没有在规定时间内传完。", "The request did not arrive in time."),
    413: ("请求内容太大。", "The request is too large."),
    415: ("不支持的内容类型。", "This type of content is not taken."),
    422: ("请求的内容不符合要求。", "The content of the request is not as it should be."),
    500: ("服务器内部错误，没有保存任何内容。", "Something went wrong on our side; nothing was saved."),
}


def speak() -> str:
    """The language of the answer: what the request asks for, else the person's own, else Chinese."""
    if request.accept_languages:
        best = request.accept_languages.best_match(LOCALES)
        if best is not None:
            return best
    actor = g.get("actor")
    return actor.locale if actor is not None and actor.locale in LOCALES else ZH


def told(error: LiandongError | FormsError) -> Response:
    """An error that says itself what is wrong."""
    locale = speak()
    more: dict[str, Any] = {}
    problems = [_problem(p, locale) for p in getattr(error, "problems", ())]
    if problems:
        more["problems"] = problems
    if isinstance(error, TaskGone):
        more["who"] = error.params.get("who")
        more["at"] = error.at.isoformat() if error.at is not None else None
    return answer(getattr(error, "status", 422), error.code, error.text(locale), **more)


def http(error: HTTPException) -> Response:
    """An error of the HTTP library, or of webargs with its messages."""
    status = error.code or 500
    zh, en = _SENTENCES.get(status, _SENTENCES[400 if status < 500 else 500])
    code = "csrf" if isinstance(error, CSRFError) else HTTPStatus(status).name.lower()
    if isinstance(error, CSRFError):
        zh, en = "缺少或无效的 CSRF 令牌，请求未执行。", "The CSRF token is missing or wrong; nothing was done."
    more: dict[str, Any] = {}
    messages = getattr(error, "data", {}).get("messages")
    if messages:
        code = "invalid"
        if set(messages) <= {"json", "query", "headers"}:  # webargs says where it looked
            messages = {name: value for place in messages.values() for name, value in _named(place)}
        more["problems"] = list(_messages(messages))
    response = answer(status, code, zh if speak() == ZH else en, **more)
    allow = dict(error.get_headers()).get("Allow") if error.response is None else None
    if allow:
        response.headers["Allow"] = allow
    return response


def unexpected(error: Exception) -> Response:
    """A mistake of ours: logged under a reference, told without detail."""
    reference = uuid.uuid4().hex[:8]
    log.error("unexpected", reference=reference, method=request.method, endpoint=request.endpoint, exc_info=error)
    zh, en = _SENTENCES[500]
    return answer(500, "internal", zh if speak() == ZH else en, reference=reference)


def answer(status: int, code: str, detail: str, **more: Any) -> Response:
    """The document itself."""
    document = {
        "type": f"urn:liandong:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
    response = Response(json.dumps(document, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)
    response.headers["Content-Language"] = speak()
    response.vary.add("Accept-Language")
    return response


def _problem(problem: Any, locale: str) -> dict[str, Any]:
    if isinstance(problem, FileProblem):
        return {
            "path": f"{problem.file}:{problem.line}",
            "file": problem.file,
            "line": problem.line,
            "element": problem.element,
            "code": problem.code,
            "detail": problem.text(locale),
        }
    if isinstance(problem, FormProblem):
        return {"path": problem.path, "detail": problem.text(locale)}
    return {"path": "", "detail": str(problem)}


_CHINESE = (
    ("Missing data", "缺少必填项。"),
    ("Unknown field", "没有这个字段。"),
    ("Field may not be null", "不能为空值。"),
    ("Not a valid", "类型或格式不对。"),
    ("Invalid", "类型或格式不对。"),
    ("Must be one of", "不在可选值之内。"),
    ("Must be", "超出允许的范围。"),
    ("Shorter than", "太短。"),
    ("Longer than", "太长。"),
    ("Length must be", "长度不在允许的范围内。"),
    ("String does not match", "格式不对。"),
    ("Holds characters", "含有无法保存的字符。"),
)
"""The validators' own sentences, by how they begin."""


def _named(place: Any) -> list[tuple[Any, Any]]:
    return list(place.items()) if isinstance(place, dict) else [("", place)]


def _sentence(message: object, locale: str) -> str:
    text = str(message)
    if locale != ZH:
        return text
    return next((zh for start, zh in _CHINESE if text.startswith(start)), "不符合要求。")


def _messages(messages: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """The messages of marshmallow, which are nested as the request is, one by one."""
    if isinstance(messages, dict):
        for key, value in messages.items():
            yield from _messages(value, f"{path}.{key}" if path else str(key))
        return
    listed = messages if isinstance(messages, list) else [messages]
    yield {"path": path, "detail": " ".join(_sentence(m, speak()) for m in listed)}
