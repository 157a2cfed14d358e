"""Two sets of decision files beside each other: decision by decision, rule by rule, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from lxml import etree

from engine.bpmn.namespaces import local
from engine.bpmn.problems import Problems
from engine.bpmn.reading.document import parse_xml
from engine.publishing.differing import Change, RowChange, TableChange, settings_between


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as a file has it: its columns, each rule's id and cells by column, and all else it says."""

    name: str
    columns: tuple[str, ...] = ()
    rules: tuple[tuple[str, dict[str, str]], ...] = ()
    says: dict[tuple[str, ...], str] = field(default_factory=dict)


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[TableChange]:
    """The decisions that differ, file by file."""
    for file in sorted({*before, *after}):
        if before.get(file) == after.get(file):
            continue
        old, new = _read(before.get(file)), _read(after.get(file))
        for id_ in [*new, *(id_ for id_ in old if id_ not in new)]:
            found = _decision(file, id_, old.get(id_), new.get(id_))
            if found is not None:
                yield found


def _decision(file: str, id_: str, old: Decision | None, new: Decision | None) -> TableChange | None:
    one = new or old or Decision(id_)
    change = Change.CHANGED if old and new else Change.ADDED if new else Change.REMOVED
    if not id_ and change is not Change.CHANGED and ("unreadable",) not in one.says:
        return None  # a file that came or went is told by its decisions
    was, now = old or Decision(id_), new or Decision(id_)
    columns = [(name, Change.ADDED) for name in now.columns if name not in was.columns and old]
    columns += [(name, Change.REMOVED) for name in was.columns if name not in now.columns and new]
    rows = tuple(_rows(was, now))
    settings = settings_between(was.says, now.says) if old and new else ()
    if change is Change.CHANGED and not (rows or columns or settings):
        return None
    return TableChange(file, id_, one.name, change, rows, tuple(columns), settings)


def _rows(old: Decision, new: Decision) -> Iterator[RowChange]:
    """By the ids of the rules where they have them, else by what they say."""
    pairs = _by_id(old, new) if _all_named(old) and _all_named(new) else _by_cells(old, new)
    columns = [*new.columns, *(name for name in old.columns if name not in new.columns)]
    for before, after, moved in pairs:
        was = old.rules[before][1] if before is not None else {}
        now = new.rules[after][1] if after is not None else {}
        numbers = (before + 1 if before is not None else None, after + 1 if after is not None else None)
        cells = tuple((c, was.get(c), now.get(c)) for c in columns if was.get(c) != now.get(c))
        if before is None:
            yield RowChange(Change.ADDED, *numbers, cells)
        elif after is None:
            yield RowChange(Change.REMOVED, *numbers, cells)
        elif cells:
            yield RowChange(Change.CHANGED, *numbers, cells)
        elif moved:
            yield RowChange(Change.MOVED, *numbers, tuple((c, was.get(c), now.get(c)) for c in columns))


Pair = tuple[int | None, int | None, bool]


def _by_id(old: Decision, new: Decision) -> list[Pair]:
    before, after = [id_ for id_, _ in old.rules], [id_ for id_, _ in new.rules]
    kept_before = [id_ for id_ in before if id_ in after]
    kept_after = [id_ for id_ in after if id_ in before]
    still = {
        id_
        for block in SequenceMatcher(None, kept_before, kept_after, autojunk=False).get_matching_blocks()
        for id_ in kept_after[block.b : block.b + block.size]
    }
    pairs: list[Pair] = [
        (before.index(id_) if id_ in before else None, at, id_ in before and id_ not in still)
        for at, id_ in enumerate(after)
    ]
    return pairs + [(at, None, False) for at, id_ in enumerate(before) if id_ not in after]


def _by_cells(old: Decision, new: Decision) -> list[Pair]:
    before = [tuple(sorted(cells.items())) for _, cells in old.rules]
    after = [tuple(sorted(cells.items())) for _, cells in new.rules]
    pairs: list[Pair] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        both = min(b - a, d - c)
        pairs += [(a + n, c + n, False) for n in range(both)]
        pairs += [(n, None, False) for n in range(a + both, b)]
        pairs += [(None, n, False) for n in range(c + both, d)]
    return pairs


def _all_named(one: Decision) -> bool:
    ids = [id_ for id_, _ in one.rules]
    return all(ids) and len(set(ids)) == len(ids)


def _read(content: bytes | None) -> dict[str, Decision]:
    """The decisions of a file by id, and under "" whatever else it says."""
    root = parse_xml(content, Problems("table")) if content else None
    if root is None:
        return {"": Decision("", says={("unreadable",): content[:200].decode("utf-8", "replace")})} if content else {}
    rest: dict[tuple[str, ...], str] = {}
    found: dict[str, Decision] = {}
    for child in _elements(root):
        id_ = child.get("id") or ""
        if local(child) == "decision" and id_:
            found[id_] = _one(child)
        elif local(child) != "DMNDI":
            _flatten(child, (f"{local(child)}[{id_ or child.get('name') or ''}]",), rest)
    rest |= {(name,): root.get(name) or "" for name in ("name",)}
    return {**found, "": Decision("", says=rest)}


def _one(decision: etree._Element) -> Decision:
    says: dict[tuple[str, ...], str] = {}
    table = next((child for child in _elements(decision) if local(child) == "decisionTable"), None)
    for child in _elements(decision):
        if child is not table:
            _flatten(child, (_name(child, decision),), says)
    name = _child_text(decision, "description") or decision.get("name") or decision.get("id") or ""
    if table is None:
        return Decision(name, says=says)
    for key in ("hitPolicy", "aggregation"):
        says["decisionTable", key] = table.get(key) or ("UNIQUE" if key == "hitPolicy" else "")
    inputs = [one for one in _elements(table) if local(one) == "input"]
    outputs = [one for one in _elements(table) if local(one) == "output"]
    notes = [one for one in _elements(table) if local(one) == "annotation"]
    for one in (*inputs, *outputs):
        _flatten(one, (local(one), _column(one)), says)
    columns = _unique([_column(one) for one in (*inputs, *outputs, *notes)])
    rules = tuple((rule.get("id") or "", _cells(rule, columns)) for rule in _elements(table) if local(rule) == "rule")
    return Decision(name, tuple(columns), rules, says)


def _cells(rule: etree._Element, columns: list[str]) -> dict[str, str]:
    kinds = ("inputEntry", "outputEntry", "annotationEntry")
    texts = [_child_text(one, "text") for kind in kinds for one in _elements(rule) if local(one) == kind]
    return dict(zip(columns, texts, strict=False))


def _column(one: etree._Element) -> str:
    expression = next((child for child in _elements(one) if local(child) == "inputExpression"), None)
    said = _child_text(expression, "text") if expression is not None else ""
    return one.get("label") or one.get("name") or said or one.get("id") or local(one)


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return found


def _flatten(element: etree._Element, path: tuple[str, ...], says: dict[tuple[str, ...], str]) -> None:
    for name, value in element.attrib.items():
        if name != "id":
            says[*path, str(name)] = str(value)
    children = list(_elements(element))
    if not children and (element.text or "").strip():
        says[path] = (element.text or "").strip()
    for child in children:
        _flatten(child, (*path, _name(child, element)), says)


def _name(child: etree._Element, around: etree._Element) -> str:
    alike = [one for one in _elements(around) if one.tag == child.tag]
    return local(child) if len(alike) == 1 else f"{local(child)}[{alike.index(child) + 1}]"


def _elements(element: etree._Element) -> Iterator[etree._Element]:
    return (child for child in element if isinstance(child.tag, str))


def _child_text(element: etree._Element, name: str) -> str:
    found = next((child for child in _elements(element) if local(child) == name), None)
    return " ".join("".join(str(part) for part in found.itertext()).split()) if found is not None else ""
