"""Activities that run more than once: multi-instance and the standard loop."""

from __future__ import annotations

import re

from lxml import etree

from engine import feel
from engine.bpmn import limits
from engine.bpmn.model import Behavior, Event, Loop, MultiInstance
from engine.bpmn.namespaces import bpmn, flag, line, ref, text
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import ids
from engine.bpmn.reading.collecting import DrawnNode
from engine.bpmn.reading.events import Events
from engine.bpmn.reading.expressions import Expressions, language_of
from engine.bpmn.reading.extension import is_fact_key
from engine.bpmn.reading.items import Items, item_elements, item_key
from engine.bpmn.reading.places import Place
from engine.bpmn.values import Value

Scope = tuple[str, ...]
COUNTERS: Scope = (
    "loopCounter",
    "numberOfInstances",
    "numberOfActiveInstances",
    "numberOfCompletedInstances",
    "numberOfTerminatedInstances",
)
"""Names the inside of a multi-instance knows beside its item (BPMN 2.0.2, table 10.31)."""

LOOP_COUNTER: Scope = ("loopCounter",)
_WHOLE = re.compile(r"[0-9]{1,9}\Z")


def names_inside(node: DrawnNode, items: Items) -> Scope:
    """The names that repeating gives to the inside of an activity."""
    if node.element.find(bpmn("standardLoopCharacteristics")) is not None:
        return LOOP_COUNTER
    if node.element.find(bpmn("multiInstanceLoopCharacteristics")) is None:
        return ()
    each, made = item_elements(node.element)
    keys = (item_key(each, items.by_id), item_key(made, items.by_id))
    return (*(key for key in keys if key is not None), *COUNTERS)


class Repeating:
    """Reads the loop characteristics of one process."""

    def __init__(self, items: Items, events: Events, expressions: Expressions, problems: Problems) -> None:
        self.items = items
        self.events = events
        self.expressions = expressions
        self.problems = problems

    def loop(self, node: DrawnNode, inside: Scope) -> Loop | None:
        """The standard loop of an activity, None when it has none (or one that is no good: said)."""
        element = node.element.find(bpmn("standardLoopCharacteristics"))
        if element is None:
            return None
        condition, found = element.find(bpmn("loopCondition")), None
        if condition is not None:
            found = self._check(condition, ("循环条件", "the loop condition"), inside)
            if found is None:
                return None
        raw = (element.get("loopMaximum") or "").strip()
        if raw and not (_WHOLE.match(raw) and 1 <= int(raw) <= limits.MAX_ROUNDS):
            zh = f"loopMaximum 须是 1 到 {limits.MAX_ROUNDS} 的整数"
            self._say(node, element, "loop", zh, f"loopMaximum must be a whole number from 1 to {limits.MAX_ROUNDS}")
            return None
        before = flag(element, "testBefore")
        own = set(self.items.variables.get(node.id, ()))
        hidden = sorted(feel.compile(found).names & own) if before and found else []
        if hidden:
            shown = clip(", ".join(hidden), 40)
            zh = f"循环条件在每次之前判断时，里面的数据对象“{shown}”还不存在"
            en = f"the loop condition is tested before there is any data object “{shown}” inside"
            self._say(node, element, "loop", zh, en)
            return None
        return Loop(found, before, int(raw) if raw else None)

    def multi_instance(self, node: DrawnNode, outer: Scope, inside: Scope) -> MultiInstance | None:
        """The multi-instance of an activity, None when it has none (or one that is no good: said). `outer` and `inside`: the names
        known around the activity and in it."""
        element = node.element.find(bpmn("multiInstanceLoopCharacteristics"))
        if element is None:
            return None
        cardinality, collection = element.find(bpmn("loopCardinality")), element.find(bpmn("loopDataInputRef"))
        key, number = None, None
        if collection is not None and cardinality is None:
            key = self._collection(node, collection, outer)
        elif cardinality is not None and collection is None:
            number = self._number(node, cardinality, outer)
        else:
            zh = "多实例须写明数据列表（loopDataInputRef）或次数（loopCardinality），且只写一种"
            en = "a multi-instance needs either a list among the facts (loopDataInputRef) or a number (loopCardinality)"
            self._say(node, element, "multi-instance", zh, en)
        item = self._item(node, outer)
        if item is not None and cardinality is not None:
            zh, en = "按次数的多实例没有项（inputDataItem）", "a multi-instance by number has no item (inputDataItem)"
            self._say(node, element, "multi-instance", zh, en)
        completion = element.find(bpmn("completionCondition"))
        output, output_item = self._output(node, element)
        behavior = Behavior((element.get("behavior") or "All").strip())
        made = MultiInstance(
            sequential=flag(element, "isSequential"),
            collection=key,
            item=item,
            cardinality=number,
            completion=self._check(completion, ("完成条件", "the completion condition"), inside)
            if completion is not None
            else None,
            output=output,
            output_item=output_item,
            behavior=behavior,
            thrown=self._thrown(node, element, behavior, inside),
        )
        return made if key or number else None

    def _item(self, node: DrawnNode, outer: Scope) -> str | None:
        element = item_elements(node.element)[0]
        if element is None:
            return None
        key = item_key(element, self.items.by_id)
        if key is None or key in outer or key in self.items.variables.get(node.id, ()):
            shown = clip(element.get("name") or element.get("id") or "", 40)
            zh = f"多实例的项名“{shown}”须是小写键，且不能与外层的项和数据、里面的数据对象重名"
            en = f"the item “{shown}” must be a key in small letters, other than the items and data further out and the data inside"
            self._say(node, element, "multi-instance", zh, en)
            return None
        return key

    def _collection(self, node: DrawnNode, element: etree._Element, outer: Scope) -> str | None:
        """The key of the datum that holds the list: that of a data element, or that of a fact."""
        named = ref(text(element), element)
        known = self.items.by_id.get(named)
        key = known.key if known is not None else named
        if key is None or not is_fact_key(key):
            shown = clip(named, 40)
            zh, en = f"“{shown}”没有数据键", f"“{shown}” is no fact key and no datum with one"
            self._say(node, element, "multi-instance", zh, en)
            return None
        what = ("多实例的列表", "the list of the multi-instance")
        own = (key,) if known is not None and known.owner == node.id else ()
        return key if self.expressions.check(key, element, what, (*outer, *own)) else None

    def _number(self, node: DrawnNode, element: etree._Element, outer: Scope) -> Value | None:
        raw = text(element)
        if re.match(r"[-+]?[0-9]", raw):
            if _WHOLE.match(raw) and 1 <= int(raw) <= limits.MAX_INSTANCES:
                return Value(str(int(raw)))
            shown, most = clip(raw, 20), limits.MAX_INSTANCES
            zh = f"次数“{shown}”须是 1 到 {most} 的整数"
            en = f"the number “{shown}” must be a whole one from 1 to {most}"
            self._say(node, element, "multi-instance", zh, en)
            return None
        checked = self._check(element, ("多实例的次数", "the number of instances"), outer)
        return Value(checked, is_feel=True) if checked else None

    def _output(self, node: DrawnNode, element: etree._Element) -> tuple[str | None, str | None]:
        """The key of the list that is made, and that of the datum each part puts into it."""
        collection, item = element.find(bpmn("loopDataOutputRef")), element.find(bpmn("outputDataItem"))
        if collection is None and item is None:
            return None, None
        if collection is None or item is None:
            zh = "多实例的输出须有 loopDataOutputRef 和 outputDataItem 两项"
            en = "the output of a multi-instance needs both loopDataOutputRef and outputDataItem"
            self._say(node, element, "multi-instance", zh, en)
            return None, None
        named = ref(text(collection), collection)
        known = self.items.by_id.get(named)
        key, made = known.key if known is not None else named, item_key(item, self.items.by_id)
        if key is None or not is_fact_key(key) or made is None:
            shown = clip(named if key is None or not is_fact_key(key) else item.get("name") or "", 40)
            zh, en = f"“{shown}”没有数据键", f"“{shown}” is no fact key and no datum with one"
            self._say(node, element, "multi-instance", zh, en)
            return None, None
        self.expressions.written.add(key)
        return key, made

    def _thrown(
        self, node: DrawnNode, element: etree._Element, behavior: Behavior, inside: Scope
    ) -> tuple[tuple[str | None, Event], ...]:
        """The events the behaviour throws as the parts complete (BPMN 2.0.2, table 10.30)."""
        complex_ = element.findall(bpmn("complexBehaviorDefinition"))
        if (behavior is Behavior.COMPLEX) != bool(complex_):
            zh = "behavior=“Complex”须有 complexBehaviorDefinition，别的没有"
            en = "complexBehaviorDefinition belongs to behavior “Complex”, which needs one"
            self._say(node, element, "multi-instance", zh, en)
        if behavior is Behavior.COMPLEX:
            return tuple(pair for each in complex_ for pair in self._complex(node, each, inside))
        if behavior is Behavior.ALL:
            return ()
        name = "noneBehaviorEventRef" if behavior is Behavior.NONE else "oneBehaviorEventRef"
        target = ref(element.get(name), element)
        definition = self.events.declared.definitions.get(target)
        if not target:
            zh, en = f"behavior=“{behavior}”须有 {name}", f"behavior “{behavior}” needs {name}"
            self._say(node, element, "multi-instance", zh, en)
        elif definition is None:
            ids.dangling(element, name, target, self.problems)
        if definition is None:
            return ()
        event = self.events.read(definition, node, Place.BEHAVIOR, inside, {})
        return ((None, event),) if event is not None else ()

    def _complex(self, node: DrawnNode, element: etree._Element, inside: Scope) -> list[tuple[str | None, Event]]:
        condition, thrown = element.find(bpmn("condition")), element.find(bpmn("event"))
        checked = None
        if condition is not None:
            checked = self._check(condition, ("多实例行为的条件", "the condition of the behaviour"), inside)
        definitions = self.events.definitions(thrown) if thrown is not None else []
        if not definitions:
            zh, en = "complexBehaviorDefinition 没有事件", "the complexBehaviorDefinition has no event"
            self._say(node, element, "multi-instance", zh, en)
        read = [self.events.read(each, node, Place.BEHAVIOR, inside, {}) for each in definitions]
        return [(checked, each) for each in read if each is not None and checked is not None]

    def _check(self, element: etree._Element, what: tuple[str, str], scope: Scope) -> str | None:
        checked = self.expressions.check(text(element), element, what, scope, language=language_of(element))
        return checked.text if checked else None

    def _say(self, node: DrawnNode, element: etree._Element, code: str, zh: str, en: str) -> None:
        name = clip(node.element.get("name") or node.id, 40)
        self.problems.add(code, f"“{name}”：{zh}。", f"“{name}”: {en}.", line=line(element), element=node.id)
