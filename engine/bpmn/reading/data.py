"""Data associations: what fills the inputs of an activity, and what is written from it when it is done."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.bpmn.model import Copy
from engine.bpmn.namespaces import bpmn, id_of, label, line, local, ref, text
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import ids
from engine.bpmn.reading.collecting import Drawn, DrawnNode
from engine.bpmn.reading.expressions import Expressions, language_of
from engine.bpmn.reading.extension import Extension
from engine.bpmn.reading.items import Item, Items
from engine.bpmn.settings import Lookup

Scope = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """The data that move with a node."""

    inputs: tuple[Copy, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    outputs: tuple[Copy, ...] = ()


class Associations:
    """Reads the data associations of one process."""

    def __init__(
        self, drawn: Drawn, items: Items, extension: Extension, expressions: Expressions, problems: Problems
    ) -> None:
        self.drawn = drawn
        self.items = items
        self.extension = extension
        self.expressions = expressions
        self.problems = problems
        self.warned = False

    def targets(self, node: DrawnNode) -> tuple[str, ...]:
        """The keys that the inputs of an activity have inside it."""
        found = []
        for each in node.element.findall(bpmn("dataInputAssociation")):
            target = each.find(bpmn("targetRef"))
            key = self.items.key(ref(text(target), each)) if target is not None else None
            if key is not None:
                found.append(key)
        return tuple(dict.fromkeys(found))

    def read(self, node: DrawnNode, scope: Scope) -> Moved:
        """What moves into and out of a node. `scope`: the names visible inside it."""
        inputs, lookups, outputs = [], [], []
        for element in node.element.findall(bpmn("dataInputAssociation")):
            lookup = self._lookup(element, node, scope)
            if lookup is not None:
                lookups.append(lookup)
                continue
            inputs += self._copies(element, node, scope)
        for element in node.element.findall(bpmn("dataOutputAssociation")):
            copies = self._copies(element, node, scope)
            outputs += copies
            self.expressions.written.update(copy.target for copy in copies)
        if node.kind is not None and node.kind.is_event and (inputs or lookups or outputs):
            zh = "事件的数据请用 ld:message 的 payload 和 result"
            en = "the data of an event are written with payload and result of ld:message"
            self._say("data", node.element, zh, en)
        return Moved(tuple(inputs), tuple(lookups), tuple(outputs))

    def _lookup(self, element: etree._Element, node: DrawnNode, scope: Scope) -> Lookup | None:
        found = self.extension.read(element, scope).get("lookup")
        if not found:
            return None
        sources, target = self._ends(element)
        if not any(each.is_store for each in sources) or len(sources) > 1:
            zh, en = "ld:lookup 的来源须是一个数据存储", "ld:lookup needs one data store as its source"
            self._say("data", element, zh, en, node)
            return None
        if target is None or target.key is None:
            zh = "ld:lookup 的目标没有数据键；请在目标上写 ld:data key"
            self._say("data", element, zh, "the target of ld:lookup has no key; give it one by ld:data", node)
            return None
        setting = found[0]
        return Lookup(
            register=setting.literal("register") or "",
            match=setting.values["match"].text,
            into=target.key,
            required=setting.literal("required") == "true",
            every=setting.literal("all") == "true",
        )

    def _ends(self, element: etree._Element) -> tuple[list[Item], Item | None]:
        """The data elements an association joins; references that lead nowhere are said."""
        sources = []
        for each in element.findall(bpmn("sourceRef")):
            item = self._item(each)
            if item is not None:
                sources.append(item)
        targets = [self._item(each) for each in element.findall(bpmn("targetRef"))]
        return sources, targets[0] if targets else None

    def _item(self, element: etree._Element) -> Item | None:
        id_ = ref(text(element), element)
        found = self.items.by_id.get(id_)
        if found is None:
            if id_ in self.drawn.taken:
                zh = f"{local(element)} 指向“{clip(id_)}”，它不是数据元素"
                en = f"{local(element)} points to “{clip(id_)}”, which is no data element"
                self._say("data", element, zh, en)
            else:
                ids.dangling(element, local(element), id_, self.problems)
        return found

    def _copies(self, element: etree._Element, node: DrawnNode, scope: Scope) -> list[Copy]:
        sources, target = self._ends(element)
        transformation = element.find(bpmn("transformation"))
        assignments = element.findall(bpmn("assignment"))
        for item in sources:
            if not self._visible(item, node):
                zh = "数据对象在另一个子流程里，这里看不到"
                self._say(
                    "data", element, zh, "the data object lies in another sub-process and is not known here", node
                )
        if transformation is not None or assignments:
            return self._worked(element, transformation, assignments, target, node, scope)
        if len(sources) > 1:
            zh = "有几个来源的数据关联须有转换（transformation）"
            self._say("data", element, zh, "a data association of several sources needs a transformation", node)
            return []
        key = target.key if target is not None else None
        if not sources or key is None or sources[0].key is None:
            self._only_drawn(element)
            return []
        return [] if sources[0].key == key else [Copy(sources[0].key, key)]  # the same key is the same datum

    def _worked(
        self,
        element: etree._Element,
        transformation: etree._Element | None,
        assignments: list[etree._Element],
        target: Item | None,
        node: DrawnNode,
        scope: Scope,
    ) -> list[Copy]:
        key = target.key if target is not None else None
        if key is None:
            zh = "数据关联的目标没有数据键；请在目标上写 ld:data key"
            self._say(
                "data", element, zh, "the target of the data association has no key; give it one by ld:data", node
            )
        copies = []
        if transformation is not None:
            copies.append((transformation, key))
        for assignment in assignments:
            source, to = assignment.find(bpmn("from")), assignment.find(bpmn("to"))
            named = text(to).removeprefix("=").strip() if to is not None else ""
            if named and target is not None and named not in (key, id_of(target.element)):
                zh = f"赋值的目标“{clip(named, 40)}”须是关联目标的数据键"
                en = f"the assignment goes to “{clip(named, 40)}”, which is not the key of the association's target"
                self._say("data", assignment, zh, en, node)
            if source is not None:
                copies.append((source, key))
        if len(copies) > 1:
            zh = "一个目标只能有一个转换或赋值"
            self._say("data", element, zh, "one target can have only one transformation or assignment", node)
        good = []
        for expression, to_key in copies:
            what = ("数据转换", "the data transformation")
            language = language_of(expression)
            checked = self.expressions.check(text(expression), expression, what, scope, language=language)
            if checked is not None and to_key is not None:
                good.append(Copy(checked.text, to_key))
        return good

    def _visible(self, item: Item, node: DrawnNode) -> bool:
        at: str | None = node.id
        while True:
            if item.owner == at:
                return True
            if at is None:
                return False
            at = self.drawn.nodes[at].parent

    def _only_drawn(self, element: etree._Element) -> None:
        if self.warned:
            return
        self.warned = True
        self.problems.warn(
            "data-drawn",
            "这里的数据关联只作图示，不读写数据：来源或目标没有数据键（ld:data key）。",
            "this data association is only drawn, no data is read or written: its source or target has no key (ld:data key).",
            line=line(element),
            element=label(element),
        )

    def _say(self, code: str, element: etree._Element, zh: str, en: str, node: DrawnNode | None = None) -> None:
        owner = node.id if node is not None else label(element)
        self.problems.add(code, f"{zh}。", f"{en}.", line=line(element), element=owner)
