"""Which elements and attributes of BPMN are supported, and what is said of the rest. Whatever is not named here is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from lxml import etree

from engine.bpmn.model import Kind, Trigger
from engine.bpmn.namespaces import BPMN, XSI, bpmn, flag, is_bpmn, label, line, local, split
from engine.bpmn.problems import Problems, called_of, clip

NODES: Mapping[str, Kind] = {
    "startEvent": Kind.START,
    "endEvent": Kind.END,
    "intermediateCatchEvent": Kind.CATCH,
    "intermediateThrowEvent": Kind.THROW,
    "boundaryEvent": Kind.BOUNDARY,
    "userTask": Kind.USER,
    "manualTask": Kind.MANUAL,
    "scriptTask": Kind.SCRIPT,
    "businessRuleTask": Kind.RULE,
    "serviceTask": Kind.SERVICE,
    "sendTask": Kind.SEND,
    "receiveTask": Kind.RECEIVE,
    "task": Kind.TASK,
    "callActivity": Kind.CALL,
    "exclusiveGateway": Kind.EXCLUSIVE,
    "parallelGateway": Kind.PARALLEL,
    "inclusiveGateway": Kind.INCLUSIVE,
    "complexGateway": Kind.COMPLEX,
    "eventBasedGateway": Kind.EVENT_BASED,
    "subProcess": Kind.SUBPROCESS,
    "transaction": Kind.TRANSACTION,
}
"""Flow nodes that run, and the kind of each (a sub-process triggered by an event: `EVENT_SUBPROCESS`)."""

TRIGGERS: Mapping[str, Trigger] = {
    "timerEventDefinition": Trigger.TIMER,
    "messageEventDefinition": Trigger.MESSAGE,
    "signalEventDefinition": Trigger.SIGNAL,
    "errorEventDefinition": Trigger.ERROR,
    "escalationEventDefinition": Trigger.ESCALATION,
    "conditionalEventDefinition": Trigger.CONDITIONAL,
    "linkEventDefinition": Trigger.LINK,
    "compensateEventDefinition": Trigger.COMPENSATION,
    "cancelEventDefinition": Trigger.CANCEL,
    "terminateEventDefinition": Trigger.TERMINATE,
}
"""Event definitions, and what each is about."""

_PARTS = frozenset(
    (
        *("definitions", "process", "collaboration", "participant", "laneSet", "lane", "childLaneSet"),
        *(
            "flowNodeRef",
            "eventDefinitionRef",
            "timeDuration",
            "timeDate",
            "timeCycle",
            "condition",
            "source",
            "target",
        ),
        *("script", "sequenceFlow", "conditionExpression", "activationCondition", "incoming", "outgoing"),
        *("multiInstanceLoopCharacteristics", "loopCardinality", "loopDataInputRef", "inputDataItem"),
        *("loopDataOutputRef", "outputDataItem", "completionCondition", "complexBehaviorDefinition", "event"),
        *("standardLoopCharacteristics", "loopCondition", "operationRef"),
        *("dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "property", "ioSpecification"),
        *("dataInput", "dataOutput", "dataInputAssociation", "dataOutputAssociation", "sourceRef", "targetRef"),
        *("transformation", "assignment", "from", "to"),
    )
)
_DRAWN = frozenset(
    (
        *("documentation", "extensionElements", "textAnnotation", "text", "association", "group"),
        *("category", "categoryValue", "categoryValueRef", "dataState", "auditing", "monitoring", "messageFlow"),
        *("inputSet", "outputSet", "dataInputRefs", "dataOutputRefs", "optionalInputRefs"),
        *("whileExecutingInputRefs", "outputSetRefs", "optionalOutputRefs", "whileExecutingOutputRefs"),
        *("inputSetRefs",),
    )
)
_DECLARED = frozenset(
    (
        *("message", "signal", "error", "escalation", "itemDefinition", "interface", "operation"),
        *("inMessageRef", "outMessageRef", "errorRef", "resource", "resourceParameter", "partnerEntity"),
        *("partnerRole", "participantRef", "interfaceRef", "endPoint", "extension"),
    )
)
_CORRELATION = (
    "BPMN 的消息关联（correlation）",
    "BPMN's correlation of messages",
    "请在消息事件上用 ld:message correlation",
    "use ld:message correlation on the message event",
)
_GLOBAL = ("全局任务", "a global task", "请用流程内的任务", "use a task inside the process")
_CHOREOGRAPHY = ("编排图", "a choreography", "请画成流程", "draw it as a process")
_CONVERSATION = ("会话", "a conversation", "请画成流程", "draw it as a process")

REFUSED: Mapping[str, tuple[str, str, str, str]] = {
    "adHocSubProcess": ("即席子流程", "an ad-hoc sub-process", "请用嵌入式子流程", "use an embedded sub-process"),
    "participantMultiplicity": (
        "参与者多重性",
        "a participant multiplicity",
        "请用多实例子流程",
        "use a multi-instance sub-process",
    ),
    "import": ("引入外部文件", "an import of another file", "请删去", "remove it"),
    **dict.fromkeys(
        ("globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask"), _GLOBAL
    ),
    **dict.fromkeys(
        (
            *("choreography", "choreographyTask", "subChoreography", "callChoreography"),
            *("globalChoreographyTask", "choreographyRef"),
        ),
        _CHOREOGRAPHY,
    ),
    **dict.fromkeys(
        (
            *("conversation", "globalConversation", "callConversation", "subConversation", "conversationNode"),
            *("conversationLink", "conversationAssociation"),
        ),
        _CONVERSATION,
    ),
    **dict.fromkeys(
        (
            *("correlationKey", "correlationProperty", "correlationPropertyRetrievalExpression"),
            *("correlationSubscription", "correlationPropertyBinding", "correlationPropertyRef"),
        ),
        _CORRELATION,
    ),
}
_ROLES = frozenset(("resourceRole", "performer", "humanPerformer", "potentialOwner"))
_ONLY: Mapping[str, tuple[str, ...]] = {
    "isImmediate": ("true", "1"),
    "method": ("##Compensate", "compensate"),
}
"""Attributes that may only have the value that changes nothing."""

_NOT_ON = frozenset((("operationRef", "serviceTask"), ("triggeredByEvent", "transaction")))

_EXPRESSIONS = frozenset(
    (
        *("conditionExpression", "timeDuration", "timeDate", "timeCycle", "loopCardinality", "script", "condition"),
        *("activationCondition", "loopCondition", "completionCondition", "transformation", "from", "to"),
    )
)
_BESIDE = (bpmn("documentation"), bpmn("extensionElements"))
_RUNS = frozenset(NODES) | _PARTS | frozenset(TRIGGERS)


def kind_of(element: etree._Element) -> Kind | None:
    """The kind of a flow node, None for one that is not supported."""
    kind = NODES.get(local(element))
    return Kind.EVENT_SUBPROCESS if kind is Kind.SUBPROCESS and flag(element, "triggeredByEvent") else kind


def check(root: etree._Element, ignored: Collection[etree._Element], problems: Problems) -> None:
    """Refuse by name every BPMN element that is not supported, and every attribute that would change the meaning of one
    that is. What stands inside `extensionElements` belongs to others and is not looked at, nor are the elements `ignored`."""
    stack: list[etree._Element] = [root]
    while stack:
        element = stack.pop()
        if not is_bpmn(element) or element.tag == bpmn("extensionElements") or element in ignored:
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
        if tag == "extension" and flag(element, "mustUnderstand"):
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
    if tag in _RUNS or tag in _DRAWN or tag in _DECLARED:
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
        wrong = not space and name in _ONLY and value not in _ONLY[name]
        wrong |= not space and (name, tag) in _NOT_ON and value not in ("false", "0")
        if space == BPMN or wrong:
            shown = f"{name}=“{clip(value, 40)}”"
            advice = ("请删去这个属性", "remove the attribute")
            _refuse(element, f"{tag} 的属性 {shown}", f"{shown} on a {tag}", *advice, problems)


def _refuse(element: etree._Element, zh: str, en: str, advice_zh: str, advice_en: str, problems: Problems) -> None:
    called = called_of(element)
    problems.add(
        "unsupported",
        f"{called[0]}不支持{zh}；{advice_zh}。",
        f"{called[1]}{en} is not supported; {advice_en}.",
        line=line(element),
        element=label(element),
    )
