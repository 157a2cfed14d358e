"""The shape of a file, judged by the XML Schema of BPMN 2.0 that SpiffWorkflow ships."""

from __future__ import annotations

import copy
import re
from functools import cache
from threading import Lock

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import XSD_PATH

from engine.bpmn.namespaces import BPMNDI, bpmn, label
from engine.bpmn.problems import Problems, Severity, called_of, clip
from engine.bpmn.reading.moddle import FLOW_NODES

_SPACE = re.compile(r"\{[^{}]*\}")
_CONTAINERS = tuple(map(bpmn, ("process", "subProcess", "transaction", "adHocSubProcess")))
_ARTIFACTS = frozenset(map(bpmn, ("association", "textAnnotation", "group")))
_FLOW_ELEMENTS = frozenset(
    map(bpmn, (*FLOW_NODES, "sequenceFlow", "dataObject", "dataObjectReference", "dataStoreReference"))
)
_EXPRESSION = ("=", "${", "#{")
_SAID = {
    "SCHEMAV_ELEMENT_CONTENT": "这里不能有这个元素，或缺少必须有的元素",
    "SCHEMAV_CVC_COMPLEX_TYPE_3": "有不允许的属性",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "缺少必须有的属性",
    "SCHEMAV_CVC_COMPLEX_TYPE_2": "这里不能有文字",
    "SCHEMAV_CVC_DATATYPE": "值的写法不对",
    "SCHEMAV_CVC_ENUMERATION": "值不在允许的几种之内",
    "SCHEMAV_CVC_PATTERN": "值的写法不对",
    "SCHEMAV_CVC_ATTRIBUTE": "属性值的写法不对",
}
MAX_REPORTED = 30
_ONE_AT_A_TIME = Lock()  # a schema has one error log


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(XSD_PATH))


def validate(root: etree._Element, problems: Problems) -> bool:
    """Whether the model part of the file has the shape BPMN 2.0 prescribes. A drawing that is wrong is only warned of:
    nothing that runs is read from it."""
    model = copy.deepcopy(root)
    for extensions in model.iter(bpmn("extensionElements")):
        del extensions[:]  # other tools' own business, whatever it looks like
    for call in model.iter(bpmn("callActivity")):
        if (call.get("calledElement") or "").lstrip().startswith(_EXPRESSION):
            del call.attrib["calledElement"]  # an expression, which the schema does not know
    for container in model.iter(*_CONTAINERS):
        _artifacts_last(container)
    diagrams = [child for child in model if child.tag == f"{{{BPMNDI}}}BPMNDiagram"]
    for diagram in diagrams:
        model.remove(diagram)
    with _ONE_AT_A_TIME:
        schema = _schema()
        if not schema.validate(model):
            _report(schema, model, problems, Severity.ERROR)
            return False
        model.extend(diagrams)
        if diagrams and not schema.validate(model):
            _report(schema, model, problems, Severity.WARNING)
        return True


def _artifacts_last(container: etree._Element) -> None:
    """The schema wants notes and associations after all flow elements. Where they stand means nothing, and tools that let people paste
    put them anywhere."""
    children = list(container)
    flows = [at for at, child in enumerate(children) if child.tag in _FLOW_ELEMENTS]
    for child in reversed(children[: flows[-1]] if flows else []):
        if child.tag in _ARTIFACTS:
            children[flows[-1]].addnext(child)


def _report(schema: etree.XMLSchema, model: etree._Element, problems: Problems, severity: Severity) -> None:
    for entry in list(schema.error_log)[:MAX_REPORTED]:
        detail = clip(_SPACE.sub("", entry.message), 300).rstrip(".")
        element = _at(model, entry.path)
        what, code = ("文件不符合 BPMN 2.0 的结构", "the file does not have the shape of BPMN 2.0"), "schema"
        if severity is Severity.WARNING:
            what = ("图形部分不符合 BPMN 2.0 的结构", "the drawing does not have the shape of BPMN 2.0")
            code = "drawing"
        called = called_of(element) if element is not None else ("", "")
        zh = next((said for kind, said in _SAID.items() if entry.type_name.startswith(kind)), "")
        problems.add(
            code,
            f"{called[0]}{what[0]}{'，' if zh else ''}{zh}：{detail}。",
            f"{called[1]}{what[1]}: {detail}.",
            line=entry.line,
            element=label(element) if element is not None else "",
            severity=severity,
        )


def _at(model: etree._Element, path: str | None) -> etree._Element | None:
    """The element at a path of the error log."""
    spaces = {prefix: space for prefix, space in model.nsmap.items() if prefix}
    try:
        found = model.getroottree().xpath(path or "/..", namespaces=spaces)
    except etree.XPathError:  # a prefix that is bound further in
        return None
    return found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else None
