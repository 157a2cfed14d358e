"""The data elements of a process: under which key each is known, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from engine import feel
from engine.bpmn.namespaces import bpmn, id_of, label, line, local, ref
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import ids
from engine.bpmn.reading.collecting import Drawn
from engine.bpmn.reading.extension import Extension, is_fact_key

_TAGS = frozenset(("dataObject", "dataInput", "dataOutput", "property", "inputDataItem", "outputDataItem"))
_BY_NAME = frozenset(("inputDataItem", "outputDataItem"))  # known by their names, as every tool shows them
_HOLDERS = frozenset(("process", "subProcess", "transaction"))


@dataclass(frozen=True, slots=True)
class Item:
    """A data element. `key` None: it is only drawn. `owner` is the id of the activity or event it belongs to, None for the
    process. `is_store`: a data store."""

    element: etree._Element
    key: str | None
    owner: str | None
    is_store: bool = False


class Items:
    """The data elements of one process by id, and the keys each scope declares."""

    def __init__(self, drawn: Drawn, extension: Extension, problems: Problems) -> None:
        self.extension = extension
        self.problems = problems
        self.by_id: dict[str, Item] = {}
        self.variables: dict[str | None, list[str]] = {}
        self._read(drawn)

    def key(self, id_: str) -> str | None:
        """The key of the data element with that id, None when there is none or it has no key."""
        return self.by_id[id_].key if id_ in self.by_id else None

    def _read(self, drawn: Drawn) -> None:
        own = [each for each in ids.own_elements(drawn.process) if local(each) in _TAGS]
        references = [each for each in ids.own_elements(drawn.process) if local(each) == "dataObjectReference"]
        stores = [each for each in ids.own_elements(drawn.process) if local(each) == "dataStoreReference"]
        referring: dict[str, list[etree._Element]] = {}
        for each in references:
            referring.setdefault(ref(each.get("dataObjectRef"), each), []).append(each)
        for element in own:
            owner = _owner(element, drawn)
            item = Item(element, self._key(element, referring.get(id_of(element), [])), owner)
            self.by_id[id_of(element) or f"{local(element)} {len(self.by_id)}"] = item
            self._declare(item, owner, drawn)
        for each in references:
            self._refer(each, drawn)
        for each in stores:
            self.by_id[id_of(each)] = Item(each, None, _owner(each, drawn), is_store=True)

    def _refer(self, element: etree._Element, drawn: Drawn) -> None:
        target = ref(element.get("dataObjectRef"), element)
        known = self.by_id.get(target)
        if known is None and target:
            self.problems.warn(
                "drawing",
                f"dataObjectRef 指向“{clip(target)}”，文件里没有这个元素（只影响图形）。",
                f"dataObjectRef points to “{clip(target)}”, which is not in the file (this only concerns the drawing).",
                line=line(element),
                element=label(element),
            )
        self.by_id[id_of(element)] = known or Item(element, None, _owner(element, drawn))

    def _declare(self, item: Item, owner: str | None, drawn: Drawn) -> None:
        """Data objects and properties of a process or sub-process, and the inputs and outputs of a process, are its variables."""
        tag = local(item.element)
        holds = owner is None or local(drawn.nodes[owner].element) in _HOLDERS
        inside = tag in ("dataObject", "property") or (tag in ("dataInput", "dataOutput") and owner is None)
        if item.key is None or not holds or not inside:
            return
        known = self.variables.setdefault(owner, [])
        if item.key in known and tag == "dataObject":
            self.problems.add(
                "data-key",
                f"数据键“{clip(item.key)}”在这一层有两个数据对象；请用 ld:data 区分。",
                f"two data objects of this level have the key “{clip(item.key)}”; tell them apart with ld:data.",
                line=line(item.element),
                element=label(item.element),
            )
        elif item.key not in known:
            known.append(item.key)

    def _key(self, element: etree._Element, references: list[etree._Element]) -> str | None:
        """What `ld:data` says, else the id or the name when it is a good key, of the element, else of a reference to it."""
        said = [(each, self._said(each)) for each in (element, *references)]
        given = [(each, key) for each, key in said if key is not None]
        for each, key in given:
            if not good_key(key):
                self._bad(
                    each, f"ld:data key：“{clip(key, 40)}”不是数据键", f"ld:data key: “{clip(key, 40)}” is no fact key"
                )
            elif key != given[0][1]:
                self._bad(each, "ld:data key：同一数据对象有两个键", "ld:data key: one data object has two keys")
        if given:
            return given[0][1]
        for each in (element, *references):
            known = [id_of(each), (each.get("name") or "").strip()]
            if local(each) in _BY_NAME:
                known = [known[1] or known[0]]
            for text in known:
                if good_key(text):
                    return text
        return None

    def _said(self, element: etree._Element) -> str | None:
        found = self.extension.read(element).get("data")
        return found[0].literal("key") if found else None

    def _bad(self, element: etree._Element, zh: str, en: str) -> None:
        self.problems.add("setting", f"{zh}。", f"{en}.", line=line(element), element=label(element))


def good_key(text: str) -> bool:
    """Whether a text is the key of a fact and, in FEEL, a name."""
    if not is_fact_key(text):
        return False
    try:
        return feel.compile(text).names == {text}
    except (feel.FeelSyntaxError, feel.FeelLimit):
        return False


def _owner(element: etree._Element, drawn: Drawn) -> str | None:
    """The id of the node a data element belongs to, None for the process."""
    parent = element.getparent()
    while parent is not None and parent is not drawn.process:
        if id_of(parent) in drawn.nodes and parent is drawn.nodes[id_of(parent)].element:
            return id_of(parent)
        parent = parent.getparent()
    return None


def item_key(element: etree._Element | None, items: Mapping[str, Item]) -> str | None:
    """The key of the `inputDataItem` or `outputDataItem` of a multi-instance."""
    if element is None:
        return None
    return next((known.key for known in items.values() if known.element is element), None)  # its id is optional


def item_elements(activity: etree._Element) -> tuple[etree._Element | None, etree._Element | None]:
    """The `inputDataItem` and `outputDataItem` of an activity."""
    inside = activity.find(bpmn("multiInstanceLoopCharacteristics"))
    if inside is None:
        return None, None
    return inside.find(bpmn("inputDataItem")), inside.find(bpmn("outputDataItem"))
