"""Valid files that look odd: other tools' prefixes, extensions and drawings, Chinese names, any version. Each is accepted whole
and decides as the plain file does."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest

from engine import dmn
from tests.dmn.drawing import SPACES, decision, dmn_file, element, input_data, literal, table

Cases = list[tuple[dict[str, object], object]]

PLAIN: dict[str, tuple[str, Cases]] = {
    "table": (
        dmn_file(
            decision(
                "d",
                table(
                    [("n", {"values": "[0..100]"}), "kind"],
                    ["g", "h"],
                    [["< 10", '"a", "b"', '"低"', "1"], [">= 10", "-", '"高"', "n"]],
                    "UNIQUE",
                ),
            )
        ).decode(),
        [
            ({"n": 5, "kind": "a"}, {"g": "低", "h": 1}),
            ({"n": 50, "kind": "z"}, {"g": "高", "h": 50}),
            ({"n": 5, "kind": "z"}, None),
        ],
    ),
    "graph": (
        dmn_file(
            input_data("area", name="占道面积", type="number"),
            decision(
                "level",
                table(["占道面积"], ["级"], [["< 5", '"轻"'], [">= 5", '"重"']]),
                name="违法程度",
                inputs=["area"],
            ),
            decision(
                "d",
                literal('if 违法程度 = "重" then 占道面积 * 100 else 0'),
                name="罚款",
                inputs=["area"],
                decisions=["level"],
            ),
        ).decode(),
        [({"area": 6}, 600), ({"area": 2}, 0)],
    ),
    "collect": (
        dmn_file(
            element(
                "itemDefinition", element("typeRef", "number") + literal("1, 2, 3", "allowedValues"), name="tPoints"
            ),
            decision(
                "d",
                table(
                    ["a", "b"],
                    [("分", {"type": "tPoints"})],
                    [["true", "-", "1"], ["-", "> 3", "2"], ["-", "> 9", "3"]],
                    "COLLECT",
                    aggregation="SUM",
                ),
            ),
        ).decode(),
        [({"a": True, "b": 10}, 6), ({"a": False, "b": 4}, 2), ({"a": False, "b": 0}, None)],
    ),
}

CAMUNDA = 'xmlns:camunda="http://camunda.org/schema/1.0/dmn" xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0"'
DRAWING = """<dmndi:DMNDI xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/"
 xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/"><dmndi:DMNDiagram id="d1"><dmndi:DMNShape dmnElementRef="d" id="d">
 <dc:Bounds height="80" width="180" x="160" y="100"/></dmndi:DMNShape><dmndi:DMNEdge dmnElementRef="nowhere"><di:waypoint x="1" y="2"/>
 </dmndi:DMNEdge></dmndi:DMNDiagram></dmndi:DMNDI>"""
EXTENSION = """<extensionElements><zeebe:properties xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">
<zeebe:property name="a" value="${x}"/>
</zeebe:properties><t:decision xmlns:t="http://www.trisotech.com/2015/triso/modeling"><rule id="d">1</rule>
<literalExpression/></t:decision>
</extensionElements>"""


def prefixed(text: str) -> str:
    return re.sub(r"(</?)(?=\w)", r"\1dmn:", text).replace("xmlns=", "xmlns:dmn=", 1)


def _in_version(version: str, text: str) -> str:
    return text.replace(SPACES["1.3"], SPACES[version])


ODDITIES: dict[str, Callable[[str], str]] = {
    "a prefix for every element": prefixed,
    "a byte order mark": lambda text: "\ufeff" + text,
    "windows lines": lambda text: text.replace("\n", "\r\n"),
    "one line": lambda text: text.replace(">\n", ">"),
    "comments everywhere": lambda text: text.replace("<text>", "<!-- a --><text><!-- <!ENTITY b --> "),
    "processing instructions": lambda text: text.replace("<rule>", "<?php exit(1) ?><rule>"),
    "quoted sections": lambda text: re.sub(r"<text>([^<&]*)</text>", r"<text><![CDATA[\1]]></text>", text),
    "spaces around every text": lambda text: text.replace("<text>", "<text>\n\t  ").replace("</text>", "\n  </text>"),
    "camunda 7": lambda text: (
        text.replace("<definitions", f'<definitions {CAMUNDA} exporter="Camunda Modeler"')
        .replace("<decision ", '<decision camunda:historyTimeToLive="P30D" camunda:versionTag="1" ')
        .replace("<input>", '<input biodi:width="192" camunda:inputVariable="x" id="i">', 1)
    ),
    "camunda 8 and trisotech extensions": lambda text: re.sub(
        r"(<(?:decision|rule|input|output|inputData)(?: [^>]*)?>)(?!</)", rf"\1{EXTENSION}", text
    ),
    "the drawing": lambda text: text.replace("</definitions>", DRAWING + "</definitions>"),
    "descriptions": lambda text: re.sub(
        r"(<(?:decision|decisionTable|rule|input|output|inputEntry)(?: [^>]*)?>)",
        r"\1<description>说明 ${x} 1 +</description>",
        text,
    ),
    "annotations": lambda text: text.replace("<rule>", '<annotation name="备注"/><rule>', 1).replace(
        "</rule>", "<annotationEntry><text>第一条 &lt; 2</text></annotationEntry></rule>"
    ),
    "labels": lambda text: text.replace("<input>", '<input label="输入">').replace(
        "<decisionTable ", '<decisionTable label="表" outputLabel="结果" '
    ),
    "the orientation": lambda text: text.replace(
        "<decisionTable ", '<decisionTable preferredOrientation="Rule-as-Row" '
    ),
    "drawn with rules as columns": lambda text: text.replace(
        "<decisionTable ", '<decisionTable preferredOrientation="Rule-as-Column" '
    ),
    "the language of the file": lambda text: text.replace(
        "<definitions",
        '<definitions expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/" typeLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/"',
    ),
    "sources, annotations and groups": lambda text: text.replace(
        "</definitions>",
        '<knowledgeSource id="law" name="条例" locationURI="http://x"><type>法</type></knowledgeSource>'
        '<textAnnotation id="t"><text>=1+</text></textAnnotation>'
        '<group id="g" name="组"/><association id="as"><sourceRef href="#law"/><targetRef href="#t"/></association>'
        '<performanceIndicator id="p" name="率"/><organizationUnit id="o" name="局"/></definitions>',
    ),
    "a decision service": lambda text: text.replace(
        "</definitions>",
        '<decisionService id="s" name="服务"><outputDecision href="#d"/></decisionService></definitions>',
    ),
    "questions and answers": lambda text: text.replace(
        "<decisionTable", "<question>是吗？</question><allowedAnswers>是</allowedAnswers><decisionTable", 1
    ),
    "references with the file's namespace": lambda text: text.replace('href="#', 'href="urn:test#'),
    "a dash for what is empty": lambda text: text.replace("<text>-</text>", "<text></text>"),
    "no text element for what is empty": lambda text: text.replace("<inputEntry><text>-</text>", "<inputEntry>"),
    **{f"version {version}": partial(_in_version, version) for version in SPACES},
}


@pytest.mark.parametrize("oddity", ODDITIES)
@pytest.mark.parametrize("plain", PLAIN)
def test_it_is_accepted_and_decides_the_same(plain: str, oddity: str) -> None:
    text, cases = PLAIN[plain]
    reading = dmn.read("odd.dmn", ODDITIES[oddity](text).encode())
    assert reading.model is not None, [problem.line_for("en") for problem in reading.problems]
    for facts, expected in cases:
        assert reading.model.evaluate("d", facts) == expected


def test_there_are_enough() -> None:
    assert len(ODDITIES) * len(PLAIN) >= 50


CAMUNDA_DISH = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
  xmlns:camunda="http://camunda.org/schema/1.0/dmn"
  id="menu" name="Menu" namespace="http://camunda.org/schema/1.0/dmn"
  exporter="Camunda Modeler" exporterVersion="5.0">
  <decision id="meal" name="Meal">
    <informationRequirement id="r1"><requiredDecision href="#season" /></informationRequirement>
    <informationRequirement id="r2"><requiredInput href="#InputData_1x" /></informationRequirement>
    <decisionTable id="mealTable">
      <input id="i1" label="Season"><inputExpression id="e1" typeRef="string"><text>season</text></inputExpression></input>
      <input id="i2" label="Guests"><inputExpression id="e2" typeRef="integer"><text>guests</text></inputExpression></input>
      <output id="o1" label="Meal" name="meal" typeRef="string" />
      <rule id="u1"><inputEntry id="c1"><text>"winter"</text></inputEntry><inputEntry id="c2"><text>&lt;= 8</text></inputEntry>
        <outputEntry id="s1"><text>"stew"</text></outputEntry></rule>
      <rule id="u2"><inputEntry id="c3"><text>"winter"</text></inputEntry><inputEntry id="c4"><text>&gt; 8</text></inputEntry>
        <outputEntry id="s2"><text>"soup"</text></outputEntry></rule>
      <rule id="u3"><description>otherwise</description><inputEntry id="c5"><text>not("winter")</text></inputEntry>
        <inputEntry id="c6"><text></text></inputEntry>
        <outputEntry id="s3"><text>"salad"</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <decision id="season" name="Season of the day">
    <decisionTable id="seasonTable" hitPolicy="FIRST">
      <input id="i3" camunda:inputVariable="t"><inputExpression id="e3" typeRef="double"><text>temperature</text></inputExpression></input>
      <output id="o2" name="season" typeRef="string" />
      <rule id="u4"><inputEntry id="c7"><text>&lt; 5</text></inputEntry><outputEntry id="s4"><text>"winter"</text></outputEntry></rule>
      <rule id="u5"><inputEntry id="c8"><text>-</text></inputEntry><outputEntry id="s5"><text>"summer"</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <inputData id="InputData_1x" name="Number of guests" />
  <dmndi:DMNDI><dmndi:DMNDiagram/></dmndi:DMNDI>
</definitions>"""


def test_a_file_as_camunda_modeler_writes_it() -> None:
    reading = dmn.read("menu.dmn", CAMUNDA_DISH.encode())
    assert reading.model is not None, [problem.line_for("en") for problem in reading.problems]
    assert reading.model.evaluate("meal", {"temperature": 1.5, "guests": 9}) == "soup"
    assert reading.model.evaluate("meal", {"temperature": 20, "guests": 9}) == "salad"
    assert reading.model.decisions["meal"].inputs >= {"temperature", "guests"}
    with pytest.raises(dmn.DecisionFailed, match="whole number"):
        reading.model.evaluate("meal", {"temperature": 1, "guests": 2.5})
