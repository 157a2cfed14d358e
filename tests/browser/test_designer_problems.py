"""Problems on their elements while somebody draws, and mends that are done by a click and undone by another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.bpmn.drawing import chain, end, ext, flow, process, start, tag
from tests.browser.designing import kept
from tests.browser.test_designer import drawn
from tests.factories import DESIGNER

if TYPE_CHECKING:
    from tests.browser.conftest import Sit
    from tests.browser.desk import Desk
    from web.city import City

KEY = "street_repair"
FACTS = b"""{"title": "\xe4\xba\x8b\xe5\xae\x9e", "x-title": {"en": "Facts"}, "type": "object", "properties": {
"area": {"type": "number", "title": "\xe9\x9d\xa2\xe7\xa7\xaf", "x-title": {"en": "Area"}},
"works": {"type": "string", "title": "\xe6\x8a\xa5\xe6\x89\xb9\xe7\xb1\xbb\xe5\x9e\x8b", "x-title": {"en": "Kind of works"}, "oneOf": [
 {"const": "occupy", "title": "\xe5\x8d\xa0\xe9\x81\x93", "x-title": {"en": "Occupation"}},
 {"const": "dig", "title": "\xe5\xbc\x80\xe6\x8c\x96", "x-title": {"en": "Excavation"}}]},
"until": {"type": "string", "format": "date", "title": "\xe6\xad\xa2\xe4\xba\x8e", "x-title": {"en": "Until"}},
"paid": {"type": "boolean", "title": "\xe5\xb7\xb2\xe7\xbc\xb4\xe8\xb4\xb9", "x-title": {"en": "Paid"}}}}"""


def diagram(condition: str = "area &gt; 20", other: str = "area &lt;= 20") -> bytes:
    """A process with a gateway without a default, and two tasks behind it."""
    parts = (
        start("S"),
        tag("userTask", ext('<ld:candidates post="handler"/>'), id="Look", name="勘查"),
        tag("exclusiveGateway", id="G", name="大小"),
        tag("userTask", ext('<ld:candidates post="handler"/>'), id="Big", name="大修"),
        tag("userTask", ext('<ld:candidates post="handler"/>'), id="Small", name="小修"),
        end("E"),
        chain("S", "Look", "G"),
        flow("G", "Big", condition.replace("&gt;", ">").replace("&lt;", "<")),
        flow("G", "Small", other.replace("&gt;", ">").replace("&lt;", "<")),
        chain("Big", "E"),
        chain("Small", "E"),
    )
    places = {
        "S": (160, 120),
        "Look": (280, 120),
        "G": (400, 120),
        "Big": (540, 60),
        "Small": (540, 180),
        "E": (680, 120),
    }
    edges = [("S", "Look"), ("Look", "G"), ("G", "Big"), ("G", "Small"), ("Big", "E"), ("Small", "E")]
    return process(
        *parts, id=KEY, outside=drawn(places, edges).replace('bpmnElement="chinese_ids"', f'bpmnElement="{KEY}"')
    )


def opened(
    sit: Sit, city: City, data: bytes | None = None, picture: str | None = None, locale: str = "zh-CN", **more: object
) -> Desk:
    city.deploy({f"{KEY}.bpmn": data or diagram(), "facts.json": FACTS})
    designer = sit(DESIGNER, locale=locale, **more)
    designer.open(f"/definitions/{KEY}/edit")
    expect(designer.page.locator(".designer-canvas .djs-shape").first).to_be_visible()
    checked(designer.page)
    if picture:
        designer.look(picture)
    return designer


def checked(page: Page) -> None:
    expect(page.locator(".problems[data-checked]")).to_be_visible()


def problem(page: Page, code: str):  # type: ignore[no-untyped-def]
    return page.locator(f".problem[data-code={code}]")


def choose(page: Page, element: str) -> None:
    page.locator(f"[data-element-id='{element}'] .djs-hit").first.click()


def test_a_gateway_gets_its_default_by_a_click_and_loses_it_by_undo(sit: Sit, city: City) -> None:
    designer = opened(sit, city)
    page = designer.page
    row = problem(page, "no-default")
    expect(row).to_contain_text("默认流")
    expect(page.locator(".problem-badge.problem-warning")).to_have_count(1)
    row.get_by_role("button", name="大小").click()
    designer.look("designer-problems")
    row.get_by_role("button", name=re.compile("默认流")).click()
    expect(row).to_have_count(0)
    expect(page.locator(".problem-badge")).to_have_count(0)
    expect(page.locator(".problems-said")).to_have_text("没有问题")
    kept(page)
    page.locator("[data-act=undo]").click()
    expect(row).to_have_count(1)


def test_a_task_for_nobody_opens_the_chooser_and_a_stray_one_is_deleted(sit: Sit, city: City) -> None:
    designer = opened(sit, city)
    page = designer.page
    choose(page, "Big")
    header = page.locator("[data-group-id='group-bpmn:UserTask-Candidates-0'] .bio-properties-panel-group-header")
    header.click()
    post = page.get_by_label("岗位", exact=True).first
    post.select_option(value="")
    row = problem(page, "no-candidates")
    expect(row).to_have_count(1)
    choose(page, "Look")
    row.get_by_role("button", name="选择单位或岗位").click()
    expect(page.locator("[data-entry-id='ld-bpmn-UserTask-Candidates-post-0'] select")).to_be_focused()
    designer.look("designer-problems-chooser")
    page.locator("[data-entry-id='ld-bpmn-UserTask-Candidates-post-0'] select").select_option(value="handler")
    expect(row).to_have_count(0)
    page.locator("[data-element-id='Look-G'] .djs-hit").first.click(force=True)
    page.locator(".djs-context-pad [data-action='delete']").click()
    expect(problem(page, "no-way-out")).to_have_count(1)
    expect(page.locator(".problem-badge.problem-error")).not_to_have_count(0)
    designer.look("designer-problems-errors")
    problem(page, "no-way-out").get_by_role("button", name="在后面加结束事件").click()
    expect(problem(page, "no-way-out")).to_have_count(0)
    page.locator("[data-act=undo]").click()
    expect(problem(page, "no-way-out")).to_have_count(1)


def test_a_fact_is_declared_by_a_click_and_stands_in_the_draft(sit: Sit, city: City) -> None:
    from engine import drafts  # noqa: PLC0415

    designer = opened(sit, city, locale="en-GB")
    page = designer.page
    choose(page, "G-Big")
    page.locator("[data-group-id='group-ld-condition-group'] .bio-properties-panel-group-header").click()
    page.get_by_role("button", name="Write it as text").click()
    page.locator(".condition .cm-content").fill("length > 3")
    row = problem(page, "unknown-fact")
    row.get_by_role("button", name=re.compile("Make “length” a fact")).click()
    expect(row).to_have_count(0)
    expect(page.locator(".expression-said:visible")).to_have_text("It can be used")
    designer.look("designer-problems-en")
    expect(page.locator(".designer-said")).to_contain_text("Draft saved")
    files = drafts.files_of(city.core, drafts.listing(city.core, KEY)[0].id)
    assert b'"length"' in files["facts.json"]
    page.locator("[data-act=undo]").click()
    expect(row).to_have_count(1)


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_on_a_narrow_screen(sit: Sit, city: City, locale: str) -> None:
    opened(sit, city, picture=f"designer-problems-phone-{locale[:2]}", locale=locale, phone=True)
