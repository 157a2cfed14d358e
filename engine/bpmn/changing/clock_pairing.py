"""Which clock of one version is which of another: what is proposed, and what cannot be. Pure, as `pairing` is for nodes.

A plan names clocks by their ids, which no two of a diagram share. One that it does not name has no counterpart: a case in which it runs
cannot go on by the other version. One that is named with `DROPPED` is given up: it stops with the change, late or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.bpmn.changing.pairing import Nodes, Why
from engine.bpmn.model import ProcessModel
from engine.bpmn.settings import ClockSetting

Clocks = Mapping[str, str]
"""Clock of the version that is left to clock of the version that is gone on by, or to `DROPPED`."""

DROPPED = ""

Owned = dict[str, tuple[str | None, ClockSetting]]


def owned(model: ProcessModel) -> Owned:
    """Every clock of a diagram by its id, with the node that it belongs to (none: the whole process)."""
    found: Owned = {setting.id: (None, setting) for setting in model.clocks}
    for node in model.nodes.values():
        found |= {setting.id: (node.id, setting) for setting in node.settings.clocks}
    return found


def propose(source: ProcessModel, target: ProcessModel, nodes: Nodes) -> dict[str, str]:
    """Of the corresponding node: the same id; else the only one of the same name and unit; else the only one of the same budget."""
    before, after = owned(source), owned(target)
    clocks: dict[str, str] = {}
    for mark in _MARKS:
        for one, (owner, setting) in before.items():
            mine = mark(setting)
            if one in clocks or mine is None:
                continue
            taken = set(clocks.values())
            found = [
                other
                for other, (at, each) in after.items()
                if other not in taken and _corresponds(nodes, owner, at) and mark(each) == mine
            ]
            rivals = [
                other
                for other, (at, each) in before.items()
                if other not in clocks and at == owner and mark(each) == mine
            ]
            if len(found) == 1 and len(rivals) == 1:
                clocks[one] = found[0]
    return {one: clocks[one] for one in before if one in clocks}


def judge(source: ProcessModel, target: ProcessModel, nodes: Nodes, clocks: Clocks) -> dict[str, Why]:
    """What is wrong with a plan, by the clock that is left. Empty: nothing."""
    before, after = owned(source), owned(target)
    wrong: dict[str, Why] = {}
    taken: dict[str, str] = {}
    for old, new in clocks.items():
        if old not in before:
            wrong[old] = Why("原版中没有此时限", "the old version has no such limit")
        elif new == DROPPED:
            if old in after:
                wrong[old] = Why(
                    "新版仍有同一标识的时限，不能取消",
                    "the new version has a limit of the same id: it cannot be dropped",
                )
        elif new not in after:
            wrong[old] = Why(f"新版中没有时限“{new}”", f"the new version has no limit “{new}”")
        elif new in taken:
            wrong[old] = Why(
                f"“{new}”已对应“{taken[new]}”，两个时限不能合为一个",
                f"“{new}” is what “{taken[new]}” becomes already: two limits cannot become one",
            )
        elif not _corresponds(nodes, before[old][0], after[new][0]):
            wrong[old] = Why("不是对应环节上的时限", "it is not a limit of the corresponding step")
        if new != DROPPED:
            taken.setdefault(new, old)
    return wrong


def options(source: ProcessModel, target: ProcessModel, nodes: Nodes, clock: str) -> list[ClockSetting]:
    """The clocks of the other version that one could become."""
    owner, _ = owned(source)[clock]
    return [setting for at, setting in owned(target).values() if _corresponds(nodes, owner, at)]


# ---------------------------------------------------------------- inside


def _corresponds(nodes: Nodes, owner: str | None, other: str | None) -> bool:
    return other is None if owner is None else nodes.get(owner) == other


def _id(setting: ClockSetting) -> object:
    return setting.id


def _name(setting: ClockSetting) -> object:
    return (setting.names, setting.unit) if setting.names.zh or setting.names.en else None


def _budget(setting: ClockSetting) -> object:
    return (setting.budget, setting.unit) if setting.budget is not None else None


_MARKS: tuple[Callable[[ClockSetting], object], ...] = (_id, _name, _budget)
