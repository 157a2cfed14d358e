"""What a step may do with the fields of its form, set on the panel: field by field, kept in the drawing, judged while one draws."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from engine import drafts
from tests.browser.designing import kept
from tests.browser.drawing import entry, open_group
from tests.browser.test_designer_conditions import drafted
from tests.browser.test_designer_problems import FACTS, KEY, checked, choose, diagram, problem
from tests.factories import DESIGNER

if TYPE_CHECKING:
    from tests.browser.conftest import Sit
    from web.city import City


def text(zh: str, en: str, **more: object) -> dict[str, object]:
    return {"type": "string", "title": zh, "x-title": {"en": en}, "maxLength": 100, **more}


FIELDS = {
    "remark": text("备注", "Remark"),
    "seen": text("勘查情况", "What was seen"),
    "told": text("来电内容", "What the caller said", **{"x-access": "read"}),
    "who": text("联系人", "Contact", **{"x-personal": "name"}),
}
FORM = {"title": "勘查", "x-title": {"en": "Look"}, "type": "object", "properties": FIELDS, "required": ["seen"]}


def drawing(*said: str) -> dict[str, bytes]:
    plain = b'<ld:candidates post="handler"/>'
    look = ('<ld:form ref="look"/>' + "".join(said)).encode() + plain
    return {
        f"{KEY}.bpmn": diagram().replace(plain, look, 1),
        "facts.json": FACTS,
        "look.json": json.dumps(FORM).encode(),
    }


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_each_field_has_its_right_and_what_cannot_be_has_a_mend(sit: Sit, city: City, locale: str) -> None:
    def say(zh: str, en: str) -> str:
        return zh if locale == "zh" else en

    city.deploy(drawing())
    begun = drafts.begin(city.core, KEY, drawing('<ld:field name="sene" access="required"/>'), DESIGNER, base=1)
    designer = sit(DESIGNER, locale={"zh": "zh-CN", "en": "en-GB"}[locale])
    page = designer.page
    designer.open(f"/definitions/drafts/{begun.id}")
    expect(page.locator(".designer-canvas .djs-shape").first).to_be_visible()
    checked(page)
    unknown = problem(page, "field-unknown")
    expect(unknown).to_contain_text("sene")
    choose(page, "Look")
    open_group(page, "bpmn:UserTask-Field-0")
    # The field that the form has not stands there too, to be taken away; a mend finds the one that is meant.
    expect(page.locator("[data-group-id='group-bpmn:UserTask-Field-0'] select")).to_have_count(5)
    unknown.get_by_role("button", name=say("改为“勘查情况”（seen）", "It is “What was seen” (seen)")).click()
    expect(unknown).to_have_count(0)
    expect(entry(page, "ld-field-right-seen")).to_have_value("required")
    usual = entry(page, "ld-field-right-told").locator("option").first
    expect(usual).to_have_text(say("照表单（只读）", "as the form says (read only)"))
    entry(page, "ld-field-right-seen").select_option("hidden")
    empty = problem(page, "field-unfilled")
    expect(empty).to_be_visible()
    designer.look(f"designer-rights-{locale}")
    empty.get_by_role("button", name=say("在这一步必填", "Ask for it at this step")).click()
    expect(empty).to_have_count(0)
    entry(page, "ld-field-right-who").select_option("read")
    personal = problem(page, "field-closed")
    expect(personal).to_be_visible()
    entry(page, "ld-field-right-who").select_option(label=say("照表单（选填）", "as the form says (optional)"))
    expect(personal).to_have_count(0)
    entry(page, "ld-field-right-remark").select_option("read")
    page.locator("[data-act=undo]").click()
    expect(entry(page, "ld-field-right-remark")).to_have_value("")
    kept(page)
    said = re.findall(r"<ld:field [^>]*>", drafted(city))
    assert said == ['<ld:field name="seen" access="required" />']
