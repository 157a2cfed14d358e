"""The processes of a file and the pools that stand for them."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.bpmn.namespaces import bpmn, id_of, label, line, ref
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import ids


@dataclass(frozen=True, slots=True)
class Pool:
    """A process to be run, and its participant in the collaboration, if any."""

    process: etree._Element
    participant: etree._Element | None


@dataclass(frozen=True, slots=True)
class Pools:
    """The processes of a file that are to be run, and those beside them that are not and so are left alone."""

    executable: tuple[Pool, ...]
    ignored: tuple[etree._Element, ...] = ()


def find(root: etree._Element, problems: Problems) -> Pools:
    """The processes of a file. A process marked as not executable beside one that is not so marked is ignored, which is said."""
    processes = root.findall(bpmn("process"))
    participants = root.findall(f"{bpmn('collaboration')}/{bpmn('participant')}")
    if not processes:
        problems.add("no-process", "文件里没有流程（process）。", "the file has no process.", line=line(root))
        return Pools(())
    _check_participants(participants, {id_of(each) for each in processes}, problems)
    marked = [each for each in processes if (each.get("isExecutable") or "").strip() in ("false", "0")]
    meant = [each for each in processes if each not in marked]
    for each in marked:
        if meant:
            problems.warn(
                "not-executable",
                "流程标为不可执行，部署时略过。",
                "the process is marked as not executable and is left out.",
                line=line(each),
                element=label(each),
            )
        else:
            problems.add(
                "not-executable",
                "流程标为不可执行；要部署请把 isExecutable 设为 true。",
                "the process is marked as not executable; set isExecutable to true to deploy it.",
                line=line(each),
                element=label(each),
            )
    pools = []
    for process in meant or marked:
        if not id_of(process):
            problems.add(
                "no-id", "流程缺少编号（id）。", "the process has no id.", line=line(process), element="process"
            )
            continue
        mine = [each for each in participants if ref(each.get("processRef"), each) == id_of(process)]
        pools.append(Pool(process, mine[0] if mine else None))
    return Pools(tuple(pools), tuple(marked) if meant else ())


def _check_participants(participants: list[etree._Element], processes: set[str], problems: Problems) -> None:
    seen: set[str] = set()
    for each in participants:
        target = ref(each.get("processRef"), each)
        if target and target not in processes:
            ids.dangling(each, "processRef", target, problems)
        if target in seen:
            problems.add(
                "several-pools",
                f"两个参与者引用同一个流程“{clip(target)}”。",
                f"two participants refer to the same process “{clip(target)}”.",
                line=line(each),
                element=label(each),
            )
        if target:
            seen.add(target)
