"""What repeats: for each of a list, by number, in rounds, and until when, chosen and clicked together like any condition."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from engine.bpmn.lint import lint
from tests.bpmn.drawing import tag
from tests.browser.designing import kept
from tests.browser.drawing import become, entry, open_group
from tests.browser.test_designer_conditions import drafted
from tests.browser.test_designer_problems import FACTS, KEY, checked, choose, diagram
from tests.factories import DESIGNER

if TYPE_CHECKING:
    from tests.browser.conftest import Sit
    from web.city import City


def facts() -> bytes:
    found = json.loads(FACTS)
    crews = {"type": "array", "title": "班组", "x-title": {"en": "Crews"}, "items": {"type": "string", "maxLength": 20}}
    found["properties"]["crews"] = crews
    return json.dumps(found).encode()


def several() -> bytes:
    each = tag("loopDataInputRef", "crews") + tag("inputDataItem", id="crew_item", name="crew")
    plain = b'id="Look" name="\xe5\x8b\x98\xe6\x9f\xa5">'
    found = diagram()
    assert plain in found
    end = found.index(b"</bpmn:userTask>", found.index(plain))
    return found[:end] + tag("multiInstanceLoopCharacteristics", each).encode() + found[end:]


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_parts_end_early_by_a_condition_that_is_clicked_together(sit: Sit, city: City, locale: str) -> None:
    def say(zh: str, en: str) -> str:
        return zh if locale == "zh" else en

    city.deploy({f"{KEY}.bpmn": several(), "facts.json": facts()})
    designer = sit(DESIGNER, locale={"zh": "zh-CN", "en": "en-GB"}[locale])
    page = designer.page
    designer.open(f"/definitions/{KEY}/edit")
    expect(page.locator(".designer-canvas .djs-shape").first).to_be_visible()
    checked(page)
    choose(page, "Look")
    open_group(page, "ld-each")
    expect(entry(page, "ld-each-list")).to_have_value("crews")
    expect(entry(page, "ld-each-item")).to_have_value("crew")
    expect(page.locator("[data-group-id='group-multiInstance']")).to_have_count(0)
    page.get_by_role("button", name=say("添加条件", "Add a condition")).click()
    first = say("第 1 项：{}", "{} of condition 1")
    page.get_by_label(first.format(say("数据", "fact"))).select_option("numberOfCompletedInstances")
    page.get_by_label(first.format(say("比较", "comparison"))).select_option(">=")
    page.get_by_label(first.format(say("值", "value"))).fill("2")
    page.keyboard.press("Tab")
    words = page.locator("[data-group-id=group-ld-each] .condition-words")
    expect(words).to_have_text(say("当“已办完的份数”不小于2", "When “Parts that are done” is at least 2"))
    designer.look(f"designer-parts-{locale}")
    kept(page)
    assert ">numberOfCompletedInstances &gt;= 2<" in drafted(city)
    assert "<bpmn:loopDataInputRef>crews</bpmn:loopDataInputRef>" in drafted(city)
    # By number instead: the list goes, and an expression is written with completion.
    entry(page, "ld-each-list").select_option("")
    number = page.locator("[data-entry-id=ld-loopCardinality] .cm-content")
    number.press_sequentially("are")
    expect(page.locator(".cm-tooltip-autocomplete li").first).to_contain_text("area")
    page.wait_for_timeout(200)  # what has just been offered is not taken by a key that was meant for the text
    page.keyboard.press("Enter")
    expect(page.locator("[data-entry-id=ld-loopCardinality] .expression-said")).to_have_text(
        say("可用", "It can be used")
    )
    kept(page)
    assert ">area</bpmn:loopCardinality>" in drafted(city)
    assert "loopDataInputRef" not in drafted(city)
    # Rounds, on another step.
    choose(page, "Small")
    become(page, "toggle-loop")
    open_group(page, "ld-loop")
    page.get_by_role("button", name=say("添加条件", "Add a condition")).click()
    fact = page.get_by_label(first.format(say("数据", "fact")))
    assert "numberOfInstances" not in {one.get_attribute("value") for one in fact.locator("option").all()}
    fact.select_option("paid")
    entry(page, "ld-loop-most").fill("3")
    designer.look(f"designer-rounds-{locale}")
    kept(page)
    drawing = drafted(city)
    assert 'loopMaximum="3"' in drawing
    assert "<bpmn:loopCondition xsi:type=" in drawing
    wrong = [
        one.code for one in lint({f"{KEY}.bpmn": drawing.encode(), "facts.json": facts()}) if one.severity == "error"
    ]
    assert wrong == []


def test_what_may_be_drawn_is_called_in_chinese(sit: Sit, city: City) -> None:
    city.deploy({f"{KEY}.bpmn": diagram(), "facts.json": facts()})
    designer = sit(DESIGNER)
    page = designer.page
    designer.open(f"/definitions/{KEY}/edit")
    expect(page.locator(".designer-canvas .djs-shape").first).to_be_visible()
    met: set[str] = set()
    for element, known in (("S", "消息开始"), ("Look", "发送任务"), ("G", "事件网关"), ("E", "升级结束")):
        choose(page, element)
        if element == "Look":
            page.locator(".djs-context-pad.open [data-action='append.intermediate-event']").click()
            met |= may_become(page, "消息等待")
            choose(page, element)
        met |= may_become(page, known)
    assert {"调用流程", "接收任务", "信号发出"} <= met, met
    assert not [one for one in met if re.search("[A-Za-z]", one)], met


def may_become(page: Page, known: str) -> set[str]:
    """The words of what an element may be replaced by, `known` among them: the menu beside it follows the selection a moment later."""
    for _ in range(50):
        page.locator(".djs-context-pad.open [data-action=replace]").click()
        met = set(page.locator(".djs-popup .entry").all_inner_texts())
        buttons = page.locator(".djs-popup .entry-header, .djs-popup button").all()
        met |= {one.get_attribute("title") or "" for one in buttons}
        page.keyboard.press("Escape")
        if known in met:
            return met
        page.wait_for_timeout(100)
    raise AssertionError(f"{known} is not offered: {met}")
