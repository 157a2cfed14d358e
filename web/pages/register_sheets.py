"""A register as an Excel sheet: out, and in again with a preview; what is written is what was previewed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from engine import access, registers, sheets
from engine.errors import Invalid, LiandongError
from engine.queries import registers as reading
from engine.queries.organisation import STAFF
from engine.registers import Register, importing, keeping
from engine.registers.importing import Preview, Wrong
from web import registers as telling
from web.auth import city
from web.errors import sentence
from web.policies import policy
from web.telling import ZONE, now, stamp
from web.texts import locale, t

page = Blueprint("register_sheets", __name__)

MOST_SHOWN = 100
"""Rows of each kind that a preview shows; it says how many there are."""
MOST_PACKED = 400_000
"""Characters of a preview that a page carries back: a form's field takes no more than half a million."""


@page.get("/registers/<key>/sheet.xlsx")
@policy(STAFF)
def export(key: str) -> Response:
    """The rows that fit the search as a workbook; what is about a person only for who keeps the register."""
    one = telling.wanted(key)
    keeps = telling.keeps(one)
    text = request.args.get("q", "").strip()[:100]
    only = {c.name: request.args[c.name][:64] for c in telling.choices(one) if request.args.get(c.name)}
    words = telling.words(one, text)
    rows, _ = reading.listing(city().core, one, words, only, keeps=keeps, most=100_000)
    body = importing.export(one, [each.data for each in rows], locale(), ZONE, keeps=keeps)
    name = f"{one.key}-{stamp(now())[:10]}.xlsx"
    return Response(body, mimetype=sheets.MEDIA_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@page.get("/registers/<key>/import")
@policy(STAFF)
def upload(key: str) -> str:
    """Where a sheet is given in."""
    return _page(_kept(key), [])


@page.post("/registers/<key>/import")
@policy(STAFF)
def read(key: str) -> Any:
    """What the sheet would add, change and end, or what is wrong with it, cell by cell."""
    one = _kept(key)
    given = request.files.get("sheet")
    ends = request.form.get("ends") == "yes"
    if given is None or not given.filename:
        return _page(one, [Wrong(0, "", "请选择 .xlsx 或 .csv 文件。", "Choose an .xlsx or .csv file.")]), 422
    try:
        table = importing.read(given.read(sheets.MOST_BYTES + 1), given.filename)
    except sheets.SheetRefused as error:
        return _page(one, [Wrong(0, "", error.text("zh"), error.text("en"))]), 422
    found = importing.preview(city().core, one, table, ends=ends)
    if found.problems:
        return _page(one, found.problems), 422
    packed = str(_serializer().dumps([one.key, found.rows, found.ends, found.digest]))
    if len(packed) > MOST_PACKED:
        zh, en = "表格太大，请分成几份导入。", "The sheet is too large; bring it in by parts."
        return _page(one, [Wrong(0, "", zh, en)]), 422
    return _preview(one, found, packed)


@page.post("/registers/<key>/import/apply")
@policy(STAFF)
def apply(key: str) -> Any:
    """Do what was previewed."""
    one, packed = _kept(key), request.form.get("packed", "")
    try:
        name, rows, ends, digest = _serializer().loads(packed)
    except (BadSignature, ValueError):
        raise Invalid(
            why_zh="预览已失效，请重新导入。", why_en="This preview is no longer valid; import again."
        ) from None
    if name != one.key:
        raise Invalid(why_zh="预览不是这张登记表的。", why_en="This preview is of another register.")
    why = request.form.get("why", "")
    try:
        done = importing.apply(city().core, g.actor, one, rows, ends=ends, digest=digest, why=why)
    except importing.NotAsPreviewed as error:
        return _page(one, [Wrong(0, "", error.text("zh"), error.text("en"))]), error.status
    except LiandongError as error:
        found = Preview(rows=rows, ends=ends, digest=digest)
        importing.compare_now(city().core, one, found)
        return _preview(one, found, packed, sentence(error)), error.status
    a, c, e = len(done.added), len(done.changed), len(done.ended)
    flash(t(f"已导入：新增 {a} 行，修改 {c} 行，注销 {e} 行。", f"Imported: {a} added, {c} changed, {e} ended."))
    return redirect(url_for("registers.register", key=key), 303)


# ---------------------------------------------------------------- inside


def _kept(key: str) -> Register:
    one = telling.wanted(key)
    access.check_can_keep(g.actor, one.editors)
    return one


def _page(one: Register, problems: list[Wrong]) -> str:
    return render_template(
        "register_import.html", register=one, problems=problems, most=importing.MOST_ROWS, count=len(_keys(one))
    )


def _keys(one: Register) -> list[Any]:
    return registers.rows(city().core, one.key)


def _preview(one: Register, found: Preview, packed: str, wrong: str = "") -> str:
    return render_template(
        "register_preview.html",
        register=one,
        found=found,
        packed=packed,
        wrong=wrong,
        why=request.form.get("why", "")[: keeping.LONGEST_REASON],
        longest=keeping.LONGEST_REASON,
        columns=telling.columns(one),
        most=MOST_SHOWN,
        telling=telling,
    )


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="register import")
