"""What is in files that somebody sent: the processes, each with the files it needs. Nothing is judged yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy import String

from engine.bpmn.namespaces import BPMN, LD
from engine.bpmn.problems import Problems
from engine.bpmn.reading.document import parse
from engine.tables import definition

_ROOM = cast("String", definition.c.key.type).length or 0


@dataclass(frozen=True, slots=True)
class Imported:
    """A process among the files: its id, its names in Chinese and English, its diagram and all that is no diagram."""

    key: str
    names: tuple[str, str]
    files: dict[str, bytes]


def processes(files: Mapping[str, bytes]) -> list[Imported]:
    """A process for each diagram that can be read at all and names one (of several in a pool diagram the first that runs)."""
    found = []
    for name in sorted(n for n in files if n.endswith(".bpmn")):
        root = parse(files[name], Problems(name))
        if root is None:
            continue
        every = [one for one in root.iter(f"{{{BPMN}}}process") if 0 < len((one.get("id") or "").strip()) <= _ROOM]
        one = next((each for each in every if (each.get("isExecutable") or "").strip() in ("true", "1")), None)
        one = one if one is not None else next(iter(every), None)
        if one is None:
            continue
        named = one.find(f"{{{BPMN}}}extensionElements/{{{LD}}}names")
        zh = (one.get("name") or "").strip()
        en = (named.get("en") or "" if named is not None else "") or zh
        own = {n: content for n, content in files.items() if n == name or not n.endswith(".bpmn")}
        found.append(Imported((one.get("id") or "").strip(), (zh, en), own))
    return found
