"""Changes of the calendars: a draft edited row by row, a year's notice taken in, what it would move, and the decision of another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import calendars, definitions
from engine.calendar import CalendarProblem
from engine.calendars import changes, comparing, editing, notices
from engine.calendars.books import DRAFT, PROPOSED
from engine.calendars.changes import Change
from engine.errors import Invalid, NotFound
from engine.queries import organisation as reading
from engine.sheets import MOST_BYTES, SheetRefused
from escalation import previewing
from web import telling_calendars as telling
from web import telling_organisation
from web.auth import city
from web.pages.calendars import KEEPERS, LARGEST_ID, YEARS, changed_days, shared
from web.policies import policy
from web.telling import ZONE, names, now, stamp
from web.telling_cases import clock_name
from web.texts import t

page = Blueprint("calendar_changes", __name__)

EDITED = ("override", "season", "planting", "workweek", "policy", "settled")
"""Kinds of rows with a form of their own; a notice and a unit's calendar have theirs beside it."""

FIELDS = (*calendars.COLUMNS, "note", "year", "text")
"""What forms of a draft send."""

Problems = list[dict[str, Any]]


@page.post("/calendars/changes")
@policy("administer")
def begin() -> Response:
    """A draft of what counts now; one's own that is open is gone on with."""
    core = city().core
    mine = [one for one in changes.listing(core, (DRAFT,)) if one.proposed_by == g.actor.id]
    found = mine[0].id if mine else changes.begin(core, g.actor.id)
    return redirect(url_for("calendar_changes.change", change_id=found), 303)


@page.get("/calendars/changes/<int:change_id>")
@policy(*KEEPERS)
def change(change_id: int) -> str:
    """A draft with its rows and forms, or a proposal with what it would move and its decision."""
    return _page(_get(change_id), [])


@page.post("/calendars/changes/<int:change_id>/rows")
@policy("administer")
def put(change_id: int) -> Any:
    """Put a row, in place of the one in `line` where one is named."""
    sent = {name: request.form.get(name, "")[:1000] for name in calendars.COLUMNS}
    line = request.form.get("line", 0, type=int)
    return _edit(change_id, lambda text: editing.put(text, sent, line or None), t("已保存。", "Kept."))


@page.post("/calendars/changes/<int:change_id>/rows/drop")
@policy("administer")
def drop(change_id: int) -> Any:
    """Take a row away."""
    line = request.form.get("line", 0, type=int)
    return _edit(change_id, lambda text: editing.drop(text, line), t("已删除一行。", "One row is gone."))


@page.post("/calendars/changes/<int:change_id>/unit")
@policy("administer")
def own(change_id: int) -> Any:
    """A calendar of its own for a unit."""
    unit_key, like = request.form.get("unit", "")[:64], request.form.get("like", calendars.DEFAULT)[:64]
    source = request.form.get("source", "")[:1000]
    found = next((u for u in reading.units(city().core).values() if u.key == unit_key), None)
    if found is None:
        raise NotFound(what="unit")
    called = (f"{found.names.text('zh')}工作日历", f"Calendar of {found.names.text('en')}")
    return _edit(
        change_id,
        lambda text: editing.own(text, unit_key, like, unit_key, called, source),
        t(
            "已增加该单位的专用日历，可继续添加作息或单日调整。",
            "It has a calendar of its own now; add hours or single days.",
        ),
    )


@page.get("/calendars/changes/<int:change_id>/notice")
@policy("administer")
def notice(change_id: int) -> str:
    """Where the notice of a year is pasted or uploaded."""
    return _notice(_get(change_id), [])


@page.post("/calendars/changes/<int:change_id>/notice")
@policy("administer")
def take_notice(change_id: int) -> Any:
    """What the notice says, as a year to look at; taken into the draft once it was looked at (`take`)."""
    found = _get(change_id)
    year = request.form.get("year", 0, type=int)
    source, key = request.form.get("source", "").strip()[:500], request.form.get("calendar", calendars.DEFAULT)[:64]
    if not YEARS[0] <= year <= YEARS[1]:
        return _notice(found, [_problem("请填写年份。", "Say which year.")]), 422
    if not source:
        return _notice(found, [_problem("请填写文号或依据。", "Say which document it is.")]), 422
    try:
        days, text = _days(year)
        before = calendars.open_book(found.rows, 0)
        if key not in before.calendars:
            raise NotFound(what="page")
        notices.check(before.calendars[key], days)
        after = editing.settle(found.rows, key, year, days, source)
        book = calendars.open_book(after, 0)
    except notices.NoticeRefused as error:
        return _notice(found, list(error.problems)), 422
    except (SheetRefused, CalendarProblem) as error:
        return _notice(found, [_problem(error.text("zh"), error.text("en"))]), 422
    if request.form.get("take"):
        said = t(f"{year} 年放假安排已写入草稿。", f"The notice of {year} is in the draft.")
        return _edit(change_id, lambda rows: editing.settle(rows, key, year, days, source), said)
    return _notice(
        found,
        [],
        shown={
            "year": year,
            "months": telling.months(book.calendars[key], year, now().astimezone(ZONE).date()),
            "specials": telling.specials(book.calendars[key], year),
            "text": text,
            "source": source,
            "calendar": key,
            "days": list(comparing.days(before.calendars[key], book.calendars[key], now().date())),
        },
    )


@page.post("/calendars/changes/<int:change_id>/propose")
@policy("administer")
def propose(change_id: int) -> Any:
    """Put the draft up for decision, with what it would move now."""
    note, source = (request.form.get(name, "").strip()[:1000] for name in ("note", "source"))
    try:
        previewing.propose(city().core, _known(change_id), g.actor.id, note, source)
    except (Invalid, CalendarProblem) as error:
        return _page(_get(change_id), [_problem(error.text("zh"), error.text("en"))]), 422
    flash(t("已提交，等待另一位管理员审批。", "It is up for decision by another administrator."))
    return redirect(url_for("calendar_changes.change", change_id=change_id), 303)


@page.post("/calendars/changes/<int:change_id>/review")
@policy("administer")
def review(change_id: int) -> Any:
    """Approve, or refuse and say why."""
    core, said = city().core, request.form.get("said", "").strip()[:1000]
    try:
        if request.form.get("decision") == "approve":
            version = changes.approve(core, _known(change_id), g.actor.id, said)
            words = (
                f"已批准，第 {version} 版生效，正在重算在办时限。",
                f"Approved: version {version} counts, limits are counted anew.",
            )
            flash(t(*words))
        else:
            changes.refuse(core, _known(change_id), g.actor.id, said)
            flash(t("已驳回。", "Refused."))
    except (Invalid, CalendarProblem) as error:
        return _page(_get(change_id), [_problem(error.text("zh"), error.text("en"))]), 422
    return redirect(url_for("calendar_changes.change", change_id=change_id), 303)


@page.post("/calendars/changes/<int:change_id>/rebase")
@policy("administer")
def rebase(change_id: int) -> Any:
    """Bring it onto the version that counts now."""
    try:
        lost = changes.rebase(city().core, _known(change_id), g.actor.id)
    except CalendarProblem as error:
        return _page(_get(change_id), [_problem(error.text("zh"), error.text("en"))]), 422
    flash(
        t(
            "已更新到现行版本，请核对后重新提交。",
            "It stands on the present version now; look at it and propose it again.",
        )
    )
    for one in lost:
        flash(
            t(
                f"原要删除的一行已不存在：{telling.row(one)}",
                f"A row to be deleted is gone already: {telling.row(one)}",
            ),
            "warn",
        )
    return redirect(url_for("calendar_changes.change", change_id=change_id), 303)


@page.post("/calendars/changes/<int:change_id>/withdraw")
@policy("administer")
def withdraw(change_id: int) -> Response:
    """Take back what one proposed, or throw a draft away."""
    changes.withdraw(city().core, _known(change_id), g.actor.id)
    flash(t("已撤回。", "Withdrawn."))
    return redirect(url_for("calendars.versions"), 303)


# ---------------------------------------------------------------- inside


def _known(change_id: int) -> int:
    return min(change_id, LARGEST_ID)


def _get(change_id: int) -> Change:
    found = changes.get(city().core, _known(change_id))
    names().learn({found.proposed_by, found.decided_by})
    return found


def _problem(zh: str, en: str) -> dict[str, Any]:
    return {"zh": zh, "en": en}


def _sent() -> dict[str, str]:
    """What was typed, so that it is kept when something is wrong with it."""
    return {name: request.form.get(name, "") for name in FIELDS}


def _edit(change_id: int, how: Any, said: str) -> Any:
    try:
        changes.edit(city().core, _known(change_id), g.actor.id, how)
    except (CalendarProblem, Invalid) as error:
        return _page(_get(change_id), [_problem(error.text("zh"), error.text("en"))]), 422
    flash(said)
    return redirect(url_for("calendar_changes.change", change_id=change_id), 303)


def _days(year: int) -> tuple[list[editing.DayOff], str]:
    given = request.files.get("file")
    if given is not None and given.filename:
        days = notices.from_file(given.read(MOST_BYTES + 1), given.filename, year)
        return days, "\n".join(
            f"{one.day},{'working' if one.working else 'holiday'},{one.name_zh},{one.name_en}" for one in days
        )
    text = request.form.get("text", "")[: notices.MOST_TEXT + 1]
    return notices.from_text(text, year), text


def _notice(found: Change, problems: Problems, shown: dict[str, Any] | None = None) -> str:
    book = calendars.open_book(found.rows, 0)
    today = now().astimezone(ZONE).date()
    return render_template(
        "calendar_notice.html",
        change=found,
        calendars=book.calendars.values(),
        problems=problems,
        sent=_sent(),
        next_year=today.year + 1,
        shown=shown,
        **shared(),
    )


def _page(found: Change, problems: Problems) -> str:
    core = city().core
    current = calendars.current(core).version
    with core.db.read() as connection:
        base = changes.text_of(connection, found.base or 1)
    mine = found.proposed_by in g.actor.accounts
    after, before = calendars.open_book(found.rows, 0), calendars.at(core, found.base or 1)
    editable = found.state == DRAFT and mine and "administer" in g.actor.powers
    numbered = list(enumerate(editing.rows(found.rows), editing.FIRST_LINE))
    line = request.args.get("line", 0, type=int) or request.form.get("line", 0, type=int)
    return render_template(
        "calendar_change.html",
        change=found,
        problems=problems,
        current=current,
        outdated=found.state in (DRAFT, PROPOSED) and found.base != current,
        editable=editable,
        mine=mine,
        may_review=found.state == PROPOSED and "administer" in g.actor.powers and not mine,
        rows=editing.changed(base, found.rows),
        days=changed_days(before, after),
        past=_past(changed_days(before, after)),
        table=_by_calendar(numbered),
        calendars=after.calendars,
        line=dict(numbered).get(line, dict.fromkeys(FIELDS, "")),
        number=line if line in dict(numbered) else 0,
        sent=_sent() if problems else dict.fromkeys(FIELDS, ""),
        kinds=EDITED,
        clock_name=_clock_name,
        stamp_text=lambda text: stamp(datetime.fromisoformat(text)),
        units=telling_organisation.unit_options(reading.units(core)) if editable else [],
        **shared(),
    )


def _clock_name(move: dict[str, Any]) -> str:
    return clock_name(move["clock"], definitions.get(city().core, move["definition"]))


def _past(found: list[tuple[Any, list[comparing.Days]]]) -> int:
    """Days that are over and would be counted otherwise: clocks that run go by them all the same."""
    today = now().astimezone(ZONE).date()
    return sum(
        (min(each.last, today) - each.first).days + 1 for _, days in found for each in days if each.first < today
    )


def _by_calendar(numbered: list[tuple[int, dict[str, str]]]) -> dict[str, list[tuple[int, dict[str, str]]]]:
    found: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for line, row in numbered:
        found.setdefault(row["calendar"], []).append((line, row))
    return found
