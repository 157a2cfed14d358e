"""What once had to be written by hand is chosen on the panel: whom four eyes keep away, a second limit, a notice, what is waited for."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from engine import drafts
from tests.bpmn.drawing import chain, end, ext, process, start, tag
from tests.browser.designing import kept
from tests.browser.drawing import entry, open_group
from tests.browser.test_designer import drawn
from tests.browser.test_designer_conditions import drafted
from tests.browser.test_designer_problems import FACTS, KEY, checked, choose, opened, problem
from tests.factories import DESIGNER

if TYPE_CHECKING:
    from tests.browser.conftest import Sit
    from web.city import City

TASK = "ld-bpmn-UserTask"
ACTION = "ld-bpmn-ServiceTask-Action"


def drawing() -> bytes:
    """A request, a review, a notice, an end; the first two by people."""
    who = ext('<ld:candidates post="handler"/>')
    parts = (
        start("S", name="申请"),
        tag("userTask", who, id="Look", name="勘查"),
        tag("userTask", who, id="Review", name="复核"),
        tag("serviceTask", ext('<ld:action name="dossier" odd="=1" wait="false"/>'), id="Tell", name="告知"),
        end("E"),
        chain("S", "Look", "Review", "Tell", "E"),
    )
    names = ["S", "Look", "Review", "Tell", "E"]
    places = {name: (160 + 140 * at, 120) for at, name in enumerate(names)}
    edges = list(itertools.pairwise(names))
    return process(
        *parts, id=KEY, outside=drawn(places, edges).replace('bpmnElement="chinese_ids"', f'bpmnElement="{KEY}"')
    )


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_four_eyes_and_limits_are_chosen(sit: Sit, city: City, locale: str) -> None:
    def say(zh: str, en: str) -> str:
        return zh if locale == "zh" else en

    designer = opened(sit, city, drawing(), locale={"zh": "zh-CN", "en": "en-GB"}[locale])
    page = designer.page
    choose(page, "Review")
    open_group(page, "bpmn:UserTask-FourEyes-0")
    eyes = f"{TASK}-FourEyes-with-{{}}"
    entry(page, eyes.format(0)).select_option(label="勘查")
    expect(entry(page, eyes.format(0))).to_be_checked()
    entry(page, eyes.format(1)).select_option(label="申请")
    expect(entry(page, eyes.format(2)).locator("option")).to_have_count(1)
    kept(page)
    assert 'fourEyes with="Look S"' in drafted(city)
    designer.look(f"designer-panel-eyes-{locale}")
    entry(page, eyes.format(0)).click()
    kept(page)
    assert 'fourEyes with="S"' in drafted(city)
    expect(entry(page, eyes.format(1)).locator("option")).to_have_text([say("选择环节…", "Choose a step…"), "勘查"])
    open_group(page, "bpmn:UserTask-FourEyes-0")
    open_group(page, "bpmn:UserTask-Clock-0")
    entry(page, f"{TASK}-Clock-budget-0").fill("2")
    entry(page, f"{TASK}-Clock-unit-0").select_option("work_day")
    expect(entry(page, f"{TASK}-Clock-id-0")).to_have_value("limit_1")
    entry(page, f"{TASK}-Clock-breach-0").select_option("clock_breached")
    open_group(page, "bpmn:UserTask-Clock-0")
    one_more = page.locator("[data-group-id='group-bpmn:UserTask-Clock-1']")
    expect(one_more).to_contain_text(say("再加一个：时限", "One more: Term"))
    open_group(page, "bpmn:UserTask-Clock-1")
    entry(page, f"{TASK}-Clock-budget-1").fill("20")
    entry(page, f"{TASK}-Clock-unit-1").select_option("natural_day")
    expect(entry(page, f"{TASK}-Clock-id-1")).to_have_value("limit_2")
    designer.look(f"designer-panel-limits-{locale}")
    expect(problem(page, "setting")).to_have_count(0)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_notice_is_written_and_not_waited_for(sit: Sit, city: City, locale: str) -> None:
    designer = opened(sit, city, drawing(), locale={"zh": "zh-CN", "en": "en-GB"}[locale])
    page = designer.page
    choose(page, "Tell")
    open_group(page, "bpmn:ServiceTask-Action-0")
    expect(entry(page, f"{ACTION}-wait-0")).to_have_value("no")
    entry(page, f"{ACTION}-wait-0").select_option("")
    expect(entry(page, f"{ACTION}-odd-0")).to_be_visible()
    entry(page, f"{ACTION}-case_id-0").fill("12")
    kept(page)
    found = drafted(city)
    assert 'ld:action name="dossier"' in found
    assert "wait=" not in found
    assert 'case_id="12"' in found
    entry(page, f"{ACTION}-name-0").select_option("notify")
    entry(page, f"{ACTION}-unit-0").select_option("city_management_bureau")
    entry(page, f"{ACTION}-post-0").select_option("unit_head")
    entry(page, f"{ACTION}-zh-0").fill("请复核")
    entry(page, f"{ACTION}-en-0").fill("Please look again")
    entry(page, f"{ACTION}-urgent-0").check()
    entry(page, f"{ACTION}-wait-0").select_option("no")
    kept(page)
    designer.look(f"designer-panel-notice-{locale}")
    found = drafted(city)
    for said in ('unit="city_management_bureau"', 'post="unit_head"', 'zh="请复核"', 'urgent="true"', 'wait="false"'):
        assert said in found, said
    expect(page.locator(".problems-said")).to_contain_text({"zh": "没有问题", "en": "No problems"}[locale])


def test_a_fact_that_was_declared_is_said_once(sit: Sit, city: City) -> None:
    """What others do with it later, in the forms of the draft, is not undone by drawing on."""
    city.deploy({f"{KEY}.bpmn": drawing(), "facts.json": FACTS})
    odd = drawing().replace(b'odd="=1"', b'odd="=1" until="=length"')
    begun = drafts.begin(city.core, KEY, {f"{KEY}.bpmn": odd, "facts.json": FACTS}, DESIGNER, base=1)
    designer = sit(DESIGNER)
    page = designer.page
    designer.open(f"/definitions/drafts/{begun.id}")
    expect(page.locator(".designer-canvas .djs-shape").first).to_be_visible()
    checked(page)
    row = problem(page, "unknown-fact")
    row.get_by_role("button", name="列为流程数据").click()
    expect(row).to_have_count(0)
    kept(page)

    def facts() -> dict[str, object]:
        found: dict[str, object] = json.loads(drafts.files_of(city.core, begun.id)["facts.json"])["properties"]
        return found

    assert "length" in facts()
    page.locator("[data-act=undo]").click()
    expect(row).to_have_count(1)
    kept(page)
    assert "length" not in facts()
    # Somebody else makes it a fact meanwhile.
    other = json.loads(drafts.files_of(city.core, begun.id)["facts.json"])
    other["properties"]["length"] = {"type": "number", "title": "长度", "x-title": {"en": "Length"}}
    now = drafts.get(city.core, begun.id)
    drafts.save(city.core, begun.id, now.revision, {"facts.json": json.dumps(other).encode()}, DESIGNER, "othertab")
    choose(page, "Look")
    open_group(page, "bpmn:UserTask-Names-0")
    entry(page, f"{TASK}-Names-en-0").fill("Look at it")
    kept(page)
    assert "length" in facts()
    assert len(drafts.listing(city.core, KEY)) == 1
