"""Of a plan of migration: which limit becomes which, and which cases it is for, in words and as its form says them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from engine import definitions
from engine.bpmn.changing import clock_pairing
from engine.bpmn.changing.clock_pairing import DROPPED, Owned, owned
from engine.bpmn.model import ProcessModel
from engine.bpmn.settings import ClockSetting
from engine.bpmn.values import Value
from engine.errors import Invalid
from engine.migrating import choosing
from engine.migrating.asked import Chosen
from engine.migrating.plans import Plan
from web.auth import city
from web.telling import names
from web.texts import locale, t
from web.words_of_diagrams import VALUES

DROP = "-"
"""What the form says for a limit that is given up; "" is one without a counterpart."""
CASES = ("at", "unit", "since", "until", "numbers")
"""Fields of the form that say which cases are meant."""


@dataclass(frozen=True, slots=True)
class Option:
    """A limit of the new version that an old one can become. `node`: of the new version, at which it is ("" of the whole case); `here`:
    the old one's node becomes that one, as things are chosen."""

    id: str
    name: str
    promise: str
    node: str
    here: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of the old version. `node`: at which it is ("" of the whole case); `to`: what it becomes, as the form says it; `how`: the
    same, proposed, chosen, dropped or none."""

    id: str
    name: str
    where: str
    promise: str
    node: str
    options: list[Option]
    to: str
    how: str


def limits(
    old: ProcessModel, new: ProcessModel, nodes: Mapping[str, str], chosen: Mapping[str, str] | None
) -> list[Limit]:
    """Every limit of the old version, those first that are not simply the same. `chosen`: as somebody said; none: as is proposed."""
    proposed = clock_pairing.propose(old, new, nodes)
    given = proposed if chosen is None else chosen
    before, after = owned(old), owned(new)
    found = []
    for id_, (owner, setting) in before.items():
        options = [
            Option(one, called(one, after), _promise(each), at or "", at is None or nodes.get(owner or "") == at)
            for one, (at, each) in after.items()
            if (owner is None) == (at is None)
        ]
        to = given.get(id_)
        how = "none" if to is None else "dropped" if to == DROPPED else "same" if to == id_ else "chosen"
        if how == "chosen" and proposed.get(id_) == to:
            how = "proposed"
        where = old.nodes[owner].names.text(locale()) or owner if owner is not None else t("整个案件", "the whole case")
        to_form = "" if to is None else to or DROP
        found.append(Limit(id_, called(id_, before), where, _promise(setting), owner or "", options, to_form, how))
    return sorted(found, key=lambda one: one.how == "same")


def sent(form: MultiDict[str, str]) -> dict[str, str]:
    """What the form says of limits, as a plan takes it."""
    said = {name.removeprefix("clock:"): to for name, to in form.items() if name.startswith("clock:") and to}
    return {name: DROPPED if to == DROP else to for name, to in said.items()}


def chosen(form: MultiDict[str, str]) -> Chosen:
    """Which cases the form means. Invalid for a day that is none."""
    numbers = form.get("numbers", "").replace(",", " ").replace("，", " ").replace("、", " ").split()
    return Chosen(
        node=form.get("at", "").strip(),
        unit=form.get("unit", "").strip(),
        since=_day(form, "since"),
        until=_day(form, "until"),
        numbers=tuple(dict.fromkeys(numbers)),
    )


def choices(definition_id: int, model: ProcessModel) -> tuple[list[tuple[str, str, int]], list[tuple[str, str]]]:
    """What one may choose cases by: the nodes at which they stand (id, name, cases), and the units that have them (key, name)."""
    core = city().core
    with core.db.read() as connection:
        standing = choosing.standing(connection, definition_id)
        units = choosing.units(connection, definition_id)
    nodes = [
        (id_, node.names.text(locale()) or id_, standing[id_]) for id_, node in model.nodes.items() if id_ in standing
    ]
    keys = sorted((core.unit_key(one) or "", names().unit(one, locale())) for one in units)
    return nodes, [one for one in keys if one[0]]


def means(found: Plan) -> list[str]:
    """Which cases a plan is for, a condition a line; none: all."""
    core, which = city().core, found.asked.chosen
    said = []
    if which.node:
        node = definitions.get(core, found.source_id).model.nodes.get(which.node)
        name = (node.names.text(locale()) if node is not None else "") or which.node
        said.append(t(f"停在“{name}”", f"that stand at “{name}”"))
    if which.unit:
        unit = names().unit_by_key(which.unit, locale())
        said.append(t(f"由{unit}承办或有其在办任务", f"of {unit}, or with a task there"))
    if which.since is not None:
        said.append(t(f"{which.since} 起发起", f"started on {which.since} or later"))
    if which.until is not None:
        said.append(t(f"{which.until} 及以前发起", f"started on {which.until} or earlier"))
    if which.numbers:
        said.append(t(f"指定的 {len(which.numbers)} 个编号", f"the {len(which.numbers)} that are named"))
    return said


def changes(found: Plan) -> list[tuple[str, str]]:
    """The limits that the plan calls otherwise, and those that it gives up ("")."""
    core = city().core
    before, after = (owned(definitions.get(core, id_).model) for id_ in (found.source_id, found.target_id))
    renamed = [(called(old, before), called(new, after)) for old, new in found.asked.called_otherwise.items()]
    return renamed + [(called(old, before), "") for old in found.asked.dropped]


def called(id_: str, known: Owned) -> str:
    """A limit in words."""
    return (known[id_][1].names.text(locale()) if id_ in known else "") or id_


# ---------------------------------------------------------------- inside


def _promise(setting: ClockSetting) -> str:
    if setting.due is not None:
        return t("至所定时刻", "until a given time")
    if setting.budget is None or setting.unit is None:
        return t("无时限", "no limit")
    if setting.budget.is_feel or setting.unit.is_feel:
        return t("按规则计算", "worked out by a rule")
    return f"{_value(setting.budget)} {_value(setting.unit)}"


def _value(value: Value) -> str:
    return t(*VALUES[value.text]) if value.text in VALUES else value.text


def _day(form: MultiDict[str, str], name: str) -> date | None:
    text: Any = form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(why_zh="日期不对", why_en="this is no date") from None
