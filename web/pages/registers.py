"""Registers to look at and to keep: the list of them, one with its search and map, a row with its history, and the form that changes it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import access, registers
from engine.errors import Invalid, LiandongError
from engine.queries import registers as reading
from engine.queries.organisation import STAFF
from engine.registers import Register, keeping
from engine.registers.keeping import Version
from forms.errors import InvalidAnswers
from web import lookups
from web import registers as telling
from web.auth import city
from web.drawing import draw
from web.errors import sentence
from web.policies import policy
from web.texts import locale, t

page = Blueprint("registers", __name__)

SIZE = 50
LARGEST = 2**31 - 1
PAGES_OWN = ("csrf_token", "idempotency_key", "why", "seen")


@page.get("/registers")
@policy(STAFF)
def listing() -> str:
    """All registers, how many rows each has, and which of them one keeps."""
    core = city().core
    found = sorted(registers.every(core), key=lambda one: (not telling.keeps(one), one.name(locale())))
    return render_template("registers.html", found=found, counts=reading.counts(core), telling=telling)


@page.get("/registers/<key>")
@policy(STAFF)
def register(key: str) -> str:
    """One register: what fits a search, in a list and, where rows have a place, on a map."""
    one, core = telling.wanted(key), city().core
    text = request.args.get("q", "").strip()[:100]
    only = {c.name: request.args[c.name][:64] for c in telling.choices(one) if request.args.get(c.name)}
    at = max(1, min(request.args.get("page", 1, int), 100_000))
    words, keeps = telling.words(one, text), telling.keeps(one)
    rows, total = reading.listing(core, one, words, only, keeps=keeps, skip=(at - 1) * SIZE, most=SIZE)
    on_map = []
    if one.point and total:
        on_map = reading.listing(core, one, words, only, keeps=keeps, most=reading.MOST_DRAWN)[0]
    return render_template(
        "register.html",
        register=one,
        rows=rows,
        total=total,
        at=at,
        more=at * SIZE < total,
        text=text,
        only=only,
        map=telling.drawn(one, on_map) if on_map else "",
        keeps=keeps,
        telling=telling,
    )


@page.get("/registers/<key>/rows/<path:row>")
@policy(STAFF)
def row(key: str, row: str) -> str:
    """A row as it is, and all that it was: who changed what, when and why."""
    one = telling.wanted(key)
    return _row_page(one, row)


@page.get("/registers/<key>/find")
@policy(STAFF)
def find(key: str) -> Response:
    """For a look-up field: the rows that what is typed may mean."""
    one = telling.wanted(key)
    text = request.args.get("q", "").strip()[:100]
    rows = lookups.offered(one, text) if text else []
    return jsonify([lookups.label(one, row) for row in rows])


@page.get("/registers/<key>/new")
@policy(STAFF)
def new(key: str) -> Any:
    """The form of a new row."""
    one = telling.wanted(key)
    _check_keeps(one)
    return _form(one, None, {})


@page.post("/registers/<key>/new")
@policy(STAFF)
def add(key: str) -> Any:
    """Add a row; or the form again, with what is wrong."""
    one = telling.wanted(key)
    values: dict[str, Any] = {}
    try:
        values = _posted(one)
        made = keeping.add(city().core, g.actor, one, values, request.form.get("why", ""))
    except InvalidAnswers as error:
        return _form(one, None, g.posted, error, status=422)
    except LiandongError as error:
        return _form(one, None, values, wrong=sentence(error), status=error.status)
    flash(t("已登记。", "It is in the register."))
    return redirect(url_for("registers.row", key=key, row=made), 303)


@page.get("/registers/<key>/change/<path:row>")
@policy(STAFF)
def edit(key: str, row: str) -> Any:
    """The form of a row as it is."""
    one = telling.wanted(key)
    _check_keeps(one)
    newest = _newest(one, row)
    if not newest.current:
        return redirect(url_for("registers.row", key=key, row=row))
    return _form(one, newest, newest.data)


@page.post("/registers/<key>/change/<path:row>")
@policy(STAFF)
def change(key: str, row: str) -> Any:
    """Change a row, unless somebody else has done so meanwhile; then the form again, with who, and what was typed."""
    one = telling.wanted(key)
    _check_keeps(one)
    newest = _newest(one, row)
    seen = min(request.form.get("seen", 0, int), LARGEST)
    values: dict[str, Any] = {}
    try:
        values = {**_posted(one), one.row_key: row}
        keeping.change(city().core, g.actor, one, row, seen, values, request.form.get("why", ""))
    except InvalidAnswers as error:
        return _form(one, newest, g.posted, error, seen=seen, status=422)
    except LiandongError as error:
        return _form(one, newest, values, wrong=sentence(error), seen=newest.number, status=error.status)
    flash(t("已保存。", "Kept."))
    return redirect(url_for("registers.row", key=key, row=row), 303)


@page.post("/registers/<key>/end/<path:row>")
@policy(STAFF)
def end(key: str, row: str) -> Any:
    """End a row; its history stays."""
    one = telling.wanted(key)
    seen = min(request.form.get("seen", 0, int), LARGEST)
    try:
        keeping.end(city().core, g.actor, one, row, seen, request.form.get("why", ""))
    except (Invalid, keeping.RowChanged) as error:
        return make_response(_row_page(one, row, sentence(error)), error.status)
    flash(t("已注销，历史记录保留。", "It has ended; its history stays."))
    return redirect(url_for("registers.row", key=key, row=row), 303)


# ---------------------------------------------------------------- inside


def _check_keeps(one: Register) -> None:
    access.check_can_keep(g.actor, one.editors)


def _newest(one: Register, row: str) -> Version:
    return keeping.versions(city().core, one, row)[0]


def _posted(one: Register) -> dict[str, Any]:
    """What was typed. InvalidAnswers where a look-up means no row, or several: the page offers them."""
    posted = one.form.parse_post(request.form.to_dict(flat=False), clear=True, ignore=PAGES_OWN)
    values, problems = lookups.resolve(one.form, posted)
    g.posted = values
    if problems:
        raise InvalidAnswers(problems)
    return values


def _row_page(one: Register, row: str, wrong: str = "") -> str:
    versions = keeping.versions(city().core, one, row)
    newest = versions[0]
    kept = [reading.Kept(row, newest.number, newest.data, newest.at)]
    return render_template(
        "register_row.html",
        register=one,
        newest=newest,
        versions=versions,
        before={v.number: versions[i + 1] if i + 1 < len(versions) else None for i, v in enumerate(versions)},
        authors=telling.authors(versions),
        map=telling.drawn(one, kept) if telling.points_of(newest.data) else "",
        keeps=telling.keeps(one),
        telling=telling,
        wrong=wrong,
        row_key=row,
    )


def _form(
    one: Register,
    newest: Version | None,
    values: dict[str, Any],
    error: InvalidAnswers | None = None,
    *,
    wrong: str = "",
    seen: int | None = None,
    status: int = 200,
) -> Response:
    drawn = draw(one.form, values, error)
    if newest is not None:  # what names a row stays
        drawn = [each for each in drawn if each.field.name != one.row_key]
    return make_response(
        render_template(
            "register_edit.html",
            register=one,
            newest=newest,
            seen=seen if seen is not None else newest.number if newest is not None else 0,
            drawn=drawn,
            problems=error.problems if error is not None else (),
            wrong=wrong,
            why=request.form.get("why", "")[: keeping.LONGEST_REASON],
            longest=keeping.LONGEST_REASON,
        ),
        status,
    )
