"""The files of a process that is begun from nothing: a start that leads to an end, and no facts yet. What lies between is drawn."""

from __future__ import annotations

import json
import re
from xml.sax.saxutils import quoteattr

from engine.bpmn.lint import FACTS_FILE
from engine.errors import Invalid

KEY = re.compile(r"[a-z][a-z0-9_]{1,59}")
"""What a process that is begun here may be called in addresses, tables and calls."""
RESERVED = frozenset({"new", "upload", "import", "drafts", "proposals", "migrations"})
"""Words that stand in the same place of an address as the key of a process."""
LONGEST = 200


def files(key: str, zh: str, en: str) -> dict[str, bytes]:
    """The diagram and the facts of a new process with this key and these names. Invalid: the key or a name cannot be used."""
    if not KEY.fullmatch(key) or key in RESERVED:
        raise Invalid(
            why_zh="标识应由小写英文字母、数字和下划线组成，以字母开头（2 到 60 个字符），且不是保留词",
            why_en="the key takes small letters, digits and underscores, begins with a letter (2 to 60), and is no reserved word",
        )
    for name in (zh, en):
        if not name or len(name) > LONGEST or not name.isprintable():
            raise Invalid(
                why_zh=f"请写明中文和英文名称（各 {LONGEST} 字以内）",
                why_en=f"give it a name in Chinese and one in English (up to {LONGEST} characters each)",
            )
    facts = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{zh}：案件要素",
        "x-title": {"en": f"Facts of {en}"},
        "type": "object",
        "properties": {},
    }
    drawn = _DIAGRAM.format(key=key, zh=quoteattr(zh), en=quoteattr(en))
    return {f"{key}.bpmn": drawn.encode(), FACTS_FILE: json.dumps(facts, ensure_ascii=False, indent=2).encode() + b"\n"}


_DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" \
xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:ld="urn:liandong:bpmn:1" \
id="{key}_definitions" targetNamespace="urn:liandong:process:{key}">
  <bpmn:process id="{key}" name={zh} isExecutable="true">
    <bpmn:extensionElements>
      <ld:names en={en}/>
    </bpmn:extensionElements>
    <bpmn:startEvent id="Start" name="开始">
      <bpmn:extensionElements>
        <ld:names en="Start"/>
      </bpmn:extensionElements>
      <bpmn:outgoing>Start_End</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:endEvent id="End" name="结束">
      <bpmn:extensionElements>
        <ld:names en="End"/>
      </bpmn:extensionElements>
      <bpmn:incoming>Start_End</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="Start_End" sourceRef="Start" targetRef="End"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="{key}_diagram">
    <bpmndi:BPMNPlane id="{key}_plane" bpmnElement="{key}">
      <bpmndi:BPMNShape id="Start_shape" bpmnElement="Start">
        <dc:Bounds x="160" y="182" width="36" height="36"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="End_shape" bpmnElement="End">
        <dc:Bounds x="620" y="182" width="36" height="36"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="Start_End_edge" bpmnElement="Start_End">
        <di:waypoint x="196" y="200"/>
        <di:waypoint x="620" y="200"/>
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
