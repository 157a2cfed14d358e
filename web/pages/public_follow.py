"""Follow a report or an application with its receipt code, without a log-in. The code comes by POST and is not kept: this browser's
signed page session remembers its hash until it is closed or one leaves."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import LiandongError, NotFound
from engine.public import following, limits, talking
from web import uploads
from web.auth import city
from web.pages import application
from web.pages.public import address, never_kept, shown
from web.policies import PUBLIC, policy
from web.telling import names
from web.texts import locale, t

page = Blueprint("public_follow", __name__)
page.after_request(never_kept)

KEY = "report"


@page.get("/public/follow")
@policy(PUBLIC)
def enter() -> str:
    """Where one types the code."""
    return shown("public_follow.html", refused=None)


@page.post("/public/follow")
@policy(PUBLIC)
def check() -> Any:
    """Look the code up."""
    try:
        found = following.find(city().core, request.form.get("code", ""), address())
    except (NotFound, limits.TooOften) as error:
        wrong = t(
            "没有这个查询码，请核对后再输入。查询码共 28 位，不分大小写。",
            "There is no such receipt code; please look again. It has 28 characters, in capitals or not.",
        )
        said = wrong if isinstance(error, NotFound) else error.text(locale())
        return make_response(shown("public_follow.html", refused=said), error.status)
    if following.is_application(city().core, found):
        session[application.KEY] = found
        return redirect(url_for("application.case"), 303)
    session[KEY] = found
    return redirect(url_for("public_follow.case"), 303)


@page.get("/public/case")
@policy(PUBLIC)
def case() -> Any:
    """How far it has come, what was written, and what the reporter can do now."""
    return _page()


@page.get("/public/case/photos/<file_id>")
@policy(PUBLIC)
def photo(file_id: str) -> Response:
    """A small picture of the report that is followed."""
    found = following.fetch(city().core, _hash(), file_id)
    return Response(found.content, mimetype=found.type, headers={"Content-Disposition": "inline"})


@page.post("/public/case/tell")
@policy(PUBLIC)
def tell() -> Any:
    """Add something, or answer what was asked."""
    core = city().core
    found = following.follow(core, _hash())
    if not found.number:
        raise NotFound(what="case")
    limits.check_post(core, address())
    try:
        photos = uploads.photos_from_request(core, "photos")
        talking.tell(core, found.instance_id, found.code_hash, request.form.get("text", ""), photos, key=_key())
    except LiandongError as error:
        return _page(refused=error, typed=request.form.get("text", ""))
    flash(t("已发送，感谢您的补充。", "Sent. Thank you for telling us more."))
    return redirect(url_for("public_follow.case"), 303)


@page.post("/public/case/judge")
@policy(PUBLIC)
def judge() -> Any:
    """Solved or not."""
    core = city().core
    code_hash = _hash()
    solved = request.form.get("verdict") == "solved"
    limits.check_post(core, address())
    try:
        photos = [] if solved else uploads.photos_from_request(core, "photos")
        following.judge(core, code_hash, solved=solved, text=request.form.get("reason", ""), photos=photos)
    except LiandongError as error:
        return _page(refused=error, reason=request.form.get("reason", ""))
    if solved:
        flash(t("感谢您的评价。", "Thank you for telling us."))
    else:
        flash(
            t(
                "已重新立件办理，请继续用原查询码查看进度。",
                "It was opened again as a new case; go on following it with the same receipt code.",
            )
        )
    return redirect(url_for("public_follow.case"), 303)


@page.post("/public/leave")
@policy(PUBLIC)
def leave() -> BaseResponse:
    """Forget the code in this browser."""
    session.pop(KEY, None)
    return redirect(url_for("public.home"), 303)


# ---------------------------------------------------------------- inside


def _hash() -> str:
    found = session.get(KEY)
    if not isinstance(found, str):
        raise NotFound(what="report")
    return found


def _page(refused: LiandongError | None = None, typed: str = "", reason: str = "") -> Any:
    known = session.get(KEY)
    try:
        found = following.follow(city().core, str(known)) if known else None
    except NotFound:
        found = None
    if found is None:
        session.pop(KEY, None)
        return redirect(url_for("public_follow.enter"))
    text = shown(
        "public_case.html",
        report=found,
        area=names().area(found.area, locale()) if found.area else "",
        unit=names().unit(found.unit_id, locale()) if found.unit_id else "",
        refused=refused.text(locale()) if refused is not None else None,
        typed=typed,
        reason=reason,
    )
    return make_response(text, refused.status if refused is not None else 200)


def _key() -> str | None:
    return request.form.get("idempotency_key", "")[:100] or None
