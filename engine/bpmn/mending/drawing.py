"""The drawing that is to be mended, as its mends look at it, and what is known beside it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.namespaces import LD, bpmn, id_of, is_bpmn, label, local, split, text
from engine.bpmn.problems import Problem, Problems
from engine.bpmn.reading import document, moddle

Names = Mapping[str, tuple[str, ...]]
"""Keys with what people call them."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a drawing may refer to. `files` are those of the bundle, by name; `facts` the names that expressions may use."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    forms: Collection[str] = ()
    registers: Collection[str] = ()
    decisions: Collection[str] = ()
    processes: Collection[str] = ()
    facts: Collection[str] = ()
    units: Names = field(default_factory=dict)
    posts: Names = field(default_factory=dict)
    key: str = ""


class Drawing:
    """A diagram by the ids of what is drawn; empty where the file is no BPMN."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.root = document.parse(data, Problems(name))
        self._by_id: dict[str, etree._Element] = {}
        for element in self.root.iter(etree.Element) if self.root is not None else ():
            if is_bpmn(element) and id_of(element):
                self._by_id.setdefault(id_of(element), element)

    def element(self, id_: str) -> etree._Element | None:
        """The element of that id; of "process", the (first) process."""
        if id_ == "process" and id_ not in self._by_id and self.root is not None:
            return self.root.find(bpmn("process"))
        return self._by_id.get(id_)

    def kind(self, id_: str) -> str:
        """Its tag, "" where there is none."""
        found = self.element(id_)
        return "" if found is None else local(found)

    def ids(self, *tags: str) -> list[str]:
        """The ids of all elements of these tags, in the order of the file."""
        return [id_ for id_, element in self._by_id.items() if local(element) in tags]

    def flows(self, id_: str, end: str = "sourceRef") -> list[etree._Element]:
        """The flows out of an element, or into it (`targetRef`), in the order in which its file names them, else as they stand."""
        found = [one for one in self._by_id.values() if local(one) == "sequenceFlow" and one.get(end) == id_]
        element = self.element(id_)
        listed = [text(one) for one in element.findall(bpmn("outgoing"))] if element is not None else []
        return sorted(found, key=lambda one: listed.index(id_of(one)) if id_of(one) in listed else len(listed))

    def settings(self, id_: str) -> Iterator[etree._Element]:
        """The `ld` elements of an element and of what is drawn with it."""
        for part in self._parts(id_):
            if split(str(part.tag))[0] == LD:
                yield part

    def expressions(self, id_: str) -> list[str]:
        """Every text in which it may compute: expressions, scripts, times, settings after `=`. Each as the file has it, stripped."""
        found: list[str] = []
        for part in self._parts(id_):
            if split(str(part.tag))[0] == LD:
                found += [str(value).strip() for value in part.attrib.values() if str(value).strip().startswith("=")]
            elif not len(part) and text(part) and local(part) not in ("incoming", "outgoing", "documentation"):
                found.append(text(part))
        return list(dict.fromkeys(found))

    def title(self, id_: str) -> str:
        """What a person calls it: its name, else its id."""
        found = self.element(id_)
        return (found.get("name") if found is not None else None) or id_

    def english(self, id_: str) -> str:
        """The same in English, where it has an English name."""
        found = next((one for one in self.settings(id_) if local(one) == "names" and one.get("en")), None)
        return str(found.get("en")) if found is not None else self.title(id_)

    def _parts(self, id_: str) -> Iterator[etree._Element]:
        element = self.element(id_)
        if element is None:
            return
        own = label(element)
        stack = [element]
        while stack:
            at = stack.pop()
            yield at
            stack.extend(child for child in reversed(list(at)) if _belongs(child, own))


@dataclass(frozen=True, slots=True)
class Wrong:
    """A problem where it stands: what a mender looks at."""

    problem: Problem
    drawing: Drawing
    known: Known


def _belongs(child: object, own: str) -> bool:
    if not isinstance(child, etree._Element) or not isinstance(child.tag, str):
        return False
    return not is_bpmn(child) or (local(child) not in (moddle.FLOW_NODES | {"sequenceFlow"}) and label(child) == own)


def nearest(word: str, known: Names | Iterable[str], most: int = 2) -> list[str]:
    """The keys most like a word, by the key itself or by what people call it, the likest first."""
    named: Names = known if isinstance(known, Mapping) else dict.fromkeys(known, ())
    spelled: dict[str, str] = {}
    for key, names in named.items():
        for said in (key, *names):
            spelled.setdefault(said.casefold(), key)
    close = difflib.get_close_matches(word.casefold(), list(spelled), n=most * 2, cutoff=0.55)
    return list(dict.fromkeys(spelled[said] for said in close))[:most]
