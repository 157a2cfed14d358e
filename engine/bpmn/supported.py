"""Which elements and attributes of BPMN are supported, and what is said of the rest. Whatever is not named here is refused."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.bpmn.namespaces import BPMN, LD, XSI, bpmn, is_bpmn, label, line, local, split
from engine.bpmn.problems import Problems, clip

NODES: Mapping[str, str] = {
    "startEvent": "start",
    "endEvent": "end",
    "userTask": "user",
    "manualTask": "manual",
    "scriptTask": "script",
    "businessRuleTask": "rule",
    "serviceTask": "service",
    "task": "task",
    "exclusiveGateway": "exclusive",
    "parallelGateway": "parallel",
    "inclusiveGateway": "inclusive",
    "subProcess": "subprocess",
    "intermediateCatchEvent": "timer_catch",
    "boundaryEvent": "timer_boundary",
}
"""Flow nodes that run, and the kind of each (an end event with a terminate definition: `terminate`)."""

_PARTS = frozenset(
    (
        *("definitions", "process", "collaboration", "participant", "laneSet", "lane", "childLaneSet"),
        *("flowNodeRef", "timerEventDefinition", "timeDuration", "timeDate", "terminateEventDefinition"),
        *("script", "sequenceFlow", "conditionExpression", "incoming", "outgoing"),
        *("multiInstanceLoopCharacteristics", "loopCardinality", "loopDataInputRef", "inputDataItem"),
    )
)
_DRAWN = frozenset(
    (
        *("documentation", "extensionElements", "textAnnotation", "text", "association", "group"),
        *("category", "categoryValue", "categoryValueRef", "dataObject", "dataObjectReference"),
        *("dataState", "property", "dataInputAssociation", "dataOutputAssociation", "sourceRef"),
        *("targetRef", "auditing", "monitoring", "messageFlow", "ioSpecification", "dataInput"),
        *("dataOutput", "inputSet", "outputSet", "dataInputRefs", "dataOutputRefs", "optionalInputRefs"),
        *("whileExecutingInputRefs", "outputSetRefs", "optionalOutputRefs", "whileExecutingOutputRefs"),
        *("inputSetRefs",),
    )
)
_DECLARED = frozenset(
    (
        *("message", "signal", "error", "escalation", "itemDefinition", "interface", "operation"),
        *("inMessageRef", "outMessageRef", "errorRef", "resource", "resourceParameter", "partnerEntity"),
        *("partnerRole", "participantRef", "endPoint", "extension"),
    )
)
_EVENT = ("请改用定时事件或网关", "use a timer event or a gateway")
_MI = ("只支持按数据列表或固定次数的多实例", "only a list among the facts or a fixed number of instances is supported")

REFUSED: Mapping[str, tuple[str, str, str, str]] = {
    "messageEventDefinition": ("消息事件", "a message event", *_EVENT),
    "signalEventDefinition": ("信号事件", "a signal event", *_EVENT),
    "conditionalEventDefinition": ("条件事件", "a conditional event", *_EVENT),
    "errorEventDefinition": ("错误事件", "an error event", *_EVENT),
    "escalationEventDefinition": ("升级事件", "an escalation event", *_EVENT),
    "linkEventDefinition": ("链接事件", "a link event", "请直接画顺序流", "draw the sequence flow itself"),
    "compensateEventDefinition": ("补偿事件", "a compensation event", *_EVENT),
    "cancelEventDefinition": ("取消事件", "a cancel event", *_EVENT),
    "eventDefinitionRef": (
        "引用的事件定义",
        "a reference to an event definition",
        "请把定义写在事件里",
        "put the definition into the event",
    ),
    "timeCycle": (
        "循环定时（timeCycle）",
        "a repeating timer (timeCycle)",
        "请用 timeDuration 并画回路",
        "use timeDuration and draw the loop",
    ),
    "intermediateThrowEvent": ("中间抛出事件", "an intermediate throw event", "请改用任务", "use a task"),
    "sendTask": ("发送任务", "a send task", "请用服务任务和 ld:action", "use a service task with ld:action"),
    "receiveTask": ("接收任务", "a receive task", "请改用用户任务", "use a user task"),
    "callActivity": ("调用活动", "a call activity", "请用嵌入式子流程", "use an embedded sub-process"),
    "transaction": ("事务子流程", "a transaction", "请用嵌入式子流程", "use an embedded sub-process"),
    "adHocSubProcess": ("即席子流程", "an ad-hoc sub-process", "请用嵌入式子流程", "use an embedded sub-process"),
    "complexGateway": (
        "复杂网关",
        "a complex gateway",
        "请用排他、并行或包容网关",
        "use an exclusive, parallel or inclusive gateway",
    ),
    "eventBasedGateway": (
        "事件网关",
        "an event-based gateway",
        "请用带边界定时的用户任务",
        "use a user task with a boundary timer",
    ),
    "standardLoopCharacteristics": ("标准循环", "a standard loop", "请用网关画回路", "draw the loop with a gateway"),
    "completionCondition": ("多实例的完成条件", "a completion condition", *_MI),
    "loopDataOutputRef": ("多实例的输出集合", "an output collection of a multi-instance", *_MI),
    "outputDataItem": ("多实例的输出项", "an output item of a multi-instance", *_MI),
    "complexBehaviorDefinition": ("多实例的复杂行为", "complex behaviour of a multi-instance", *_MI),
    "dataStore": ("数据存储", "a data store", "请用登记表查询（ld:lookup）", "use a look-up in a register (ld:lookup)"),
    "dataStoreReference": (
        "数据存储",
        "a data store",
        "请用登记表查询（ld:lookup）",
        "use a look-up in a register (ld:lookup)",
    ),
    "assignment": ("数据赋值", "a data assignment", "请用 FEEL 脚本任务", "use a script task in FEEL"),
    "transformation": ("数据转换", "a data transformation", "请用 FEEL 脚本任务", "use a script task in FEEL"),
    "participantMultiplicity": (
        "参与者多重性",
        "a participant multiplicity",
        "请用多实例子流程",
        "use a multi-instance sub-process",
    ),
    "import": ("引入外部文件", "an import of another file", "请删去", "remove it"),
    "globalTask": ("全局任务", "a global task", "请用流程内的任务", "use a task inside the process"),
    "choreography": ("编排图", "a choreography", "请画成流程", "draw it as a process"),
    "conversation": ("会话", "a conversation", "请画成流程", "draw it as a process"),
}
_ROLES = frozenset((*("resourceRole", "performer", "humanPerformer", "potentialOwner"),))
_ONLY: Mapping[str, tuple[str, ...]] = {
    "isForCompensation": ("false", "0"),
    "startQuantity": ("1",),
    "completionQuantity": ("1",),
    "parallelMultiple": ("false", "0"),
    "instantiate": ("false", "0"),
    "behavior": ("All",),
    "mustUnderstand": ("false", "0"),
    "isImmediate": ("true", "1"),
}
"""Attributes that may only have the value that changes nothing."""

_EXPRESSIONS = frozenset(("conditionExpression", "timeDuration", "timeDate", "loopCardinality", "script"))
_MARKS = frozenset((*("noneBehaviorEventRef", "oneBehaviorEventRef", "operationRef", "messageRef"),))
_BESIDE = (bpmn("documentation"), bpmn("extensionElements"))
_RUNS = frozenset(NODES) | _PARTS


def check(root: etree._Element, problems: Problems) -> None:
    """Refuse by name every BPMN element that is not supported, and every attribute that would change the meaning of one
    that is. What stands inside `extensionElements` belongs to others and is not looked at."""
    stack: list[etree._Element] = [root]
    while stack:
        element = stack.pop()
        if not is_bpmn(element) or element.tag == bpmn("extensionElements"):
            continue
        tag = local(element)
        if not _known(element, tag, problems):
            continue
        if tag in _RUNS:
            _attributes(element, tag, problems)
        _substituted(element, tag, problems)
        if tag in _EXPRESSIONS and any(child.tag not in _BESIDE for child in element):
            _refuse(
                element, "表达式里的元素", "an element inside an expression", "请只写文字", "write text only", problems
            )
        if tag == "extension" and (element.get("mustUnderstand") or "").strip() in ("true", "1"):
            _refuse(element, "必须理解的扩展", "an extension that must be understood", "请删去", "remove it", problems)
        stack.extend(reversed(list(element)))


def _substituted(element: etree._Element, tag: str, problems: Problems) -> None:
    """XML Schema lets an element say that it is of another type: `<task xsi:type="tScriptTask">` is no plain task."""
    type_ = element.get(f"{{{XSI}}}type")
    if type_ is None:
        return
    name = type_.strip().rpartition(":")[2]
    if name not in ("tFormalExpression", "tExpression", f"t{tag[:1].upper()}{tag[1:]}"):
        shown = clip(name, 40)
        advice = ("请直接用该元素", "use the element of that type")
        _refuse(
            element,
            f"{tag} 改用类型“{shown}”（xsi:type）",
            f"a {tag} of the type “{shown}” (xsi:type)",
            *advice,
            problems,
        )


def _known(element: etree._Element, tag: str, problems: Problems) -> bool:
    if tag == "subProcess" and (element.get("triggeredByEvent") or "").strip() in ("true", "1"):
        _refuse(
            element, "事件子流程", "an event sub-process", "请用边界定时事件", "use a boundary timer event", problems
        )
        return False
    if tag in _ROLES:
        _refuse(
            element,
            f"BPMN 的 {tag}",
            f"BPMN's {tag}",
            "处理人请用 ld:candidates",
            "name who does it by ld:candidates",
            problems,
        )
        return False
    if tag in NODES or tag in _PARTS or tag in _DRAWN or tag in _DECLARED:
        return True
    named = REFUSED.get(tag)
    if named is None:
        named = (f"元素 {tag}", f"the element {tag}", "请删去或换一种画法", "remove it or draw it another way")
    _refuse(element, *named, problems)
    return False


def _attributes(element: etree._Element, tag: str, problems: Problems) -> None:
    for full, raw in element.attrib.items():
        space, name = split(str(full))
        value = str(raw).strip()
        if (
            space == BPMN
            or (not space and name in _MARKS)
            or (name in _ONLY and value not in _ONLY[name] and not space)
        ):
            shown = f"{name}=“{clip(value, 40)}”"
            advice = ("请删去这个属性", "remove the attribute")
            _refuse(element, f"{tag} 的属性 {shown}", f"{shown} on a {tag}", *advice, problems)


def _refuse(element: etree._Element, zh: str, en: str, advice_zh: str, advice_en: str, problems: Problems) -> None:
    owner = element
    while owner.get("id") is None and (parent := owner.getparent()) is not None:
        owner = parent
    if split(str(owner.tag))[0] == LD:
        return
    holder = element
    parent = element.getparent()
    if local(element).endswith("EventDefinition") and parent is not None:
        holder = parent  # the reader knows the event, not its definition
    name = clip(holder.get("name") or "", 40)
    called = (f"“{name}”：", f"“{name}”: ") if name else ("", "")
    problems.add(
        "unsupported",
        f"{called[0]}暂不支持{zh}；{advice_zh}。",
        f"{called[1]}{en} is not supported yet; {advice_en}.",
        line=line(element),
        element=label(holder if holder.get("id") else owner),
    )
