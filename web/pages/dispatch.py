"""The dispatcher's view: what waits to be sent, to which unit and why, how busy the units are; several at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template, request

from engine.calendar import Unit
from engine.errors import Invalid, LiandongError
from engine.queries import waiting as reading
from engine.queries.waiting import UNIT_FACT, Reason
from escalation import lights
from forms.errors import FormsError
from web.auth import city
from web.errors import sentence
from web.pages.case_list import classes
from web.policies import policy
from web.telling import names, now
from web.telling_dispatch import voices
from web.texts import locale, t

page = Blueprint("dispatch", __name__)

MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a unit is."""

    unit_id: int
    open: int
    soon: int
    late: int

    @property
    def calm(self) -> int:
        """Open, neither late nor due soon."""
        return self.open - self.soon - self.late


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case of a bulk act."""

    title: str
    instance_id: int
    unit: str
    good: bool
    text: str


@page.get("/dispatch")
@policy("dispatch")
def board() -> str:
    """The board."""
    return _board()


@page.post("/dispatch")
@policy("bulk_dispatch")
def send() -> str:
    """Send the chosen cases to the units shown beside them. Each is an act of its own: one that fails does not hold up the others."""
    refs = list(dict.fromkeys(request.form.getlist("ref")))[:MOST_AT_ONCE]
    if not refs:
        raise Invalid(why_zh="请先勾选要派遣的案件。", why_en="Choose the cases to dispatch first.")
    return _board([_send_one(ref) for ref in refs])


# ---------------------------------------------------------------- inside


def _send_one(ref: str) -> Result:
    unit = request.form.get(f"unit.{ref}", "")
    title = request.form.get(f"title.{ref}", ref)[:300]
    instance_id = int(ref.partition(".")[0]) if ref.partition(".")[0].isdecimal() else 0
    shown = names().unit_by_key(unit, locale())
    if unit not in names().unit_keys:
        return Result(
            title,
            instance_id,
            shown,
            good=False,
            text=t("没有拟定单位，请打开案件选择", "No unit is proposed; open the case and choose one"),
        )
    key = f"{request.form.get('idempotency_key', '')}-{ref}"[:180]
    try:
        answers = {**reading.usual_answers(city().core, ref), UNIT_FACT: unit}
        city().complete(ref, answers, g.actor.id, idempotency_key=key)
    except (LiandongError, FormsError) as error:
        return Result(title, instance_id, shown, good=False, text=sentence(error))
    return Result(title, instance_id, shown, good=True, text=t("已派遣", "Dispatched"))


def _board(results: list[Result] | None = None) -> str:
    core = city().core
    items, total = reading.waiting(core, g.actor)
    loads = [Load(unit_id, **counts) for unit_id, counts in reading.workload(core, now=now()).items()]
    return render_template(
        "dispatch.html",
        items=items,
        total=total,
        results=results,
        lights=lights.of_tasks(core, [one.task for one in items], now(), locale()),
        why=_why,
        voices=voices,
        term=_term,
        loads=sorted(loads, key=lambda one: (-one.late, -one.soon, -one.open, one.unit_id)),
        most=max((one.open for one in loads), default=1),
        load_of={one.unit_id: one for one in loads},
        may_send="bulk_dispatch" in g.actor.powers,
    )


def _why(reason: Reason | None) -> tuple[str, str]:
    """The look-up's name and the row it found, in words."""
    if reason is None:
        return "", ""
    row = reason.row
    what = classes().get(str(row.get("class"))) or row.get("class_name")
    if what and row.get("area"):
        where = t("全市", "the whole city") if row["area"] == "*" else names().area(str(row["area"]), locale())
        return reason.node.names.text(locale()), f"{what} × {where}"
    column = "name_zh" if locale() == "zh" else "name_en"
    return reason.node.names.text(locale()), str(row.get(column) or what or "")


def _term(facts: dict[str, Any]) -> str:
    """The standard's term: 2 工作日."""
    amount, unit = facts.get("limit_amount"), facts.get("limit_unit")
    if amount is None or unit not in list(Unit):
        return ""
    known = Unit(unit)
    return f"{amount} {known.zh}" if locale() == "zh" else f"{amount} {known.label('en', amount)}"
